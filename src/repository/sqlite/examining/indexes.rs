//! The checks of indexes: those of the report, one that jobctl adds, and what SQLite knows of them. A missing one is told with
//! what is read without it, and with it.

use rusqlite::OptionalExtension as _;

use super::wished::{WISHED, Wished};
use crate::job::checkup::{Check, Finding, Wanted};
use crate::repository::Result;
use crate::repository::index_findings::{LackingIndex, MANY, Reader, is_told, lacking, outdated};
use crate::repository::sqlite::connection::database::Sqlite;
use crate::repository::sqlite::connection::schema::{TABLE, table_exists};
use crate::repository::sqlite::writing::reclaim::space;

const READER: Reader = Reader {
    name: "SQLite",
    begins: "SQLite",
    whole: "file",
};

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
        let told: Vec<LackingIndex> = told.into_iter().map(Wished::lacking).collect();
        findings.extend(lacking(&told, count, bytes, &READER));
    }
    if wanted.has(Check::Statistics) && count >= MANY {
        let known = sqlite.settled(|| known_rows(sqlite).map_err(&explain))?;
        findings.extend(outdated(known, count, &READER));
    }
    Ok(findings)
}

/// Those that are told of: ours where it is worth its space, or where somebody asks for it.
pub(super) fn wished(
    missing: Vec<&'static Wished>,
    wanted: Wanted,
    count: u64,
) -> Vec<&'static Wished> {
    let is_told = |wished: &&Wished| is_told(wished.is_ours(), wanted, count);
    missing.into_iter().filter(is_told).collect()
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
