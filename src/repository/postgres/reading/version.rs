//! The state of the database, for whoever follows it: the server's own account of the transactions that a reader would see. It
//! changes with every writer of that server, of other databases too; so it may tell a change where there was none, and never misses one.

use xxhash_rust::xxh64::xxh64;

use crate::repository::postgres::connection::database::Postgres;
use crate::repository::postgres::connection::values::text;
use crate::repository::{Result, Version};

pub(in crate::repository::postgres) fn version(postgres: &mut Postgres) -> Result<Version> {
    const SQL: &str = "SELECT pg_current_snapshot()::text,
        (SELECT relnatts::text FROM pg_class WHERE oid = to_regclass('video_generation_jobs'))";
    let rows = postgres
        .session
        .rows("looking whether somebody has written", SQL, &[])?;
    let snapshot = rows.first().and_then(|row| text(row, 0));
    let columns = rows.first().and_then(|row| text(row, 1));
    if columns != postgres.seen_columns {
        if postgres.seen_columns.is_some() {
            postgres.look_again()?;
        }
        postgres.seen_columns = columns;
    }
    let content = xxh64(snapshot.unwrap_or_default().as_bytes(), 0);
    Ok(Version::new(0, content))
}

/// The table, by the start of its server and the numbers that this has for the database and for it: the same by whatever address
/// it is reached.
pub(in crate::repository::postgres) fn place(postgres: &mut Postgres) -> Result<String> {
    const SQL: &str =
        "SELECT extract(epoch FROM pg_postmaster_start_time())::text || ' ' || d.oid::text || ' '
            || coalesce(to_regclass('video_generation_jobs')::oid::text, '')
        FROM pg_database d WHERE d.datname = current_database()";
    let rows = postgres
        .session
        .rows("looking where the table is", SQL, &[])?;
    Ok(rows
        .first()
        .and_then(|row| text(row, 0))
        .unwrap_or_default())
}
