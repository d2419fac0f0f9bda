//! The 23 columns of `video_generation_jobs`, said once. The row, the JSON keys, the table headings,
//! the names that flags accept and the column lists of the SQL all follow from this table; the order is
//! that of the report, which is the order of the file.

use super::value::Value;

/// The kind of value that the service writes into a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// Text of at most this number of characters; `0` is unlimited.
    Text(usize),
    Json,
    Real,
    Integer,
    Time,
}

macro_rules! columns {
    ($($variant:ident $name:literal $key:literal $flag:literal $heading:literal $content:expr, [$($alias:literal)*];)*) => {
        /// A column of the job table; the discriminant is its index in the row.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Column { $($variant),* }

        impl Column {
            pub const ALL: &'static [Column] = &[$(Column::$variant),*];
            pub const COUNT: usize = Column::ALL.len();

            /// The name in the table.
            pub const fn name(self) -> &'static str {
                match self { $(Column::$variant => $name),* }
            }

            /// The key in the job form, the service's own JSON.
            pub const fn key(self) -> &'static str {
                match self { $(Column::$variant => $key),* }
            }

            /// The long flag, without dashes, and the short name in `--fields`.
            pub const fn flag(self) -> &'static str {
                match self { $(Column::$variant => $flag),* }
            }

            pub const fn heading(self) -> &'static str {
                match self { $(Column::$variant => $heading),* }
            }

            pub const fn content(self) -> Content {
                match self { $(Column::$variant => $content),* }
            }

            /// Every other spelling of the flag: the JSON key and the column name, with `-` and with `_`.
            pub const fn aliases(self) -> &'static [&'static str] {
                match self { $(Column::$variant => &[$($alias),*]),* }
            }
        }
    };
}

columns! {
    Id             "id"               "job_id"           "id"              "ID"          Content::Text(36), ["job-id" "job_id"];
    JobType        "job_type"         "job_type"         "type"            "TYPE"        Content::Text(50), ["job-type" "job_type"];
    Mode           "mode"             "mode"             "mode"            "MODE"        Content::Text(20), [];
    Status         "status"           "status"           "status"          "STATUS"      Content::Text(50), [];
    Content        "content"          "content"          "content"         "CONTENT"     Content::Text(0), [];
    Requirement    "user_requirement" "user_requirement" "requirement"     "REQUIREMENT" Content::Text(0), ["user-requirement" "user_requirement"];
    Style          "style"            "style"            "style"           "STYLE"       Content::Text(255), [];
    Title          "project_title"    "project_title"    "title"           "TITLE"       Content::Text(255), ["project-title" "project_title"];
    RequestData    "request_data"     "request_data"     "request"         "REQUEST"     Content::Json, ["request-data" "request_data"];
    Context        "context"          "context"          "context"         "CONTEXT"     Content::Json, [];
    Progress       "progress"         "progress"         "progress"        "PROGRESS"    Content::Real, [];
    Stage          "current_stage"    "current_stage"    "stage"           "STAGE"       Content::Text(255), ["current-stage" "current_stage"];
    WorkingDir     "working_dir"      "working_dir"      "working-dir"     "WORKING DIR" Content::Text(500), ["working_dir"];
    Result         "result_data"      "result"           "result"          "RESULT"      Content::Json, ["result-data" "result_data"];
    Error          "error_message"    "error"            "error"           "ERROR"       Content::Text(0), ["error-message" "error_message"];
    TotalShots     "total_shots"      "total_shots"      "total-shots"     "SHOTS"       Content::Integer, ["total_shots"];
    CompletedShots "completed_shots"  "completed_shots"  "completed-shots" "DONE"        Content::Integer, ["completed_shots"];
    EpisodeId      "episode_id"       "episode_id"       "episode"         "EPISODE"     Content::Text(36), ["episode-id" "episode_id"];
    SeriesId       "series_id"        "series_id"        "series"          "SERIES"      Content::Text(36), ["series-id" "series_id"];
    CreatedAt      "created_at"       "created_at"       "created"         "CREATED"     Content::Time, ["created-at" "created_at"];
    UpdatedAt      "updated_at"       "updated_at"       "updated"         "UPDATED"     Content::Time, ["updated-at" "updated_at"];
    StartedAt      "started_at"       "started_at"       "started"         "STARTED"     Content::Time, ["started-at" "started_at"];
    CompletedAt    "completed_at"     "completed_at"     "completed"       "COMPLETED"   Content::Time, ["completed-at" "completed_at"];
}

impl Column {
    /// The columns that have a value in every row: the table demands it, and without them a record is no row.
    pub const DEMANDED: [Column; 2] = [Column::Id, Column::JobType];

    /// The column of this name in the table.
    pub fn of_name(name: &str) -> Option<Column> {
        let mut columns = Column::ALL.iter().copied();
        columns.find(|column| column.name() == name)
    }

    /// The column of a JSON key or of a column name: what keys of a record may be.
    pub fn of_key(name: &str) -> Option<Column> {
        Column::ALL
            .iter()
            .copied()
            .find(|column| column.key() == name || column.name() == name)
    }

    /// The column of any name that people use for it: flag, key, column name, with `-` or `_`.
    pub fn named(name: &str) -> Option<Column> {
        let name = name.trim().to_ascii_lowercase();
        Column::ALL.iter().copied().find(|column| {
            column.flag() == name
                || column.key() == name
                || column.name() == name
                || column.aliases().contains(&name.as_str())
        })
    }

    pub fn is_demanded(self) -> bool {
        Column::DEMANDED.contains(&self)
    }

    pub fn is_json(self) -> bool {
        self.content() == Content::Json
    }

    pub fn is_time(self) -> bool {
        self.content() == Content::Time
    }

    /// Whether a stored value is one that the service would have written into this column.
    pub fn understands(self, value: &Value) -> bool {
        match (self.content(), value) {
            (_, Value::Null) => !self.is_demanded(),
            (Content::Text(_), Value::Text(_)) => true,
            (Content::Json, value) => value.json().is_some(),
            (Content::Real, Value::Real(r)) => r.is_finite(),
            (Content::Real | Content::Integer, Value::Integer(_)) => true,
            (Content::Time, value) => value.time().is_some(),
            _ => false,
        }
    }
}

/// A set of columns; what a query reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct ColumnSet(u32);

impl ColumnSet {
    pub const NONE: ColumnSet = ColumnSet(0);
    pub const ALL: ColumnSet = ColumnSet((1 << Column::COUNT) - 1);
    /// All columns, the unknown ones too.
    pub const WHOLE: ColumnSet = ColumnSet((1 << (Column::COUNT + 1)) - 1);

    /// The unknown columns.
    pub const OTHERS: ColumnSet = ColumnSet(1 << Column::COUNT);

    pub const fn of(columns: &[Column]) -> ColumnSet {
        let mut bits = 0;
        let mut i = 0;
        while i < columns.len() {
            bits |= 1 << columns[i] as u32;
            i += 1;
        }
        ColumnSet(bits)
    }

    pub const fn union(self, other: ColumnSet) -> ColumnSet {
        ColumnSet(self.0 | other.0)
    }

    pub const fn without(self, other: ColumnSet) -> ColumnSet {
        ColumnSet(self.0 & !other.0)
    }

    pub const fn contains(self, column: Column) -> bool {
        self.0 & (1 << column as u32) != 0
    }

    pub const fn has_others(self) -> bool {
        self.0 & (1 << Column::COUNT) != 0
    }

    pub const fn with(self, column: Column) -> ColumnSet {
        ColumnSet(self.0 | 1 << column as u32)
    }

    /// The number of columns.
    pub const fn count(self) -> usize {
        self.0.count_ones() as usize
    }

    /// The known columns.
    pub fn iter(self) -> impl Iterator<Item = Column> {
        Column::ALL
            .iter()
            .copied()
            .filter(move |column| self.contains(*column))
    }

    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// The values that an unknown column takes, by its declared type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    Anything,
    Text,
    Time,
    Json,
    Integer,
    Real,
}

impl Takes {
    /// A value of another program as this column has it; None where it does not belong there.
    pub fn fitted(self, value: &Value) -> Option<Value> {
        let number = |text: &str| text.parse::<f64>().ok().filter(|number| number.is_finite());
        match (self, value) {
            (_, Value::Null) | (Takes::Anything, _) => Some(value.clone()),
            (Takes::Text, Value::Text(_)) => Some(value.clone()),
            (Takes::Time, Value::Text(text)) => {
                let at = crate::time::parse_spelled(text)?.utc()?;
                let at = Some(at).filter(|at| crate::time::storable(*at))?;
                Some(crate::time::stored(at).into())
            }
            (Takes::Json, Value::Text(text)) if crate::text::json::is_json(text) => {
                Some(value.clone())
            }
            (Takes::Integer, Value::Integer(_)) => Some(value.clone()),
            (Takes::Integer, Value::Text(text)) => text.parse().ok().map(Value::Integer),
            (Takes::Real, Value::Integer(_) | Value::Real(_)) => Some(value.clone()),
            (Takes::Real, Value::Text(text)) => number(text).map(Value::Real),
            _ => None,
        }
    }
}
