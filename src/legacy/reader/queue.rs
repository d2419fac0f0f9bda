//! The records and values that are kept until it is known what the object around them is.

use std::collections::VecDeque;
use std::sync::Arc;

use super::containers::{FoundItem, OpenContainer};
use super::scan::Bracket;

/// A record or value that is kept, and what is known of its surroundings.
pub(super) struct KeptItem {
    pub(super) store: Option<Arc<str>>,
    pub(super) key: String,
    pub(super) bytes: Vec<u8>,
    pub(super) position: u64,
    pub(super) line: u64,
    /// Whether the key is its id.
    pub(super) as_key: bool,
    /// An id beside it, or the key of an object around it.
    pub(super) id: Option<String>,
    pub(super) status: bool,
    /// Whether it is no record, but a value beside records or instead of one.
    pub(super) is_value: bool,
    /// The number of containers around it that may tell more.
    pub(super) depth: usize,
    /// Whether it is a member of the innermost of these itself.
    pub(super) direct: bool,
    /// Whether no object further out tells anything of it.
    pub(super) done: bool,
}

impl KeptItem {
    /// The reason why it cannot be a job, if it is no object.
    pub(super) fn is_bad(&self) -> Option<&'static str> {
        (self.bytes.first() == Some(&b'[')).then_some("a job must be an object, found an array")
    }

    /// Learns what the innermost of the `depth` outer containers tells of it.
    pub(super) fn learn(&mut self, stack: &[OpenContainer], depth: usize) {
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

/// An item to be given next.
pub(super) enum QueuedItem {
    Kept(Box<KeptItem>),
    Found(FoundItem),
}

pub(super) type Queue = VecDeque<QueuedItem>;
