//! The fixes of rows: what is to be written is found while the file is read for a moment, and written in transactions that hold
//! the lock for about 50 ms, to rows that are still as they were read.

use std::collections::{HashSet, VecDeque};

use rusqlite::params_from_iter;

use super::rows;
use crate::job::checkup::{Cell, CheckupTerms, Judge, Row, fixes};
use crate::job::{Column, Value};
use crate::repository::sqlite::connection::database::Sqlite;
use crate::repository::sqlite::connection::schema::TABLE;
use crate::repository::sqlite::reading::values::Bound;
use crate::repository::sqlite::writing::table_rules::Tried;
use crate::repository::sqlite::writing::transactions::Transactions;
use crate::repository::{Fix, FixTerms, Result};

const FIXING: &str = "fixing jobs";

/// A row that is to be changed.
struct Planned {
    row: i64,
    /// What each column holds, and what it is to hold.
    columns: Vec<(Column, Value, Value)>,
}

/// Finds what is to be changed.
struct Finder<'a> {
    fix: FixTerms<'a>,
    found: VecDeque<Planned>,
}

impl Judge for Finder<'_> {
    fn judge(&mut self, row: &Row<'_>) {
        let fixes = fixes(self.fix.check, row, self.fix.terms);
        if fixes.is_empty() {
            return;
        }
        let columns = fixes.into_iter().map(|(column, new)| {
            let old = match row.get(column) {
                Cell::Text(text) => String::from_utf8_lossy(text).into_owned().into(),
                _ => Value::Null,
            };
            (column, old, Value::Text(new))
        });
        self.found.push_back(Planned {
            row: row.name.1,
            columns: columns.collect(),
        });
    }
}

pub(super) fn fix(
    sqlite: &Sqlite,
    fix: FixTerms<'_>,
    goes_on: &mut dyn FnMut() -> bool,
) -> Result<Fix> {
    let mut done = Fix::default();
    let mut transactions = Transactions::begin(sqlite)?;
    let careful = sqlite.has_triggers()?;
    let mut next = Some(i64::MIN);
    let terms: &CheckupTerms = fix.terms;
    let statement = rows::RowsStatement::of(sqlite, terms)?;
    while let Some(from) = next {
        if !goes_on() {
            done.stopped = true;
            break;
        }
        let mut finder = Finder {
            fix,
            found: VecDeque::new(),
        };
        next = sqlite.settled(|| {
            let read = statement.slice(sqlite, from..=i64::MAX, false, &mut finder);
            read.map_err(sqlite.explain(FIXING))
        })?;
        if fix.dry_run {
            done.count += finder.found.len() as u64;
            continue;
        }
        let written = write(sqlite, &mut transactions, careful, finder.found, &mut done);
        if written.is_err() {
            transactions.abandon(sqlite);
        }
        written?;
    }
    Ok(done)
}

fn write(
    sqlite: &Sqlite,
    transactions: &mut Transactions,
    careful: bool,
    mut planned: VecDeque<Planned>,
    done: &mut Fix,
) -> Result<()> {
    // The rows for which a rule of the table took a transaction back.
    let mut costly = HashSet::new();
    while !planned.is_empty() {
        transactions.open(sqlite)?;
        let (mut count, mut left) = (0, 0);
        let mut written = Vec::new();
        let mut is_lost = false;
        while !transactions.is_over()
            && let Some(one) = planned.pop_front()
        {
            if costly.contains(&one.row) {
                left += 1;
                continue;
            }
            match write_one(sqlite, careful, &one)? {
                Tried::Done(0) | Tried::Refused(_) => left += 1,
                Tried::Done(_) => {
                    count += 1;
                    written.push(one);
                }
                Tried::TookBack(_) => {
                    costly.insert(one.row);
                    written.push(one);
                    is_lost = true;
                    break;
                }
            }
        }
        if is_lost {
            transactions.abandon(sqlite);
            for one in written.into_iter().rev() {
                planned.push_front(one);
            }
        } else {
            transactions.commit(sqlite, FIXING)?;
            done.count += count;
        }
        done.left += left;
    }
    Ok(())
}

/// Writes one row if it is still as it was read.
fn write_one(sqlite: &Sqlite, careful: bool, one: &Planned) -> Result<Tried> {
    let names = one.columns.iter().map(|(column, ..)| column.name());
    let set: Vec<String> = names.clone().map(|name| format!("{name} = ?")).collect();
    let is: Vec<String> = names.map(|name| format!("{name} IS ?")).collect();
    let sql = format!(
        "UPDATE {TABLE} SET {} WHERE {} = ? AND {}",
        set.join(", "),
        sqlite.rowid,
        is.join(" AND ")
    );
    let row = Value::Integer(one.row);
    let values = one
        .columns
        .iter()
        .map(|(_, _, new)| Bound(new))
        .chain(std::iter::once(Bound(&row)))
        .chain(one.columns.iter().map(|(_, old, _)| Bound(old)));
    sqlite.attempt(careful, FIXING, || {
        let mut statement = sqlite.connection.prepare_cached(&sql)?;
        statement.execute(params_from_iter(values))
    })
}
