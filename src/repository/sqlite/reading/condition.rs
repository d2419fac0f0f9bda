//! A `Filter` as a WHERE clause. Ranges over times are asked twice: roughly, as text, so that the index on
//! `created_at` serves; and exactly, through `jobctl_time`, because files hold many spellings of a time.

use std::collections::HashSet;

use chrono::{Datelike, Days};

use super::values::Bound;
use crate::job::filter::{SEARCHED, Word};
use crate::job::order::Cursor;
use crate::job::{Column, DECIDING, Filter, SIGNS, Status, Value};
use crate::repository::sqlite::connection::database::Sqlite;
use crate::repository::sqlite::connection::functions::{CONTAINS, FIRST_TIME, TIME};
use crate::repository::sqlite::connection::schema::TABLE;
use crate::time::Instant;

/// SQL text of conditions and the values bound in it.
#[derive(Clone, Debug, Default)]
pub(in crate::repository::sqlite) struct Condition {
    terms: Vec<String>,
    pub(in crate::repository::sqlite) values: Vec<Value>,
}

impl Condition {
    /// ` WHERE …`, or nothing.
    pub(in crate::repository::sqlite) fn clause(&self) -> String {
        if self.terms.is_empty() {
            String::new()
        } else {
            format!(" WHERE {}", self.terms.join(" AND "))
        }
    }

    pub(in crate::repository::sqlite) fn push(
        &mut self,
        term: impl Into<String>,
        values: impl IntoIterator<Item = Value>,
    ) {
        self.terms.push(term.into());
        self.values.extend(values);
    }

    /// The conditions of a filter. Columns in `plain` are kept from serving through their index
    /// (`+column`), where that index would fetch far too many rows.
    pub(in crate::repository::sqlite) fn of(filter: &Filter, plain: &[Column]) -> Condition {
        let mut condition = Condition::default();
        for (column, words) in &filter.any_of {
            let plus = if plain.contains(column) { "+" } else { "" };
            condition.one_of(&format!("{plus}{}", column.name()), words);
        }
        for word in &filter.not_status {
            let name = Column::Status.name();
            condition.push(format!("{name} IS NOT ?"), [word_value(word)]);
        }
        let created = Column::CreatedAt.name();
        if let Some(at) = filter.since {
            let day = at.date().checked_sub_days(Days::new(1));
            if let Some(day) = day.filter(|day| (0..=9999).contains(&day.year())) {
                condition.push(format!("{created} >= ?"), [day.to_string().into()]);
            }
            condition.push(format!("{TIME}({created}) >= ?"), [micros(at)]);
        }
        if let Some(at) = filter.until {
            // Beyond 9999 a date is written with a plus sign, and no longer sorts as text.
            let day = at.date().checked_add_days(Days::new(2));
            if let Some(day) = day.filter(|day| day.year() <= 9999) {
                condition.push(format!("{created} < ?"), [day.to_string().into()]);
            }
            condition.push(format!("{TIME}({created}) < ?"), [micros(at)]);
        }
        if let Some(at) = filter.aged_before {
            condition.first_before(DECIDING, at, filter.now);
        }
        if let Some(at) = filter.stuck_before {
            let processing = Value::from(Status::Processing.word());
            condition.push(format!("{} = ?", Column::Status.name()), [processing]);
            condition.first_before(SIGNS, at, filter.now);
        }
        if let Some(needle) = &filter.search {
            let needle = Value::from(needle.to_lowercase());
            let looks: Vec<String> = SEARCHED
                .iter()
                .map(|column| format!("{CONTAINS}({}, ?)", column.name()))
                .collect();
            condition.push(
                format!("({})", looks.join(" OR ")),
                std::iter::repeat_n(needle, SEARCHED.len()),
            );
        }
        condition
    }

    /// The first of the columns that holds a time to reckon with lies before.
    fn first_before(&mut self, columns: [Column; 3], at: Instant, now: Option<Instant>) {
        let names = columns.map(Column::name).join(", ");
        let now = now.map_or(Value::Null, micros);
        self.push(format!("{FIRST_TIME}({names}, ?) < ?"), [now, micros(at)]);
    }

    fn one_of(&mut self, name: &str, words: &[Word]) {
        let texts: Vec<Value> = words
            .iter()
            .flatten()
            .map(|word| Value::from(word.clone()))
            .collect();
        let marks = vec!["?"; texts.len()].join(", ");
        let term = match (texts.len(), words.contains(&None)) {
            (0, _) => format!("{name} IS NULL"),
            (1, false) => format!("{name} = ?"),
            (_, false) => format!("{name} IN ({marks})"),
            (_, true) => format!("({name} IN ({marks}) OR {name} IS NULL)"),
        };
        self.push(term, texts);
    }

    /// The bound values, in the order of their marks.
    pub(in crate::repository::sqlite) fn bound(&self) -> impl rusqlite::Params + '_ {
        rusqlite::params_from_iter(self.values.iter().map(Bound))
    }

    /// The rows behind a cursor, as one or two runs to be read one after the other: NULL is never
    /// less or greater, and stands first in an ascending order and last in a descending one.
    pub(in crate::repository::sqlite) fn behind(self, cursor: &Cursor) -> Vec<Condition> {
        let (column, id) = (cursor.order.column.name(), Column::Id.name());
        let than = if cursor.order.descending { "<" } else { ">" };
        let with = |term: String, values: Vec<Value>| {
            let mut condition = self.clone();
            condition.push(term, values);
            condition
        };
        let last_id = cursor.id.clone();
        if cursor.order.column == Column::Id {
            return vec![with(format!("{id} {than} ?"), vec![last_id])];
        }
        if cursor.value.is_null() {
            let nulls = with(format!("{column} IS NULL AND {id} {than} ?"), vec![last_id]);
            return if cursor.order.descending {
                vec![nulls]
            } else {
                vec![nulls, with(format!("{column} IS NOT NULL"), vec![])]
            };
        }
        let value = cursor.value.clone();
        let rest = with(
            format!("{column} {than}= ? AND ({column} {than} ? OR {id} {than} ?)"),
            vec![value.clone(), value, last_id],
        );
        if cursor.order.descending {
            vec![rest, with(format!("{column} IS NULL"), vec![])]
        } else {
            vec![rest]
        }
    }
}

fn micros(at: Instant) -> Value {
    Value::Integer(at.and_utc().timestamp_micros())
}

fn word_value(word: &Word) -> Value {
    word.clone().into()
}

/// The columns whose index would be worse than none for a newest-first page of `limit` rows: those where
/// so many rows match that walking the index on `created_at` finds a page sooner. With N rows of which
/// M match, the walk reads about `limit * N / M` rows and the other index M, so the break-even is at
/// M = sqrt(limit * N).
pub(in crate::repository::sqlite) fn unselective(
    sqlite: &Sqlite,
    filter: &Filter,
    limit: u64,
) -> rusqlite::Result<Vec<Column>> {
    let candidates = [Column::Status, Column::JobType];
    let words = |column: Column| filter.any_of.iter().find(|(key, _)| *key == column);
    if !candidates.iter().any(|column| words(*column).is_some()) {
        return Ok(Vec::new());
    }
    let indexed = indexed_columns(sqlite)?;
    if !indexed.contains(Column::CreatedAt.name()) {
        return Ok(Vec::new());
    }
    let rows: i64 = sqlite.connection.query_row(
        &format!("SELECT coalesce(max({}), 0) FROM {TABLE}", sqlite.rowid),
        [],
        |row| row.get(0),
    )?;
    let most = (limit as f64 * rows as f64).sqrt() as i64;
    let mut unselective = Vec::new();
    for column in candidates {
        let Some((_, words)) = words(column) else {
            continue;
        };
        if !indexed.contains(column.name()) {
            continue;
        }
        let mut condition = Condition::default();
        condition.one_of(column.name(), words);
        let sql = format!(
            "SELECT count(*) FROM (SELECT 1 FROM {TABLE}{} LIMIT {})",
            condition.clause(),
            most.saturating_add(1)
        );
        let matching: i64 = sqlite
            .connection
            .prepare_cached(&sql)?
            .query_row(condition.bound(), |row| row.get(0))?;
        if matching > most {
            unselective.push(column);
        }
    }
    Ok(unselective)
}

/// The first columns of the table's indexes.
pub(in crate::repository::sqlite) fn indexed_columns(
    sqlite: &Sqlite,
) -> rusqlite::Result<HashSet<String>> {
    let sql = format!(
        "SELECT columns.name FROM pragma_index_list('{TABLE}') AS list, \
         pragma_index_info(list.name) AS columns \
         WHERE columns.seqno = 0 AND list.partial = 0 AND columns.name IS NOT NULL"
    );
    let mut statement = sqlite.connection.prepare_cached(&sql)?;
    statement.query_map([], |row| row.get(0))?.collect()
}
