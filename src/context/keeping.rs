//! The run as which a command is kept in the history, if it changes jobs.

use std::sync::{Arc, OnceLock};

use crate::error::Failure;
use crate::repository::{HistoryChoice, Recorded, RunId, RunTerms};
use crate::settings::command_line::CommandLine;
use crate::settings::environment::Environment;
use crate::system::machine;
use crate::text::visible::one_line;
use crate::time::Instant;

#[derive(Default)]
pub(crate) struct Keeping {
    command: &'static str,
    line: CommandLine,
    keep: Option<HistoryChoice>,
    recorded: Arc<OnceLock<Recorded>>,
}

impl Keeping {
    /// Says how the command was called.
    pub(crate) fn set_command(&mut self, command: &'static str, line: CommandLine) {
        self.command = command;
        self.line = line;
    }

    /// Decides whether what is changed is kept; without an answer the environment does.
    pub(crate) fn set(&mut self, keep: Option<HistoryChoice>) {
        self.keep = keep;
    }

    fn choice(&self, environment: &Environment) -> Result<HistoryChoice, Failure> {
        Ok(match (self.keep, environment.jobctl_history.as_deref()) {
            (Some(keep), _) => keep,
            (None, None | Some("auto")) => HistoryChoice::Auto,
            (None, Some("off")) => HistoryChoice::Off,
            (None, Some("required")) => HistoryChoice::Required,
            (None, Some(other)) => {
                let message = format!("JOBCTL_HISTORY is \"{}\"", one_line(other));
                return Err(Failure::usage(message).hint("it may be auto, off or required"));
            }
        })
    }

    /// Whether changes are kept.
    pub(super) fn is_on(&self, environment: &Environment) -> bool {
        !matches!(self.choice(environment), Ok(HistoryChoice::Off))
    }

    pub(super) fn terms(
        &self,
        environment: &Environment,
        now: Instant,
    ) -> Result<RunTerms, Failure> {
        let keep = self.choice(environment)?;
        let user = environment.user.clone();
        Ok(RunTerms {
            keep,
            command: self.command,
            argv: self.line.told(),
            user: user.unwrap_or_else(machine::user),
            host: machine::host(),
            version: env!("CARGO_PKG_VERSION"),
            at: now,
            recorded: Arc::clone(&self.recorded),
        })
    }

    /// The run as which the command is kept, when it has changed anything.
    pub(crate) fn run(&self) -> Option<RunId> {
        match self.recorded.get() {
            Some(Recorded::As(run)) => Some(*run),
            _ => None,
        }
    }

    /// The sentence about it.
    pub(super) fn told(&self) -> Option<String> {
        Some(match self.recorded.get()? {
            Recorded::As(run) if self.command == "undo" => {
                format!("history: {run}; jobctl redo goes forward again")
            }
            Recorded::As(run) => format!("history: {run}; jobctl undo {run} takes it back"),
            Recorded::Not(why) => format!("history: not kept: {}", one_line(why)),
        })
    }
}
