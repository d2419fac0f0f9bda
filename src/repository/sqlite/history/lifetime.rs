//! The time for which runs are kept. It stands in the database, so that everybody who writes there agrees on it: the shortest of
//! several would count, and what it removes is gone.

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension};

use super::tables;
use crate::repository::DEFAULT_LIFETIME;
use crate::repository::sqlite::connection::schema::table_exists;
use crate::time::{self, Instant};

pub(in crate::repository::sqlite) const SETTINGS: &str = "jobctl_setting";

const MAKE: &str = "CREATE TABLE IF NOT EXISTS main.jobctl_setting (name TEXT PRIMARY KEY, value)";

/// What the settings need, where there are any.
pub(in crate::repository::sqlite) const SHAPE: &str =
    "SELECT name, value FROM main.jobctl_setting LIMIT 0";

/// What a database says about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::repository::sqlite) enum SaidLifetime {
    Nothing,
    Lifetime(Duration),
    /// Somebody else has written there.
    Unreadable,
}

pub(in crate::repository::sqlite) fn said(
    connection: &Connection,
) -> rusqlite::Result<SaidLifetime> {
    const SQL: &str = "SELECT iif(typeof(value) = 'integer' AND value >= 0, value, -1)
        FROM main.jobctl_setting WHERE name = 'history_keep_ms'";
    if !table_exists(connection, SETTINGS)? {
        return Ok(SaidLifetime::Nothing);
    }
    let Ok(mut statement) = connection.prepare_cached(SQL) else {
        return Ok(SaidLifetime::Unreadable);
    };
    let millis = statement.query_row([], |row| row.get::<_, i64>(0));
    Ok(match millis.optional()?.map(u64::try_from) {
        None => SaidLifetime::Nothing,
        Some(Ok(millis)) => SaidLifetime::Lifetime(Duration::from_millis(millis)),
        Some(Err(_)) => SaidLifetime::Unreadable,
    })
}

/// The time for which runs are kept here.
pub(in crate::repository::sqlite) fn lifetime(
    connection: &Connection,
) -> rusqlite::Result<Duration> {
    Ok(match said(connection)? {
        SaidLifetime::Lifetime(lifetime) => lifetime,
        SaidLifetime::Nothing | SaidLifetime::Unreadable => DEFAULT_LIFETIME,
    })
}

/// The runs that have lived for so long; None where no time is so long ago.
pub(in crate::repository::sqlite) fn end_of_old(
    connection: &Connection,
    now: Instant,
) -> rusqlite::Result<Option<Instant>> {
    Ok(time::before(now, lifetime(connection)?))
}

/// Forgets what the database says.
pub(in crate::repository::sqlite) fn forget(connection: &Connection) -> rusqlite::Result<()> {
    const SQL: &str = "DELETE FROM main.jobctl_setting WHERE name = 'history_keep_ms'";
    connection.execute(SQL, [])?;
    Ok(())
}

/// Whether what stands under the name of the settings, if anything, takes one.
pub(super) fn can_be_set(connection: &Connection) -> rusqlite::Result<bool> {
    const SQL: &str = "SELECT 1 FROM main.sqlite_schema WHERE type <> 'table' AND name = ?";
    let is_there = table_exists(connection, SETTINGS)?;
    Ok(!is_there
        || connection.prepare(SHAPE).is_ok() && !connection.prepare(SQL)?.exists([SETTINGS])?)
}

/// Says in the open transaction that runs are kept for so long.
pub(super) fn set(connection: &Connection, lifetime: Duration) -> rusqlite::Result<()> {
    const SQL: &str = "INSERT INTO main.jobctl_setting (name, value) VALUES ('history_keep_ms', ?)
        ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    let millis = i64::try_from(lifetime.as_millis()).unwrap_or(i64::MAX);
    connection.execute_batch(MAKE)?;
    connection.execute(SQL, [millis])?;
    Ok(())
}

/// The number of runs that `tables::remove_old` would remove in the end.
pub(super) fn count_old(connection: &Connection, before: Instant) -> rusqlite::Result<u64> {
    const SQL: &str = "SELECT count(*) FROM main.jobctl_run WHERE id < min(
        (SELECT max(id) FROM main.jobctl_run),
        coalesce((SELECT min(id) FROM main.jobctl_run WHERE at >= ?), 9223372036854775807))";
    if !tables::are_there(connection)? {
        return Ok(0);
    }
    connection.query_row(SQL, [time::stored(before)], |row| {
        row.get::<_, i64>(0).map(i64::cast_unsigned)
    })
}
