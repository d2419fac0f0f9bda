//! The check of jobctl's own tables, which hold the history, and its fix. No job depends on them.

use crate::job::checkup::{Check, Finding, Wanted};
use crate::repository::change_log::numbers::PIECE_BITS;
use crate::repository::change_log::tables_state::TablesState;
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

fn state(sqlite: &Sqlite) -> rusqlite::Result<TablesState> {
    let connection = &sqlite.connection;
    let mut state = TablesState::default();
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
    let is_there = connection.prepare(sql)?.exists([INDEX])?;
    state.lacks_index = (!is_there).then_some(INDEX);
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
    let finding = state.finding("sqlite3 FILE '.schema jobctl_*'", SETTINGS);
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
    done.count = found.fixable();
    if fix.dry_run {
        return Ok(done);
    }
    if found.lacks_index.is_some() {
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
