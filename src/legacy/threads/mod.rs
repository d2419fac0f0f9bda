//! The threads between a dump and the thread that writes: one splits dumps, several make jobs of the pieces.

pub mod decode;
pub mod members;
pub mod messages;
pub(super) mod split;
