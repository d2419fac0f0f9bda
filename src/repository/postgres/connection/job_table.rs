//! The job table as it stands there: its columns with their types, asked in one question when a database is opened. A table of
//! another shape is said then, and never met in the middle of the work.

use std::sync::Arc;

use tokio_postgres::Row;

use super::session::Session;
use super::stored_column::Stored;
use super::types::{holds, most, rounds, takes, whole};
use super::values::{text, value};
use crate::job::columns::{Content, Takes};
use crate::job::fitting::{Holds, Limits};
use crate::job::{Column, ColumnSet, Value};
use crate::repository::Result;

pub(in crate::repository::postgres) const TABLE: &str = "video_generation_jobs";

/// One row a column of the table, or a single one where it is not there.
const SHAPE: &str = "
SELECT c.relkind::text, a.attname::text, coalesce(b.typname, t.typname)::text, format_type(a.atttypid, NULL),
    (a.attgenerated <> '')::text, (a.attnum = ANY (k.indkey::int2[]))::text, k.indnkeyatts::text,
    (to_regclass('series') IS NOT NULL AND to_regclass('episodes') IS NOT NULL)::text,
    EXISTS (SELECT FROM pg_class o JOIN pg_namespace n ON n.oid = o.relnamespace
        WHERE o.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
        AND n.nspname NOT LIKE 'pg\\_toast%' AND left(o.relname, 7) <> 'jobctl_')::text,
    c.relnatts::int8, quote_ident(n.nspname),
    CASE WHEN r.oid IS NULL OR h.oid IS NULL THEN 'missing'
        WHEN has_table_privilege(r.oid, 'SELECT') AND has_table_privilege(h.oid, 'SELECT') THEN 'there' ELSE 'denied' END,
    (s.oid IS NOT NULL)::text,
    (c.relhasrules OR c.relrowsecurity OR EXISTS (SELECT FROM pg_trigger g WHERE g.tgrelid = c.oid AND NOT g.tgisinternal))::text,
    coalesce(nullif(t.typtypmod, -1), a.atttypmod)::int8
FROM (SELECT to_regclass('video_generation_jobs') AS oid) w
LEFT JOIN pg_class c ON c.oid = w.oid
LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_class r ON r.relnamespace = c.relnamespace AND r.relname = 'jobctl_run' AND r.relkind = 'r'
LEFT JOIN pg_class h ON h.relnamespace = c.relnamespace AND h.relname = 'jobctl_change' AND h.relkind = 'r'
LEFT JOIN pg_class s ON s.relnamespace = c.relnamespace AND s.relname = 'jobctl_setting' AND s.relkind = 'r'
LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_type b ON b.oid = nullif(t.typbasetype, 0)
LEFT JOIN pg_index k ON k.indrelid = c.oid AND k.indisprimary
ORDER BY a.attnum";

/// What was found where the table should be.
pub(in crate::repository::postgres) enum Looked {
    Table(JobTable),
    /// No table.
    Nothing {
        /// Whether there are others.
        others: bool,
        has_parents: bool,
    },
    /// The difference from a table that jobctl can work on, as the end of a sentence.
    Other(String),
}

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
    schema: String,
    pub(in crate::repository::postgres) history: HistoryTables,
    /// Whether the settings of the history are there.
    pub(in crate::repository::postgres) has_settings: bool,
    /// Whether triggers, rules or policies may store otherwise what is written.
    has_triggers: bool,
}

/// Whether the tables of the history stand beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::repository::postgres) enum HistoryTables {
    Missing,
    /// This user may not read them.
    Denied,
    There,
}

/// A row of `SHAPE`.
struct Seen {
    stored: Stored,
    is_computed: bool,
    is_key: bool,
}

pub(in crate::repository::postgres) fn look(session: &Session) -> Result<Looked> {
    let rows = session.rows("reading the columns of the table", SHAPE, &[])?;
    let is = |row: &Row, index| text(row, index).as_deref() == Some("true");
    let Some(first) = rows.first() else {
        return Ok(Looked::Nothing {
            others: false,
            has_parents: false,
        });
    };
    let has_parents = is(first, 7);
    match text(first, 0).as_deref() {
        None => {
            return Ok(Looked::Nothing {
                others: is(first, 8),
                has_parents,
            });
        }
        Some("r" | "p") => {}
        Some("v" | "m") => return Ok(Looked::Other("is a view, not a table".to_owned())),
        Some("f") => return Ok(Looked::Other("is a foreign table".to_owned())),
        Some(_) => return Ok(Looked::Other("is no table".to_owned())),
    }
    let keys = text(first, 6);
    let width = match value(first, 9) {
        Value::Integer(width) => width,
        _ => 0,
    };
    let seen: Vec<Seen> = rows
        .iter()
        .filter_map(|row| {
            let (base, modifier) = (text(row, 2)?, value(row, 14));
            Some(Seen {
                stored: Stored {
                    name: text(row, 1)?,
                    spelled: text(row, 3)?,
                    most: most(&modifier),
                    rounds: rounds(&base, &modifier),
                    base,
                },
                is_computed: is(row, 4),
                is_key: is(row, 5),
            })
        })
        .collect();
    Ok(match difference(&seen, keys.as_deref()) {
        Some(what) => Looked::Other(what),
        None => Looked::Table(JobTable {
            schema: text(first, 10).unwrap_or_default(),
            history: match text(first, 11).as_deref() {
                Some("there") => HistoryTables::There,
                Some("denied") => HistoryTables::Denied,
                _ => HistoryTables::Missing,
            },
            has_settings: is(first, 12),
            has_triggers: is(first, 13),
            ..JobTable::of(seen, has_parents, width)
        }),
    })
}

fn difference(seen: &[Seen], keys: Option<&str>) -> Option<String> {
    let find = |column: &Column| seen.iter().find(|it| it.stored.name == column.name());
    let missing: Vec<&str> = Column::ALL
        .iter()
        .filter(|column| find(column).is_none())
        .map(|column| column.name())
        .collect();
    match missing.as_slice() {
        [] => {}
        [one] => return Some(format!("lacks the column {one}")),
        [most @ .., last] => {
            return Some(format!("lacks the columns {} and {last}", most.join(", ")));
        }
    }
    let id_is_key = find(&Column::Id).is_some_and(|it| it.is_key);
    match (id_is_key, keys) {
        (true, Some("1")) => {}
        (true, _) => return Some("has a primary key of more columns than id".to_owned()),
        (false, _) => return Some("has no primary key on id".to_owned()),
    }
    Column::ALL.iter().find_map(|column| {
        let found = find(column)?;
        let name = column.name();
        if found.is_computed {
            return Some(format!(
                "computes the column {name}, which is to be written"
            ));
        }
        (!suits(column.content(), &found.stored.base)).then(|| {
            format!(
                "has {name} as {}, which is no type for it",
                found.stored.spelled
            )
        })
    })
}

/// Whether a column of this type holds such content.
fn suits(content: Content, base: &str) -> bool {
    match content {
        Content::Text(_) => !matches!(base, "bytea" | "json" | "jsonb"),
        Content::Json => matches!(base, "json" | "jsonb" | "text" | "varchar"),
        Content::Real | Content::Integer => matches!(
            base,
            "float8" | "float4" | "numeric" | "int2" | "int4" | "int8"
        ),
        Content::Time => matches!(base, "timestamp" | "timestamptz" | "date"),
    }
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
                rounds: false,
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
        }
    }

    fn of(seen: Vec<Seen>, has_parents: bool, width: i64) -> JobTable {
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
        let others = others.map(|it| holds(&it.base, it.most));
        Limits::of_table(
            |column| {
                let stored = self.stored(column);
                match column.content() {
                    Content::Text(_) => Holds::Text(stored.most),
                    Content::Json => Holds::Json,
                    Content::Real => Holds::Real,
                    Content::Integer => whole(&stored.base),
                    Content::Time => Holds::Time,
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
