//! The shape of the job table: its columns with their types and all else that an opening has to know, asked in one question. A table of
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

/// One row a column of the table, or a single one where it is not there.
const SHAPE: &str = "
SELECT c.relkind::text, a.attname::text, coalesce(b.typname, t.typname)::text, format_type(a.atttypid, NULL),
    (a.attgenerated <> '')::text, (a.attnum = ANY (k.indkey::int2[]))::text, k.indnkeyatts::text,
    (to_regclass('series') IS NOT NULL AND to_regclass('episodes') IS NOT NULL)::text,
    EXISTS (SELECT FROM pg_class o JOIN pg_namespace n ON n.oid = o.relnamespace
        WHERE o.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
        AND n.nspname NOT LIKE 'pg\\_toast%' AND left(o.relname, 7) <> 'jobctl_')::text,
    c.relnatts::int8, quote_ident(n.nspname),
    CASE WHEN r.oid IS NULL OR h.oid IS NULL THEN 'missing'
        WHEN has_table_privilege(r.oid, 'SELECT') AND has_table_privilege(h.oid, 'SELECT') THEN 'there' ELSE 'denied' END,
    (s.oid IS NOT NULL)::text,
    (c.relhasrules OR c.relrowsecurity OR EXISTS (WITH RECURSIVE part (oid) AS (SELECT c.oid
        UNION ALL SELECT i.inhrelid FROM pg_inherits i JOIN part p ON i.inhparent = p.oid)
        SELECT FROM pg_trigger g JOIN part ON g.tgrelid = part.oid WHERE NOT g.tgisinternal))::text,
    coalesce(nullif(t.typtypmod, -1), a.atttypmod)::int8,
    CASE WHEN row_security_active(c.oid) THEN 'video_generation_jobs'
        WHEN row_security_active(to_regclass('episodes')::oid) THEN 'episodes'
        WHEN row_security_active(to_regclass('series')::oid) THEN 'series' END,
    (a.attidentity = 'a')::text, u.instead, u.writing, u.removing
FROM (SELECT to_regclass('video_generation_jobs') AS oid) w
LEFT JOIN pg_class c ON c.oid = w.oid
LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_class r ON r.relnamespace = c.relnamespace AND r.relname = 'jobctl_run' AND r.relkind = 'r'
LEFT JOIN pg_class h ON h.relnamespace = c.relnamespace AND h.relname = 'jobctl_change' AND h.relkind = 'r'
LEFT JOIN pg_class s ON s.relnamespace = c.relnamespace AND s.relname = 'jobctl_setting' AND s.relkind = 'r'
LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_type b ON b.oid = nullif(t.typbasetype, 0)
LEFT JOIN pg_index k ON k.indrelid = c.oid AND k.indisprimary
LEFT JOIN LATERAL (SELECT string_agg(r.rulename, ', ') FILTER (WHERE r.is_instead AND r.ev_enabled IN ('O', 'A')) AS instead,
    string_agg(r.rulename, ', ') FILTER (WHERE r.ev_type IN ('2', '3')) AS writing,
    string_agg(r.rulename, ', ') FILTER (WHERE r.ev_type = '4' AND r.ev_enabled IN ('O', 'A')) AS removing
    FROM pg_rewrite r WHERE c.relhasrules AND r.ev_class = c.oid AND r.ev_type <> '1') u ON true
ORDER BY a.attnum";

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
    let rows = session.rows("reading the columns of the table", SHAPE, &[])?;
    let is = |row: &Row, index| text(row, index).as_deref() == Some("true");
    let Some(first) = rows.first() else {
        return Ok(Looked::Nothing {
            others: false,
            has_parents: false,
        });
    };
    let has_parents = is(first, 7);
    match text(first, 0).as_deref() {
        None => {
            return Ok(Looked::Nothing {
                others: is(first, 8),
                has_parents,
            });
        }
        Some("r" | "p") => {}
        Some("v" | "m") => return Ok(other("is a view, not a table".to_owned())),
        Some("f") => return Ok(other("is a foreign table".to_owned())),
        Some(_) => return Ok(other("is no table".to_owned())),
    }
    let keys = text(first, 6);
    let width = match value(first, 9) {
        Value::Integer(width) => width,
        _ => 0,
    };
    let seen: Vec<FoundColumn> = rows
        .iter()
        .filter_map(|row| {
            let (base, modifier) = (text(row, 2)?, value(row, 14));
            Some(FoundColumn {
                stored: Stored {
                    name: text(row, 1)?,
                    spelled: text(row, 3)?,
                    most: most(&base, &modifier),
                    digits: digits(&base, &modifier),
                    is_numbered: is(row, 16),
                    base,
                },
                is_computed: is(row, 4),
                is_key: is(row, 5),
            })
        })
        .collect();
    Ok(match difference(&seen, keys.as_deref()) {
        Some(what) => other(what),
        None if loses_hours(&seen).next().is_some() => days_alone(&seen),
        None => {
            let mut table = JobTable::of(seen, has_parents, width);
            table.schema = text(first, 10).unwrap_or_default();
            table.history = match text(first, 11).as_deref() {
                Some("there") => HistoryTables::There,
                Some("denied") => HistoryTables::Denied,
                _ => HistoryTables::Missing,
            };
            table.has_settings = is(first, 12);
            table.has_triggers = is(first, 13);
            table.hidden = text(first, 15);
            table.rules = TableRules {
                instead: text(first, 17),
                writing: text(first, 18),
                removing: text(first, 19),
            };
            Looked::Table(table)
        }
    })
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

fn difference(seen: &[FoundColumn], keys: Option<&str>) -> Option<String> {
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
        (true, Some("1")) => {}
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
