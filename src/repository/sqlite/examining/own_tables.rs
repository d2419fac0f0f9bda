//! The check of jobctl's own tables, which hold the history, and its fix. No job depends on them.

use crate::job::checkup::{Check, Finding, Occurrences, Severity, Wanted};
use crate::repository::sqlite::connection::database::Sqlite;
use crate::repository::sqlite::connection::schema::table_exists;
use crate::repository::sqlite::history::tables::{self, CHANGES, RUNS};
use crate::repository::sqlite::writing::write::begin_writing;
use crate::repository::{Fix, FixTerms, Result};

const CHECKING: &str = "checking the history";

/// The columns without which the history cannot be read.
const SHAPES: [(&str, &str); 2] = [
    (
        RUNS,
        "SELECT id, at, command, argv, created, updated, deleted, kept, why_not, undoes, undone_by, indexes FROM main.jobctl_run LIMIT 0",
    ),
    (
        CHANGES,
        "SELECT id, job, count, keys, data FROM main.jobctl_change LIMIT 0",
    ),
];

const INDEX: &str = "jobctl_change_job";

/// The most changes that are removed in one transaction.
const MOST: i64 = 1000;

/// What is wrong with them.
#[derive(Default)]
struct State {
    shape: Occurrences,
    lacks_index: bool,
    /// The number of changes that belong to no run.
    orphans: i64,
}

fn state(sqlite: &Sqlite) -> rusqlite::Result<State> {
    let connection = &sqlite.connection;
    let mut state = State::default();
    let mut there = 0;
    for (table, _) in SHAPES {
        there += u8::from(table_exists(connection, table)?);
    }
    if there == 0 {
        return Ok(state);
    }
    for (table, sql) in SHAPES {
        if !table_exists(connection, table)? {
            state.shape.add(|| format!("{table} is missing"));
        } else if connection.prepare(sql).is_err() {
            state.shape.add(|| format!("{table} has other columns"));
        }
    }
    if state.shape.count > 0 {
        return Ok(state);
    }
    let sql = "SELECT 1 FROM main.sqlite_schema WHERE type = 'index' AND name = ?";
    state.lacks_index = !connection.prepare(sql)?.exists([INDEX])?;
    let sql = format!("SELECT count(*) FROM main.{CHANGES} WHERE {}", orphans());
    state.orphans = connection.query_row(&sql, [], |row| row.get(0))?;
    Ok(state)
}

/// The condition for changes of no run.
fn orphans() -> String {
    format!(
        "(id >> {}) NOT IN (SELECT id FROM main.{RUNS})",
        tables::PIECE_BITS
    )
}

pub(super) fn check(sqlite: &Sqlite, wanted: Wanted) -> Result<Vec<Finding>> {
    if !wanted.has(Check::OwnTables) {
        return Ok(Vec::new());
    }
    let state = sqlite.settled(|| state(sqlite).map_err(sqlite.explain(CHECKING)))?;
    if state.shape.count > 0 {
        let finding = state.shape.finding(
            Check::OwnTables,
            Severity::Warning,
            "A table in which jobctl keeps what its commands changed is not as jobctl makes it. Changes are no longer kept, so undo cannot take them back. No job depends on it.",
            "another program may have made it: look at it, and then rename or drop both tables, jobctl_run and jobctl_change; new ones are made by themselves",
        );
        return Ok(finding.into_iter().collect());
    }
    let mut tally = Occurrences::default();
    if state.lacks_index {
        tally.add(|| format!("the index {INDEX} is missing"));
    }
    if state.orphans > 0 {
        tally.add(|| format!("{} kept changes of no run", state.orphans));
    }
    let finding = tally.finding(
        Check::OwnTables,
        Severity::Warning,
        "The tables in which jobctl keeps what its commands changed have been touched by somebody else: a part of the history cannot be used, takes space, or is slow to read. No job depends on it.",
        "jobctl doctor --fix own-tables",
    );
    Ok(finding.into_iter().collect())
}

pub(super) fn fix(
    sqlite: &Sqlite,
    fix: FixTerms<'_>,
    goes_on: &mut dyn FnMut() -> bool,
) -> Result<Fix> {
    let explain = sqlite.explain(CHECKING);
    let found = sqlite.settled(|| state(sqlite).map_err(&explain))?;
    let mut done = Fix::default();
    if found.shape.count > 0 {
        return Ok(done);
    }
    done.count = u64::from(found.lacks_index) + u64::from(found.orphans > 0);
    if fix.dry_run {
        return Ok(done);
    }
    if found.lacks_index {
        let transaction = begin_writing(sqlite)?;
        let sql = format!("CREATE INDEX IF NOT EXISTS main.{INDEX} ON {CHANGES} (job)");
        sqlite.connection.execute_batch(&sql).map_err(&explain)?;
        transaction.commit(CHECKING)?;
    }
    let sql = format!(
        "DELETE FROM main.{CHANGES} WHERE id IN (SELECT id FROM main.{CHANGES} WHERE {} LIMIT {MOST})",
        orphans()
    );
    let mut more = found.orphans > 0;
    while more {
        if !goes_on() {
            done.stopped = true;
            break;
        }
        sqlite.pace.rest();
        let transaction = begin_writing(sqlite)?;
        let mut hold = sqlite.pace.hold(false);
        let gone = sqlite.connection.execute(&sql, []).map_err(&explain)?;
        hold.committing();
        transaction.commit(CHECKING)?;
        sqlite.pace.end(&hold);
        more = gone > 0;
    }
    Ok(done)
}
