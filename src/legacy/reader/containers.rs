//! The open containers around the current position in a dump, and the items found in them.

use std::sync::Arc;

use super::page::ListingPage;
use super::read_value::HeldBytes;
use super::recognize::JobLayout;
use super::scan::Bracket;

/// A container that is open.
pub(super) struct OpenContainer {
    pub(super) kind: Bracket,
    pub(super) store: Option<Arc<str>>,
    pub(super) expect: Expect,
    /// Whether it is keyed by job id, or a job has been found in it.
    pub(super) jobs: bool,
    /// Whether one of its keys is a UUID.
    pub(super) by_id: bool,
    pub(super) beside: Beside,
    /// The layout of its last job.
    pub(super) layout: JobLayout,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expect {
    First,
    Comma,
    Value,
}

/// An item that does not borrow its text yet.
pub(super) struct FoundItem {
    pub(super) kind: FoundKind,
    pub(super) held: HeldBytes,
    pub(super) keyed: bool,
    pub(super) position: u64,
    pub(super) line: u64,
}

impl FoundItem {
    pub(super) fn is_record(&self) -> bool {
        matches!(self.kind, FoundKind::Record)
    }

    /// Whether the item counts as a job, if only a damaged one.
    pub(super) fn counts_as_job(&self) -> bool {
        match self.kind {
            FoundKind::Record => true,
            FoundKind::Bad(_) => !matches!(self.held, HeldBytes::Window { length: 0..2, .. }),
            FoundKind::Broken(_) => false,
        }
    }
}

pub(super) enum FoundKind {
    Record,
    Bad(String),
    Broken(String),
}

/// The facts that an object tells beside its jobs.
#[derive(Default)]
pub(super) struct Beside {
    /// An id, and the index of its name in `ID_NAMES`.
    pub(super) id: Option<(usize, String)>,
    /// The key of the object itself, when that is a UUID, or the id that a bulk action gives it.
    pub(super) own: Option<String>,
    pub(super) status: bool,
    /// The number of jobs that have begun in it under a name.
    pub(super) begun: usize,
    /// Whether a container in it holds jobs, or has a name that says so.
    pub(super) holds_jobs: bool,
    pub(super) page: ListingPage,
    /// The number of records before it.
    pub(super) before: u64,
}

impl Beside {
    /// Whether other values in it are beside jobs rather than among them.
    pub(super) fn is_around_jobs(&self) -> bool {
        self.holds_jobs || self.begun == 1
    }
}
