//! What the operating system is asked for: files that are opened, which file it is, and names on disk.

pub mod access;
pub mod byte_budget;
pub mod compression;
pub mod folder_sync;
pub mod helper_thread;
pub mod identity;
pub mod locked;
pub mod new_file;
pub mod open;
pub mod signals;
