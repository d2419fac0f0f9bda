//! Dumps of the three stores that the job table replaced, and of jobctl's own rows. `reader` finds the records in a file of any
//! shape; `convert` makes a job of one, by the table that each store has in `stores`; `threads` does both beside the thread that asks.

mod convert;
mod fitting;
pub mod kinds;
pub mod reader;
pub mod rejects;
pub mod source;
mod store;
mod stores;
pub mod threads;

pub use convert::{Around, Made, Place, Position, Record, Reject, convert, convert_others};
pub use fitting::{fit_others, keep_aside};
pub use source::Source;
pub use store::Store;
pub use stores::draft::{Fits, NO_ZONE};
