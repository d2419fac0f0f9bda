//! Reading: each question is one statement, which sees one moment and keeps nobody from writing.

pub(super) mod condition;
pub(super) mod pages;
pub(super) mod parents;
pub(super) mod stream;
pub(super) mod suggest;
pub(super) mod version;
