//! The indexes that the table should have there: the report's, and those by which jobctl reads pages and finds prefixes. A page has
//! NULL last and ties by the bytes of the id, whatever the order of the database, so that takes an index of its own.

use crate::job::Column;
use crate::job::columns::Content;
use crate::repository::index_findings::{IndexUse, LackingIndex};
use crate::repository::postgres::connection::job_table::JobTable;

/// A column of an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    /// In whatever order.
    Plain(Column),
    NullsFirst(Column),
    ByBytes(Column),
}

impl Key {
    pub(super) fn column(self) -> Column {
        match self {
            Key::Plain(column) | Key::NullsFirst(column) | Key::ByBytes(column) => column,
        }
    }

    fn sql(self) -> String {
        let name = self.column().name();
        match self {
            Key::Plain(_) => name.to_owned(),
            Key::NullsFirst(_) => format!("{name} NULLS FIRST"),
            Key::ByBytes(_) => format!("{name} COLLATE \"C\""),
        }
    }
}

/// An index that the table should have.
pub(super) struct WantedIndex {
    pub(super) name: &'static str,
    pub(super) keys: &'static [Key],
    use_of: IndexUse,
}

impl WantedIndex {
    /// Those of jobctl alone are worth their space where there are many jobs.
    pub(super) fn is_ours(&self) -> bool {
        self.name.starts_with("jobctl_")
    }

    /// It as it is told where it is missing.
    pub(super) fn lacking(&self) -> LackingIndex {
        LackingIndex {
            name: self.name,
            columns: self.list(),
            is_ours: self.is_ours(),
            use_of: self.use_of,
        }
    }

    /// Its columns, as SQL lists them.
    pub(super) fn list(&self) -> String {
        let keys: Vec<String> = self.keys.iter().map(|key| key.sql()).collect();
        keys.join(", ")
    }

    /// Whether the questions that it is for are asked of this table: they are put otherwise to a column of another type.
    pub(super) fn serves(&self, table: &JobTable, sorts_by_bytes: bool) -> bool {
        let suits = |key: &Key| match key.column().content() {
            Content::Text(_) => matches!(table.base(key.column()), "text" | "varchar"),
            Content::Time => table.base(key.column()) == "timestamp",
            _ => true,
        };
        let is_prefix = self.keys == [Key::ByBytes(Column::Id)];
        self.keys.iter().all(suits) && !(is_prefix && sorts_by_bytes)
    }
}

/// The report's three, and ours.
pub(super) const WANTED: [WantedIndex; 6] = [
    WantedIndex {
        name: "idx_job_status",
        keys: &[Key::Plain(Column::Status)],
        use_of: IndexUse {
            slow: "list --status",
            without: "reads all",
            with: "those in that state",
        },
    },
    WantedIndex {
        name: "idx_job_type",
        keys: &[Key::Plain(Column::JobType)],
        use_of: IndexUse {
            slow: "list --type",
            without: "reads all",
            with: "those of that type",
        },
    },
    WantedIndex {
        name: "idx_job_created",
        keys: &[Key::Plain(Column::CreatedAt)],
        use_of: IndexUse {
            slow: "list --since",
            without: "reads all",
            with: "those of that time",
        },
    },
    WantedIndex {
        name: "jobctl_created",
        keys: &[Key::NullsFirst(Column::CreatedAt), Key::ByBytes(Column::Id)],
        use_of: IndexUse {
            slow: "list",
            without: "reads and sorts all",
            with: "the 50 of a page",
        },
    },
    WantedIndex {
        name: "jobctl_status_created",
        keys: &[
            Key::Plain(Column::Status),
            Key::NullsFirst(Column::CreatedAt),
            Key::ByBytes(Column::Id),
        ],
        use_of: IndexUse {
            slow: "list --status",
            without: "reads and sorts those in that state, of",
            with: "the 50 of a page",
        },
    },
    WantedIndex {
        name: "jobctl_id",
        keys: &[Key::ByBytes(Column::Id)],
        use_of: IndexUse {
            slow: "show 7c1f (the beginning of an id)",
            without: "reads all",
            with: "that one",
        },
    },
];
