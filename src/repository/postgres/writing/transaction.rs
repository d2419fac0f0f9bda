//! A transaction of several statements, which is taken back unless it is made final. What it does is written into the history
//! with it.

use std::time::Duration;

use crate::error::{Failure, Kind};
use crate::repository::postgres::connection::database::Postgres;
use crate::repository::{Error, Result};

/// The settings on which the texts of some types depend.
const TEXTS: &str = "SET LOCAL datestyle = 'ISO'; SET LOCAL intervalstyle = 'postgres'; SET LOCAL timezone = 'UTC'; \
    SET LOCAL extra_float_digits = 3; SET LOCAL bytea_output = 'hex'";

/// The longest wait for a lock of a statement that takes its locks in whatever order: shorter than the time after which a server looks
/// for sessions that wait for each other, one of which it would break off.
const BRIEF: Duration = Duration::from_millis(50);

/// Begins one with the next statement.
pub(in crate::repository::postgres) fn begin(postgres: &Postgres) {
    postgres.recorder.begin(&postgres.table);
    postgres.session.begin();
    let mut stored = postgres.table.stored_columns();
    if postgres.recorder.keeps_rows() && stored.any(|it| it.depends_on_settings()) {
        postgres.session.defer(TEXTS);
    }
}

/// Makes the open one final, whose history has been saved. Where the answer is lost, nobody knows whether it is.
pub(in crate::repository::postgres) fn commit(
    postgres: &Postgres,
    doing: &'static str,
) -> Result<()> {
    match postgres.session.run(doing, "COMMIT") {
        Err(Error::Own(failure)) if failure.kind == Kind::Unreachable => {
            let message = format!("{}; whether it was done is not known", failure.message);
            Err(Error::Own(Failure { message, ..failure }))
        }
        Err(error) => Err(error),
        Ok(()) => {
            postgres.committed_history();
            Ok(())
        }
    }
}

pub(in crate::repository::postgres) fn take_back(postgres: &Postgres) {
    // Of a lost connection the server takes it back by itself.
    let _ = postgres.session.try_run("ROLLBACK");
}

/// Taken back when it is dropped before its commit.
pub(in crate::repository::postgres) struct OpenTransaction<'a> {
    postgres: &'a Postgres,
    is_over: bool,
}

impl<'a> OpenTransaction<'a> {
    pub(in crate::repository::postgres) fn begin(postgres: &'a Postgres) -> OpenTransaction<'a> {
        begin(postgres);
        OpenTransaction {
            postgres,
            is_over: false,
        }
    }

    /// Begins one for a statement that takes its locks in whatever order, and gives up soon where somebody has one of them.
    pub(in crate::repository::postgres) fn begin_brief(
        postgres: &'a Postgres,
    ) -> OpenTransaction<'a> {
        let transaction = OpenTransaction::begin(postgres);
        postgres.session.limit_lock_waits(BRIEF);
        transaction
    }

    /// What follows that statement waits as long as any.
    pub(in crate::repository::postgres) fn wait_again(&self) {
        self.postgres.session.limit_lock_waits(Duration::MAX);
    }

    /// Begins one that only reads, sees one moment, and is never committed.
    pub(in crate::repository::postgres) fn begin_reading(
        postgres: &'a Postgres,
    ) -> OpenTransaction<'a> {
        postgres.session.begin_reading();
        OpenTransaction {
            postgres,
            is_over: false,
        }
    }

    pub(in crate::repository::postgres) fn commit(mut self, doing: &'static str) -> Result<()> {
        let postgres = self.postgres;
        postgres.save_history()?;
        self.is_over = true;
        commit(postgres, doing)
    }
}

impl Drop for OpenTransaction<'_> {
    fn drop(&mut self) {
        if !self.is_over {
            take_back(self.postgres);
        }
    }
}
