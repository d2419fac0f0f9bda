//! The history as it is read: runs, the changes of a job, and those of a run.

use tokio_postgres::Row;

use super::rows::{places, stored_rows};
use super::tables::named;
use crate::error::{Failure, Kind};
use crate::job::{JobId, Value};
use crate::repository::change_log::candidates::Candidates;
use crate::repository::change_log::key_filter::multiples;
use crate::repository::change_log::numbers::{PIECE_BITS, pieces_of, run_of};
use crate::repository::change_log::piece::{self, Change, Op, Piece};
use crate::repository::change_log::told::{told, unreadable};
use crate::repository::change_log::unpacking::{Unpacker, unpack};
use crate::repository::postgres::connection::database::Postgres;
use crate::repository::postgres::connection::job_table::HistoryTables;
use crate::repository::postgres::connection::values::{Argument, text, value};
use crate::repository::postgres::hints::GRANT;
use crate::repository::postgres::reading::pages::beginning_with;
use crate::repository::{Error, JobChange, Result, Run, RunArchive, RunId};
use crate::text::visible::one_line;
use crate::time::{self, Instant};

pub(super) const READING: &str = "reading the history";

const RUN: &str = "r.id, r.at, r.\"user\", r.host, r.version, r.command, r.argv, r.created, r.updated, r.deleted, r.why_not,
    r.undoes, r.undone_by, r.archive, r.archive_start, r.archive_bytes, r.archive_sha256";

/// The run of a row that has its columns from this one on.
fn run(row: &Row, at: usize) -> Option<Run> {
    let integer = |index| match value(row, at + index) {
        Value::Integer(number) => Some(number),
        _ => None,
    };
    let count = |index| {
        integer(index)
            .and_then(|it| u64::try_from(it).ok())
            .unwrap_or(0)
    };
    let word = |index| text(row, at + index).unwrap_or_default();
    Some(Run {
        id: RunId(integer(0)?),
        at: text(row, at + 1).as_deref().and_then(time::parse_stored),
        user: word(2),
        host: word(3),
        version: word(4),
        command: word(5),
        argv: text(row, at + 6).unwrap_or_else(|| "[]".to_owned()),
        created: count(7),
        updated: count(8),
        deleted: count(9),
        why_not: text(row, at + 10),
        undoes: integer(11).map(RunId),
        undone_by: integer(12).map(RunId),
        archive: text(row, at + 13).map(|path| RunArchive {
            path,
            start: count(14),
            bytes: count(15),
            sha256: word(16),
        }),
    })
}

/// Whether there is a history.
pub(super) fn is_there(postgres: &Postgres) -> Result<bool> {
    match postgres.table.history {
        HistoryTables::Missing => Ok(postgres.recorder.are_there.get()),
        HistoryTables::There => Ok(true),
        HistoryTables::Denied => {
            let label = postgres.label();
            let (user, database) = (one_line(&label.user), one_line(&label.name));
            let message = format!("user \"{user}\" may not read the history in {database}");
            let failure = Failure::new(Kind::Denied, message).hint(GRANT);
            Err(Error::Own(failure))
        }
    }
}

fn select(postgres: &Postgres, rest: &str, arguments: &[Argument]) -> Result<Vec<Run>> {
    if !is_there(postgres)? {
        return Ok(Vec::new());
    }
    let sql = named(
        &postgres.table,
        &format!("SELECT {RUN} FROM {{runs}} r {rest}"),
    );
    let rows = postgres.session.rows(READING, &sql, arguments)?;
    Ok(rows.iter().filter_map(|row| run(row, 0)).collect())
}

pub(super) fn runs(postgres: &Postgres, since: Option<Instant>, limit: usize) -> Result<Vec<Run>> {
    let limit = Argument::Integer(i64::try_from(limit).ok());
    match since {
        Some(since) => {
            let rest = "WHERE r.at >= $1 ORDER BY r.id DESC LIMIT $2";
            select(postgres, rest, &[Argument::Time(Some(since)), limit])
        }
        None => select(postgres, "ORDER BY r.id DESC LIMIT $1", &[limit]),
    }
}

fn one(postgres: &Postgres, condition: &str, id: Option<RunId>) -> Result<Option<Run>> {
    let arguments: Vec<Argument> = id
        .map(|id| Argument::Integer(Some(id.0)))
        .into_iter()
        .collect();
    let rest = format!("WHERE {condition} ORDER BY r.id DESC LIMIT 1");
    Ok(select(postgres, &rest, &arguments)?.pop())
}

pub(super) fn find_run(postgres: &Postgres, id: RunId) -> Result<Option<Run>> {
    one(postgres, "r.id = $1", Some(id))
}

/// The same, which nobody else takes back until the open transaction ends.
pub(super) fn lock_run(postgres: &Postgres, id: RunId) -> Result<Option<Run>> {
    let id = [Argument::Integer(Some(id.0))];
    Ok(select(postgres, "WHERE r.id = $1 FOR UPDATE", &id)?.pop())
}

pub(super) fn last_standing(postgres: &Postgres) -> Result<Option<Run>> {
    one(postgres, "r.undoes IS NULL AND r.undone_by IS NULL", None)
}

pub(super) fn standing_before(postgres: &Postgres, run: RunId) -> Result<Option<Run>> {
    let condition = "r.undoes IS NULL AND r.undone_by IS NULL AND r.why_not IS NULL AND r.id < $1";
    one(postgres, condition, Some(run))
}

pub(super) fn last_change(postgres: &Postgres) -> Result<Option<Run>> {
    one(postgres, "r.undoes IS NULL", None)
}

pub(super) fn last_undo(postgres: &Postgres) -> Result<Option<Run>> {
    let condition = "r.undoes IS NOT NULL AND r.undone_by IS NULL AND r.command <> 'redo'";
    one(postgres, condition, None)
}

pub(super) fn resolve(postgres: &Postgres, prefix: &str) -> Result<Vec<JobId>> {
    const OF_ONE: &str = "SELECT DISTINCT job FROM {changes} WHERE job LIKE $1 LIMIT 6";
    const OF_MANY: &str = "SELECT id, data FROM {changes} WHERE job IS NULL ORDER BY id DESC";
    if prefix.contains('\0') || !is_there(postgres)? {
        return Ok(Vec::new());
    }
    // An exact id stands for itself. The filters tell it without a look into each piece.
    let exact = JobId::new(prefix);
    if !changes_with(postgres, &exact, usize::MAX >> 1, 1)?
        .1
        .is_empty()
    {
        return Ok(vec![exact]);
    }
    let mut candidates = Candidates::of(prefix);
    let arguments = [Argument::text(beginning_with(prefix))];
    let sql = named(&postgres.table, OF_ONE);
    for row in postgres.session.rows(READING, &sql, &arguments)? {
        candidates.add(value(&row, 0).stored());
    }
    let mut unpacker = Unpacker::default();
    let sql = named(&postgres.table, OF_MANY);
    postgres.session.each(READING, &sql, &[], &mut |row| {
        let (Value::Integer(number), Value::Blob(data)) = (value(row, 0), value(row, 1)) else {
            return Ok(true);
        };
        let goes_on = unpacker.ids(&data, &mut |id| candidates.add(id));
        goes_on.ok_or_else(|| unreadable(RunId(run_of(number))))
    })?;
    Ok(candidates.found)
}

/// Whether a piece may hold a job, by its filter, whose multiples are $2.
const MAY_HOLD: &str = "CASE WHEN coalesce(length(c.keys), 0) = 0 THEN true ELSE NOT EXISTS (SELECT FROM unnest($2::numeric[]) bit
    WHERE get_bit(c.keys, (bit % (length(c.keys) * 8))::int4) = 0) END";

/// The changes of a job with their runs, newest first, of at most so many pieces, until there are `limit` changes.
fn changes_with(
    postgres: &Postgres,
    job: &JobId,
    most: usize,
    limit: usize,
) -> Result<(usize, Vec<(Run, Piece)>)> {
    let id = job.to_value();
    let Some(word) = id.as_str().filter(|id| !id.contains('\0')) else {
        return Ok((0, Vec::new()));
    };
    let key = piece::key(id.stored());
    let sql = format!(
        "SELECT c.id, c.data, {RUN} FROM {{changes}} c JOIN {{runs}} r ON r.id = c.id >> {PIECE_BITS}
        WHERE c.job = $1 OR (c.job IS NULL AND {MAY_HOLD}) ORDER BY c.id DESC LIMIT $3"
    );
    let arguments = [
        Argument::text(word),
        Argument::Texts(multiples(key).map(|number| number.to_string()).collect()),
        Argument::Integer(i64::try_from(most).ok()),
    ];
    let (mut read, mut count) = (0, 0);
    let mut found = Vec::new();
    let mut unpacker = Unpacker::default();
    let sql = named(&postgres.table, &sql);
    postgres
        .session
        .each(READING, &sql, &arguments, &mut |row| {
            read += 1;
            let (Value::Integer(number), Value::Blob(data)) = (value(row, 0), value(row, 1)) else {
                return Ok(true);
            };
            let piece = unpacker.unpack_of(&data, &id);
            let piece = piece.ok_or_else(|| unreadable(RunId(run_of(number))))?;
            if let Some(run) = run(row, 2).filter(|_| !piece.changes.is_empty()) {
                count += piece.changes.len();
                found.push((run, piece));
            }
            Ok(count < limit)
        })?;
    Ok((read, found))
}

/// The newest change of a job, in one question, without the columns of a new one.
pub(super) fn newest_change(postgres: &Postgres, job: &JobId) -> Result<Option<JobChange>> {
    /// The pieces in which it most likely is.
    const FEW: usize = 4;
    // Somebody who may not read the history may look at jobs.
    if postgres.table.history != HistoryTables::There {
        return Ok(None);
    }
    let (read, mut found) = changes_with(postgres, job, FEW, 1)?;
    if found.is_empty() && read == FEW {
        found = changes_with(postgres, job, usize::MAX >> 1, 1)?.1;
    }
    let newest = found.first();
    Ok(newest.and_then(|(run, piece)| {
        let change = piece.changes.last()?;
        Some(told(run, piece, change, None))
    }))
}

pub(super) fn changes(postgres: &Postgres, job: &JobId, limit: usize) -> Result<Vec<JobChange>> {
    let mut changes = Vec::new();
    if !is_there(postgres)? {
        return Ok(changes);
    }
    let (_, found) = changes_with(postgres, job, usize::MAX >> 1, limit)?;
    let id = job.to_value();
    // The row after a change, as the next one found it: what was inserted is known by its hash alone.
    let mut next: Option<Vec<Value>> = None;
    let mut is_newest = true;
    for (run, piece) in &found {
        let is_of_it = |change: &&Change| *change.id() == id || *change.id_after() == id;
        for change in piece.changes.iter().rev().filter(is_of_it) {
            if is_newest && change.op == Op::Insert {
                next = now(postgres, piece, std::slice::from_ref(job))?
                    .pop()
                    .flatten();
            }
            is_newest = false;
            let known = next.take().filter(|row| piece.row_hash(row) == change.hash);
            changes.push(told(run, piece, change, known.as_deref()));
            next = (change.op != Op::Insert).then(|| change.before.clone());
            if changes.len() >= limit {
                return Ok(changes);
            }
        }
    }
    Ok(changes)
}

/// The rows of these jobs as they are, in the columns of a piece.
fn now(postgres: &Postgres, piece: &Piece, ids: &[JobId]) -> Result<Vec<Option<Vec<Value>>>> {
    let Ok(places) = places(&postgres.table, &piece.columns) else {
        return Ok(vec![None; ids.len()]);
    };
    let rows = stored_rows(postgres, READING, ids, false)?;
    let row = |id: &JobId| Some(rows.get(id)?.in_places(&places));
    Ok(ids.iter().map(row).collect())
}

/// The numbers of the pieces of a run, in their order.
pub(super) fn piece_numbers(postgres: &Postgres, run: RunId) -> Result<Vec<i64>> {
    const SQL: &str = "SELECT id FROM {changes} WHERE id >= $1 AND id < $2 ORDER BY id";
    let pieces = pieces_of(run.0);
    let arguments = [
        Argument::Integer(Some(pieces.start)),
        Argument::Integer(Some(pieces.end)),
    ];
    let sql = named(&postgres.table, SQL);
    let rows = postgres.session.rows(READING, &sql, &arguments)?;
    let number = |row: &Row| match value(row, 0) {
        Value::Integer(number) => Some(number),
        _ => None,
    };
    Ok(rows.iter().filter_map(number).collect())
}

pub(super) fn read_piece(postgres: &Postgres, number: i64) -> Result<Option<Piece>> {
    one_piece(postgres, number, "")
}

/// The same, which nobody else changes until the open transaction ends.
pub(super) fn lock_piece(postgres: &Postgres, number: i64) -> Result<Option<Piece>> {
    one_piece(postgres, number, " FOR UPDATE")
}

fn one_piece(postgres: &Postgres, number: i64, lock: &str) -> Result<Option<Piece>> {
    let sql = format!("SELECT data FROM {{changes}} WHERE id = $1{lock}");
    let sql = named(&postgres.table, &sql);
    let arguments = [Argument::Integer(Some(number))];
    let rows = postgres.session.rows(READING, &sql, &arguments)?;
    let Some(Value::Blob(data)) = rows.first().map(|row| value(row, 0)) else {
        return Ok(None);
    };
    let piece = unpack(&data);
    piece
        .map(Some)
        .ok_or_else(|| unreadable(RunId(run_of(number))))
}

/// The changes of a run that are told at once.
const AT_ONCE: usize = 500;

pub(super) fn changes_of(postgres: &Postgres, run: RunId, limit: usize) -> Result<Vec<JobChange>> {
    let mut changes = Vec::new();
    let Some(run) = find_run(postgres, run)? else {
        return Ok(changes);
    };
    for number in piece_numbers(postgres, run.id)? {
        let Some(piece) = read_piece(postgres, number)? else {
            continue;
        };
        for part in piece.changes.chunks(AT_ONCE) {
            let part = &part[..part.len().min(limit - changes.len())];
            let created = part.iter().filter(|change| change.op == Op::Insert);
            let ids: Vec<JobId> = created.map(|it| JobId::from_value(it.id())).collect();
            let mut rows = if ids.is_empty() {
                Vec::new().into_iter()
            } else {
                now(postgres, &piece, &ids)?.into_iter()
            };
            for change in part {
                let row = match change.op {
                    Op::Insert => rows.next().flatten(),
                    _ => None,
                };
                let known = row.filter(|row| piece.row_hash(row) == change.hash);
                changes.push(told(&run, &piece, change, known.as_deref()));
            }
            if changes.len() >= limit {
                return Ok(changes);
            }
        }
    }
    Ok(changes)
}
