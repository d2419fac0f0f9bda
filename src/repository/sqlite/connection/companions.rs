//! The companions of a database: files beside it, by the ends of their names.

/// The ends of the names of files that SQLite may keep beside a database.
pub(in crate::repository) const COMPANIONS: [&str; 3] = ["-wal", "-shm", "-journal"];
