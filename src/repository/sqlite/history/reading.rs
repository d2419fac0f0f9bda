//! The history as it is read: runs, the changes of a job, and those of a run.

use rusqlite::types::ValueRef;
use rusqlite::{OptionalExtension, Row};

use super::pieces::{READING, piece_numbers, pieces_with, read_piece};
use super::rows::stored_row;
use super::tables;
use crate::job::{JobId, Value};
use crate::repository::change_log::candidates::Candidates;
use crate::repository::change_log::numbers::run_of;
use crate::repository::change_log::piece::{Change, Op};
use crate::repository::change_log::told::{told, unreadable};
use crate::repository::change_log::unpacking::Unpacker;
use crate::repository::sqlite::connection::database::Sqlite;
use crate::repository::sqlite::reading::transaction::{begin_reading, end_reading};
use crate::repository::sqlite::reading::values::value;
use crate::repository::{JobChange, Result, Run, RunArchive, RunId};
use crate::time::{self, Instant};

const RUN: &str =
    "SELECT id, at, user, host, version, command, argv, created, updated, deleted, why_not,
    undoes, undone_by, archive, archive_start, archive_bytes, archive_sha256 FROM main.jobctl_run";

fn run(row: &Row<'_>) -> rusqlite::Result<Run> {
    // Whatever stands there, the other runs and the jobs are to be told.
    let text = |index| -> rusqlite::Result<Option<String>> {
        Ok(match row.get_ref(index)? {
            ValueRef::Null => None,
            other => Some(value(other).display().into_owned()),
        })
    };
    let number = |index| -> rusqlite::Result<Option<i64>> {
        Ok(match row.get_ref(index)? {
            ValueRef::Integer(number) => Some(number),
            _ => None,
        })
    };
    let count = |index| -> rusqlite::Result<u64> {
        let count = number(index)?.and_then(|count| u64::try_from(count).ok());
        Ok(count.unwrap_or(0))
    };
    let other = |index| -> rusqlite::Result<Option<RunId>> { Ok(number(index)?.map(RunId)) };
    Ok(Run {
        id: RunId(row.get(0)?),
        at: text(1)?.as_deref().and_then(time::parse_stored),
        user: text(2)?.unwrap_or_default(),
        host: text(3)?.unwrap_or_default(),
        version: text(4)?.unwrap_or_default(),
        command: text(5)?.unwrap_or_default(),
        argv: text(6)?.unwrap_or_else(|| "[]".to_owned()),
        created: count(7)?,
        updated: count(8)?,
        deleted: count(9)?,
        why_not: text(10)?,
        undoes: other(11)?,
        undone_by: other(12)?,
        archive: match text(13)? {
            Some(path) => Some(RunArchive {
                path,
                start: count(14)?,
                bytes: count(15)?,
                sha256: text(16)?.unwrap_or_default(),
            }),
            None => None,
        },
    })
}

/// Whether there is a history.
pub(in crate::repository::sqlite) fn is_there(sqlite: &Sqlite) -> Result<bool> {
    tables::are_there(&sqlite.connection).map_err(sqlite.explain(READING))
}

pub(in crate::repository::sqlite) fn runs(
    sqlite: &Sqlite,
    since: Option<Instant>,
    limit: usize,
) -> Result<Vec<Run>> {
    if !is_there(sqlite)? {
        return Ok(Vec::new());
    }
    let read = || {
        let sql = format!("{RUN} ORDER BY id DESC");
        let mut statement = sqlite.connection.prepare(&sql)?;
        let mut rows = statement.query([])?;
        let mut runs = Vec::new();
        while runs.len() < limit
            && let Some(row) = rows.next()?
        {
            let run = run(row)?;
            // Numbers grow with time, so that those before are older still.
            if run
                .at
                .is_some_and(|at| since.is_some_and(|since| at < since))
            {
                break;
            }
            runs.push(run);
        }
        Ok(runs)
    };
    read().map_err(sqlite.explain(READING))
}

fn one(sqlite: &Sqlite, condition: &str, id: Option<i64>) -> Result<Option<Run>> {
    if !is_there(sqlite)? {
        return Ok(None);
    }
    let sql = format!("{RUN} WHERE {condition} ORDER BY id DESC LIMIT 1");
    let found = sqlite
        .connection
        .prepare(&sql)
        .and_then(|mut statement| match id {
            Some(id) => statement.query_row([id], run).optional(),
            None => statement.query_row([], run).optional(),
        });
    found.map_err(sqlite.explain(READING))
}

pub(in crate::repository::sqlite) fn find_run(sqlite: &Sqlite, id: RunId) -> Result<Option<Run>> {
    one(sqlite, "id = ?", Some(id.0))
}

pub(in crate::repository::sqlite) fn last_standing(sqlite: &Sqlite) -> Result<Option<Run>> {
    one(sqlite, "undoes IS NULL AND undone_by IS NULL", None)
}

pub(in crate::repository::sqlite) fn standing_before(
    sqlite: &Sqlite,
    run: RunId,
) -> Result<Option<Run>> {
    let condition = "undoes IS NULL AND undone_by IS NULL AND why_not IS NULL AND id < ?";
    one(sqlite, condition, Some(run.0))
}

pub(in crate::repository::sqlite) fn last_change(sqlite: &Sqlite) -> Result<Option<Run>> {
    one(sqlite, "undoes IS NULL", None)
}

pub(in crate::repository::sqlite) fn resolve(sqlite: &Sqlite, prefix: &str) -> Result<Vec<JobId>> {
    let mut found: Vec<JobId> = Vec::new();
    if !is_there(sqlite)? {
        return Ok(found);
    }
    // An exact id stands for itself. The index and the filters tell it without a look into each piece.
    let exact = Value::from(prefix);
    pieces_with(sqlite, &exact, &mut |_, piece| {
        if piece.changes.iter().any(|change| *change.id() == exact) {
            found.push(JobId::new(prefix));
        }
        Ok(found.is_empty())
    })?;
    if !found.is_empty() {
        return Ok(found);
    }
    let explain = sqlite.explain(READING);
    let mut candidates = Candidates::of(prefix);
    let sql = "SELECT DISTINCT job FROM main.jobctl_change WHERE job >= ?1 AND job < ?1 || x'f48fbfbf' LIMIT 6";
    let mut statement = sqlite.connection.prepare(sql).map_err(&explain)?;
    let mut rows = statement.query([prefix]).map_err(&explain)?;
    while let Some(row) = rows.next().map_err(&explain)? {
        candidates.add(value(row.get_ref(0).map_err(&explain)?).stored());
    }
    let mut unpacker = Unpacker::default();
    let sql = "SELECT id, data FROM main.jobctl_change WHERE job IS NULL ORDER BY id DESC";
    let mut statement = sqlite.connection.prepare(sql).map_err(&explain)?;
    let mut rows = statement.query([]).map_err(&explain)?;
    while let Some(row) = rows.next().map_err(&explain)? {
        let data = row.get_ref(1).map_err(&explain)?;
        let goes_on = data
            .as_bytes()
            .ok()
            .and_then(|data| unpacker.ids(data, &mut |id| candidates.add(id)));
        match goes_on {
            Some(true) => {}
            Some(false) => break,
            None => {
                let number = row.get(0).map_err(&explain)?;
                return Err(unreadable(RunId(run_of(number))));
            }
        }
    }
    Ok(candidates.found)
}

pub(in crate::repository::sqlite) fn last_undo(sqlite: &Sqlite) -> Result<Option<Run>> {
    let condition = "undoes IS NOT NULL AND undone_by IS NULL AND command <> 'redo'";
    one(sqlite, condition, None)
}

pub(in crate::repository::sqlite) fn changes(
    sqlite: &Sqlite,
    job: &JobId,
    limit: usize,
) -> Result<Vec<JobChange>> {
    let mut changes = Vec::new();
    if !is_there(sqlite)? {
        return Ok(changes);
    }
    let transaction = begin_reading(sqlite)?;
    let id = job.to_value();
    // The row after a change, as the next one found it: what was inserted is known by its hash alone.
    let mut next: Option<Vec<Value>> = None;
    let mut is_newest = true;
    pieces_with(sqlite, &id, &mut |number, piece| {
        let Some(run) = find_run(sqlite, RunId(run_of(number)))? else {
            return Ok(true);
        };
        let is_of_it = |change: &&Change| *change.id() == id || *change.id_after() == id;
        for change in piece.changes.iter().rev().filter(is_of_it) {
            if is_newest {
                next = stored_row(sqlite, &piece.columns, &id, change.rowid)?.map(|row| row.values);
                is_newest = false;
            }
            let known = next.take().filter(|row| piece.row_hash(row) == change.hash);
            changes.push(told(&run, &piece, change, known.as_deref()));
            next = (change.op != Op::Insert).then(|| change.before.clone());
            if changes.len() >= limit {
                return Ok(false);
            }
        }
        Ok(true)
    })?;
    end_reading(sqlite, transaction)?;
    Ok(changes)
}

pub(in crate::repository::sqlite) fn changes_of(
    sqlite: &Sqlite,
    run: RunId,
    limit: usize,
) -> Result<Vec<JobChange>> {
    let mut changes = Vec::new();
    let Some(run) = find_run(sqlite, run)? else {
        return Ok(changes);
    };
    for number in piece_numbers(sqlite, run.id)? {
        let Some(piece) = read_piece(sqlite, number)? else {
            continue;
        };
        for change in &piece.changes {
            if changes.len() >= limit {
                return Ok(changes);
            }
            let now = match change.op {
                Op::Insert => stored_row(sqlite, &piece.columns, change.id(), change.rowid)?,
                _ => None,
            };
            let known = now
                .map(|row| row.values)
                .filter(|row| piece.row_hash(row) == change.hash);
            changes.push(told(&run, &piece, change, known.as_deref()));
        }
    }
    Ok(changes)
}
