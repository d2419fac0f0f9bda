//! A `Filter` as a WHERE clause. Ranges over times are asked twice: roughly, as text, so that the index on
//! `created_at` serves; and exactly, through `jobctl_time_between`, because files hold many spellings of a time, and
//! texts that are none.

use std::collections::HashSet;

use chrono::{Datelike, Days, NaiveDate};

use super::values::Bound;
use crate::job::filter::{SEARCHED, Word};
use crate::job::{Column, DECIDING, Filter, SIGNS, Status, Value};
use crate::repository::sqlite::connection::database::Sqlite;
use crate::repository::sqlite::connection::functions::{CONTAINS, FIRST_BEFORE, TIME_BETWEEN};
use crate::repository::sqlite::connection::schema::TABLE;
use crate::time::{self, Instant};

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

    /// The conditions of a filter. Columns in `unindexed` are kept from serving through their index
    /// (`+column`), where that index would fetch far too many rows.
    pub(in crate::repository::sqlite) fn of(filter: &Filter, unindexed: &[Column]) -> Condition {
        let mut condition = Condition::default();
        for (column, words) in &filter.any_of {
            let plus = if unindexed.contains(column) { "+" } else { "" };
            condition.push_one_of(&format!("{plus}{}", column.name()), words);
        }
        for word in &filter.not_status {
            let name = Column::Status.name();
            condition.push(format!("{name} IS NOT ?"), [word_value(word)]);
        }
        condition.created_between(filter.since, filter.until);
        if let Some(at) = filter.aged_before {
            condition.first_before(DECIDING, at, filter.now);
        }
        if let Some(at) = filter.stuck_before {
            let processing = Value::from(Status::Processing.word());
            let plus = if unindexed.contains(&Column::Status) {
                "+"
            } else {
                ""
            };
            condition.push(format!("{plus}{} = ?", Column::Status.name()), [processing]);
            condition.first_before(SIGNS, at, filter.now);
        }
        if let Some(needle) = &filter.search {
            let names = SEARCHED.map(Column::name).join(", ");
            let term = format!("{CONTAINS}({names}, ?)");
            condition.push(term, [needle.folded().into()]);
        }
        condition
    }

    /// Created at or after the first, and before the second.
    fn created_between(&mut self, since: Option<Instant>, until: Option<Instant>) {
        if since.is_none() && until.is_none() {
            return;
        }
        let created = Column::CreatedAt.name();
        let (low, high) = day_range(since, until);
        if let Some(day) = low {
            self.push(format!("{created} >= ?"), [day.into()]);
        }
        if let Some(day) = high {
            self.push(format!("{created} < ?"), [day.into()]);
        }
        let term = format!("{TIME_BETWEEN}({created}, ?, ?)");
        self.push(term, [bound(since), bound(until)]);
    }

    /// The first of the columns that holds a time to reckon with lies before.
    fn first_before(&mut self, columns: [Column; 3], at: Instant, now: Option<Instant>) {
        let names = columns.map(Column::name).join(", ");
        let end = now.and_then(time::first_unlikely);
        let term = format!("{FIRST_BEFORE}({names}, ?, ?)");
        self.push(term, [bound(end), bound(Some(at))]);
    }

    /// One of these words in a column.
    pub(in crate::repository::sqlite) fn one_of(column: Column, words: &[Word]) -> Condition {
        let mut condition = Condition::default();
        condition.push_one_of(column.name(), words);
        condition
    }

    fn push_one_of(&mut self, name: &str, words: &[Word]) {
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

    /// Adds the terms of another one.
    pub(in crate::repository::sqlite) fn append(&mut self, other: Condition) {
        self.terms.extend(other.terms);
        self.values.extend(other.values);
    }
}

/// The texts from and below which all spellings of times of a range lie.
pub(super) fn day_range(
    since: Option<Instant>,
    until: Option<Instant>,
) -> (Option<String>, Option<String>) {
    // Beyond 9999 a date is written with a plus sign, and no longer sorts as text.
    let spelled = |day: NaiveDate| (0..=9999).contains(&day.year()).then(|| day.to_string());
    // An offset moves a time by less than a day.
    let low = since.and_then(|at| at.date().checked_sub_days(Days::new(1)));
    let high = until.and_then(|at| at.date().checked_add_days(Days::new(2)));
    (low.and_then(spelled), high.and_then(spelled))
}

fn bound(at: Option<Instant>) -> Value {
    at.map(time::bound).into()
}

fn word_value(word: &Word) -> Value {
    word.clone().into()
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use rusqlite::Connection;

    use super::*;
    use crate::repository::sqlite::connection::{functions, schema};

    fn plan(filter: &Filter, select: &str, order: &str) -> String {
        let connection = Connection::open_in_memory().unwrap();
        functions::register(&connection).unwrap();
        connection.execute_batch(schema::STEPS[0]).unwrap();
        let condition = Condition::of(filter, &[]);
        let clause = condition.clause();
        let sql = format!("EXPLAIN QUERY PLAN SELECT {select} FROM {TABLE}{clause}{order}");
        let mut statement = connection.prepare(&sql).unwrap();
        let steps = statement.query_map(condition.bound(), |row| row.get(3));
        let steps: Vec<String> = steps.unwrap().map(Result::unwrap).collect();
        steps.join("; ")
    }

    #[test]
    fn a_range_of_times_is_a_range_of_the_index() {
        let at = |text| time::parse_stored(text);
        let ranges = [
            (at("2026-01-02"), None, "(created_at>?)"),
            (None, at("2026-02-03"), "(created_at<?)"),
            (
                at("2026-01-02"),
                at("2026-02-03"),
                "(created_at>? AND created_at<?)",
            ),
        ];
        for (since, until, range) in ranges {
            let filter = Filter {
                since,
                until,
                ..Filter::default()
            };
            let count = plan(&filter, "count(*)", "");
            let from_index_alone =
                format!("SEARCH {TABLE} USING COVERING INDEX idx_job_created {range}");
            assert_eq!(count, from_index_alone);
            let newest = " ORDER BY created_at DESC, id DESC LIMIT 50";
            let page = plan(&filter, "id, status", newest);
            let along_index = format!("SEARCH {TABLE} USING INDEX idx_job_created {range}");
            assert!(page.starts_with(&along_index), "{page}");
        }
    }

    #[test]
    fn stuck_jobs_are_sought_among_those_that_run() {
        let filter = Filter {
            stuck_before: time::parse_stored("2026-01-02"),
            ..Filter::default()
        };
        let count = plan(&filter, "count(*)", "");
        let among_running = format!("SEARCH {TABLE} USING INDEX idx_job_status (status=?)");
        assert_eq!(count, among_running);
    }
}
