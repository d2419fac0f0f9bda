//! A transaction that waits for a lock for no longer than it was asked to. It holds for one transaction, so that a pooler may
//! give each to another connection of its own.

use std::time::Duration;

use crate::repository::postgres::connection::session::Session;
use crate::repository::{Error, Result};

/// Begins one in which a lock is waited for so long.
pub(in crate::repository::postgres) fn begin_sql(wait: Duration) -> String {
    // 0 would wait for ever.
    let longest = wait.as_millis().clamp(1, 2_147_483_647);
    format!("BEGIN; SET LOCAL lock_timeout = {longest}")
}

/// Taken back when it is dropped before its commit.
pub(in crate::repository::postgres) struct OpenTransaction<'a> {
    session: &'a Session,
    is_over: bool,
}

impl<'a> OpenTransaction<'a> {
    pub(in crate::repository::postgres) fn begin(
        session: &'a Session,
    ) -> Result<OpenTransaction<'a>> {
        session.run("starting to write", &begin_sql(session.label.wait))?;
        Ok(OpenTransaction {
            session,
            is_over: false,
        })
    }

    /// Makes it final. Where the answer is lost, nobody knows whether it is.
    pub(in crate::repository::postgres) fn commit(mut self, doing: &'static str) -> Result<()> {
        self.is_over = true;
        match self.session.run(doing, "COMMIT") {
            Err(Error::Own(failure)) if failure.kind == crate::error::Kind::Unreachable => {
                let message = format!("{}; whether it was done is not known", failure.message);
                Err(Error::Own(crate::error::Failure { message, ..failure }))
            }
            done => done,
        }
    }
}

impl Drop for OpenTransaction<'_> {
    fn drop(&mut self) {
        if !self.is_over {
            // Of a lost connection the server takes it back by itself.
            let _ = self.session.try_run("ROLLBACK");
        }
    }
}
