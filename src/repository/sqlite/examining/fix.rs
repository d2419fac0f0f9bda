//! The fixes: rows in short transactions, indexes in one each, and what SQLite knows of them.

use std::time::{Duration, Instant};

use super::wished::Wished;
use super::{fix_rows, indexes, own_tables, rows};
use crate::job::Filter;
use crate::job::checkup::{Check, Judge, Row};
use crate::repository::sqlite::connection::database::Sqlite;
use crate::repository::sqlite::connection::schema::TABLE;
use crate::repository::sqlite::reading::stream;
use crate::repository::sqlite::writing::write::begin_writing;
use crate::repository::{Fix, FixTerms, Result};

const MAKING: &str = "making an index";
const COUNTING: &str = "counting what the indexes hold";

/// The most entries of an index that are looked at for what SQLite knows of it.
const SAMPLE: i64 = 1000;

/// The time in which an entry of an index is sorted and written, beside that of reading its row.
const ENTRY: Duration = Duration::from_nanos(1500);

pub(super) fn fix(
    sqlite: &mut Sqlite,
    fix: FixTerms<'_>,
    goes_on: &mut dyn FnMut() -> bool,
) -> Result<Fix> {
    match fix.check {
        Check::MissingIndex => make_indexes(sqlite, fix, goes_on),
        Check::Statistics => analyze(sqlite, fix),
        Check::OwnTables => own_tables::fix(sqlite, fix, goes_on),
        _ => fix_rows::fix(sqlite, fix, goes_on),
    }
}

/// The indexes that are to be made.
fn wished(sqlite: &Sqlite, fix: FixTerms<'_>) -> Result<Vec<&'static Wished>> {
    let explain = sqlite.explain(MAKING);
    let missing = sqlite.settled(|| indexes::missing(sqlite).map_err(&explain))?;
    let count = stream::count(sqlite, &Filter::default())?;
    Ok(indexes::wished(missing, fix.terms.wanted, count))
}

fn make_indexes(
    sqlite: &Sqlite,
    fix: FixTerms<'_>,
    goes_on: &mut dyn FnMut() -> bool,
) -> Result<Fix> {
    let explain = sqlite.explain(MAKING);
    let mut made = Fix::default();
    for wished in wished(sqlite, fix)? {
        if fix.dry_run {
            made.count += 1;
            continue;
        }
        if !goes_on() {
            made.stopped = true;
            break;
        }
        sqlite.pace.rest();
        let transaction = begin_writing(sqlite)?;
        let mut hold = sqlite.pace.hold(false);
        sqlite
            .connection
            .execute_batch(&wished.sql())
            .map_err(&explain)?;
        sqlite.recorder.note_index(format!("+{}", wished.name));
        hold.committing();
        transaction.commit(MAKING)?;
        sqlite.pace.end(&hold);
        made.count += 1;
    }
    Ok(made)
}

fn analyze(sqlite: &Sqlite, fix: FixTerms<'_>) -> Result<Fix> {
    let done = Fix {
        count: 1,
        ..Fix::default()
    };
    if fix.dry_run {
        return Ok(done);
    }
    let explain = sqlite.explain(COUNTING);
    sqlite.pace.rest();
    sqlite
        .connection
        .pragma_update(None, "analysis_limit", SAMPLE)
        .map_err(&explain)?;
    let transaction = begin_writing(sqlite)?;
    let analyze = format!("ANALYZE {TABLE}");
    sqlite
        .connection
        .execute_batch(&analyze)
        .map_err(&explain)?;
    transaction.commit(COUNTING)?;
    Ok(done)
}

/// Counts rows until enough have been read.
struct Probe(u64);

impl Judge for Probe {
    fn judge(&mut self, _: &Row<'_>) {
        self.0 += 1;
    }
}

pub(super) fn time(sqlite: &Sqlite, fix: FixTerms<'_>) -> Result<Duration> {
    if fix.check != Check::MissingIndex {
        return Ok(Duration::ZERO);
    }
    // The longest transaction counts, and all of them read the whole table.
    if wished(sqlite, fix)?.is_empty() {
        return Ok(Duration::ZERO);
    }
    let count = stream::count(sqlite, &Filter::default())?;
    let mut probe = Probe(0);
    let begun = Instant::now();
    rows::pass_some(sqlite, fix.terms, &mut probe)?;
    let row = begun.elapsed().div_f64(probe.0.max(1) as f64);
    Ok((row + ENTRY).mul_f64(count as f64))
}
