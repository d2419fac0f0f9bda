//! SQL functions that put the readers of `job` and `time` into queries, so that a filter in the
//! database means exactly what `Filter::matches` means.

use rusqlite::Connection;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::ValueRef;

use crate::job::filter::Needle;
use crate::time::{self, SortKey};

/// Microseconds since 1970 of a stored time in any spelling; NULL when it is none.
pub(in crate::repository::sqlite) const TIME: &str = "jobctl_time";

/// Whether a stored time in any spelling is one, not before the second argument and before the third; both are what
/// `time::bound` gives, or NULL.
pub(in crate::repository::sqlite) const TIME_BETWEEN: &str = "jobctl_time_between";

/// Whether the first of three stored times that is not before 2000 or after tomorrow lies before the fifth argument; the
/// fourth is the end of tomorrow, or NULL. Both are what `time::bound` gives. One that cannot be read says nothing of the next.
pub(in crate::repository::sqlite) const FIRST_BEFORE: &str = "jobctl_first_before";

/// Whether one of three texts holds the fourth, whatever the case.
pub(in crate::repository::sqlite) const CONTAINS: &str = "jobctl_contains";

pub(in crate::repository::sqlite) fn register(connection: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function(TIME, 1, flags, |context| {
        Ok(text(context, 0).and_then(|text| {
            let at = time::parse_stored(&text)?;
            Some(at.and_utc().timestamp_micros())
        }))
    })?;
    connection.create_scalar_function(TIME_BETWEEN, 3, flags, |context| {
        let ValueRef::Text(text) = context.get_raw(0) else {
            return Ok(false);
        };
        let is_within = |at| {
            bound(context, 1).is_none_or(|since| at >= since)
                && bound(context, 2).is_none_or(|until| at < until)
        };
        Ok(SortKey::of_stored(text).is_some_and(is_within))
    })?;
    connection.create_scalar_function(FIRST_BEFORE, 5, flags, |context| {
        let end = bound(context, 3);
        for index in 0..3 {
            let at = match context.get_raw(index) {
                ValueRef::Null => continue,
                ValueRef::Text(text) => SortKey::of_stored(text),
                _ => None,
            };
            let Some(at) = at else {
                return Ok(false);
            };
            if at.is_likely(end) {
                return Ok(bound(context, 4).is_some_and(|before| at < before));
            }
        }
        Ok(false)
    })?;
    connection.create_scalar_function(CONTAINS, 4, flags, |context| {
        let needle = context.get_or_create_aux(3, |needle| needle.as_str().map(Needle::new))?;
        Ok((0..3).any(|index| match context.get_raw(index) {
            ValueRef::Text(text) => needle.is_in(text),
            _ => false,
        }))
    })
}

fn bound(context: &Context<'_>, index: usize) -> Option<SortKey> {
    context.get_raw(index).as_str().ok().map(SortKey::of_bound)
}

fn text<'a>(context: &'a Context<'_>, index: usize) -> Option<std::borrow::Cow<'a, str>> {
    match context.get_raw(index) {
        ValueRef::Text(bytes) => Some(String::from_utf8_lossy(bytes)),
        _ => None,
    }
}
