//! The way back: the changes of a run are taken back from the last to the first, in one transaction. Each row must be as the run
//! left it; one that is not, or that the table does not take, is a conflict, and costs all of the run, or its own job.

use std::collections::HashSet;
use std::sync::Arc;

use super::indexes;
use super::pieces::{piece_numbers, read_piece};
use super::reading::find_run;
use super::rows::{delete_row, insert_row, stored_row, update_row};
use super::tables;
use crate::job::{Column, JobId, Value};
use crate::repository::change_log::named_again::{is_gone, named_again};
use crate::repository::change_log::numbers::NOT_KEPT;
use crate::repository::change_log::piece::{Change, Op, Piece};
use crate::repository::change_log::words::{CHANGED, GONE, OTHERWISE, TAKEN, lacks_column};
use crate::repository::sqlite::connection::database::Sqlite;
use crate::repository::sqlite::writing::parents::missing_parents;
use crate::repository::sqlite::writing::table_rules::Tried;
use crate::repository::sqlite::writing::write::begin_writing;
use crate::repository::{Result, TakeBack, TakenBack};

const UNDOING: &str = "taking a run back";

pub(in crate::repository::sqlite) fn take_back(
    sqlite: &Sqlite,
    terms: TakeBack,
) -> Result<TakenBack> {
    if !dangles(sqlite, terms)? {
        return in_one_transaction(sqlite, terms);
    }
    // SQLite would not take a row back that named no parent before either.
    let explain = sqlite.explain(UNDOING);
    sqlite
        .connection
        .pragma_update(None, "foreign_keys", false)
        .map_err(&explain)?;
    let done = in_one_transaction(sqlite, terms);
    sqlite
        .connection
        .pragma_update(None, "foreign_keys", true)
        .map_err(&explain)?;
    done
}

/// Whether a row that is to come back named a parent that was not there.
fn dangles(sqlite: &Sqlite, terms: TakeBack) -> Result<bool> {
    if sqlite.parents != Some(true) {
        return Ok(false);
    }
    for number in piece_numbers(sqlite, terms.run)? {
        let piece = read_piece(sqlite, number)?;
        if piece.is_some_and(|piece| piece.changes.iter().any(|change| change.dangling != 0)) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn in_one_transaction(sqlite: &Sqlite, terms: TakeBack) -> Result<TakenBack> {
    // The jobs that stay as they are, and why.
    let mut left: Vec<(JobId, String)> = Vec::new();
    loop {
        let before = left.len();
        sqlite.recorder.be_told(false);
        let transaction = begin_writing(sqlite)?;
        let Some(run) = find_run(sqlite, terms.run)? else {
            return Ok(TakenBack::default());
        };
        sqlite.recorder.set_undoes(run.id);
        let mut walk = Walk {
            sqlite,
            passed: left.iter().map(|(id, _)| id.clone()).collect(),
            left,
            done: TakenBack::default(),
        };
        walk.go(&piece_numbers(sqlite, run.id)?)?;
        let mut done = walk.done;
        left = walk.left;
        if left.len() == before && !sqlite.connection.is_autocommit() {
            done.indexes = indexes::take_back(sqlite, run.id.0).map_err(sqlite.explain(UNDOING))?;
        }
        if left.len() > before {
            drop(transaction);
            if terms.skip_conflicts {
                continue;
            }
            done.restored = 0;
            done.deleted = 0;
            done.indexes = 0;
        } else if !terms.dry_run && done.restored + done.deleted + done.indexes > 0 {
            sqlite.save_history()?;
            let own = sqlite.recorder.run().unwrap_or(NOT_KEPT);
            tables::mark_undone(&sqlite.connection, run.id.0, Some(own))
                .and_then(|()| match run.undoes {
                    Some(undone) => tables::mark_undone(&sqlite.connection, undone.0, None),
                    None => Ok(()),
                })
                .map_err(sqlite.explain(UNDOING))?;
            transaction.commit(UNDOING)?;
        }
        done.conflicts = left;
        return Ok(done);
    }
}

/// One walk over the changes of a run.
struct Walk<'a> {
    sqlite: &'a Sqlite,
    /// The jobs that are passed over.
    passed: HashSet<JobId>,
    left: Vec<(JobId, String)>,
    done: TakenBack,
}

impl Walk<'_> {
    fn go(&mut self, pieces: &[i64]) -> Result<()> {
        for number in pieces.iter().rev() {
            let Some(piece) = read_piece(self.sqlite, *number)? else {
                continue;
            };
            for change in piece.changes.iter().rev() {
                let id = row_name(change);
                if self.passed.contains(&id) {
                    continue;
                }
                if let Err(why) = self.reverse(&piece, change)? {
                    self.passed.insert(id.clone());
                    self.left.push((id, why));
                    if self.sqlite.connection.is_autocommit() {
                        return Ok(());
                    }
                }
            }
        }
        Ok(())
    }

    /// Takes one change back; the inner error says why that cannot be.
    fn reverse(
        &mut self,
        piece: &Piece,
        change: &Change,
    ) -> Result<std::result::Result<(), String>> {
        let sqlite = self.sqlite;
        let columns = &piece.columns;
        if let Some(name) = lacking(sqlite, columns)? {
            return Ok(Err(lacks_column(&name)));
        }
        let there = stored_row(sqlite, columns, change.id_after(), change.rowid)?;
        let tried = match (change.op, there) {
            (Op::Delete, Some(row)) if !change.id().is_null() || row.rowid == change.rowid => {
                return Ok(Err(TAKEN.to_owned()));
            }
            (Op::Insert | Op::Update, None) => return Ok(Err(GONE.to_owned())),
            (Op::Insert | Op::Update, Some(row)) if piece.row_hash(&row.values) != change.hash => {
                return Ok(Err(CHANGED.to_owned()));
            }
            (Op::Insert, Some(row)) => {
                self.done.deleted += 1;
                let id = JobId::from_value(change.id());
                sqlite.attempt(false, UNDOING, || {
                    let count = delete_row(sqlite, row.rowid)?;
                    sqlite.ask_referrers(&id)?;
                    Ok(count)
                })?
            }
            (Op::Update, Some(row)) => {
                if let Some(why) = gone_parent(sqlite, change)? {
                    return Ok(Err(why));
                }
                self.done.restored += 1;
                let restored: Vec<(&str, &Value)> = change
                    .wrote
                    .iter()
                    .map(|(index, _)| (columns[*index].as_ref(), &change.before[*index]))
                    .collect();
                sqlite.attempt(false, UNDOING, || update_row(sqlite, &restored, row.rowid))?
            }
            (Op::Delete, _) => {
                if let Some(why) = gone_parent(sqlite, change)? {
                    return Ok(Err(why));
                }
                self.done.restored += 1;
                sqlite.attempt(false, UNDOING, || {
                    insert_row(sqlite, columns, &change.before, change.rowid)
                })?
            }
        };
        match tried {
            Tried::Refused(why) | Tried::TookBack(why) => return Ok(Err(why)),
            Tried::Done(_) => {}
        }
        let now = stored_row(sqlite, columns, change.id(), change.rowid)?;
        let now = now.map(|row| row.values);
        let is_as_before = match change.op {
            Op::Insert => now.is_none() || change.id().is_null(),
            Op::Update | Op::Delete => now.as_ref() == Some(&change.before),
        };
        Ok(is_as_before.then_some(()).ok_or(OTHERWISE.to_owned()))
    }
}

/// The id of a row, or what names one without: nothing else tells two of them apart.
fn row_name(change: &Change) -> JobId {
    if change.id().is_null() {
        JobId::new(&format!("rowid {}", change.rowid))
    } else {
        JobId::from_value(change.id())
    }
}

/// A column of the piece that the table has no more.
fn lacking(sqlite: &Sqlite, columns: &[Arc<str>]) -> Result<Option<Arc<str>>> {
    let others = &columns[Column::COUNT..];
    if others.is_empty() {
        return Ok(None);
    }
    let seen = sqlite.others.borrow();
    let now = seen.as_ref().map(|seen| &seen.names);
    let is_gone = |name: &&Arc<str>| now.is_none_or(|now| !now.contains(name));
    Ok(others.iter().find(is_gone).cloned())
}

/// The episode or series that the job names again, and that is not there.
fn gone_parent(sqlite: &Sqlite, change: &Change) -> Result<Option<String>> {
    let named = named_again(change);
    let missing = missing_parents(sqlite, std::slice::from_ref(&named))?;
    let first = missing.first();
    Ok(first.map(|(_, column)| is_gone(&named, *column)))
}
