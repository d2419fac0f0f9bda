//! What a backend has to bring to be held to the contract.

use jobctl::job::{Column, Job, JobId, Value};
use jobctl::repository::{Access, Repository};

/// What some backends can do, or their tables hold, and others do not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Capability {
    /// `Repository::storage` is there.
    Storage,
    /// `Repository::backup` is there.
    Backup,
    /// `Repository::history` is there.
    History,
    /// An id may be NULL.
    NullIds,
    /// A neighbour can add columns and rules to the table.
    Tables,
    /// There are episodes and series, and a job may not name one that is not there.
    Parents,
    /// `Repository::begin_import` and `begin_preview` are there.
    Imports,
    /// `Repository::begin_sweep` is there.
    Sweeps,
    /// `Repository::claim` is there.
    Claims,
    /// `Repository::version` changes with what is written in the same place alone.
    OwnVersion,
}

pub trait Backend {
    /// Whether it is installed; where it is not, that is said.
    fn is_there(&self) -> bool {
        true
    }

    /// A place with the job table and without a job; it is gone with the answer.
    fn fresh(&self) -> Box<dyn Place>;

    fn has(&self, capability: Capability) -> bool;

    /// Whether this value may stand in this column, and comes back as it was.
    fn holds(&self, column: Column, value: &Value) -> bool;
}

pub trait Place {
    /// A lock is waited for no longer than a moment.
    fn open(&self, access: Access) -> Box<dyn Repository>;

    /// Another program that uses the same place.
    fn neighbour(&self) -> Box<dyn Neighbour>;
}

/// How a rule of the table stops the removal of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guard {
    Refuses,
    /// By an error that is no answer of a rule.
    Breaks,
}

pub trait Neighbour {
    fn insert(&mut self, job: &Job);

    fn set(&mut self, id: &JobId, column: Column, value: &Value);

    fn delete(&mut self, id: &JobId);

    /// Whether it could write at this moment.
    fn can_write(&mut self) -> bool;

    /// Keeps others from writing.
    fn lock(&mut self);

    /// Until here.
    fn unlock(&mut self);

    /// Adds a column that is NULL in all rows. `Capability::Tables`
    fn add_column(&mut self, name: &str);

    /// Writes a text there. `Capability::Tables`
    fn set_other(&mut self, id: &JobId, name: &str, text: &str);

    /// Adds a rule to the table. `Capability::Tables`
    fn guard(&mut self, id: &JobId, guard: Guard);

    /// Adds an episode or a series. `Capability::Parents`
    fn add_parent(&mut self, column: Column, id: &str);
}
