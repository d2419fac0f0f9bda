//! A `Filter` as a WHERE clause that means exactly what `Filter::matches` means, but for its search: what is the same text in
//! another case is a question to Unicode, which each server answers by its own locale. Rows are searched here.

use chrono::{NaiveDate, NaiveDateTime};

use crate::job::filter::Word;
use crate::job::order::{Cursor, Order};
use crate::job::{Column, DECIDING, Filter, SIGNS, Status, Value};
use crate::repository::postgres::connection::job_table::JobTable;
use crate::repository::postgres::connection::values::Argument;
use crate::time::{self, Instant};

/// SQL text of conditions and the values bound in it.
pub(in crate::repository::postgres) struct Predicate<'a> {
    table: &'a JobTable,
    terms: Vec<String>,
    pub(in crate::repository::postgres) arguments: Vec<Argument>,
}

/// The first time that the service could store, and the first behind the last one.
fn storable_range() -> [Option<Instant>; 2] {
    let midnight = |year| NaiveDate::from_ymd_opt(year, 1, 1)?.and_hms_opt(0, 0, 0);
    [midnight(1), midnight(10_000)]
}

impl<'a> Predicate<'a> {
    pub(in crate::repository::postgres) fn none(table: &'a JobTable) -> Predicate<'a> {
        Predicate {
            table,
            terms: Vec::new(),
            arguments: Vec::new(),
        }
    }

    /// The conditions of a filter but for its search.
    pub(in crate::repository::postgres) fn of(
        table: &'a JobTable,
        filter: &Filter,
    ) -> Predicate<'a> {
        let mut predicate = Predicate::none(table);
        for (column, words) in &filter.any_of {
            let term = predicate.one_of(*column, words);
            predicate.push(term);
        }
        if !filter.not_status.is_empty() {
            let term = predicate.one_of(Column::Status, &filter.not_status);
            predicate.push(format!("{term} IS NOT TRUE"));
        }
        if filter.since.is_some() || filter.until.is_some() {
            let [first, end] = storable_range();
            let created = table.expression(Column::CreatedAt);
            let (since, until) = (filter.since.or(first), filter.until.or(end));
            let (since, until) = (predicate.time(since), predicate.time(until));
            predicate.push(format!("{created} >= {since} AND {created} < {until}"));
        }
        if let Some(at) = filter.aged_before {
            predicate.first_before(DECIDING, at, filter.now);
        }
        if let Some(at) = filter.stuck_before {
            let status = table.as_text(Column::Status);
            let word = predicate.bind(Argument::text(Status::Processing.word()));
            predicate.push(format!("{status} = {word}"));
            predicate.first_before(SIGNS, at, filter.now);
        }
        predicate
    }

    /// ` WHERE …`, or nothing.
    pub(in crate::repository::postgres) fn clause(&self) -> String {
        if self.terms.is_empty() {
            String::new()
        } else {
            format!(" WHERE {}", self.terms.join(" AND "))
        }
    }

    pub(in crate::repository::postgres) fn push(&mut self, term: impl Into<String>) {
        self.terms.push(term.into());
    }

    /// Binds a value, and gives its mark.
    pub(in crate::repository::postgres) fn bind(&mut self, argument: Argument) -> String {
        self.arguments.push(argument);
        format!("${}", self.arguments.len())
    }

    fn time(&mut self, at: Option<NaiveDateTime>) -> String {
        self.bind(Argument::Time(at))
    }

    /// Whether a column holds one of these words.
    fn one_of(&mut self, column: Column, words: &[Word]) -> String {
        let name = self.table.as_text(column);
        // No text of the server holds a NUL.
        let can_be = |word: &&String| !word.contains('\0');
        let texts: Vec<String> = words.iter().flatten().filter(can_be).cloned().collect();
        // An index gives its further columns in order behind one value, and not behind a list of one.
        if let ([text], false) = (texts.as_slice(), words.contains(&None)) {
            let mark = self.bind(Argument::text(text.clone()));
            return format!("({name} = {mark})");
        }
        let marks = self.bind(Argument::Texts(texts));
        if words.contains(&None) {
            format!("({name} = ANY ({marks}) OR {name} IS NULL)")
        } else {
            format!("({name} = ANY ({marks}))")
        }
    }

    /// The first of the columns that holds a time to reckon with lies before.
    fn first_before(&mut self, columns: [Column; 3], at: Instant, now: Option<Instant>) {
        let [first, end] = storable_range();
        let likely = NaiveDate::from_ymd_opt(2000, 1, 1).and_then(|day| day.and_hms_opt(0, 0, 0));
        let until = now.and_then(time::first_unlikely).or(end);
        let [first, end, likely, until, at] =
            [first, end, likely, until, Some(at)].map(|at| self.time(at));
        let mut deciding = "NULL::timestamp".to_owned();
        for column in columns.into_iter().rev() {
            let name = self.table.expression(column);
            // One that cannot be read says nothing of the next.
            deciding = format!(
                "CASE WHEN {name} < {first} OR {name} >= {end} THEN NULL \
                 WHEN {name} >= {likely} AND {name} < {until} THEN {name} ELSE {deciding} END"
            );
        }
        self.push(format!("{deciding} < {at}"));
    }

    /// Behind the job at which a page ended; None where its value can be none of the column.
    pub(in crate::repository::postgres) fn behind(
        &mut self,
        cursor: &Cursor,
        order: Order,
    ) -> Option<()> {
        let id = self.table.sorted(Column::Id);
        let beyond = if order.descending { "<" } else { ">" };
        let last = match &cursor.id {
            Value::Text(text) => Argument::text(text.clone()),
            _ => return None,
        };
        if order.column == Column::Id {
            let last = self.bind(last);
            self.push(format!("{id} {beyond} {last}"));
            return Some(());
        }
        let name = self.table.sorted(order.column);
        let value = match (&cursor.value, order.column) {
            (Value::Null, _) => None,
            (Value::Text(_), column) if column.is_time() => {
                Some(Argument::Time(Some(cursor.value.time()?)))
            }
            (Value::Text(text), _) => Some(Argument::text(text.clone())),
            (Value::Integer(number), _) => Some(Argument::Real(Some(*number as f64))),
            (Value::Real(number), _) => Some(Argument::Real(Some(*number))),
            _ => return None,
        };
        let last = self.bind(last);
        let tie = format!("{id} {beyond} {last}");
        let term = match (value, order.descending) {
            (None, true) => format!("({name} IS NULL AND {tie})"),
            (None, false) => format!("({name} IS NOT NULL OR {tie})"),
            (Some(value), descending) => {
                let value = self.bind(value);
                let nulls = if descending {
                    format!(" OR {name} IS NULL")
                } else {
                    String::new()
                };
                format!("({name} {beyond} {value} OR {name} = {value} AND {tie}{nulls})")
            }
        };
        self.push(term);
        Some(())
    }
}

/// ` ORDER BY …`: NULL first ascending and last descending, and ties by id.
pub(in crate::repository::postgres) fn ordered(table: &JobTable, order: Order) -> String {
    let (direction, nulls) = if order.descending {
        ("DESC", "NULLS LAST")
    } else {
        ("ASC", "NULLS FIRST")
    };
    let id = table.sorted(Column::Id);
    if order.column == Column::Id {
        return format!(" ORDER BY {id} {direction}");
    }
    let name = table.sorted(order.column);
    format!(" ORDER BY {name} {direction} {nulls}, {id} {direction}")
}
