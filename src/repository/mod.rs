//! The repository: all that commands may ask of the database that holds the jobs. Methods take and give sets, never one row
//! at a time, so that a backend can answer each in one statement or one transaction. Nothing here says how.

mod access;
mod address;
mod backup;
mod change_log;
mod error;
mod examination;
mod history;
mod import;
mod index_findings;
pub mod location;
mod open;
mod patience;
mod postgres;
mod restore;
mod run;
mod server;
mod sink;
mod sqlite;
mod storage;
mod sweep;

pub use access::Access;
pub use address::Address;
pub use backup::{Backup, BackupCheck, Contents, Copied};
pub use error::{Error, Result};
pub use examination::{Depth, Examination, Examined, Fix, FixTerms, Passed};
pub use history::{
    ChangeKind, ColumnChange, DEFAULT_LIFETIME, History, JobChange, Redacted, Run, RunArchive,
    TakeBack, TakenBack,
};
pub use import::{Import, ImportTerms, Imported, OnConflict, Unfinished};
pub use location::Location;
pub use open::{BESIDE, begin_copy, check, in_the_way, is_same_on_server, open, protect, unopened};
pub use patience::Patience;
pub use restore::SoundBackup;
pub use run::{HistoryChoice, Recorded, RunId, RunTerms};
pub use server::Server;
pub use sink::{Sink, Unhurried};
pub use storage::{GiveBack, OutOfReach, Space, Storage};
pub use sweep::{Found, KeptByTable, Outcome, Removed, Sweep, SweepTerms, Swept};

use std::sync::Arc;
use std::time::Duration;

use crate::job::columns::Takes;
use crate::job::fitting::Limits;
use crate::job::order::{Cursor, Order};
use crate::job::{Changes, Column, ColumnSet, Filter, Job, JobId, Value};

/// A page of a listing.
#[derive(Clone, Debug)]
pub struct Query<'a> {
    pub filter: &'a Filter,
    pub order: Order,
    pub after: Option<Cursor>,
    pub offset: u64,
    pub limit: u64,
    /// The columns to be read; `id` and the order's column always are.
    pub columns: ColumnSet,
}

/// An updated job: as it was and as it is, in the columns that were asked for.
#[derive(Clone, Debug)]
pub struct Updated {
    pub before: Job,
    pub after: Job,
    pub changed: bool,
}

/// The outcome of one call of `purge`.
#[derive(Clone, Debug, Default)]
pub struct Purged {
    /// The number of ids that were checked; the others are for the next call.
    pub checked: usize,
    /// The jobs that went, as they were, in the columns asked for.
    pub jobs: Vec<Job>,
    /// The jobs that the table keeps.
    pub kept: Vec<KeptByTable>,
}

/// The state of the database at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version {
    replaced: u64,
    content: u64,
}

impl Version {
    /// `replaced` counts the databases put where this one was; `content` is another number after a change by somebody else.
    fn new(replaced: u64, content: u64) -> Version {
        Version { replaced, content }
    }

    /// Whether another database has been put where the first one was.
    pub fn was_replaced(self) -> bool {
        self.replaced > 0
    }
}

/// The name by which a backend tells a job that has no id: `rowid 17`.
#[derive(Clone, Debug, PartialEq)]
pub struct RowName {
    /// The word for the number.
    pub word: &'static str,
    pub number: Value,
}

/// Decides what an update writes into a job; an error says why this job may not be changed so.
pub type Decide<'a> = &'a mut dyn FnMut(&Job) -> std::result::Result<Changes, String>;

/// Decides whether a job may be removed; an error says why not.
pub type Allow<'a> = &'a mut dyn FnMut(&Job) -> std::result::Result<(), String>;

/// The job table.
pub trait Repository {
    /// The name of the database, as prompts show it: a text that holds no password.
    fn name(&self) -> String;

    /// A text that no other job table has while its database is in use, however that is named: two repositories of the same
    /// place are the same.
    fn place(&mut self) -> Result<String>;

    /// What this user is not shown of the jobs, as a sentence; None where all are seen.
    fn hides(&self) -> Option<String> {
        None
    }

    /// Keeps what is changed from now on in the history, as a run of this command, in the same transactions.
    fn begin_run(&mut self, terms: RunTerms);

    /// Inserts new jobs in one transaction; `Error::Exists` when an id is in use, `Error::NoParent`
    /// when an episode or series is named that is not there.
    fn insert(&mut self, jobs: &[Job]) -> Result<()>;

    /// The names of the unknown columns of the table. Jobs that are read whole (`ColumnSet::WHOLE`) have their values, and
    /// an import writes them.
    fn other_columns(&mut self) -> Result<Vec<Arc<str>>>;

    /// The same, each with the values that it takes by its declared type.
    fn declared_others(&mut self) -> Result<Vec<(Arc<str>, Takes)>>;

    /// The jobs of these ids, in their order; None where there is none.
    fn find(&mut self, ids: &[JobId], columns: ColumnSet) -> Result<Vec<Option<Job>>>;

    /// The jobs whose id is this text or begins with it, at most `limit`; an exact id comes alone.
    fn resolve(&mut self, prefix: &str, columns: ColumnSet, limit: usize) -> Result<Vec<Job>>;

    /// Ends the use of the database by a process that is about to end, and so need not take everything apart.
    fn leave(self: Box<Self>) {}

    /// The state now: whoever follows the database reads again when it differs. It costs next to nothing and keeps nobody
    /// waiting, and when another database has been put where this one was, that one is read from then on.
    fn version(&mut self) -> Result<Version>;

    /// A page of jobs.
    fn list(&mut self, query: &Query) -> Result<Vec<Job>>;

    /// The same, with the number of all jobs that match where both come of one pass.
    fn list_counted(&mut self, query: &Query) -> Result<(Vec<Job>, Option<u64>)>;

    /// Some of the jobs that were added last, at most `limit`: at once, however many there are, so perhaps none at all.
    fn last_added(&mut self, _columns: ColumnSet, _limit: u64) -> Result<Vec<Job>> {
        Ok(Vec::new())
    }

    /// The number of jobs that match.
    fn count(&mut self, filter: &Filter) -> Result<u64>;

    /// Whether any job holds this value.
    fn holds(&mut self, column: Column, word: &str) -> Result<bool>;

    /// The names of the first jobs without an id for which `means` is true, at most `limit`.
    fn without_id(
        &mut self,
        columns: ColumnSet,
        limit: usize,
        means: &mut dyn FnMut(&Job) -> bool,
    ) -> Result<Vec<RowName>>;

    /// Some of the wanted jobs whose id begins with this text, newest first, the least and the greatest id among them:
    /// quickly, however many there are, so perhaps not all that would fit the limit, and at most two more.
    fn some(
        &mut self,
        prefix: &str,
        columns: ColumnSet,
        limit: usize,
        wanted: &dyn Fn(&Job) -> bool,
    ) -> Result<Vec<Job>>;

    /// The different texts of a column that begin with this one, sorted, at most `limit`: quickly, so perhaps not all.
    fn words(&mut self, column: Column, prefix: &str, limit: usize) -> Result<Vec<String>>;

    /// Every matching job, without keeping the service from writing meanwhile; in whichever order is quickest
    /// when none is asked for.
    fn stream(
        &mut self,
        filter: &Filter,
        order: Option<Order>,
        columns: ColumnSet,
        sink: &mut dyn Sink,
    ) -> Result<()>;

    /// Changes jobs in one transaction, all or none. `decide` sees whole rows as they are in that
    /// transaction; `Error::Refused` lists every job that it refused, `Error::Gone` those not there.
    fn update(&mut self, ids: &[JobId], decide: Decide) -> Result<Vec<Updated>>;

    /// Deletes jobs in one transaction, all or none; as `update`. Ids that are not there are an
    /// error unless `ignore_missing`. Gives the ids deleted.
    fn delete(
        &mut self,
        ids: &[JobId],
        ignore_missing: bool,
        columns: ColumnSet,
        allow: Allow,
    ) -> Result<Vec<JobId>>;

    /// Deletes, in one short transaction, those of the first jobs that are still there and that `goes`
    /// still lets go. A call soon after another first leaves the database free for a moment.
    fn purge(
        &mut self,
        ids: &[JobId],
        columns: ColumnSet,
        goes: &mut dyn FnMut(&Job) -> bool,
    ) -> Result<Purged>;

    /// Fails where a sweep would be refused, whatever jobs there are.
    fn check_sweep(&mut self) -> Result<()> {
        Ok(())
    }

    /// Begins a sweep of all jobs that are there now.
    fn begin_sweep(&mut self, terms: SweepTerms) -> Result<Box<dyn Sweep + '_>>;

    /// Makes this the only run of its kind on the database until the repository is dropped, or the process ends in whatever way.
    /// `Error::Running` when another one still is after `wait`, or when `gives_up` while it waits. It saves two runs the same
    /// work, and no job depends on it: a backend may use a file's lock, an advisory lock or a row that runs out, and where
    /// it finds that none can be had, lets the run go on.
    fn claim(
        &mut self,
        run: &'static str,
        wait: Duration,
        gives_up: &dyn Fn() -> bool,
    ) -> Result<()>;

    /// Begins an import.
    fn begin_import(&mut self, terms: ImportTerms) -> Result<Box<dyn Import + '_>>;

    /// Begins the preview of one: it counts what the rows before would have written.
    fn begin_preview(&mut self, terms: ImportTerms) -> Result<Box<dyn Import + '_>>;

    /// The examination of the database; None when the backend lacks this capability.
    fn examination(&mut self) -> Option<&mut dyn Examination>;

    /// The storage; None when the backend lacks this capability.
    fn storage(&mut self) -> Option<&mut dyn Storage>;

    /// The copying of the whole database; None when the backend lacks this capability.
    fn backup(&mut self) -> Option<&mut dyn Backup>;

    /// The history; None when the backend keeps none.
    fn history(&mut self) -> Option<&mut dyn History>;

    /// The values that the columns hold, where the table is stricter than SQLite's; None where it takes any value as it is.
    fn limits(&mut self) -> Result<Option<Limits>> {
        Ok(None)
    }

    /// Whether rules of the table may keep a job from being removed, or else from being changed, which no dry run finds
    /// out.
    fn has_own_rules(&mut self, removing: bool) -> Result<bool>;

    /// The columns that can name no episode or series, as there is none; empty where there are no such tables.
    fn without_parents(&mut self) -> Result<Vec<Column>>;

    /// The jobs (by index) and columns that name an episode or series that is not there; empty where there are no such
    /// tables.
    fn missing_parents(&mut self, jobs: &[Job]) -> Result<Vec<(usize, Column)>>;
}
