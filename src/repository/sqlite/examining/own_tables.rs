//! The check of jobctl's own tables, which hold the history, and its fix. No job depends on them.

use crate::job::checkup::{Check, Finding, Occurrences, Severity, Wanted};
use crate::repository::change_log::numbers::PIECE_BITS;
use crate::repository::sqlite::connection::database::Sqlite;
use crate::repository::sqlite::connection::schema::table_exists;
use crate::repository::sqlite::history::lifetime::{self, SETTINGS, SaidLifetime};
use crate::repository::sqlite::history::tables::{CHANGES, INDEX, MAKE_INDEX, RUNS};
use crate::repository::sqlite::writing::write::begin_writing;
use crate::repository::{Fix, FixTerms, Result};

const CHECKING: &str = "checking the history";

/// The columns without which the history cannot be read.
const SHAPES: [(&str, &str); 2] = [
    (
        RUNS,
        "SELECT id, at, command, argv, created, updated, deleted, kept, why_not, undoes, undone_by FROM main.jobctl_run LIMIT 0",
    ),
    (
        CHANGES,
        "SELECT id, job, count, keys, data FROM main.jobctl_change LIMIT 0",
    ),
];

/// The most changes that are removed in one transaction.
const MOST: i64 = 1000;

/// What is wrong with them.
#[derive(Default)]
struct State {
    shape: Occurrences,
    /// True when the time for which runs are kept is none.
    bad_lifetime: bool,
    lacks_index: bool,
    /// The number of changes that belong to no run.
    orphans: i64,
}

fn state(sqlite: &Sqlite) -> rusqlite::Result<State> {
    let connection = &sqlite.connection;
    let mut state = State::default();
    if table_exists(connection, SETTINGS)? && connection.prepare(lifetime::SHAPE).is_err() {
        state.shape.add(|| format!("{SETTINGS} has other columns"));
    } else {
        state.bad_lifetime = lifetime::said(connection)? == SaidLifetime::Unreadable;
    }
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
    format!("(id >> {}) NOT IN (SELECT id FROM main.{RUNS})", PIECE_BITS)
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
            "A table in which jobctl keeps what its commands changed is not as jobctl makes it. Changes may no longer be kept, so that undo cannot take them back, or not for as long as was said. No job depends on it.",
            "another program may have made it: sqlite3 FILE '.schema jobctl_*' shows it; rename or drop jobctl_run and jobctl_change, or jobctl_setting; new ones are made by themselves",
        );
        return Ok(finding.into_iter().collect());
    }
    let mut tally = Occurrences::default();
    if state.lacks_index {
        tally.add(|| format!("the index {INDEX} is missing"));
    }
    if state.bad_lifetime {
        tally.add(|| format!("{SETTINGS} says no age, so that runs are kept for 7 days"));
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
    done.count = [found.lacks_index, found.orphans > 0, found.bad_lifetime]
        .into_iter()
        .map(u64::from)
        .sum();
    if fix.dry_run {
        return Ok(done);
    }
    if found.lacks_index {
        let transaction = begin_writing(sqlite)?;
        sqlite
            .connection
            .execute_batch(MAKE_INDEX)
            .map_err(&explain)?;
        transaction.commit(CHECKING)?;
    }
    if found.bad_lifetime {
        let transaction = begin_writing(sqlite)?;
        lifetime::forget(&sqlite.connection).map_err(&explain)?;
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
