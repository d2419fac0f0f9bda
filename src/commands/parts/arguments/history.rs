//! The choice whether a command that changes jobs keeps what it does in the history.

use clap::ValueEnum;

use crate::repository;

/// The options of the commands that change jobs.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct HistoryArgs {
    /// Keep what changes, so that undo can take it back: auto, off or required [default: auto]
    ///
    /// Without it JOBCTL_HISTORY counts. auto goes on without where the database cannot hold it; required changes nothing then.
    #[arg(long, value_enum, value_name = "WHEN", hide_possible_values = true)]
    history: Option<HistoryWord>,

    /// The same as --history off
    #[arg(long, conflicts_with = "history")]
    no_history: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum HistoryWord {
    Auto,
    Off,
    Required,
}

impl HistoryArgs {
    /// The choice, if one was made.
    pub(crate) fn keep(self) -> Option<repository::HistoryChoice> {
        if self.no_history {
            return Some(repository::HistoryChoice::Off);
        }
        self.history.map(|keep| match keep {
            HistoryWord::Auto => repository::HistoryChoice::Auto,
            HistoryWord::Off => repository::HistoryChoice::Off,
            HistoryWord::Required => repository::HistoryChoice::Required,
        })
    }
}
