//! The next steps that SQLite's own errors name, and those of naming a database: each is a file in a folder.

pub(in crate::repository) const ADDRESSES: &str =
    "name a SQLite file: a path, sqlite:///relative or sqlite:////absolute";
pub(in crate::repository) const NAME_ONE: &str = "name the file with --db PATH, or JOBCTL_DB";
pub(super) const NAME_OR_MAKE: &str =
    "name the file with --db PATH, or make one with jobctl create or jobctl migrate";
pub(super) const NAME_SERVICE: &str = "name the service's file with --db PATH";
pub(super) const OTHER_PROGRAM: &str =
    "this file belongs to another program; name the service's file with --db PATH";
pub(super) const OTHER_TABLE: &str =
    "jobctl works on the table as the service makes it; name the service's file with --db PATH";
pub(super) const TAKEN: &str = "run the same command again: it then imports into that file";
pub(super) const READ_ONLY: &str = "run as a user who may write the file and its folder";
pub(super) const FULL: &str = "make room on that disk; what was committed before is kept";
pub(super) const UNUSABLE: &str =
    "see that this user may use the file and its folder, and that there is room";
