//! Reading: by id, a page, long reads that let go between, and the bits for somebody who is typing.

pub(super) mod condition;
pub(super) mod other_columns;
pub(super) mod pages;
pub(super) mod stream;
pub(super) mod suggest;
pub(super) mod transaction;
pub(super) mod values;
