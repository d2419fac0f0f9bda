//! The row form, in which archives and exports hold jobs: written, read back, and known by its beginning where it was cut off.

pub(crate) mod read;
pub(crate) mod torn;
pub mod write;
