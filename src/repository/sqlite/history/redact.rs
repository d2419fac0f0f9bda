//! Redaction: personal text is taken out of rows, and out of every row that a run has kept of them. What is freed is
//! overwritten (`secure_delete`), in short transactions; nothing of it is kept.

use std::collections::HashSet;

use rusqlite::params;

use super::pieces::{pieces_with, read_piece};
use super::rows::{stored_row, update_row};
use super::tables;
use crate::job::{Column, JobId, Value};
use crate::repository::change_log::buffer::ChangeCounts;
use crate::repository::change_log::redaction::{neutral, redact_piece};
use crate::repository::change_log::words::REDACTED;
use crate::repository::sqlite::connection::database::Sqlite;
use crate::repository::sqlite::writing::pace::Hold;
use crate::repository::sqlite::writing::write::begin_writing;
use crate::repository::{Redacted, Result};

const REDACTING: &str = "redacting jobs";

pub(in crate::repository::sqlite) fn redact(
    sqlite: &Sqlite,
    ids: &[JobId],
    columns: &[Column],
) -> Result<Redacted> {
    let explain = sqlite.explain(REDACTING);
    sqlite
        .connection
        .pragma_update(None, "secure_delete", true)
        .map_err(&explain)?;
    sqlite.recorder.count_alone(REDACTED);
    let mut done = Redacted::default();
    let mut rest = ids;
    while !rest.is_empty() {
        rest = in_one_go(sqlite, |hold| {
            let mut rest = rest;
            while let [id, more @ ..] = rest {
                if redact_row(sqlite, id, columns)? {
                    done.jobs.push(id.clone());
                }
                rest = more;
                if hold.is_over() {
                    break;
                }
            }
            Ok(rest)
        })?;
    }
    if tables::are_there(&sqlite.connection).map_err(&explain)? {
        redact_pieces(sqlite, ids, columns, &mut done)?;
    }
    Ok(done)
}

/// One short transaction.
fn in_one_go<T>(sqlite: &Sqlite, write: impl FnOnce(&Hold) -> Result<T>) -> Result<T> {
    sqlite.pace.rest();
    let transaction = begin_writing(sqlite)?;
    let mut hold = sqlite.pace.hold(false);
    let done = write(&hold)?;
    hold.committing();
    transaction.commit(REDACTING)?;
    sqlite.pace.end(&hold);
    Ok(done)
}

fn redact_row(sqlite: &Sqlite, id: &JobId, columns: &[Column]) -> Result<bool> {
    let names: Vec<_> = columns
        .iter()
        .map(|it| std::sync::Arc::from(it.name()))
        .collect();
    let Some(row) = stored_row(sqlite, &names, &id.to_value(), 0)? else {
        return Ok(false);
    };
    let changed: Vec<(Column, Value)> = columns
        .iter()
        .zip(&row.values)
        .filter_map(|(column, value)| Some((*column, neutral(*column, value)?)))
        .collect();
    if changed.is_empty() {
        return Ok(false);
    }
    let set: Vec<(&str, &Value)> = changed
        .iter()
        .map(|(column, value)| (column.name(), value))
        .collect();
    update_row(sqlite, &set, row.rowid).map_err(sqlite.explain(REDACTING))?;
    sqlite.recorder.count(ChangeCounts::ONE_UPDATED);
    Ok(true)
}

/// Takes the texts out of the pieces.
fn redact_pieces(
    sqlite: &Sqlite,
    ids: &[JobId],
    columns: &[Column],
    done: &mut Redacted,
) -> Result<()> {
    let wanted: HashSet<JobId> = ids.iter().cloned().collect();
    let mut numbers = HashSet::new();
    for id in ids {
        pieces_with(sqlite, &id.to_value(), &mut |number, _| {
            numbers.insert(number);
            Ok(true)
        })?;
    }
    let mut numbers: Vec<i64> = numbers.into_iter().collect();
    numbers.sort_unstable();
    for number in numbers {
        in_one_go(sqlite, |_| {
            let Some(mut piece) = read_piece(sqlite, number)? else {
                return Ok(());
            };
            let jobs = redact_piece(&mut piece, &wanted, columns);
            if jobs.is_empty() {
                return Ok(());
            }
            for job in jobs {
                if !done.jobs.contains(&job) {
                    sqlite.recorder.count(ChangeCounts::ONE_UPDATED);
                    done.jobs.push(job);
                }
            }
            let packed = piece
                .pack()
                .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()));
            packed
                .and_then(|packed| {
                    let sql = "UPDATE main.jobctl_change SET data = ? WHERE id = ?";
                    let mut statement = sqlite.connection.prepare_cached(sql)?;
                    statement.execute(params![packed, number])
                })
                .map_err(sqlite.explain(REDACTING))?;
            Ok(())
        })?;
    }
    Ok(())
}
