//! The way through the whole table, some rows at a time: in the order in which they lie, where the server reads a part of a table by
//! itself and the rows of one table lie in one file; else in the order of their ids.

use tokio_postgres::Row;

use crate::job::{Column, Value};
use crate::repository::Result;
use crate::repository::postgres::connection::job_table::{JobTable, TABLE};
use crate::repository::postgres::connection::session::Session;
use crate::repository::postgres::connection::values::{Argument, value};

/// The first server that reads a range of blocks alone.
const READS_BLOCKS: i64 = 140_000;

/// The blocks that are read at once.
const FEWEST: i64 = 16;
const FIRST: i64 = 64;
const MOST: i64 = 256;

/// The first transaction that has not begun, the server, whether all rows are of one file, and the blocks of that.
const BEGINNING: &str = "
SELECT (pg_snapshot_xmax(pg_current_snapshot())::text::numeric % 4294967296)::int8,
    current_setting('server_version_num')::int8,
    (c.relkind = 'r' AND NOT c.relhassubclass)::int4::int8,
    CASE WHEN c.relkind = 'r' THEN pg_relation_size(c.oid) / current_setting('block_size')::int8 ELSE 0 END
FROM (SELECT to_regclass('video_generation_jobs') AS oid) w LEFT JOIN pg_class c ON c.oid = w.oid";

/// A walk that is going on.
pub(super) struct Walk {
    /// The first transaction that had not begun at the beginning.
    pub(super) first_new: u32,
    /// Whether a place names one row.
    pub(super) has_places: bool,
    way: Way,
    pub(super) is_over: bool,
}

enum Way {
    Blocks {
        next: i64,
        end: i64,
        at_once: i64,
    },
    /// The last id that was read; None before the first.
    Ids {
        last: Option<String>,
    },
}

impl Walk {
    pub(super) fn begin(session: &Session, doing: &'static str) -> Result<Walk> {
        let rows = session.rows(doing, BEGINNING, &[])?;
        let number = |index| match rows.first().map(|row| value(row, index)) {
            Some(Value::Integer(number)) => number,
            _ => 0,
        };
        let has_places = number(2) == 1;
        let way = if has_places && number(1) >= READS_BLOCKS {
            Way::Blocks {
                next: 0,
                end: number(3),
                at_once: FIRST,
            }
        } else {
            Way::Ids { last: None }
        };
        Ok(Walk {
            first_new: u32::try_from(number(0)).unwrap_or(0),
            has_places,
            way,
            is_over: false,
        })
    }

    /// Which rows come next, about so many, as the end of a statement.
    pub(super) fn next(&self, table: &JobTable, page: usize) -> (String, Vec<Argument>) {
        match &self.way {
            Way::Blocks { next, at_once, .. } => {
                let before = |block: i64| Argument::text(format!("({block},0)"));
                let end = (*next + at_once).min(i64::from(u32::MAX));
                (
                    format!(" WHERE {TABLE}.ctid >= $1::tid AND {TABLE}.ctid < $2::tid"),
                    vec![before(*next), before(end)],
                )
            }
            // In the order of the table's key, whatever that is: its index has it.
            Way::Ids { last } => {
                let id = table.as_text(Column::Id);
                let limit = format!(" ORDER BY {id} LIMIT {page}");
                match last {
                    None => (limit, vec![]),
                    Some(last) => (
                        format!(" WHERE {id} > $1{limit}"),
                        vec![Argument::text(last.clone())],
                    ),
                }
            }
        }
    }

    /// These were read, with the id as the first of their columns.
    pub(super) fn go_on(&mut self, rows: &[Row], page: usize) {
        match &mut self.way {
            Way::Blocks { next, end, at_once } => {
                *next += *at_once;
                self.is_over = next >= end;
                let wanted = *at_once * page as i64 / (rows.len() as i64).max(1);
                *at_once = wanted.clamp(FEWEST, MOST);
            }
            Way::Ids { last } => {
                self.is_over = rows.len() < page;
                if let Some(Value::Text(text)) = rows.last().map(|row| value(row, 0)) {
                    *last = Some(text);
                }
            }
        }
    }
}
