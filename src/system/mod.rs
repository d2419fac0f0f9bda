//! What the operating system is asked for: files that are opened, and which file it is.

pub mod identity;
pub mod open;
