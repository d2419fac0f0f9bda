//! Services of the operating system: files, their identities and rights, syncs, threads and signals.

pub mod access;
pub mod account;
pub mod byte_budget;
pub mod compression;
pub mod folder_sync;
pub mod helper_thread;
pub mod identity;
pub mod lock_wait;
pub mod locked;
pub mod machine;
pub mod mounts;
pub mod new_file;
pub mod open;
pub mod sha256;
pub mod signals;
