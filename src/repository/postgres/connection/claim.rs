//! The claim to be the only run of a kind: a lock of a transaction that is open on a connection of its own. It sees nothing, so
//! it keeps no old row from being cleared away, and a pooler leaves it its connection; it ends with the process.

use std::time::Duration;

use xxhash_rust::xxh64::xxh64;

use super::connect::connect;
use super::session::Session;
use super::values::{Argument, value};
use crate::job::Value;
use crate::repository::postgres::address::ConnectionParameters;
use crate::repository::{Error, Result};
use crate::system::lock_wait::LockWait;

const SOON: Duration = Duration::from_secs(1);

/// A lock that is held.
pub(in crate::repository::postgres) struct RunClaim(Session);

impl Drop for RunClaim {
    /// Lets it go at once, and not when the server finds the connection closed.
    fn drop(&mut self) {
        let _ = self.0.try_run("ROLLBACK");
    }
}

/// `main` is the session that is to do the work.
pub(in crate::repository::postgres) fn claim(
    parameters: &ConnectionParameters,
    main: &Session,
    run: &'static str,
    wait: Duration,
    gives_up: &dyn Fn() -> bool,
) -> Result<Option<RunClaim>> {
    const SQL: &str = "SELECT pg_try_advisory_xact_lock($1[1] # coalesce(to_regclass('video_generation_jobs')::oid::int8, 0))";
    // Where there is no connection to be had for it, the run goes on without.
    let Ok(session) = connect(parameters, &main.label) else {
        return Ok(None);
    };
    if session.try_run("BEGIN").is_err() {
        return Ok(None);
    }
    let key = xxh64(format!("jobctl {run}").as_bytes(), 0).cast_signed();
    let wait = LockWait::new(wait);
    loop {
        let Ok(rows) = session.try_rows(SQL, &[Argument::Numbers(vec![key])]) else {
            return Ok(None);
        };
        if rows.first().map(|row| value(row, 0)) == Some(Value::Integer(1)) {
            // The statement would keep what it saw until the next one, and so every old row from being cleared away.
            if session.try_run("SELECT").is_err() {
                return Ok(None);
            }
            let claim = RunClaim(session);
            // Of a pooler's only connection nothing would be left for the work.
            return Ok(main.answers_within(SOON).then_some(claim));
        }
        if gives_up() || !wait.sleep() {
            return Err(Error::Running {
                run,
                database: main.label.name.clone(),
                waited: wait.longest,
            });
        }
    }
}
