//! A VFS for SQLite that spares a long transaction most of its system calls. SQLite reads and writes a page at a time, and
//! its journal in three pieces for each page. With this VFS, pages that lie side by side are written together, large batches by a
//! thread of their own, and a file that is read from end to end, or backwards, is read ahead. The thread exists on Linux, Android and
//! Apple's systems alone: SQLite uses `pread` and `pwrite` there, which two threads may call at once.
//!
//! To everybody else the bytes held back look as if they had not reached the disk yet, as after a loss of power, which is
//! what SQLite's journal is for:
//!
//! - All that is held back is written before SQLite syncs the file (or would, if syncing were on) and before it gives a
//!   lock back; what the journal holds back, also before anything is written to the database.
//! - The database is held back only under the exclusive lock, where nobody else can read it; its journal is read by
//!   others only when nobody has a lock to write.
//! - It is read ahead only under a lock that keeps others from writing; where they share a log (WAL) with us, within one
//!   snapshot, whose pages nobody writes over.
//!
//! Logs, temporary files and everything else go to the system's own VFS as they are.

mod ahead;
mod batch;
mod callbacks;
mod database;
mod folders;
mod head;
mod held;
#[cfg(test)]
mod model;
#[cfg(test)]
mod reads;
mod second;
mod system;
mod tail;
mod vfs;
mod window;

pub use folders::with_folders_synced;
pub use second::Second;
pub use vfs::name;
