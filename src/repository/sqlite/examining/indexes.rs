//! The checks of indexes: those of the report, one that jobctl adds, and what SQLite knows of them. A missing one is told with
//! what is read without it, and with it.

use rusqlite::OptionalExtension as _;

use super::wished::{WISHED, Wished};
use crate::job::checkup::{Check, Finding, Severity, Wanted};
use crate::repository::Result;
use crate::repository::sqlite::connection::database::Sqlite;
use crate::repository::sqlite::connection::schema::{TABLE, table_exists};
use crate::repository::sqlite::writing::reclaim::space;
use crate::text::size::about;
use crate::text::visible::plural;

/// The number of jobs from which on an index is worth its space.
const MANY: u64 = 10_000;

/// The indexes that the table lacks.
pub(in crate::repository::sqlite) fn missing(
    sqlite: &Sqlite,
) -> rusqlite::Result<Vec<&'static Wished>> {
    // An index on more columns serves for the first of them.
    let sql = format!(
        "SELECT group_concat(columns.name, ' ') FROM pragma_index_list('{TABLE}') AS list, \
         pragma_index_info(list.name) AS columns WHERE list.partial = 0 GROUP BY list.name"
    );
    let mut statement = sqlite.connection.prepare(&sql)?;
    let found = statement.query_map([], |row| row.get::<_, Option<String>>(0))?;
    let found: Vec<Option<String>> = found.collect::<rusqlite::Result<_>>()?;
    let is_there = |wished: &Wished| {
        found.iter().flatten().any(|names| {
            let mut names = names.split(' ');
            wished
                .columns
                .iter()
                .all(|column| names.next() == Some(column.name()))
        })
    };
    Ok(WISHED.iter().filter(|wished| !is_there(wished)).collect())
}

pub(super) fn check(sqlite: &Sqlite, wanted: Wanted, count: u64) -> Result<Vec<Finding>> {
    let explain = sqlite.explain("reading the indexes of the table");
    let mut findings = Vec::new();
    if wanted.has(Check::MissingIndex) {
        let missing = sqlite.settled(|| missing(sqlite).map_err(&explain))?;
        let space = space(sqlite)?;
        let bytes = space.bytes.saturating_sub(space.known_free());
        let told = wished(missing, wanted, count);
        findings.extend(lacking(&told, count, bytes));
    }
    if wanted.has(Check::Statistics) && count >= MANY {
        let known = sqlite.settled(|| known_rows(sqlite).map_err(&explain))?;
        findings.extend(outdated(known, count));
    }
    Ok(findings)
}

/// Those that are told of: ours where it is worth its space, or where somebody asks for it.
pub(super) fn wished(
    missing: Vec<&'static Wished>,
    wanted: Wanted,
    count: u64,
) -> Vec<&'static Wished> {
    let is_told =
        |wished: &&Wished| !wished.is_ours() || count >= MANY || wanted.names(Check::MissingIndex);
    missing.into_iter().filter(is_told).collect()
}

fn lacking(told: &[&Wished], count: u64, bytes: u64) -> Option<Finding> {
    let is_slow = count >= MANY && told.iter().any(|wished| !wished.is_ours());
    let severity = if is_slow {
        Severity::Warning
    } else {
        Severity::Info
    };
    let jobs = plural(count, "job");
    let examples = told.iter().map(|wished| {
        format!(
            "{} on ({}): without it {} {} {jobs}, with it {}",
            wished.name,
            wished.column_names(),
            wished.slow,
            wished.without,
            wished.with
        )
    });
    (!told.is_empty()).then(|| Finding {
        check: Check::MissingIndex,
        severity,
        count: told.len() as u64,
        examples: examples.take(3).collect(),
        means: format!(
            "An index lets SQLite go to the jobs that are sought instead of reading the whole file ({} for {jobs}). Reading becomes as much faster as fewer jobs are \
             read; each change of a job takes a little longer.",
            about(bytes)
        ),
        mend: "jobctl doctor --fix missing-index".to_owned(),
    })
}

/// The number of rows that SQLite takes the table to have; None when it was never counted.
fn known_rows(sqlite: &Sqlite) -> rusqlite::Result<Option<u64>> {
    if !table_exists(&sqlite.connection, "sqlite_stat1")? {
        return Ok(None);
    }
    // Its first word is the number of rows.
    let sql = "SELECT max(CAST(stat AS INTEGER)) FROM sqlite_stat1 WHERE tbl = ? COLLATE NOCASE";
    let known: Option<Option<i64>> = sqlite
        .connection
        .query_row(sql, [TABLE], |row| row.get(0))
        .optional()?;
    Ok(known.flatten().and_then(|known| u64::try_from(known).ok()))
}

fn outdated(known: Option<u64>, count: u64) -> Option<Finding> {
    let example = match known {
        None => "nothing is known".to_owned(),
        Some(known) if known / 10 > count || known.saturating_mul(10) < count => {
            format!(
                "{} known, {} there",
                plural(known, "job"),
                plural(count, "job")
            )
        }
        Some(_) => return None,
    };
    let finding = Finding::new(Check::Statistics, Severity::Info)
        .example(example)
        .means(
            "SQLite chooses among its indexes by what it has counted in the table, and it has not counted, or long ago. It may then take a slow way.",
        )
        .mend("jobctl doctor --fix statistics");
    Some(finding)
}
