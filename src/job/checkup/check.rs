//! The checks by name, said once: the flags, the completions, the help and the findings follow from this table.

use std::fmt;

macro_rules! checks {
    (
        { $($variant:ident $name:literal $about:literal,)* }
        { $($other:ident $other_name:literal $other_about:literal,)* }
    ) => {
        /// A check. Its name stays, since scripts and crontabs know it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Check { $($variant,)* $($other),* }

        impl Check {
            /// All checks, in the order in which their findings are told.
            pub const ALL: &'static [Check] = &[$(Check::$variant),*];

            /// The kinds of rows that PostgreSQL would refuse or alter.
            pub const FOR_POSTGRES: &'static [Check] = &[$(Check::$other),*];

            pub const fn name(self) -> &'static str {
                match self {
                    $(Check::$variant => $name,)*
                    $(Check::$other => $other_name),*
                }
            }

            /// What it looks at, in a few words.
            pub const fn about(self) -> &'static str {
                match self {
                    $(Check::$variant => $about,)*
                    $(Check::$other => $other_about),*
                }
            }
        }
    };
}

checks! {
    {
    TwoDatabases       "two-databases"        "JOBCTL_DB and DATABASE_URL that mean different files",
    TwoSpellings       "two-spellings"        "one database under two paths",
    TwoNames           "two-names"            "a second name (hard link) of the file",
    NetworkFiles       "network-files"        "a file on a network file system",
    Permissions        "permissions"          "rights on the file and its folder",
    Owners             "owners"               "files beside the database that belong to another user",
    DiskSpace          "disk-space"           "free space on the disk",
    HotJournal         "hot-journal"          "a write that a killed process left half done",
    LogSize            "log-size"             "the size of the log (-wal)",
    Locks              "locks"                "another program that holds the file for long",
    Unreadable         "unreadable"           "a file that cannot be opened or read",
    Integrity          "integrity"            "damage in the file",
    MissingColumns     "missing-columns"      "columns that the table lacks, or another shape of it",
    ColumnTypes        "column-types"         "columns of another type than the service makes",
    ExtraColumns       "extra-columns"        "columns that jobctl does not know",
    MissingIndex       "missing-index"        "indexes that would make reading faster",
    Statistics         "statistics"           "what SQLite knows of its indexes (ANALYZE)",
    FreePages          "free-pages"           "space in the file that holds nothing",
    OwnTables          "own-tables"           "the tables in which jobctl keeps its history",
    NullId             "null-id"              "jobs without an id",
    OddId              "odd-id"               "ids that are no UUID",
    UnknownStatus      "unknown-status"       "a state that the service does not know",
    BadJson            "bad-json"             "JSON columns with something else in them",
    BrokenText         "broken-text"          "texts that are none",
    UnreadableTime     "unreadable-time"      "times that cannot be read",
    FutureTime         "future-time"          "times after tomorrow, or before 2000",
    Clock              "clock"                "a clock that is behind the newest job",
    TimeSpelling       "time-spelling"        "times in another spelling than the service's",
    MissingCompletedAt "missing-completed-at" "ended jobs without the time of their end",
    ProgressRange      "progress-range"       "progress that is not from 0 to 100",
    ShotCounts         "shot-counts"          "counts of shots that cannot be",
    DanglingParent     "dangling-parent"      "jobs of a series or episode that is not there",
    StaleQueued        "stale-queued"         "jobs that have been queued for days",
    StaleProcessing    "stale-processing"     "jobs that are processing without a sign of life for days",
    }
    {
    NoId               "no-id"                "jobs without an id or a type",
    TooLong            "too-long"             "texts longer than their column",
    Nul                "nul"                  "texts with a NUL character",
    NotUtf8            "not-utf8"             "texts whose bytes are none",
    NotJson            "not-json"             "JSON columns with something else in them",
    OutOfRange         "out-of-range"         "numbers that do not fit, or are none",
    NotWhole           "not-whole"            "counts that are not whole",
    BadTime            "bad-time"             "times that cannot be read",
    NoParent           "no-parent"            "jobs of a series or episode that is not there",
    NotFinite          "not-finite"           "infinite numbers",
    Respelled          "respelled"            "times that are spelled otherwise",
    }
}

impl Check {
    pub fn named(name: &str) -> Option<Check> {
        Check::ALL
            .iter()
            .copied()
            .find(|check| check.name() == name)
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
