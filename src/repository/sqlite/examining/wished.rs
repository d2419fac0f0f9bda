//! The indexes that the table should have: the report's, and one that jobctl adds.

use crate::job::Column;
use crate::repository::sqlite::connection::schema::TABLE;

/// An index that the table should have.
pub(in crate::repository::sqlite) struct Wished {
    pub(in crate::repository::sqlite) name: &'static str,
    pub(in crate::repository::sqlite) columns: &'static [Column],
    /// What is slow without it, and what it reads then and with the index.
    pub(super) slow: &'static str,
    pub(super) without: &'static str,
    pub(super) with: &'static str,
}

impl Wished {
    /// Only the report's come with the service's own table.
    pub(super) fn is_ours(&self) -> bool {
        self.columns.len() > 1
    }

    /// The names of its columns.
    pub(super) fn column_names(&self) -> String {
        let columns: Vec<&str> = self.columns.iter().map(|column| column.name()).collect();
        columns.join(", ")
    }

    /// The statement that makes it, if it is not there.
    pub(in crate::repository::sqlite) fn sql(&self) -> String {
        format!(
            "CREATE INDEX IF NOT EXISTS {} ON {TABLE} ({})",
            self.name,
            self.column_names()
        )
    }
}

/// The report's three, and ours.
pub(in crate::repository::sqlite) const WISHED: [Wished; 4] = [
    Wished {
        name: "idx_job_status",
        columns: &[Column::Status],
        slow: "list --status",
        without: "reads all",
        with: "those in that state",
    },
    Wished {
        name: "idx_job_type",
        columns: &[Column::JobType],
        slow: "list --type",
        without: "reads all",
        with: "those of that type",
    },
    Wished {
        name: "idx_job_created",
        columns: &[Column::CreatedAt],
        slow: "list",
        without: "reads and sorts all",
        with: "the 50 of a page",
    },
    Wished {
        name: "jobctl_status_created",
        columns: &[Column::Status, Column::CreatedAt],
        slow: "list --status",
        without: "reads and sorts those in that state, of",
        with: "the 50 of a page",
    },
];
