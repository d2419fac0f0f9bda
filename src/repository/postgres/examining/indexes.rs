//! The checks of indexes: those of the report, those of jobctl, and any that was made by half. A missing one is told with what is read
//! without it, and with it.

use std::collections::BTreeMap;

use super::damage::CHECKING;
use super::wanted_index::{Key, WANTED, WantedIndex};
use crate::job::checkup::{Check, Finding, Occurrences, Severity, Wanted};
use crate::job::{Column, Value};
use crate::repository::Result;
use crate::repository::index_findings::{LackingIndex, Reader, is_told, lacking};
use crate::repository::postgres::connection::database::Postgres;
use crate::repository::postgres::connection::job_table::TABLE;
use crate::repository::postgres::connection::values::{Argument, text, value};

pub(super) const READER: Reader = Reader {
    name: "the server",
    begins: "The server",
    whole: "table",
};

/// The columns of each index of a table that holds all rows, in their order: of one of an expression NULL. Those that are whole, or those
/// that are not.
const KEYS: &str = "SELECT c.relname::text, a.attname::text, (i.indoption[k.n - 1] & 2)::int8,
    (l.collname = 'C'), (i.indoption[k.n - 1] & 1)::int8
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am m ON m.oid = c.relam
    CROSS JOIN generate_series(1, i.indnkeyatts::int4) k (n)
    LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[k.n - 1]
    LEFT JOIN pg_collation l ON l.oid = i.indcollation[k.n - 1]
    WHERE i.indrelid = to_regclass($1) AND m.amname = 'btree' AND i.indpred IS NULL AND i.indisvalid = ($2 = 1)
    ORDER BY c.relname, k.n";

/// Whether texts of the database are sorted by their bytes.
const ORDER: &str = "SELECT (datcollate IN ('C', 'POSIX') AND coalesce(to_jsonb(d) ->> 'datlocprovider', 'c') = 'c')
    FROM pg_database d WHERE datname = current_database()";

const SIZE: &str = "SELECT pg_relation_size(to_regclass('video_generation_jobs'))";

/// Those that are there by half, of the partitions too, and whether each is one of a table in partitions: these come last.
const INVALID: &str = "SELECT i.indexrelid::regclass::text, (c.relkind = 'I')
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid, to_regclass('video_generation_jobs') j (oid)
    WHERE (i.indrelid = j.oid OR i.indrelid IN (SELECT relid FROM pg_partition_tree(j.oid))) AND NOT i.indisvalid
    AND NOT EXISTS (SELECT FROM pg_stat_progress_create_index p WHERE p.index_relid = i.indexrelid) ORDER BY 2, 1";

/// A column of an index that is there.
pub(super) struct FoundKey {
    column: Option<Column>,
    nulls_first: bool,
    by_bytes: bool,
    descends: bool,
}

impl FoundKey {
    fn is(&self, key: Key) -> bool {
        let is_so = match key {
            Key::Plain(_) => true,
            Key::NullsFirst(_) => self.nulls_first && !self.descends,
            Key::ByBytes(_) => self.by_bytes && !self.descends,
        };
        is_so && self.column == Some(key.column())
    }
}

pub(super) fn needs_count(wanted: Wanted) -> bool {
    wanted.has_any(&[Check::MissingIndex, Check::Statistics])
}

fn number(postgres: &Postgres, sql: &str) -> Result<i64> {
    let rows = postgres.session.rows(CHECKING, sql, &[])?;
    Ok(match rows.first().map(|row| value(row, 0)) {
        Some(Value::Integer(number)) => number,
        _ => 0,
    })
}

/// The indexes of a table by their names: those that are whole, or those that are there by half.
pub(super) fn keys_of(
    postgres: &Postgres,
    table: &str,
    are_whole: bool,
) -> Result<BTreeMap<String, Vec<FoundKey>>> {
    let mut found: BTreeMap<String, Vec<FoundKey>> = BTreeMap::new();
    let arguments = [
        Argument::text(table),
        Argument::Integer(Some(are_whole.into())),
    ];
    for row in postgres.session.rows(CHECKING, KEYS, &arguments)? {
        let is = |index| matches!(value(&row, index), Value::Integer(1..));
        let name = text(&row, 1);
        let key = FoundKey {
            column: name.and_then(|name| Column::of_name(&name)),
            nulls_first: is(2),
            by_bytes: is(3),
            descends: is(4),
        };
        let index = text(&row, 0).unwrap_or_default();
        found.entry(index).or_default().push(key);
    }
    Ok(found)
}

/// Whether an index has the columns of this one, and maybe more behind them, for which it serves as well.
fn serves(keys: &[FoundKey], index: &WantedIndex) -> bool {
    let mut pairs = index.keys.iter().zip(keys);
    keys.len() >= index.keys.len() && pairs.all(|(key, found)| found.is(*key))
}

/// The name of one of these that has the columns of this index, and no more: a table in partitions takes over no other.
pub(super) fn equal<'a>(
    found: &'a BTreeMap<String, Vec<FoundKey>>,
    index: &WantedIndex,
) -> Option<&'a str> {
    let mut found = found.iter();
    let is_equal = |keys: &[FoundKey]| keys.len() == index.keys.len() && serves(keys, index);
    found
        .find(|(_, keys)| is_equal(keys))
        .map(|(name, _)| name.as_str())
}

/// The indexes that the table lacks; ours where there are many jobs, or where somebody asks for it.
pub(super) fn missing(
    postgres: &Postgres,
    wanted: Wanted,
    count: u64,
) -> Result<Vec<&'static WantedIndex>> {
    let found = keys_of(postgres, TABLE, true)?;
    let sorts_by_bytes = number(postgres, ORDER)? == 1;
    let is_told = |index: &&WantedIndex| is_told(index.is_ours(), wanted, count);
    let is_asked = |index: &&WantedIndex| index.serves(&postgres.table, sorts_by_bytes);
    let missing = WANTED.iter().filter(is_told).filter(is_asked);
    let is_there = |index: &WantedIndex| found.values().any(|keys| serves(keys, index));
    Ok(missing.filter(|index| !is_there(index)).collect())
}

pub(super) fn check(postgres: &Postgres, wanted: Wanted, count: u64) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    if wanted.has(Check::MissingIndex) {
        let told = missing(postgres, wanted, count)?;
        let bytes = number(postgres, SIZE)?.unsigned_abs();
        let told: Vec<LackingIndex> = told.into_iter().map(WantedIndex::lacking).collect();
        findings.extend(lacking(&told, count, bytes, &READER));
    }
    if wanted.has(Check::InvalidIndex) {
        findings.extend(invalid(postgres)?);
    }
    Ok(findings)
}

fn invalid(postgres: &Postgres) -> Result<Option<Finding>> {
    let rows = postgres.session.rows(CHECKING, INVALID, &[])?;
    let mut tally = Occurrences::default();
    let (mut one, mut of_parts) = (None, None);
    for row in &rows {
        let name = text(row, 0).unwrap_or_default();
        tally.add(|| name.clone());
        let first = if value(row, 1) == Value::Integer(1) {
            &mut of_parts
        } else {
            &mut one
        };
        first.get_or_insert(name);
    }
    let one = one.map(|name| {
        format!("psql -c 'REINDEX INDEX CONCURRENTLY {name}' finishes it; DROP INDEX CONCURRENTLY takes it away")
    });
    let of_parts = match of_parts {
        Some(_) if is_wanted(postgres)? => {
            Some("jobctl doctor --fix missing-index finishes that of all partitions".to_owned())
        }
        Some(name) => Some(format!(
            "psql -c 'ALTER INDEX {name} ATTACH PARTITION ...' for the same index of each partition (CREATE INDEX CONCURRENTLY where it has none) finishes that of all partitions"
        )),
        None => None,
    };
    let mends: Vec<String> = [one, of_parts].into_iter().flatten().collect();
    Ok(tally.finding(
        Check::InvalidIndex,
        Severity::Warning,
        "The making of the index was broken off, by Ctrl-C, a lock, or values that it does not allow, or not all partitions have theirs. No question is answered by it, and each change of a job still keeps it up.",
        mends.join("; then "),
    ))
}

/// Whether one that is there by half is among those that jobctl would make.
fn is_wanted(postgres: &Postgres) -> Result<bool> {
    let found = keys_of(postgres, TABLE, false)?;
    let missing = missing(postgres, Wanted::of(&[Check::MissingIndex]), 0)?;
    Ok(missing.iter().any(|index| equal(&found, index).is_some()))
}
