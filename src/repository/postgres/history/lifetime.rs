//! The time for which runs are kept. It stands in the database, so that everybody who writes there agrees on it: the shortest of
//! several would count, and what it removes is gone.

use std::time::Duration;

use super::tables::{self, named};
use crate::job::Value;
use crate::repository::postgres::connection::database::Postgres;
use crate::repository::postgres::connection::values::{Argument, text, value};
use crate::repository::{DEFAULT_LIFETIME, Result};
use crate::time::{self, Instant};

const SETTING: &str = "setting for how long runs are kept";
const READING: &str = "reading the history";
const PRUNING: &str = "removing old runs";

/// The most old runs that go in passing, and in one transaction of a prune.
const FEW: usize = 20;
const MANY: usize = 1000;

/// The time for which runs are kept here. What somebody else has written there does not count.
pub(super) fn lifetime(postgres: &Postgres) -> Result<Duration> {
    const SQL: &str = "SELECT value FROM {settings} WHERE name = 'history_keep_ms'";
    if !postgres.table.has_settings {
        return Ok(DEFAULT_LIFETIME);
    }
    let sql = named(&postgres.table, SQL);
    let rows = postgres.session.rows(READING, &sql, &[])?;
    let said = rows.first().and_then(|row| text(row, 0));
    let millis = said.and_then(|said| said.parse().ok());
    Ok(millis.map_or(DEFAULT_LIFETIME, Duration::from_millis))
}

/// Says that runs are kept for so long.
pub(super) fn set(postgres: &mut Postgres, lifetime: Duration) -> Result<()> {
    const MAKE: &str = "CREATE TABLE IF NOT EXISTS {settings} (name text PRIMARY KEY, value text)";
    const SQL: &str = "INSERT INTO {settings} (name, value) VALUES ('history_keep_ms', $1)
        ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    let make = named(&postgres.table, MAKE);
    postgres.session.run(SETTING, &make)?;
    let sql = named(&postgres.table, SQL);
    let arguments = [Argument::text(lifetime.as_millis().to_string())];
    postgres.session.rows(SETTING, &sql, &arguments)?;
    postgres.table.has_settings = true;
    Ok(())
}

fn remove(postgres: &Postgres, before: Instant, most: usize) -> Result<u64> {
    let (sql, arguments) = tables::remove_old(&postgres.table, before, most);
    let rows = postgres.session.rows(PRUNING, &sql, &arguments)?;
    Ok(count(rows.first().map(|row| value(row, 0))))
}

fn count(value: Option<Value>) -> u64 {
    match value {
        Some(Value::Integer(count)) => u64::try_from(count).unwrap_or(0),
        _ => 0,
    }
}

/// Removes a few of the runs that have lived for so long.
pub(super) fn remove_a_few(postgres: &Postgres, now: Instant) -> Result<()> {
    if let Some(before) = time::before(now, lifetime(postgres)?) {
        remove(postgres, before, FEW)?;
    }
    Ok(())
}

/// Removes all runs from before this time but for the newest one, in short transactions, and gives their number.
pub(super) fn prune(postgres: &Postgres, before: Instant) -> Result<u64> {
    let mut gone = 0;
    loop {
        match remove(postgres, before, MANY)? {
            0 => return Ok(gone),
            more => gone += more,
        }
    }
}

/// The number of runs that `prune` would remove.
pub(super) fn count_before(postgres: &Postgres, before: Instant) -> Result<u64> {
    let (sql, arguments) = tables::count_old(&postgres.table, before);
    let rows = postgres.session.rows(PRUNING, &sql, &arguments)?;
    Ok(count(rows.first().map(|row| value(row, 0))))
}
