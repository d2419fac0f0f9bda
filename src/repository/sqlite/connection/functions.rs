//! SQL functions that put the readers of `job` and `time` into queries, so that a filter in the
//! database means exactly what `Filter::matches` means.

use chrono::DateTime;
use rusqlite::Connection;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::ValueRef;

use crate::job::filter;
use crate::time;

/// Microseconds since 1970 of a stored time in any spelling; NULL when it is none.
pub(in crate::repository::sqlite) const TIME: &str = "jobctl_time";

/// Of three stored times the first that is none of before 2000 or after tomorrow, as `TIME` gives it; the fourth argument
/// says in microseconds when it is now, or is NULL. NULL when there is none, or the first cannot be read.
pub(in crate::repository::sqlite) const FIRST_TIME: &str = "jobctl_first_time";

/// Whether a text holds another (given in lower case), whatever the case.
pub(in crate::repository::sqlite) const CONTAINS: &str = "jobctl_contains";

pub(in crate::repository::sqlite) fn register(connection: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function(TIME, 1, flags, |context| {
        Ok(text(context, 0).and_then(|text| {
            let at = time::parse_stored(&text)?;
            Some(at.and_utc().timestamp_micros())
        }))
    })?;
    connection.create_scalar_function(FIRST_TIME, 4, flags, |context| {
        let now = match context.get_raw(3) {
            ValueRef::Integer(micros) => DateTime::from_timestamp_micros(micros),
            _ => None,
        };
        let now = now.map(|now| now.naive_utc());
        let first = (0..3)
            .filter(|place| context.get_raw(*place) != ValueRef::Null)
            .map(|place| text(context, place).and_then(|text| time::parse_stored(&text)))
            .find(|at| at.is_none_or(|at| time::is_likely(at, now)));
        Ok(first.flatten().map(|at| at.and_utc().timestamp_micros()))
    })?;
    connection.create_scalar_function(CONTAINS, 2, flags, |context| {
        Ok(match (text(context, 0), text(context, 1)) {
            (Some(text), Some(needle)) => filter::folded(&text, &needle),
            _ => false,
        })
    })
}

fn text<'a>(context: &'a Context<'_>, place: usize) -> Option<std::borrow::Cow<'a, str>> {
    match context.get_raw(place) {
        ValueRef::Text(bytes) => Some(String::from_utf8_lossy(bytes)),
        _ => None,
    }
}
