//! Dumps of the three stores that the job table replaced, and of jobctl's own rows. `reader` finds the records in a file of any
//! shape; `convert` makes a job of each, by the table of its store in `stores`; `threads` runs both on threads of their own.

mod convert;
mod fitting;
pub mod kinds;
mod position;
pub mod reader;
pub mod rejects;
pub mod source;
mod store;
mod stores;
pub mod threads;

pub use convert::{
    Conversion, ConvertedRecord, Outer, OuterFacts, Reject, convert, convert_others,
};
pub use fitting::{fit_others, keep_aside};
pub use position::Position;
pub use source::Source;
pub use store::Store;
pub use stores::draft::{Fits, NO_ZONE};
