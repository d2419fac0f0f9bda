//! The records and values that are kept until it is known what the object around them is.

use std::collections::VecDeque;
use std::sync::Arc;

use super::containers::{Frame, Slot};
use super::scan::Bracket;

/// A record or value that is kept, and what is known of its place.
pub(super) struct Kept {
    pub(super) store: Option<Arc<str>>,
    pub(super) key: String,
    pub(super) bytes: Vec<u8>,
    pub(super) position: u64,
    pub(super) line: u64,
    /// The key is its id.
    pub(super) as_key: bool,
    /// What stands beside it, or is the key of an object around it.
    pub(super) id: Option<String>,
    pub(super) status: bool,
    /// It is no record, but a value beside some, or in the place of one.
    pub(super) is_value: bool,
    /// How many containers are around it that may tell more.
    pub(super) depth: usize,
    /// It stands in the innermost of these itself.
    pub(super) direct: bool,
    /// No object further out tells anything of it.
    pub(super) done: bool,
}

impl Kept {
    /// Why it cannot be a job, which only an object can.
    pub(super) fn is_bad(&self) -> Option<&'static str> {
        (self.bytes.first() == Some(&b'[')).then_some("a job must be an object, found an array")
    }

    /// What the innermost of so many containers tells.
    pub(super) fn learn(&mut self, stack: &[Frame], depth: usize) {
        let [outer @ .., frame] = &stack[..depth] else {
            return;
        };
        let beside = &frame.beside;
        let several = self.direct && beside.begun > 1;
        let id = beside.id.as_ref().map(|(_, id)| id).filter(|_| !several);
        if self.id.is_none() {
            self.id = id.or(beside.own.as_ref()).cloned();
        }
        self.status |= beside.status;
        let is_outermost = outer
            .last()
            .is_none_or(|outer| outer.kind == Bracket::Square);
        let is_store = || {
            frame
                .store
                .as_ref()
                .is_some_and(|name| name.ends_with("jobs"))
        };
        self.done = beside.own.is_some() || is_outermost || is_store();
    }
}

/// What is told next.
pub(super) enum Waiting {
    Kept(Box<Kept>),
    Slot(Slot),
}

pub(super) type Queue = VecDeque<Waiting>;
