//! SQL functions that put the readers of `job` and `time` into queries, so that a filter in the
//! database means exactly what `Filter::matches` means.

use rusqlite::Connection;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::ValueRef;

use crate::job::filter;
use crate::time;

/// Microseconds since 1970 of a stored time in any spelling; NULL when it is none.
pub(super) const TIME: &str = "jobctl_time";

/// Whether a text holds another (given in lower case), whatever the case.
pub(super) const CONTAINS: &str = "jobctl_contains";

pub(super) fn register(connection: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function(TIME, 1, flags, |context| {
        Ok(text(context, 0).and_then(|text| {
            let at = time::parse_stored(&text)?;
            Some(at.and_utc().timestamp_micros())
        }))
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
