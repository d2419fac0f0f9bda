//! What the operating system is asked for: files that are opened, which file it is, and names on disk.

pub mod access;
pub mod folder_sync;
pub mod identity;
pub mod locked;
pub mod open;
