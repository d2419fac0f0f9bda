//! The containers that are open around the place in a dump, and what was found there.

use std::sync::Arc;

use super::held::Held;
use super::page::ListingPage;
use super::recognize::Layout;
use super::scan::Bracket;

/// A container that is open.
pub(super) struct Frame {
    pub(super) kind: Bracket,
    pub(super) store: Option<Arc<str>>,
    pub(super) expect: Expect,
    /// It is keyed by job id, or a job has stood in it.
    pub(super) jobs: bool,
    /// One of its keys is a UUID.
    pub(super) by_id: bool,
    pub(super) beside: Beside,
    /// How its last job stood on its lines.
    pub(super) layout: Layout,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expect {
    First,
    Comma,
    Value,
}

/// An item before it borrows its text.
pub(super) struct Slot {
    pub(super) what: What,
    pub(super) held: Held,
    pub(super) keyed: bool,
    pub(super) position: u64,
    pub(super) line: u64,
}

impl Slot {
    pub(super) fn is_record(&self) -> bool {
        matches!(self.what, What::Record)
    }

    /// Whether it stands where a job stands, if only a damaged one.
    pub(super) fn is_in_place_of_job(&self) -> bool {
        match self.what {
            What::Record => true,
            What::Bad(_) => !matches!(self.held, Held::Window { length: 0..2, .. }),
            What::Broken(_) => false,
        }
    }
}

pub(super) enum What {
    Record,
    Bad(String),
    Broken(String),
}

/// What an object has beside its jobs.
#[derive(Default)]
pub(super) struct Beside {
    /// An id, and the place of its name among those that ids have.
    pub(super) id: Option<(usize, String)>,
    /// The key of the object itself, when that is a UUID.
    pub(super) own: Option<String>,
    pub(super) status: bool,
    /// Jobs that have begun in it under a name.
    pub(super) begun: usize,
    /// A container in it holds jobs, or is called so.
    pub(super) holds_jobs: bool,
    pub(super) page: ListingPage,
    /// The records before it.
    pub(super) before: u64,
}

impl Beside {
    /// Values in it stand beside jobs, and not among them.
    pub(super) fn is_around_jobs(&self) -> bool {
        self.holds_jobs || self.begun == 1
    }
}
