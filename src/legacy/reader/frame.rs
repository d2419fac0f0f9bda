//! The recognition of a table instead of jobs, by its beginning.

use super::inside::RawMembers;
use super::names::{is_uuid, past};
use super::scan::end_of;
use crate::job::Column;
use crate::job::columns::Content;
use crate::legacy::kinds::JsonTable;

/// Names of members beside the list of columns.
const BESIDE: [&[u8]; 7] = [
    b"columns",
    b"index",
    b"data",
    b"rows",
    b"database",
    b"table",
    b"ok",
];

/// Whether this may be the beginning of a table, which takes more bytes to tell.
pub(super) fn may_be(start: &[u8]) -> bool {
    match start.first() {
        Some(b'[') => start[1..].trim_ascii_start().starts_with(b"["),
        _ => RawMembers::of(start)
            .next()
            .is_some_and(|(name, value)| BESIDE.contains(&name) || is_column(name, value)),
    }
}

/// The form of the table that `data` begins with.
pub(super) fn of(data: &[u8]) -> Option<JsonTable> {
    if data.first() == Some(&b'[') {
        let row = &data[past(data, 1, |b| b.is_ascii_whitespace())..];
        let first = row.get(1..)?.trim_ascii_start();
        let is_text = first.starts_with(b"\"");
        let behind = first.get(1..).unwrap_or_default();
        let holds = behind.trim_ascii_start().starts_with(b"{");
        if row.first() != Some(&b'[') || !is_scalar(first) || is_text && holds {
            return None;
        }
        return Some(if columns_in(row) > 1 {
            JsonTable::Headed
        } else {
            JsonTable::Values
        });
    }
    let (name, value) = RawMembers::of(data).next()?;
    if is_column(name, value) {
        let is_by_id = RawMembers::of(value)
            .next()
            .is_some_and(|(name, _)| is_uuid(name));
        let has_id = RawMembers::of(data).any(|(name, _)| matches!(name, b"id" | b"job_id"));
        return Some(if is_by_id && !has_id {
            JsonTable::ColumnsById
        } else {
            JsonTable::Columns
        });
    }
    let is_list = |(name, value): (&[u8], &[u8])| name == b"columns" && columns_in(value) > 1;
    RawMembers::of(data)
        .any(is_list)
        .then_some(JsonTable::Split)
}

/// Whether a member has the name of a column that holds no JSON, and a value for each of many rows.
fn is_column(name: &[u8], value: &[u8]) -> bool {
    let column = std::str::from_utf8(name).ok().and_then(Column::of_key);
    if column.is_none_or(|column| matches!(column.content(), Content::Json)) && name != b"type" {
        return false;
    }
    match value.first() {
        Some(b'{') => RawMembers::of(value).next().is_some_and(|(key, value)| {
            (is_uuid(key) || key.iter().all(u8::is_ascii_digit)) && is_scalar(value)
        }),
        Some(b'[') => is_scalar(value[1..].trim_ascii_start()),
        _ => false,
    }
}

fn is_scalar(value: &[u8]) -> bool {
    !matches!(value.first(), None | Some(b'{' | b'[' | b']' | b'}'))
}

/// The number of texts in a list that are names of columns.
fn columns_in(list: &[u8]) -> usize {
    let (mut at, mut count) = (1, 0);
    loop {
        at = past(list, at.min(list.len()), |b| {
            b.is_ascii_whitespace() || b == b','
        });
        if list.get(at) != Some(&b'"') {
            return count;
        }
        let Some(end) = end_of(list, at) else {
            return count;
        };
        let name = std::str::from_utf8(&list[at + 1..end - 1]).ok();
        count += usize::from(name.and_then(Column::of_key).is_some());
        at = end;
    }
}
