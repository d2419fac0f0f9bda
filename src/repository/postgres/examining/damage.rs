//! The check for damage: a page that the server cannot read. Reading each row finds it in most places, and `Depth::Full` reads every value.

use crate::error::Kind;
use crate::job::checkup::{Check, Finding, Occurrences, Severity};
use crate::repository::postgres::connection::database::Postgres;
use crate::repository::postgres::connection::job_table::TABLE;
use crate::repository::postgres::writing::transaction::OpenTransaction;
use crate::repository::{Error, Result};

/// What is being done, in the words of an error.
pub(super) const CHECKING: &str = "examining the database";

/// The damage that a statement met, in the server's words.
pub(super) fn met<T>(read: Result<T>) -> Result<std::result::Result<T, String>> {
    match read {
        Ok(read) => Ok(Ok(read)),
        Err(Error::Own(failure)) if failure.kind == Kind::Failed => Ok(Err(failure.message)),
        Err(error) => Err(error),
    }
}

/// Has the server read every value of every row.
pub(super) fn read_all(postgres: &Postgres) -> Result<Option<String>> {
    let _reading = OpenTransaction::begin_reading(postgres);
    let sql = format!("SELECT count(*) FROM {TABLE} WHERE octet_length({TABLE}::text) < 0");
    let read = met(postgres.session.rows(CHECKING, &sql, &[]))?;
    Ok(read.err())
}

pub(super) fn finding(found: String) -> Option<Finding> {
    let mut damage = Occurrences::default();
    damage.add(|| found);
    damage.finding(
        Check::Integrity,
        Severity::Error,
        "The server's files are damaged: by a disk that fails, a machine that lost its power, or somebody who copied or changed them while it ran. Some jobs may be lost or wrong.",
        "stop the server and copy its data folder; pg_amcheck says how far it goes; then pg_restore the last backup",
    )
}
