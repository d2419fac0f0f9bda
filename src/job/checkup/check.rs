//! The checks by name, said once: the flags, the completions, the help and the findings follow from this table.

use std::fmt;

macro_rules! checks {
    (
        { $($variant:ident $name:literal $about:literal,)* }
        { $($server:ident $server_name:literal $server_about:literal,)* }
        { $($other:ident $other_name:literal $other_about:literal,)* }
    ) => {
        /// A check. Its name stays, since scripts and crontabs know it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Check { $($variant,)* $($server,)* $($other),* }

        impl Check {
            /// The checks of a file, in the order in which their findings are told. Most are of a database on a server too.
            pub const ALL: &'static [Check] = &[$(Check::$variant),*];

            /// The checks of a database on a server alone.
            pub const ON_SERVERS: &'static [Check] = &[$(Check::$server),*];

            /// The kinds of rows that PostgreSQL would refuse or alter.
            pub const FOR_POSTGRES: &'static [Check] = &[$(Check::$other),*];

            pub const fn name(self) -> &'static str {
                match self {
                    $(Check::$variant => $name,)*
                    $(Check::$server => $server_name,)*
                    $(Check::$other => $other_name),*
                }
            }

            /// What it looks at, in a few words.
            pub const fn about(self) -> &'static str {
                match self {
                    $(Check::$variant => $about,)*
                    $(Check::$server => $server_about,)*
                    $(Check::$other => $other_about),*
                }
            }
        }
    };
}

checks! {
    {
    TwoDatabases       "two-databases"        "JOBCTL_DB and DATABASE_URL that mean different databases",
    TwoSpellings       "two-spellings"        "one database under two paths",
    TwoNames           "two-names"            "a second name (hard link) of the file",
    NetworkFiles       "network-files"        "a file on a network file system",
    Permissions        "permissions"          "rights on the file and its folder, or on the table",
    Owners             "owners"               "files beside the database that belong to another user",
    DiskSpace          "disk-space"           "free space on the disk",
    HotJournal         "hot-journal"          "a write that a killed process left half done",
    LogSize            "log-size"             "the size of the log (-wal)",
    Locks              "locks"                "another program that holds the file or the jobs for long",
    Unreadable         "unreadable"           "a file that cannot be opened or read",
    Integrity          "integrity"            "damage in the file",
    MissingColumns     "missing-columns"      "columns that the table lacks, or another shape of it",
    ColumnTypes        "column-types"         "columns of another type than the service makes",
    ExtraColumns       "extra-columns"        "columns that jobctl does not know",
    MissingIndex       "missing-index"        "indexes that would make reading faster",
    Statistics         "statistics"           "what the database knows of its content (ANALYZE)",
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
    ServerVersion      "server-version"       "a server that is older than jobctl and the service know",
    ReadOnly           "read-only"            "a standby, or a database that only lets read",
    Encoding           "encoding"             "a database whose texts are not UTF-8",
    LocalTimes         "local-times"          "times that the server writes as local ones",
    ForeignKeys        "foreign-keys"         "references to series and episodes that the table lacks",
    InvalidIndex       "invalid-index"        "indexes that were made by half",
    DeadRows           "dead-rows"            "old versions of jobs that VACUUM has not cleared away",
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

/// The checks of a file alone: what a server keeps to itself, or its table cannot hold.
const OF_FILES: [Check; 11] = [
    Check::TwoSpellings,
    Check::TwoNames,
    Check::NetworkFiles,
    Check::Owners,
    Check::DiskSpace,
    Check::HotJournal,
    Check::LogSize,
    Check::Unreadable,
    Check::FreePages,
    Check::NullId,
    Check::TimeSpelling,
];

impl Check {
    /// All checks, of files and of servers.
    pub fn all() -> impl Iterator<Item = Check> {
        Check::ALL.iter().chain(Check::ON_SERVERS).copied()
    }

    pub fn named(name: &str) -> Option<Check> {
        Check::all().find(|check| check.name() == name)
    }

    /// The number of checks of such a database.
    pub fn count(is_server: bool) -> usize {
        if is_server {
            Check::ALL.len() - OF_FILES.len() + Check::ON_SERVERS.len()
        } else {
            Check::ALL.len()
        }
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
