//! The indexes that the table should have: the report's, and one that jobctl adds.

use crate::job::Column;
use crate::repository::index_findings::{IndexUse, LackingIndex};
use crate::repository::sqlite::connection::schema::TABLE;

/// An index that the table should have.
pub(in crate::repository::sqlite) struct Wished {
    pub(in crate::repository::sqlite) name: &'static str,
    pub(in crate::repository::sqlite) columns: &'static [Column],
    use_of: IndexUse,
}

impl Wished {
    /// Only the report's come with the service's own table.
    pub(super) fn is_ours(&self) -> bool {
        self.columns.len() > 1
    }

    /// It as it is told where it is missing.
    pub(super) fn lacking(&self) -> LackingIndex {
        LackingIndex {
            name: self.name,
            columns: self.column_names(),
            is_ours: self.is_ours(),
            use_of: self.use_of,
        }
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
        use_of: IndexUse {
            slow: "list --status",
            without: "reads all",
            with: "those in that state",
        },
    },
    Wished {
        name: "idx_job_type",
        columns: &[Column::JobType],
        use_of: IndexUse {
            slow: "list --type",
            without: "reads all",
            with: "those of that type",
        },
    },
    Wished {
        name: "idx_job_created",
        columns: &[Column::CreatedAt],
        use_of: IndexUse {
            slow: "list",
            without: "reads and sorts all",
            with: "the 50 of a page",
        },
    },
    Wished {
        name: "jobctl_status_created",
        columns: &[Column::Status, Column::CreatedAt],
        use_of: IndexUse {
            slow: "list --status",
            without: "reads and sorts those in that state, of",
            with: "the 50 of a page",
        },
    },
];
