//! A database that is read again and again: it may be locked at times, its server may go and come back, and most of the time nothing has
//! changed.

use std::time::{Duration, Instant as Stopwatch};

use anyhow::Result;

use crate::context::Context;
use crate::error::{Failure, Kind};
use crate::repository::{Access, Error, Repository, Version};
use crate::terminal::Terminal;
use crate::text::visible::one_line;
use crate::time::spell_duration;

/// The longest wait for a lock: keys are to be answered meanwhile, and the next reading tries again.
const BUSY: Duration = Duration::from_millis(100);

/// The followed database, open from the first reading at which it can be.
pub(crate) struct FollowedDatabase {
    repository: Option<Box<dyn Repository>>,
    /// The version that was last read whole.
    read: Option<Version>,
    /// How long a server that has gone is waited for.
    patience: Duration,
    /// Whether it could be opened once.
    was_open: bool,
    lost: Option<Loss>,
}

/// A connection that broke.
struct Loss {
    since: Stopwatch,
    why: String,
    is_told: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FollowState {
    /// The database cannot be read at this moment.
    Locked,
    /// Its server has gone, and may come back.
    Lost,
    Same,
    /// The database has changed since it was last read.
    Changed(Version),
}

impl FollowState {
    /// The reason for which it cannot be read, in words.
    pub(crate) fn obstacle(self) -> Option<&'static str> {
        match self {
            FollowState::Locked => Some("locked by another process"),
            FollowState::Lost => Some("server lost, connecting again"),
            FollowState::Same | FollowState::Changed(_) => None,
        }
    }
}

impl FollowedDatabase {
    /// To be made when the command begins: signals are left to its sleep from then on, and a lock is waited for a moment alone.
    pub(crate) fn new(context: &mut Context) -> FollowedDatabase {
        let patience = context.global.busy_timeout;
        context.global.busy_timeout = patience.min(BUSY);
        context.signals.leave_to_sleep();
        FollowedDatabase {
            repository: None,
            read: None,
            patience,
            was_open: false,
            lost: None,
        }
    }

    pub(crate) fn state(&mut self, context: &mut Context) -> Result<FollowState> {
        let repository = match &mut self.repository {
            Some(repository) => repository,
            closed => match context.open(Access::Read) {
                Ok(opened) => closed.insert(opened),
                Err(error) => return self.without(error),
            },
        };
        self.was_open = true;
        match repository.version().map_err(anyhow::Error::from) {
            Ok(version) => {
                self.lost = None;
                if self.read == Some(version) {
                    Ok(FollowState::Same)
                } else {
                    Ok(FollowState::Changed(version))
                }
            }
            Err(error) => self.without(error),
        }
    }

    /// Reads the state that `state` found; another state than that when something has come between, so that the next reading has to take it.
    pub(crate) fn read(
        &mut self,
        state: FollowState,
        read: impl FnOnce(&mut dyn Repository) -> Result<()>,
    ) -> Result<FollowState> {
        let Some(repository) = &mut self.repository else {
            return Ok(state);
        };
        match read(repository.as_mut()) {
            Ok(()) => {
                if let FollowState::Changed(version) = state {
                    self.read = Some(version);
                }
                Ok(state)
            }
            Err(error) => self.without(error),
        }
    }

    /// The state after an error that passes; the others end the command, and a server that stays away does when the patience is over.
    fn without(&mut self, error: anyhow::Error) -> Result<FollowState> {
        self.read = None;
        match obstacle(&error) {
            Some(FollowState::Lost) if self.was_open => {
                self.repository = None;
                let loss = self.lost.get_or_insert_with(|| Loss {
                    since: Stopwatch::now(),
                    why: error.to_string(),
                    is_told: false,
                });
                if loss.since.elapsed() < self.patience {
                    Ok(FollowState::Lost)
                } else {
                    Err(gone(error, self.patience))
                }
            }
            Some(FollowState::Locked) => Ok(FollowState::Locked),
            _ => Err(error),
        }
    }

    /// Says once of each loss that the connection is being made again.
    pub(crate) fn tell_lost(&mut self, terminal: &mut Terminal) {
        if let Some(loss) = &mut self.lost
            && !loss.is_told
        {
            loss.is_told = true;
            let longest = spell_duration(self.patience);
            terminal.warn(&format!(
                "{}; connecting again for up to {longest}",
                one_line(&loss.why)
            ));
        }
    }
}

/// The end of a wait for a server, which is the same whichever of its states the last attempt met.
fn gone(error: anyhow::Error, waited: Duration) -> anyhow::Error {
    let waited = spell_duration(waited);
    let message = format!("{error} (connecting again for {waited})");
    Failure::new(Kind::Unreachable, message)
        .hint("see that the server runs; --busy-timeout 10m waits longer for it")
        .into()
}

/// What passes: a lock, the half-done write of a killed process, which `version` mends, and a server that is started anew. A signal ends
/// the sleep that follows.
fn obstacle(error: &anyhow::Error) -> Option<FollowState> {
    match error.downcast_ref()? {
        Error::Locked { .. } | Error::ReadOnly { .. } | Error::Interrupted { .. } => {
            Some(FollowState::Locked)
        }
        Error::Own(failure) if matches!(failure.kind, Kind::Unreachable | Kind::Locked) => {
            Some(FollowState::Lost)
        }
        _ => None,
    }
}
