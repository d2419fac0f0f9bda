//! What commands may ask of the place where jobs are kept. Methods take and give sets, never one row at
//! a time, so that a backend can answer each in one statement or one transaction. Nothing here says how.

mod address;
mod error;
pub mod location;
mod patience;
pub mod sqlite;

pub use error::{Error, OWN_RULES, Result};
pub use location::Location;
pub use patience::Patience;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use crate::job::columns::Takes;
use crate::job::order::{Cursor, Order};
use crate::job::{Changes, Column, ColumnSet, Filter, IdSet, Job, JobId, Status};

/// What is done with a job whose id was there before the run. Of several records of one run the newest counts, except under
/// `Fail`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum OnConflict {
    /// Keep the job that is there
    Skip,
    /// Overwrite it when the record's `updated_at` is later
    Newer,
    /// Overwrite it
    Replace,
    /// Stop with exit status 4
    Fail,
}

/// How an import deals with what it meets.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    pub on_conflict: OnConflict,
    /// All of it is written, or nothing.
    pub atomic: bool,
    /// Nobody else uses the place meanwhile.
    pub exclusive: bool,
}

/// What became of one job of an import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Imported {
    Inserted,
    Updated,
    Skipped,
    /// The table refuses it, for this reason.
    Refused(Box<str>),
    /// The same, of a preview: and the table takes back all that was written with it.
    TakesBack(Box<str>),
}

/// A page of a listing.
#[derive(Clone, Debug)]
pub struct Query<'a> {
    pub filter: &'a Filter,
    pub order: Order,
    pub after: Option<Cursor>,
    pub offset: u64,
    pub limit: u64,
    /// What the caller reads; `id` and the order's column are always read.
    pub columns: ColumnSet,
}

/// An updated job: as it was and as it is, in the columns that were asked for.
#[derive(Clone, Debug)]
pub struct Updated {
    pub before: Job,
    pub after: Job,
    pub changed: bool,
}

/// What one call of `purge` did.
#[derive(Clone, Debug, Default)]
pub struct Purged {
    /// How many of the ids were looked at; the others are for the next call.
    pub looked_at: usize,
    /// The jobs that went, as they were, in the columns asked for.
    pub jobs: Vec<Job>,
    /// Those that the table keeps, and why.
    pub kept: Vec<(JobId, String)>,
}

/// How a sweep reads and removes.
#[derive(Clone, Copy, Debug)]
pub struct SweepTerms {
    /// What it reads of the jobs that go.
    pub columns: ColumnSet,
    /// What it reads of every job.
    pub judged: ColumnSet,
    /// Nobody else uses the place meanwhile.
    pub exclusive: bool,
}

/// A job that a sweep found, and where.
#[derive(Clone, Debug)]
pub struct Found {
    key: i64,
    pub job: Job,
}

/// Jobs that a sweep found to go, in the order of the place.
#[derive(Debug)]
pub struct Swept {
    pub rows: VecDeque<Found>,
    /// What they take in memory.
    bytes: usize,
    /// The state of the place when they were read.
    seen: i64,
}

impl Swept {
    /// None of them yet, to be filled with some.
    pub fn none_of(&self) -> Swept {
        Swept {
            rows: VecDeque::new(),
            bytes: 0,
            seen: self.seen,
        }
    }
}

/// A job that a sweep has removed for good.
#[derive(Clone, Debug)]
pub struct Removed {
    pub id: JobId,
    pub status: Option<Status>,
}

/// Which state of which place a look saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version {
    /// How often another place has been put where this one was.
    pub place: u64,
    /// Another number after every change by somebody else.
    pub content: u64,
}

/// The size of the place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Space {
    pub bytes: u64,
    /// Part of it that holds nothing and is used again.
    pub free: u64,
    pub give_back: GiveBack,
}

/// How a place gives free room back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GiveBack {
    /// By itself.
    Always,
    /// In small steps, when asked.
    Stepwise,
    /// Only by writing all of it anew.
    Rewritten,
}

/// Decides what an update writes into a job; an error says why this job may not be changed so.
pub type Decide<'a> = &'a mut dyn FnMut(&Job) -> std::result::Result<Changes, String>;

/// Decides whether a job may be removed; an error says why not.
pub type Allow<'a> = &'a mut dyn FnMut(&Job) -> std::result::Result<(), String>;

/// Takes the rows of a long read, one after the other.
pub type Sink<'a> = &'a mut dyn FnMut(Job) -> anyhow::Result<()>;

/// The job table.
pub trait Repository {
    /// Where it is, as shown in prompts.
    fn place(&self) -> String;

    /// Inserts new jobs in one transaction; `Error::Exists` when an id is in use, `Error::NoParent`
    /// when an episode or series is named that is not there.
    fn insert(&mut self, jobs: &[Job]) -> Result<()>;

    /// The columns that the table has beside those that are known, by name. Jobs that are read whole
    /// (`ColumnSet::WHOLE`) have what stands there, and of jobs that are imported it is written.
    fn other_columns(&mut self) -> Result<Vec<Arc<str>>>;

    /// The same with what each takes by its declared type.
    fn declared_others(&mut self) -> Result<Vec<(Arc<str>, Takes)>>;

    /// The jobs of these ids, in their order; None where there is none.
    fn find(&mut self, ids: &[JobId], columns: ColumnSet) -> Result<Vec<Option<Job>>>;

    /// The jobs whose id is this text or begins with it, at most `limit`; an exact id comes alone.
    fn resolve(&mut self, prefix: &str, columns: ColumnSet, limit: usize) -> Result<Vec<Job>>;

    /// For what looks again and again: whether it has to. It costs next to nothing and keeps nobody waiting, and when
    /// another place has been put where this one was, that one is read from then on.
    fn version(&mut self) -> Result<Version>;

    /// A page of jobs.
    fn list(&mut self, query: &Query) -> Result<Vec<Job>>;

    /// How many jobs match.
    fn count(&mut self, filter: &Filter) -> Result<u64>;

    /// Whether any job holds this value.
    fn holds(&mut self, column: Column, word: &str) -> Result<bool>;

    /// The row numbers of the first jobs without an id that `means` means, at most `limit`: they have no other name.
    fn without_id(
        &mut self,
        columns: ColumnSet,
        limit: usize,
        means: &mut dyn FnMut(&Job) -> bool,
    ) -> Result<Vec<i64>>;

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
        sink: Sink,
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
    /// still lets go. A call soon after another first leaves the file free for a moment.
    fn purge(
        &mut self,
        ids: &[JobId],
        columns: ColumnSet,
        goes: &mut dyn FnMut(&Job) -> bool,
    ) -> Result<Purged>;

    /// Begins a sweep: it goes through all jobs that are there now and removes some, while others use the place.
    fn begin_sweep(&mut self, terms: SweepTerms) -> Result<()>;

    /// Looks at the next jobs, and gives those that `goes` lets go; about `most_bytes` at most. None at the end.
    fn look_on(
        &mut self,
        most_bytes: usize,
        goes: &mut dyn FnMut(&Job) -> bool,
    ) -> Result<Option<Swept>>;

    /// Drops those that somebody has changed or removed since they were read; how many that are.
    fn still_stand(&mut self, swept: &mut Swept) -> Result<u64>;

    /// Drops those that the table would not let go, as far as that can be found out by trying; `take_kept` tells them.
    fn try_removal(&mut self, swept: &mut Swept) -> Result<()>;

    /// Removes as many of the first as fit one short transaction, but for those changed since they were read; how many
    /// of these there were. Others find the place free between two calls. After an error, what was not told by
    /// `take_removed` has not been removed.
    fn remove(&mut self, swept: &mut Swept) -> Result<u64>;

    /// Makes final what `remove` did. To be called before anything is waited for, since others may wait meanwhile.
    fn pause_sweep(&mut self) -> Result<()>;

    /// The same at the end.
    fn end_sweep(&mut self) -> Result<()>;

    /// The jobs that have been removed for good since the last call.
    fn take_removed(&mut self) -> Vec<Removed>;

    /// The jobs that the table did not let go since the last call, and why.
    fn take_kept(&mut self) -> Vec<(JobId, String)>;

    /// Makes this the only run of its kind in this place as long as it is open. `Error::Running` when another one
    /// still is after `wait`, or when `gives_up` while it waits.
    fn claim(
        &mut self,
        run: &'static str,
        wait: Duration,
        gives_up: &dyn Fn() -> bool,
    ) -> Result<()>;

    fn space(&mut self) -> Result<Space>;

    /// Gives a little of the free room back, in one short transaction; false when there was none left. Only where that
    /// goes stepwise.
    fn give_back(&mut self) -> Result<bool>;

    /// Writes the whole place anew, without free room; nobody else gets to use it meanwhile.
    fn rewrite(&mut self) -> Result<()>;

    /// Begins an import, which `end_import` ends.
    fn begin_import(&mut self, terms: Terms) -> Result<()>;

    /// Writes as many of the first whole rows as fit, one at least; one outcome a row. Others that use the place are
    /// not kept from it for long, and find it free every now and then. Under `OnConflict::Fail` it stops before an
    /// id in use; when that is the first, it is `Error::Exists`. After an error, `end_import` keeps what was written
    /// before or `undo_import` takes it back.
    fn import(&mut self, jobs: &[Job]) -> Result<Vec<Imported>>;

    /// Jobs that are there, and that `import` would only skip, when it has come to know which those are: they need not
    /// be handed to it. Another answer may come after every call of `import`.
    fn skipped_by_import(&self) -> Option<IdSet>;

    /// Whether some of what `import` has written can still be lost.
    fn is_import_pending(&self) -> bool;

    /// Makes that final, unless it is to be all or nothing. To be called before anything is waited for, since others
    /// may wait meanwhile.
    fn pause_import(&mut self) -> Result<()>;

    /// Makes everything final. `Error::TakenPlace` when somebody else made a place where this run was going to.
    fn end_import(&mut self) -> Result<()>;

    /// Takes back what is pending. True when that is all since `begin_import`: under `Terms::atomic`, and in a place
    /// that this run makes.
    fn undo_import(&mut self) -> bool;

    /// What `import` would do, counting what earlier previews of this run would have written.
    fn preview(&mut self, jobs: &[Job], on_conflict: OnConflict) -> Result<Vec<Imported>>;

    /// What previews of this run could not find out, in a sentence; None when there is nothing.
    fn preview_gaps(&self) -> Option<String>;

    /// Whether rules of the table may keep a job from being removed, or else from being changed, which no dry run finds
    /// out.
    fn has_own_rules(&mut self, removing: bool) -> Result<bool>;

    /// The jobs (by place) and columns that name an episode or series that is not there. None
    /// when the backend has no such tables.
    fn missing_parents(&mut self, jobs: &[Job]) -> Result<Vec<(usize, Column)>>;
}
