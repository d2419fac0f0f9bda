//! The job table as it stands there: its columns with their types, and the SQL by which they are read and written.

use std::sync::Arc;

use super::stored_column::Stored;
use super::table_rules::TableRules;
use super::types::{document, holds, real, takes, time, whole};
use crate::job::columns::{Content, Takes};
use crate::job::fitting::{Holds, Limits};
use crate::job::{Column, ColumnSet};

pub(in crate::repository::postgres) const TABLE: &str = "video_generation_jobs";

/// Has an INSERT put a number into a column that the server would number itself (GENERATED ALWAYS AS IDENTITY).
pub(in crate::repository::postgres) const AS_GIVEN: &str = "OVERRIDING SYSTEM VALUE";

/// A table that jobctl can work on.
#[derive(Clone, Debug)]
pub(in crate::repository::postgres) struct JobTable {
    known: Vec<Stored>,
    pub(in crate::repository::postgres) others: Arc<[Arc<str>]>,
    other_types: Vec<Stored>,
    /// Whether both tables that a job may point to are there.
    pub(in crate::repository::postgres) has_parents: bool,
    /// The number of columns that it has ever had.
    pub(in crate::repository::postgres) width: i64,
    /// False of one that is to be made.
    pub(in crate::repository::postgres) is_there: bool,
    /// The schema that it stands in, as SQL names it.
    pub(super) schema: String,
    pub(in crate::repository::postgres) history: HistoryTables,
    /// Whether the settings of the history are there.
    pub(in crate::repository::postgres) has_settings: bool,
    /// Whether triggers, rules or policies may store otherwise what is written.
    pub(super) has_triggers: bool,
    /// The table, or one of parents, of which row-level security shows this user some rows alone.
    pub(in crate::repository::postgres) hidden: Option<String>,
    pub(in crate::repository::postgres) rules: TableRules,
}

/// Whether the tables of the history stand beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::repository::postgres) enum HistoryTables {
    Missing,
    /// This user may not read them.
    Denied,
    There,
}

/// A column as it was found.
pub(super) struct FoundColumn {
    pub(super) stored: Stored,
    pub(super) is_computed: bool,
    pub(super) is_key: bool,
}

impl JobTable {
    /// The table as it would be made.
    pub(in crate::repository::postgres) fn planned(has_parents: bool) -> JobTable {
        let stored = |column: &Column| {
            let most = match column.content() {
                Content::Text(most) => most,
                _ => 0,
            };
            let spelled = match column.content() {
                Content::Text(0) => "text",
                Content::Text(_) => "varchar",
                Content::Json => "json",
                Content::Real => "float8",
                Content::Integer => "int4",
                Content::Time => "timestamp",
            };
            Stored {
                name: column.name().to_owned(),
                base: spelled.to_owned(),
                spelled: spelled.to_owned(),
                most,
                digits: None,
                is_numbered: false,
            }
        };
        JobTable {
            known: Column::ALL.iter().map(stored).collect(),
            others: Arc::default(),
            other_types: Vec::new(),
            has_parents,
            width: 0,
            is_there: false,
            schema: String::new(),
            history: HistoryTables::Missing,
            has_settings: false,
            has_triggers: false,
            hidden: None,
            rules: TableRules::default(),
        }
    }

    pub(super) fn of(seen: Vec<FoundColumn>, has_parents: bool, width: i64) -> JobTable {
        let stored = |name: &str| {
            let mut all = seen.iter();
            let found = all.find(|it| it.stored.name == name)?;
            Some(found.stored.clone())
        };
        let known = Column::ALL
            .iter()
            .filter_map(|column| stored(column.name()));
        let known: Vec<Stored> = known.collect();
        let other_types: Vec<Stored> = seen
            .iter()
            .filter(|it| !it.is_computed && Column::of_name(&it.stored.name).is_none())
            .map(|it| it.stored.clone())
            .collect();
        JobTable {
            others: other_types
                .iter()
                .map(|it| Arc::from(it.name.as_str()))
                .collect(),
            known,
            other_types,
            has_parents,
            width,
            is_there: true,
            schema: String::new(),
            history: HistoryTables::Missing,
            has_settings: false,
            has_triggers: false,
            hidden: None,
            rules: TableRules::default(),
        }
    }

    /// The known columns in their order, then the others.
    pub(in crate::repository::postgres) fn stored_columns(&self) -> impl Iterator<Item = &Stored> {
        self.known.iter().chain(&self.other_types)
    }

    /// The name of one of jobctl's own tables, which stand beside it.
    pub(in crate::repository::postgres) fn beside(&self, table: &str) -> String {
        format!("{}.{table}", self.schema)
    }

    /// Whether a row of the known columns is stored as it is given.
    pub(in crate::repository::postgres) fn takes_as_given(&self) -> bool {
        self.other_types.is_empty() && self.takes_known_as_given()
    }

    /// Whether COPY puts such rows in, and what it stores is known where a history is kept: it tells nothing of them.
    pub(in crate::repository::postgres) fn takes_copies(&self, keeps_rows: bool) -> bool {
        self.takes_known_as_given() && (self.other_types.is_empty() || !keeps_rows)
    }

    fn takes_known_as_given(&self) -> bool {
        let mut known = Column::ALL.iter().zip(&self.known);
        !self.has_triggers && known.all(|(column, stored)| stored.takes_as_given(column.content()))
    }

    fn stored(&self, column: Column) -> &Stored {
        &self.known[column as usize]
    }

    /// The name of the type in which a column is stored, or of the one that its own is made of.
    pub(in crate::repository::postgres) fn base(&self, column: Column) -> &str {
        &self.stored(column).base
    }

    /// The SQL by which a column is read: as one of the types that need no question about them.
    pub(in crate::repository::postgres) fn expression(&self, column: Column) -> String {
        self.stored(column).expression()
    }

    /// The same as a text, of a column that holds texts.
    pub(in crate::repository::postgres) fn as_text(&self, column: Column) -> String {
        let stored = self.stored(column);
        match stored.base.as_str() {
            "text" | "varchar" => stored.quoted(),
            _ => format!("{}::text", stored.quoted()),
        }
    }

    /// The SQL by which a column is sorted: texts by their bytes.
    pub(in crate::repository::postgres) fn sorted(&self, column: Column) -> String {
        match column.content() {
            Content::Text(_) | Content::Json => {
                format!("{} COLLATE \"C\"", self.as_text(column))
            }
            Content::Real | Content::Integer | Content::Time => self.expression(column),
        }
    }

    /// The SQL that puts a bound value, `$3`, into a column.
    pub(in crate::repository::postgres) fn input(&self, column: Column, bound: &str) -> String {
        let stored = self.stored(column);
        match (column.content(), stored.base.as_str()) {
            (Content::Text(_), "text" | "varchar")
            | (Content::Real | Content::Integer, _)
            | (Content::Time, "timestamp" | "date") => bound.to_owned(),
            (Content::Time, _) => format!("{bound} AT TIME ZONE 'UTC'"),
            _ => format!("{bound}::{}", stored.cast()),
        }
    }

    /// The same for an unknown column, of a value that is spelled as a text.
    pub(in crate::repository::postgres) fn other_input(&self, name: &str, bound: &str) -> String {
        let mut others = self.other_types.iter();
        match others.find(|stored| stored.name == name) {
            Some(stored) => format!("{bound}::{}", stored.cast()),
            None => bound.to_owned(),
        }
    }

    /// Whether no statement but an INSERT gives an unknown column its value.
    pub(in crate::repository::postgres) fn keeps_number(&self, name: &str) -> bool {
        let mut others = self.other_types.iter();
        others.any(|stored| stored.is_numbered && stored.name == name)
    }

    /// The columns of a set, as SQL lists them: the known ones, then the others.
    pub(in crate::repository::postgres) fn list(&self, columns: ColumnSet) -> String {
        let known = columns.iter().map(|column| self.expression(column));
        let others = self
            .other_types
            .iter()
            .filter(|_| columns.has_others())
            .map(Stored::expression);
        let list: Vec<String> = known.chain(others).collect();
        // A statement without columns is none.
        if list.is_empty() {
            "1".to_owned()
        } else {
            list.join(", ")
        }
    }

    /// The values that its columns hold.
    pub(in crate::repository::postgres) fn limits(&self) -> Limits {
        let others = self.other_types.iter();
        let others = others.map(|it| holds(&it.base, it.most, it.digits));
        Limits::of_table(
            |column| {
                let stored = self.stored(column);
                match column.content() {
                    Content::Text(_) if stored.base == "bpchar" => Holds::Trimmed(stored.most),
                    Content::Text(_) if stored.base == "uuid" => Holds::Uuid,
                    Content::Text(_) => Holds::Text(stored.most),
                    Content::Json => document(&stored.base),
                    Content::Real => real(&stored.base, stored.most, stored.digits),
                    Content::Integer => whole(&stored.base),
                    Content::Time => time(stored.digits),
                }
            },
            self.others.iter().cloned().zip(others).collect(),
        )
    }

    pub(in crate::repository::postgres) fn declared_others(&self) -> Vec<(Arc<str>, Takes)> {
        let takes = self.other_types.iter().map(|stored| takes(&stored.base));
        self.others.iter().cloned().zip(takes).collect()
    }
}
