//! The way back: the changes of a run are taken back from the last to the first, in one transaction. Each row must be as the run
//! left it; one that is not, or that the table does not take, is a conflict, and costs all of the run, or its own job. Rows are
//! read and written many at a time.

use std::collections::{HashMap, HashSet};

use super::reading::{lock_run, piece_numbers, read_piece};
use super::restoring::{Restored, UNDOING, write_back};
use super::rows::{places, stored_rows};
use super::tables;
use crate::job::{Job, JobId, Value};
use crate::repository::change_log::named_again::{is_gone, named_again};
use crate::repository::change_log::numbers::NOT_KEPT;
use crate::repository::change_log::piece::{Change, Op, Piece};
use crate::repository::change_log::words::{CHANGED, GONE, OTHERWISE, TAKEN, lacks_column};
use crate::repository::postgres::connection::database::Postgres;
use crate::repository::postgres::reading::parents::missing_parents;
use crate::repository::postgres::writing::transaction::OpenTransaction;
use crate::repository::{Result, TakeBack, TakenBack};

/// The changes whose rows are read at once.
const AT_ONCE: usize = 500;

pub(super) fn take_back(postgres: &Postgres, terms: TakeBack) -> Result<TakenBack> {
    // The jobs that stay as they are, and why.
    let mut left: Vec<(JobId, String)> = Vec::new();
    loop {
        let before = left.len();
        let transaction = OpenTransaction::begin(postgres);
        let Some(run) = lock_run(postgres, terms.run)? else {
            return Ok(TakenBack::default());
        };
        postgres.recorder.set_undoes(run.id);
        let mut walk = Walk {
            postgres,
            passed: left.iter().map(|(id, _)| id.clone()).collect(),
            left,
            done: TakenBack::default(),
        };
        walk.go(&piece_numbers(postgres, run.id)?)?;
        let mut done = walk.done;
        left = walk.left;
        if left.len() > before {
            drop(transaction);
            if terms.skip_conflicts {
                continue;
            }
            done.restored = 0;
            done.deleted = 0;
        } else if !terms.dry_run && done.restored + done.deleted > 0 {
            postgres.save_history()?;
            let own = postgres.recorder.run().unwrap_or(NOT_KEPT);
            mark(postgres, run.id.0, Some(own))?;
            if let Some(undone) = run.undoes {
                mark(postgres, undone.0, None)?;
            }
            transaction.commit(UNDOING)?;
        }
        done.conflicts = left;
        return Ok(done);
    }
}

fn mark(postgres: &Postgres, run: i64, by: Option<i64>) -> Result<()> {
    let (sql, arguments) = tables::mark_undone(&postgres.table, run, by);
    postgres.session.rows(UNDOING, &sql, &arguments).map(drop)
}

/// One walk over the changes of a run.
struct Walk<'a> {
    postgres: &'a Postgres,
    /// The jobs that are passed over.
    passed: HashSet<JobId>,
    left: Vec<(JobId, String)>,
    done: TakenBack,
}

impl Walk<'_> {
    fn go(&mut self, pieces: &[i64]) -> Result<()> {
        for number in pieces.iter().rev() {
            if let Some(piece) = read_piece(self.postgres, *number)? {
                for part in piece.changes.rchunks(AT_ONCE) {
                    self.reverse_part(&piece, part)?;
                }
            }
        }
        Ok(())
    }

    fn leave(&mut self, id: JobId, why: String) {
        self.passed.insert(id.clone());
        self.left.push((id, why));
    }

    fn reverse_part(&mut self, piece: &Piece, part: &[Change]) -> Result<()> {
        let postgres = self.postgres;
        let changes: Vec<&Change> = part
            .iter()
            .rev()
            .filter(|change| !self.passed.contains(&JobId::from_value(change.id())))
            .collect();
        let places = match places(&postgres.table, &piece.columns) {
            Ok(places) => places,
            Err(name) => {
                for change in changes {
                    let id = JobId::from_value(change.id());
                    if !self.passed.contains(&id) {
                        self.leave(id, lacks_column(&name));
                    }
                }
                return Ok(());
            }
        };
        let named = |change: &&Change| [change.id(), change.id_after()].map(JobId::from_value);
        let ids: HashSet<JobId> = changes.iter().flat_map(named).collect();
        let ids: Vec<JobId> = ids.into_iter().collect();
        let found = stored_rows(postgres, UNDOING, &ids, true)?;
        let gone = gone_parents(postgres, &changes)?;
        // The rows as they are to be, in the columns of the piece.
        let mut rows: HashMap<JobId, Option<Vec<Value>>> = HashMap::new();
        let mut order: Vec<JobId> = Vec::new();
        for (change, gone) in changes.iter().zip(gone) {
            let id = JobId::from_value(change.id());
            let after = JobId::from_value(change.id_after());
            if self.passed.contains(&id) {
                continue;
            }
            let there = rows.get(&after).cloned().unwrap_or_else(|| {
                let row = found.get(&after);
                row.map(|row| row.in_places(&places))
            });
            let is_as_left = match (change.op, &there) {
                (Op::Delete, None) => Ok(()),
                (Op::Delete, Some(_)) => Err(TAKEN.to_owned()),
                (_, None) => Err(GONE.to_owned()),
                (_, Some(row)) if piece.row_hash(row) != change.hash => Err(CHANGED.to_owned()),
                (_, Some(_)) => Ok(()),
            };
            if let Err(why) = is_as_left.and(gone.map_or(Ok(()), Err)) {
                self.leave(id, why);
                continue;
            }
            let before = match change.op {
                Op::Insert => {
                    self.done.deleted += 1;
                    None
                }
                Op::Update | Op::Delete => {
                    self.done.restored += 1;
                    Some(change.before.clone())
                }
            };
            for (id, row) in [(after, None), (id, before)] {
                if rows.insert(id.clone(), row).is_none() {
                    order.push(id);
                }
            }
        }
        let columns: Vec<_> = postgres.table.stored_columns().collect();
        let restored: Vec<Restored<'_>> = order
            .iter()
            .filter(|id| !self.passed.contains(*id))
            .filter_map(|id| {
                Some(Restored {
                    id,
                    was: found.get(id),
                    is: rows.remove(id)?,
                })
            })
            .collect();
        for (id, why) in write_back(postgres, &columns, &places, &restored)? {
            self.leave(id, why.unwrap_or_else(|| OTHERWISE.to_owned()));
        }
        postgres.save_if_full()
    }
}

/// The reason for each change whose row names an episode or series again that is not there.
fn gone_parents(postgres: &Postgres, changes: &[&Change]) -> Result<Vec<Option<String>>> {
    let named: Vec<Job> = changes.iter().map(|change| named_again(change)).collect();
    let mut gone = vec![None; changes.len()];
    for (index, column) in missing_parents(postgres, &named)? {
        gone[index].get_or_insert_with(|| is_gone(&named[index], column));
    }
    Ok(gone)
}
