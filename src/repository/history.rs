//! The history: a capability of a backend that keeps what its runs changed.

use std::sync::Arc;
use std::time::Duration;

use super::{Result, RunId};
use crate::job::{Column, JobId, Value};
use crate::time::Instant;

/// The time for which runs are kept where nobody has said another.
pub const DEFAULT_LIFETIME: Duration = Duration::from_secs(7 * 24 * 3600);

/// A run that changed jobs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    pub id: RunId,
    pub at: Option<Instant>,
    pub user: String,
    pub host: String,
    pub version: String,
    pub command: String,
    /// A JSON array.
    pub argv: String,
    pub created: u64,
    pub updated: u64,
    pub deleted: u64,
    /// The reason why it cannot be undone.
    pub why_not: Option<String>,
    /// The run that it took back, and the one that took it back.
    pub undoes: Option<RunId>,
    pub undone_by: Option<RunId>,
    pub archive: Option<RunArchive>,
}

/// The part of an archive that has the jobs that a run removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunArchive {
    pub path: String,
    /// Where they begin in it, and how many bytes they are.
    pub start: u64,
    pub bytes: u64,
    pub sha256: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    Created,
    Updated,
    Deleted,
}

impl ChangeKind {
    pub fn word(self) -> &'static str {
        match self {
            ChangeKind::Created => "created",
            ChangeKind::Updated => "updated",
            ChangeKind::Deleted => "deleted",
        }
    }
}

/// A column that a change touched. A value is None where there was no row, or where nobody knows it any more.
#[derive(Clone, Debug, PartialEq)]
pub struct ColumnChange {
    pub name: Arc<str>,
    pub before: Option<Value>,
    pub after: Option<Value>,
}

/// A change of one job.
#[derive(Clone, Debug, PartialEq)]
pub struct JobChange {
    pub run: RunId,
    pub at: Option<Instant>,
    pub command: String,
    pub job: JobId,
    pub done: ChangeKind,
    pub columns: Vec<ColumnChange>,
}

/// What is to be taken back, and how.
#[derive(Clone, Copy, Debug)]
pub struct TakeBack {
    pub run: RunId,
    /// Nothing stays of it.
    pub dry_run: bool,
    /// Jobs that are not as the run left them stay so, and the others are restored.
    pub skip_conflicts: bool,
}

/// The outcome. Nothing was done when there are conflicts that were not to be skipped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TakenBack {
    pub restored: u64,
    pub deleted: u64,
    /// The indexes that were dropped, or made again.
    pub indexes: u64,
    /// The jobs that could not be restored, and why.
    pub conflicts: Vec<(JobId, String)>,
}

/// The outcome of a redaction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Redacted {
    /// The jobs of which something was taken out.
    pub jobs: Vec<JobId>,
}

pub trait History {
    /// The runs that are kept, newest first, not older than `since`.
    fn runs(&mut self, since: Option<Instant>, limit: usize) -> Result<Vec<Run>>;

    fn run(&mut self, id: RunId) -> Result<Option<Run>>;

    /// The newest run that changed jobs by itself and stands.
    fn last_standing(&mut self) -> Result<Option<Run>>;

    /// The same among those before this one.
    fn standing_before(&mut self, run: RunId) -> Result<Option<Run>>;

    /// The newest run that changed jobs by itself, whether it stands or not.
    fn last_change(&mut self) -> Result<Option<Run>>;

    /// The newest run that took another back, and has not been taken back itself.
    fn last_undo(&mut self) -> Result<Option<Run>>;

    /// The jobs that a run has changed, whose id is this text or begins with it; at most a few.
    fn resolve(&mut self, prefix: &str) -> Result<Vec<JobId>>;

    /// The changes of a job, newest first.
    fn changes(&mut self, job: &JobId, limit: usize) -> Result<Vec<JobChange>>;

    /// The newest change of a job; the columns of one that is new may be missing. None too where this user may not read the
    /// history.
    fn newest_change(&mut self, job: &JobId) -> Result<Option<JobChange>>;

    /// The changes of a run, in their order.
    fn changes_of(&mut self, run: RunId, limit: usize) -> Result<Vec<JobChange>>;

    /// Whether nobody else can write while a run is taken back.
    fn keeps_others_out(&self) -> bool;

    /// Takes a run back, in one transaction. What is done is a run itself.
    fn take_back(&mut self, terms: TakeBack) -> Result<TakenBack>;

    /// Whether a run that deletes these jobs can keep them, as far as a sample tells.
    fn fits(&mut self, ids: &[JobId]) -> Result<bool>;

    /// Names the archive that has the jobs that this run has removed.
    fn name_archive(&mut self, archive: &RunArchive) -> Result<()>;

    /// Says that a run was taken back by another way.
    fn mark_undone(&mut self, run: RunId, by: Option<RunId>) -> Result<()>;

    /// Takes the texts of these columns out of jobs, and out of what every run has kept of them, for good.
    fn redact(&mut self, ids: &[JobId], columns: &[Column]) -> Result<Redacted>;

    /// What of earlier writes no redaction reaches, in words.
    fn beyond_reach(&self) -> &'static str;

    /// Wipes what the database has of earlier writes, beside its rows; with `rewrite` also what can only be wiped while
    /// everybody else is kept out. Gives what is left, in words.
    fn wipe_log(&mut self, rewrite: bool) -> Result<Option<String>>;

    /// Removes the runs from before this time, but for the newest one, and gives their number.
    fn prune(&mut self, before: Instant) -> Result<u64>;

    /// The number of runs that `prune` would remove.
    fn count_before(&mut self, before: Instant) -> Result<u64>;

    /// The time for which runs are kept before they go by themselves.
    fn lifetime(&mut self) -> Result<Duration>;

    /// Sets it, for everybody who writes here.
    fn set_lifetime(&mut self, lifetime: Duration) -> Result<()>;
}
