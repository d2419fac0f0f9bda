//! The pass over all rows. The server shows those alone in which a check may find something, and counts the others: that is a third
//! of the time of sending them all.

use super::damage;
use super::suspicion::{IdTest, Suspicion};
use crate::job::checkup::{Cell, CheckupTerms, Judge, Row};
use crate::job::{Column, Filter, Value};
use crate::repository::postgres::connection::database::Postgres;
use crate::repository::postgres::connection::job_table::TABLE;
use crate::repository::postgres::connection::values::value;
use crate::repository::postgres::reading::condition::Predicate;
use crate::repository::postgres::reading::stream;
use crate::repository::postgres::writing::transaction::OpenTransaction;
use crate::repository::{Passed, Result};

const READING: &str = "reading all jobs";

pub(super) fn pass(
    postgres: &Postgres,
    terms: &CheckupTerms,
    judge: &mut dyn Judge,
) -> Result<Passed> {
    let ids = IdTest::of(postgres, terms)?;
    let _reading = OpenTransaction::begin_reading(postgres);
    let mut shown = 0;
    let read = each(postgres, terms, ids, &mut |row| {
        shown += 1;
        judge.judge(row);
    });
    let count = read.and_then(|()| stream::count(postgres, &Filter::default()));
    Ok(match damage::met(count)? {
        Err(damage) => Passed {
            damage: Some(damage),
            ..Passed::default()
        },
        Ok(count) => Passed {
            damage: None,
            is_still: true,
            unshown: count.saturating_sub(shown),
        },
    })
}

/// Shows each row in which one of the wanted checks may find something.
pub(super) fn each(
    postgres: &Postgres,
    terms: &CheckupTerms,
    ids: IdTest,
    show: &mut dyn FnMut(&Row<'_>),
) -> Result<()> {
    let mut predicate = Predicate::none(&postgres.table);
    let suspicion = Suspicion::of(postgres, terms, ids, &mut predicate)?;
    let Some(condition) = &suspicion.condition else {
        return Ok(());
    };
    let list: Vec<&str> = suspicion
        .columns
        .iter()
        .map(|(_, sql)| sql.as_str())
        .chain(suspicion.orphans.iter().map(|(_, sql)| sql.as_str()))
        .collect();
    let sql = format!("SELECT {} FROM {TABLE} WHERE {condition}", list.join(", "));
    let session = &postgres.session;
    session.each(READING, &sql, &predicate.arguments, &mut |found| {
        let count = suspicion.columns.len();
        let values: Vec<Value> = (0..count).map(|index| value(found, index)).collect();
        let mut cells = [Cell::Null; Column::COUNT];
        for ((column, _), value) in suspicion.columns.iter().zip(&values) {
            cells[*column as usize] = match value {
                // A database without an encoding gives the bytes of its texts.
                Value::Blob(bytes) => Cell::Text(bytes),
                value => Cell::from(value),
            };
        }
        let mut orphan = [None; 2];
        for (index, (column, _)) in suspicion.orphans.iter().enumerate() {
            let is_orphan = value(found, count + index) == Value::Integer(1);
            orphan[index] = is_orphan.then_some(*column);
        }
        show(&Row {
            cells,
            name: ("row", 0),
            orphan,
        });
        Ok(true)
    })
}
