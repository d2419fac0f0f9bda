//! Whole rows of the table as it is: another program may add columns after it was looked at, and a row is not to be kept, or
//! decided on, without them. A statement that reads whole rows under a lock tells how many columns there are.

use tokio_postgres::Row;

use crate::job::Value;
use crate::repository::postgres::connection::database::Postgres;
use crate::repository::postgres::connection::values::value;
use crate::repository::{Error, Result};

/// The number of columns that the table has had, as SQL.
pub(super) const WIDTH: &str =
    "(SELECT relnatts::int8 FROM pg_class WHERE oid = to_regclass('video_generation_jobs'))";

/// Does it, and once more from the beginning where `check_width` found other columns.
pub(super) fn with_all_columns<T>(
    postgres: &mut Postgres,
    mut write: impl FnMut(&Postgres) -> Result<T>,
) -> Result<T> {
    loop {
        match write(postgres) {
            Err(_) if postgres.is_stale.take() => postgres.look_again()?,
            done => return done,
        }
    }
}

/// Fails where the table has other columns than it is known to have; `WIDTH` stands in this place of the row.
pub(super) fn check_width(postgres: &Postgres, row: Option<&Row>, at: usize) -> Result<()> {
    let width = row.map(|row| value(row, at));
    if width.is_none_or(|width| width == Value::Integer(postgres.table.width)) {
        return Ok(());
    }
    postgres.is_stale.set(true);
    Err(Error::Other {
        doing: "reading the columns of the table",
        detail: "it has others now".to_owned(),
    })
}
