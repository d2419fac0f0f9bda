//! The files beside a database, by the ends of their names.

/// What SQLite may keep beside a database.
pub(in crate::repository) const COMPANIONS: [&str; 3] = ["-wal", "-shm", "-journal"];
