//! Consent to changing many jobs: the question shows their number, the selection and the database, the answer is No
//! unless it is yes, and where nobody can be asked nothing happens (DESIGN section 3).

use anyhow::Result;

use super::arguments::history::HistoryArgs;
use super::backup::BackupArgs;
use crate::context::Context;
use crate::error::Failure;
use crate::repository::{Error, Repository};
use crate::text::visible::{one_line, plural};

/// The flags of a command that changes many jobs. Where its help needs other words, it gives them to clap.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct ConsentArgs {
    /// Do not ask
    #[arg(short, long)]
    pub yes: bool,

    /// Refuse when more jobs match than this
    #[arg(long, value_name = "N")]
    pub max: Option<u64>,

    /// Show what would go and why, and write nothing
    #[arg(long)]
    pub dry_run: bool,

    #[command(flatten)]
    pub history: HistoryArgs,

    #[command(flatten)]
    pub backup: BackupArgs,
}

/// The question of a prompt.
pub(crate) struct Question<'a> {
    /// `delete`, in the infinitive.
    pub verb: &'a str,
    pub count: u64,
    /// The filter, or the source of the ids.
    pub selection: &'a str,
    pub database: &'a str,
    /// What cannot be taken back, and the way out.
    pub lost: Option<String>,
}

/// Asks, unless there is nothing to change.
pub(crate) fn ask(context: &mut Context, yes: bool, question: &Question) -> Result<()> {
    if question.count == 0 {
        return Ok(());
    }
    if yes {
        if let Some(lost) = &question.lost {
            context.terminal.note(lost);
        }
        return Ok(());
    }
    let jobs = plural(question.count, "job");
    let lost = question.lost.as_ref();
    let lost = lost.map_or(String::new(), |lost| format!("; {lost}"));
    let what = format!(
        "{} {jobs} ({}) in {}{lost}",
        question.verb,
        one_line(question.selection),
        one_line(question.database)
    );
    confirm(
        context,
        &what,
        "--yes confirms; --dry-run shows what would be done",
    )
}

/// Asks whether to do what the words say; the hint is for where nobody can be asked.
pub(crate) fn confirm(context: &mut Context, what: &str, hint: &str) -> Result<()> {
    let interrupted = context.signals.seen();
    match context
        .terminal
        .confirm(&format!("{what}?"), &interrupted)?
    {
        Some(true) => Ok(()),
        Some(false) => Err(Failure::refused("not confirmed; nothing was changed").into()),
        None => Err(Failure::refused(format!(
            "not confirmed, as there is no terminal to ask on: {what}; nothing was changed"
        ))
        .hint(hint)
        .into()),
    }
}

/// The same about ids that came through standard input, where nobody may have seen them.
pub(crate) fn ask_about_read_ids(
    context: &mut Context,
    yes: bool,
    verb: &str,
    count: u64,
    repository: &dyn Repository,
) -> Result<()> {
    let question = Question {
        verb,
        count,
        selection: "ids from standard input",
        database: &repository.name(),
        lost: no_history(context),
    };
    ask(context, yes, &question)
}

/// Refuses, before the first write, to change more jobs than `--max` allows.
pub(crate) fn check_max(max: Option<u64>, count: u64) -> Result<()> {
    match max {
        Some(max) if count > max => Err(Failure::refused(format!(
            "{} would be changed, more than --max {max}; nothing was changed",
            plural(count, "job")
        ))
        .hint("narrow the selection, or raise --max")
        .into()),
        _ => Ok(()),
    }
}

/// The sentence about a run of which nothing is kept.
pub(crate) fn no_history(context: &Context) -> Option<String> {
    (!context.keeps_history())
        .then(|| "nothing of it is kept in the history, so that it cannot be undone".to_owned())
}

/// A refusal that `--force` lifts says so.
pub(crate) fn hint_force(error: anyhow::Error, force_would_do: bool) -> anyhow::Error {
    match error.downcast_ref::<Error>() {
        Some(refused @ Error::Refused { .. }) if force_would_do => {
            let failure = Failure::refused(refused.to_string());
            failure.hint("--force does it all the same").into()
        }
        _ => error,
    }
}
