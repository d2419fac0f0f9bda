//! The writing of what the recorder was told, in the transaction that changes the jobs.

use super::lifetime;
use super::tables::{self, NewPiece, RunPart};
use crate::error::Kind;
use crate::job::Value;
use crate::repository::change_log::key_filter::filter_of;
use crate::repository::change_log::words::demanded;
use crate::repository::postgres::connection::database::Postgres;
use crate::repository::postgres::connection::job_table::HistoryTables;
use crate::repository::postgres::connection::values::value;
use crate::repository::postgres::writing::transaction::OpenTransaction;
use crate::repository::{Error, Result, RunTerms};

const WRITING: &str = "writing the history";

/// The number of runs from one time at which old ones go to the next.
const EVERY: i64 = 8;

impl Postgres {
    /// Whether the tables of the history are there, with those of the open transaction.
    fn has_history_tables(&self) -> bool {
        let recorder = &self.recorder;
        recorder.made.get()
            || recorder.are_there.get()
            || self.table.history != HistoryTables::Missing
    }

    /// Writes what the open transaction has done into the history, where so much has been seen that it should be written before
    /// there is more.
    pub(in crate::repository::postgres) fn save_if_full(&self) -> Result<()> {
        let is_full = self.recorder.buffer.borrow().is_full();
        if is_full { self.save_history() } else { Ok(()) }
    }

    /// Writes what the open transaction has done into the history, in the same transaction. Where that fails, it goes on
    /// without, unless a history is demanded.
    pub(in crate::repository::postgres) fn save_history(&self) -> Result<()> {
        let recorder = &self.recorder;
        let Some(terms) = recorder.terms.as_ref().filter(|_| recorder.is_on()) else {
            return Ok(());
        };
        if recorder.buffer.borrow().counts.is_zero() {
            return Ok(());
        }
        let Err(error) = self.make_history().and_then(|()| self.write_history(terms)) else {
            return Ok(());
        };
        if recorder.is_required() {
            return Err(demanded(&error));
        }
        // Where others were in the way, the same line does it later, with its history.
        let is_passing = matches!(error.kind(), Kind::Locked | Kind::Unreachable);
        let undo = "ROLLBACK TO SAVEPOINT jobctl_history";
        if is_passing || self.session.try_run(undo).is_err() {
            return Err(error);
        }
        if let (None, Some(run)) = (recorder.saved.get().run, recorder.now.get().run) {
            let statements = [
                tables::drop_pieces(&self.table, run),
                tables::drop_run(&self.table, run),
            ];
            for (sql, arguments) in statements {
                self.session.rows(WRITING, &sql, &arguments)?;
            }
        }
        recorder.give_up(error.to_string());
        Ok(())
    }

    /// Makes the tables, where there are none, in a transaction of their own: before a long one, in which nobody else could make
    /// them. What cannot be made is said when there is something to keep.
    pub(in crate::repository::postgres) fn prepare_history(&self) {
        if !self.recorder.is_on() || self.has_history_tables() {
            return;
        }
        let transaction = OpenTransaction::begin(self);
        if self.make_history().is_ok() {
            let _ = transaction.commit(WRITING);
        }
    }

    /// Makes the tables in the transaction that is open, where there are none.
    fn make_history(&self) -> Result<()> {
        if self.has_history_tables() {
            return Ok(());
        }
        let make = tables::make(&self.table);
        let sql = format!("SAVEPOINT jobctl_history; {make}");
        match self.session.try_run(&sql) {
            // Of two that make them at once one may be told of a name that is taken.
            Err(error)
                if error
                    .code()
                    .is_some_and(|code| code.code() == "23505" || code.code() == "42P07") =>
            {
                let sql = "ROLLBACK TO SAVEPOINT jobctl_history";
                self.session.run(WRITING, sql)?;
            }
            Err(error) => return Err(self.label().explain(WRITING, &error)),
            Ok(()) => {}
        }
        self.recorder.made.set(true);
        Ok(())
    }

    fn write_history(&self, terms: &RunTerms) -> Result<()> {
        let recorder = &self.recorder;
        let (mut now, table) = (recorder.now.get(), &self.table);
        let was_large = now.too_large;
        let piece = {
            let mut buffer = recorder.buffer.borrow_mut();
            now.counts.add(buffer.counts);
            let packed = now.pack(&mut buffer).map_err(|error| Error::Other {
                doing: WRITING,
                detail: error.to_string(),
            })?;
            let job = buffer.only_job().cloned();
            packed.map(|data| NewPiece {
                number: now.pieces,
                keys: job.is_none().then(|| filter_of(buffer.keys())),
                job,
                count: buffer.keys().len(),
                data,
            })
        };
        now.pieces += i64::from(piece.is_some());
        let part = RunPart {
            counts: now.counts,
            kept: now.kept,
            why_not: recorder.counts_alone.get().or(now.why_not()),
            piece,
        };
        let mut statements = vec![("SAVEPOINT jobctl_history".to_owned(), Vec::new())];
        statements.push(match now.run {
            Some(run) => tables::update_run(table, run, part),
            None => tables::insert_run(table, terms, recorder.undoes.get(), part),
        });
        if let (Some(run), true) = (now.run, now.too_large && !was_large) {
            statements.push(tables::drop_pieces(table, run));
        }
        statements.push(("RELEASE SAVEPOINT jobctl_history".to_owned(), Vec::new()));
        let mut answers = self.session.together(&statements);
        if let Some(at) = answers.iter().position(std::result::Result::is_err)
            && let Err(error) = answers.swap_remove(at)
        {
            return Err(self.label().explain(WRITING, &error));
        }
        let rows = answers.swap_remove(1).unwrap_or_default();
        if let Some(Value::Integer(run)) = rows.first().map(|row| value(row, 0)) {
            now.run = Some(run);
        }
        recorder.buffer.borrow_mut().clear();
        recorder.now.set(now);
        Ok(())
    }

    /// To be called when the open transaction has been committed. Old runs go a few at a time, when jobctl writes anyway.
    pub(in crate::repository::postgres) fn committed_history(&self) {
        let Some(run) = self.recorder.committed() else {
            return;
        };
        if let Some(terms) = self.recorder.terms.as_ref().filter(|_| run % EVERY == 0) {
            // What was changed is in; those that stay go the next time.
            let _ = lifetime::remove_a_few(self, terms.at);
        }
    }
}
