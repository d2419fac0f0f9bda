//! The shape of the job table: its columns with their types and all else that an opening has to know, asked in one question, and of a few tables in a second one. A table of
//! another shape is said then, and never met in the middle of the work.

use std::borrow::Cow;

use tokio_postgres::Row;

use super::job_table::{FoundColumn, HistoryTables, JobTable};
use super::session::Session;
use super::stored_column::Stored;
use super::table_rules::TableRules;
use super::types::{digits, most};
use super::values::{text, value};
use crate::job::columns::Content;
use crate::job::{Column, Value};
use crate::repository::Result;
use crate::repository::postgres::hints;

/// One row a column of the table, none where it is not there. To plan it takes a server longer than all else that a command does with
/// one job: it joins as little as it can, and what few tables have is asked in `BEYOND`.
const SHAPE: &str = "
SELECT c.relkind::text, a.attname::text, coalesce((SELECT b.typname FROM pg_type b WHERE b.oid = t.typbasetype), t.typname)::text,
    format_type(a.atttypid, NULL), (a.attgenerated <> '')::text, a.attnum::int8,
    (SELECT k.indnkeyatts || ' ' || k.indkey::text FROM pg_index k
        WHERE k.indrelid = to_regclass('video_generation_jobs') AND k.indisprimary),
    (to_regclass('series') IS NOT NULL AND to_regclass('episodes') IS NOT NULL)::text,
    c.relnatts::int8, c.relnamespace::regnamespace::text,
    (SELECT string_agg(r.relname || ' ' || has_table_privilege(r.oid, 'SELECT')::text, ',') FROM pg_class r
        WHERE r.relname IN ('jobctl_run', 'jobctl_change', 'jobctl_setting') AND r.relkind = 'r'
        AND r.relnamespace = (SELECT o.relnamespace FROM pg_class o WHERE o.oid = to_regclass('video_generation_jobs'))),
    (c.relhasrules OR c.relrowsecurity OR EXISTS (SELECT FROM pg_trigger g
        WHERE g.tgrelid = to_regclass('video_generation_jobs') AND NOT g.tgisinternal))::text,
    coalesce(nullif(t.typtypmod, -1), a.atttypmod)::int8,
    CASE WHEN row_security_active(c.oid) THEN 'video_generation_jobs'
        WHEN row_security_active(to_regclass('episodes')::oid) THEN 'episodes'
        WHEN row_security_active(to_regclass('series')::oid) THEN 'series' END,
    (a.attidentity = 'a')::text, (c.relhasrules OR c.relhassubclass)::text
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_type t ON t.oid = a.atttypid
WHERE a.attrelid = to_regclass('video_generation_jobs') AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum";

/// What stands in the place of a table that is not there; and the triggers of its parts, and its rules.
const BEYOND: &str = "
SELECT EXISTS (SELECT FROM pg_class o JOIN pg_namespace n ON n.oid = o.relnamespace
        WHERE o.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
        AND n.nspname NOT LIKE 'pg\\_toast%' AND left(o.relname, 7) <> 'jobctl_')::text,
    (to_regclass('series') IS NOT NULL AND to_regclass('episodes') IS NOT NULL)::text,
    EXISTS (WITH RECURSIVE part (oid) AS (SELECT to_regclass('video_generation_jobs')::oid
        UNION ALL SELECT i.inhrelid FROM pg_inherits i JOIN part p ON i.inhparent = p.oid)
        SELECT FROM pg_trigger g JOIN part ON g.tgrelid = part.oid WHERE NOT g.tgisinternal)::text,
    string_agg(r.rulename, ', ') FILTER (WHERE r.is_instead AND r.ev_enabled IN ('O', 'A')),
    string_agg(r.rulename, ', ') FILTER (WHERE r.ev_type IN ('2', '3')),
    string_agg(r.rulename, ', ') FILTER (WHERE r.ev_type = '4' AND r.ev_enabled IN ('O', 'A'))
FROM pg_rewrite r WHERE r.ev_class = to_regclass('video_generation_jobs') AND r.ev_type <> '1'";

const LOOKING: &str = "reading the columns of the table";

/// What was found where the table should be.
pub(super) enum Looked {
    Table(JobTable),
    /// No table.
    Nothing {
        /// Whether there are others.
        others: bool,
        has_parents: bool,
    },
    /// The difference from a table that jobctl can work on, as the end of a sentence, with the way out.
    Other(String, Cow<'static, str>),
}

pub(super) fn look(session: &Session) -> Result<Looked> {
    let rows = session.rows(LOOKING, SHAPE, &[])?;
    let Some(first) = rows.first() else {
        let beyond = session.rows(LOOKING, BEYOND, &[])?;
        let says = |index| beyond.first().is_some_and(|row| is(row, index));
        return Ok(Looked::Nothing {
            others: says(0),
            has_parents: says(1),
        });
    };
    match text(first, 0).as_deref() {
        Some("r" | "p") => {}
        Some("v" | "m") => return Ok(other("is a view, not a table".to_owned())),
        Some("f") => return Ok(other("is a foreign table".to_owned())),
        _ => return Ok(other("is no table".to_owned())),
    }
    // The number of the key's columns, then those.
    let keys = text(first, 6).unwrap_or_default();
    let mut keys = keys.split(' ').map(|it| it.parse().ok());
    let count = keys.next().flatten();
    let keys: Vec<i64> = keys.flatten().collect();
    let seen: Vec<FoundColumn> = rows
        .iter()
        .filter_map(|row| {
            let (base, modifier) = (text(row, 2)?, value(row, 12));
            Some(FoundColumn {
                stored: Stored {
                    name: text(row, 1)?,
                    spelled: text(row, 3)?,
                    most: most(&base, &modifier),
                    digits: digits(&base, &modifier),
                    is_numbered: is(row, 14),
                    base,
                },
                is_computed: is(row, 4),
                is_key: number(row, 5).is_some_and(|it| keys.contains(&it)),
            })
        })
        .collect();
    if let Some(what) = difference(&seen, count) {
        return Ok(other(what));
    }
    if loses_hours(&seen).next().is_some() {
        return Ok(days_alone(&seen));
    }
    let mut table = JobTable::of(seen, is(first, 7), number(first, 8).unwrap_or(0));
    table.schema = text(first, 9).unwrap_or_default();
    let own = text(first, 10).unwrap_or_default();
    let own = |name: &str| own.split(',').find_map(|it| it.strip_prefix(name));
    table.history = match (own("jobctl_run "), own("jobctl_change ")) {
        (Some("true"), Some("true")) => HistoryTables::There,
        (Some(_), Some(_)) => HistoryTables::Denied,
        _ => HistoryTables::Missing,
    };
    table.has_settings = own("jobctl_setting ").is_some();
    table.has_triggers = is(first, 11);
    table.hidden = text(first, 13);
    if is(first, 15) {
        look_beyond(session, &mut table)?;
    }
    Ok(Looked::Table(table))
}

fn look_beyond(session: &Session, table: &mut JobTable) -> Result<()> {
    if let Some(row) = session.rows(LOOKING, BEYOND, &[])?.first() {
        table.has_triggers |= is(row, 2);
        table.rules = TableRules {
            instead: text(row, 3),
            writing: text(row, 4),
            removing: text(row, 5),
        };
    }
    Ok(())
}

fn is(row: &Row, index: usize) -> bool {
    text(row, index).as_deref() == Some("true")
}

fn number(row: &Row, index: usize) -> Option<i64> {
    match value(row, index) {
        Value::Integer(number) => Some(number),
        _ => None,
    }
}

fn other(what: String) -> Looked {
    Looked::Other(what, Cow::Borrowed(hints::OTHER_TABLE))
}

/// The columns of times that keep the day alone.
fn loses_hours(seen: &[FoundColumn]) -> impl Iterator<Item = &str> {
    seen.iter()
        .filter(|it| it.stored.base == "date")
        .filter(|it| Column::of_name(&it.stored.name).is_some_and(Column::is_time))
        .map(|it| it.stored.name.as_str())
}

/// A table whose times lose the hours that are written there, without a word.
fn days_alone(seen: &[FoundColumn]) -> Looked {
    let names: Vec<&str> = loses_hours(seen).collect();
    let changed: Vec<String> = names
        .iter()
        .map(|name| format!("ALTER {name} TYPE timestamp"))
        .collect();
    let what = format!(
        "has {} as date, which does not keep the time of day",
        names.join(", ")
    );
    let hint = format!(
        "as the table's owner: psql -c 'ALTER TABLE video_generation_jobs {}'",
        changed.join(", ")
    );
    Looked::Other(what, Cow::Owned(hint))
}

fn difference(seen: &[FoundColumn], keys: Option<i64>) -> Option<String> {
    let find = |column: &Column| seen.iter().find(|it| it.stored.name == column.name());
    let missing: Vec<&str> = Column::ALL
        .iter()
        .filter(|column| find(column).is_none())
        .map(|column| column.name())
        .collect();
    match missing.as_slice() {
        [] => {}
        [one] => return Some(format!("lacks the column {one}")),
        [most @ .., last] => {
            return Some(format!("lacks the columns {} and {last}", most.join(", ")));
        }
    }
    let id_is_key = find(&Column::Id).is_some_and(|it| it.is_key);
    match (id_is_key, keys) {
        (true, Some(1)) => {}
        (true, _) => return Some("has a primary key of more columns than id".to_owned()),
        (false, _) => return Some("has no primary key on id".to_owned()),
    }
    Column::ALL.iter().find_map(|column| {
        let found = find(column)?;
        let name = column.name();
        if found.is_computed {
            return Some(format!(
                "computes the column {name}, which is to be written"
            ));
        }
        (!suits(column.content(), &found.stored.base)).then(|| {
            format!(
                "has {name} as {}, which is no type for it",
                found.stored.spelled
            )
        })
    })
}

/// Whether a column of this type holds such content.
fn suits(content: Content, base: &str) -> bool {
    match content {
        Content::Text(_) => !matches!(base, "bytea" | "json" | "jsonb"),
        Content::Json => matches!(base, "json" | "jsonb" | "text" | "varchar"),
        Content::Real | Content::Integer => matches!(
            base,
            "float8" | "float4" | "numeric" | "int2" | "int4" | "int8"
        ),
        Content::Time => matches!(base, "timestamp" | "timestamptz" | "date"),
    }
}
