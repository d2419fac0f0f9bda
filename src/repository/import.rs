//! Imports: whole rows from elsewhere, in batches. An import is a session: it is over when it is made final or taken
//! back, and one that is dropped before takes back what is pending.

use std::result;
use std::sync::Arc;

use super::{Error, Result};
use crate::job::columns::Takes;
use crate::job::fitting::Limits;
use crate::job::{Column, IdSet, Job};

/// The policy for a job whose id was there before the run. Of several records of one run the newest counts, except under
/// `Fail`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnConflict {
    /// The job that is there stays.
    Skip,
    /// It is overwritten when the record's `updated_at` is later.
    Newer,
    /// It is overwritten.
    Replace,
    /// The import stops before it.
    Fail,
}

/// The terms of an import.
#[derive(Clone, Copy, Debug)]
pub struct ImportTerms {
    pub on_conflict: OnConflict,
    /// All of it is written, or nothing.
    pub atomic: bool,
}

/// The outcome of one job of an import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Imported {
    Inserted,
    Updated,
    Skipped,
    /// The table refuses the job, for this reason.
    Refused(Box<str>),
    /// The same, of a preview: and the table takes back all that was written with it.
    TakesBack(Box<str>),
}

/// An import that could not be made final. What was pending has been taken back.
#[derive(Debug)]
pub struct Unfinished {
    pub error: Error,
    /// True when that is all since its beginning.
    pub all: bool,
}

/// An import that is going on, or the preview of one, which writes nothing and says what it would do.
pub trait Import {
    /// Writes as many of the first whole rows as fit, one at least; one outcome a row. Others that use the database are
    /// not kept from it for long, and find it free every now and then. Under `OnConflict::Fail` it stops before an
    /// id in use; when that is the first, it is `Error::Exists`.
    fn write(&mut self, jobs: &[Job]) -> Result<Vec<Imported>>;

    /// As of the repository.
    fn declared_others(&mut self) -> Result<Vec<(Arc<str>, Takes)>>;

    /// As of the repository.
    fn limits(&mut self) -> Result<Option<Limits>> {
        Ok(None)
    }

    /// As of the repository. Jobs that still name one of these when they are handed to `write` are refused where the table demands
    /// that it is there.
    fn missing_parents(&mut self, jobs: &[Job]) -> Result<Vec<(usize, Column)>>;

    /// The jobs that `write` would only skip, once the import knows them: they need not
    /// be handed to it. Another answer may come after every call of `write`.
    fn skipped(&self) -> Option<IdSet>;

    /// Whether some of what `write` has reported can still be lost.
    fn is_pending(&self) -> bool;

    /// Makes what is pending final, unless the import is atomic. To be called before anything is waited for, since others
    /// may wait meanwhile.
    fn yield_lock(&mut self) -> Result<()>;

    /// The sentence about what a preview could not find out, if there is anything.
    fn gaps(&self) -> Option<String>;

    /// Makes everything final. `Error::MadeMeanwhile` when somebody else made a database where this run was going to.
    /// A database that the import has made is to be opened anew: the repository does not lead to it.
    fn end(self: Box<Self>) -> result::Result<(), Unfinished>;

    /// Takes back what is pending. True when that is all since the beginning: under `ImportTerms::atomic`, and in a database
    /// that this run makes.
    fn undo(self: Box<Self>) -> bool;
}
