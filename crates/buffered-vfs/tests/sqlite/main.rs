//! SQLite on this VFS.

mod crash;
mod same;
mod second;
mod support;
