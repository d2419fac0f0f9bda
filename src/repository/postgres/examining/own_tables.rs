//! The check of jobctl's own tables, which hold the history, and its fix.

use super::damage::CHECKING;
use crate::job::Value;
use crate::job::checkup::{Check, Finding, Wanted};
use crate::repository::change_log::numbers::PIECE_BITS;
use crate::repository::change_log::tables_state::TablesState;
use crate::repository::postgres::connection::database::Postgres;
use crate::repository::postgres::connection::job_table::HistoryTables;
use crate::repository::postgres::connection::values::{Argument, text, value};
use crate::repository::postgres::history::tables::{
    CHANGES, INDEX, MAKE_INDEX, RUNS, SETTINGS, named,
};
use crate::repository::{Fix, FixTerms, Result};

/// The columns without which the history cannot be read or kept.
const SHAPES: [(&str, &str); 3] = [
    (
        RUNS,
        "id,at,user,host,version,command,argv,created,updated,deleted,kept,why_not,undoes,undone_by,archive",
    ),
    (CHANGES, "id,job,count,keys,data"),
    (SETTINGS, "name,value"),
];

/// Of each whether it is there, is no table that is read, and lacks a column.
const LACKING: &str = "SELECT w.name, c.oid IS NOT NULL, c.relkind <> 'r', has_table_privilege(c.oid, 'SELECT'), EXISTS (SELECT FROM unnest(string_to_array(w.columns, ',')) n (name)
        WHERE NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = n.name AND NOT a.attisdropped))
    FROM unnest($1::text[], $2::text[]) w (name, columns)
    LEFT JOIN pg_class j ON j.oid = to_regclass('video_generation_jobs')
    LEFT JOIN pg_class c ON c.relnamespace = j.relnamespace AND c.relname = w.name";

/// Whether an index goes by the job, and the number of changes that belong to no run.
const CONTENT: &str = "SELECT EXISTS (SELECT FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
        WHERE i.indrelid = '{changes}'::regclass AND a.attname = 'job' AND i.indisvalid),
    (SELECT count(*) FROM {changes} c WHERE NOT EXISTS (SELECT FROM {runs} r WHERE r.id = c.id >> $1::int4))";

/// The most changes that are removed in one transaction.
const MOST: i64 = 1000;

fn state(postgres: &Postgres) -> Result<TablesState> {
    let mut state = TablesState::default();
    let session = &postgres.session;
    let (names, columns) = SHAPES
        .iter()
        .map(|(name, columns)| ((*name).to_owned(), (*columns).to_owned()))
        .unzip();
    let arguments = [Argument::Texts(names), Argument::Texts(columns)];
    let mut there = Vec::new();
    let mut missing = Vec::new();
    for row in session.rows(CHECKING, LACKING, &arguments)? {
        let is = |index| value(&row, index) == Value::Integer(1);
        let name = text(&row, 0).unwrap_or_default();
        if !is(1) {
            missing.push(name);
        } else if is(2) {
            state.shape.add(|| format!("{name} is no table"));
        } else if is(4) {
            state.shape.add(|| format!("{name} has other columns"));
        } else if is(3) {
            there.push(name);
        }
    }
    let has = |name: &str| there.iter().any(|it| it == name);
    if has(SETTINGS) {
        let sql = named(
            &postgres.table,
            "SELECT count(*) FROM {settings} WHERE name = 'history_keep_ms' AND (value ~ '^[0-9]{1,18}$') IS NOT TRUE",
        );
        let rows = session.rows(CHECKING, &sql, &[])?;
        state.bad_lifetime = rows.first().map(|row| value(row, 0)) != Some(Value::Integer(0));
    }
    let of_history = |name: &&String| *name != SETTINGS;
    if missing.iter().filter(of_history).count() == 1 {
        for name in missing.iter().filter(of_history) {
            state.shape.add(|| format!("{name} is missing"));
        }
    }
    if state.shape.count > 0 || !has(CHANGES) {
        return Ok(state);
    }
    let bits = [Argument::Integer(Some(PIECE_BITS.into()))];
    let rows = session.rows(CHECKING, &named(&postgres.table, CONTENT), &bits)?;
    if let Some(row) = rows.first() {
        state.lacks_index = (value(row, 0) != Value::Integer(1)).then_some(INDEX);
        state.orphans = match value(row, 1) {
            Value::Integer(orphans) => orphans,
            _ => 0,
        };
    }
    Ok(state)
}

pub(super) fn check(postgres: &Postgres, wanted: Wanted) -> Result<Option<Finding>> {
    if !wanted.has(Check::OwnTables) || postgres.table.history == HistoryTables::Denied {
        return Ok(None);
    }
    Ok(state(postgres)?.finding("psql -c '\\d jobctl_*'", SETTINGS))
}

pub(super) fn fix(
    postgres: &Postgres,
    fix: FixTerms<'_>,
    goes_on: &mut dyn FnMut() -> bool,
) -> Result<Fix> {
    const FORGET: &str = "DELETE FROM {settings} WHERE name = 'history_keep_ms'";
    const REMOVE: &str = "DELETE FROM {changes} WHERE id IN (SELECT c.id FROM {changes} c
        WHERE NOT EXISTS (SELECT FROM {runs} r WHERE r.id = c.id >> $1::int4) LIMIT $2) RETURNING 1";
    let found = state(postgres)?;
    let mut done = Fix {
        count: found.fixable(),
        ..Fix::default()
    };
    if fix.dry_run || done.count == 0 {
        return Ok(done);
    }
    let session = &postgres.session;
    let statement = |sql: &str| named(&postgres.table, sql);
    if found.lacks_index.is_some() {
        session.rows(CHECKING, &statement(MAKE_INDEX), &[])?;
    }
    if found.bad_lifetime {
        session.rows(CHECKING, &statement(FORGET), &[])?;
    }
    let arguments = [
        Argument::Integer(Some(PIECE_BITS.into())),
        Argument::Integer(Some(MOST)),
    ];
    let mut more = found.orphans > 0;
    while more {
        if !goes_on() {
            done.stopped = true;
            break;
        }
        more = !session
            .rows(CHECKING, &statement(REMOVE), &arguments)?
            .is_empty();
    }
    Ok(done)
}
