//! Runs: the commands that change jobs. A repository keeps what each of them did, so that it can be looked up and taken back.

use std::sync::{Arc, OnceLock};

use crate::time::Instant;

/// Whether changes are kept in the history.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HistoryChoice {
    Off,
    /// Where the place can hold them.
    #[default]
    Auto,
    /// A change that cannot be kept is refused.
    Required,
}

/// The number of a run, told as `r42`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId(pub i64);

impl RunId {
    /// Reads `r42`.
    pub fn parse(text: &str) -> Option<RunId> {
        let digits = text.strip_prefix('r').or_else(|| text.strip_prefix('R'))?;
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        digits.parse().ok().filter(|_| is_number).map(RunId)
    }
}

impl std::fmt::Display for RunId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "r{}", self.0)
    }
}

/// The outcome of keeping a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recorded {
    As(RunId),
    /// It goes on without, for this reason.
    Not(String),
}

/// The command on whose behalf a repository is changed.
#[derive(Clone, Debug)]
pub struct RunTerms {
    pub keep: HistoryChoice,
    pub command: &'static str,
    /// The words of the command line without what is private, as a JSON array.
    pub argv: String,
    pub user: String,
    pub host: String,
    pub version: &'static str,
    pub at: Instant,
    /// Told when the first change has been kept, or could not be.
    pub recorded: Arc<OnceLock<Recorded>>,
}
