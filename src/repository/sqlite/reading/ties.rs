//! Rows of one value, which an index gives by their numbers, in the order of their ids.

use std::cmp::Ordering;

use super::outlet::Outlet;
use super::short_id::ShortId;
use super::sorted::keep_first;
use super::walk::{Met, Onward};
use crate::job::order::{Cursor, Order};
use crate::job::{Column, Job};
use crate::repository::Result;

pub(in crate::repository::sqlite) struct Ties {
    order: Order,
    after: Option<Cursor>,
    rows: Vec<(i64, Box<Job>)>,
    bytes: usize,
    /// The most bytes of rows that are kept; of more rows the ids are, and the rows are read once more.
    most: usize,
    /// Ids and numbers, once the rows have become too many.
    keys: Option<Vec<(ShortId, i64)>>,
    /// The same of the value before, which are to be read.
    due: Vec<i64>,
    /// The rows that come have their keys alone.
    are_bare: bool,
    spare: Option<Box<Job>>,
}

impl Ties {
    pub(in crate::repository::sqlite) fn new(
        order: Order,
        after: Option<&Cursor>,
        most: usize,
    ) -> Ties {
        Ties {
            order,
            after: after.cloned(),
            rows: Vec::new(),
            bytes: 0,
            most,
            keys: None,
            due: Vec::new(),
            are_bare: false,
            spare: None,
        }
    }

    /// Takes a row, and gives those of the value before when that has ended.
    pub(in crate::repository::sqlite) fn take(
        &mut self,
        job: &mut Box<Job>,
        seen: Met,
        outlet: &mut Outlet<'_>,
    ) -> Result<Onward> {
        if !seen.same {
            self.end(outlet)?;
        }
        if self.is_behind(job) {
            let needed = usize::try_from(outlet.needed()).unwrap_or(usize::MAX);
            self.keep(job, seen.row, needed);
        }
        Ok(match outlet.step() {
            Onward::On if !self.due.is_empty() || self.wants_keys() != self.are_bare => {
                Onward::PassOn
            }
            step => step,
        })
    }

    /// Whether nothing but the keys of the next rows is of use.
    pub(in crate::repository::sqlite) fn wants_keys(&self) -> bool {
        self.keys.as_ref().is_some_and(|keys| keys.len() > 1)
    }

    /// Says that the next rows have their keys alone, or all that is wanted of them.
    pub(in crate::repository::sqlite) fn take_keys(&mut self, alone: bool) {
        self.are_bare = alone;
    }

    /// Numbers of rows that are to be read and given before any others.
    pub(in crate::repository::sqlite) fn due(&mut self) -> Vec<i64> {
        std::mem::take(&mut self.due)
    }

    /// Gives the rows of the value, or makes them due.
    pub(in crate::repository::sqlite) fn end(&mut self, outlet: &mut Outlet<'_>) -> Result<()> {
        self.bytes = 0;
        if let Some(mut keys) = self.keys.take() {
            keys.sort_unstable_by(|a, b| by_id(self.order, a, b));
            self.due = keys.into_iter().map(|(_, row)| row).collect();
            // The row that ended the value has come without the rest of it.
            self.keys = self.are_bare.then(Vec::new);
            return Ok(());
        }
        if self.rows.len() > 1 {
            self.rows.sort_by(|(_, a), (_, b)| {
                let (a, b) = (a.get(Column::Id), b.get(Column::Id));
                self.order.directed(a.sort_cmp(b))
            });
        }
        for (_, mut job) in self.rows.drain(..) {
            outlet.give(&mut job)?;
            self.spare = Some(job);
        }
        Ok(())
    }

    /// Whether the row stands behind the cursor.
    fn is_behind(&mut self, job: &Job) -> bool {
        let Some(cursor) = &self.after else {
            return true;
        };
        let value = job.get(self.order.column);
        if value.sort_cmp(&cursor.value).is_ne() {
            self.after = None;
            return true;
        }
        let by_id = job.get(Column::Id).sort_cmp(&cursor.id);
        self.order.directed(by_id).is_gt()
    }

    fn keep(&mut self, job: &mut Box<Job>, row: i64, needed: usize) {
        if let Some(keys) = &mut self.keys {
            keys.push((ShortId::of(job.get(Column::Id)), row));
            keep_first(keys, needed, |a, b| by_id(self.order, a, b));
            return;
        }
        let mut kept = self.spare.take().unwrap_or_default();
        std::mem::swap(job, &mut kept);
        self.rows.push((row, kept));
        if self.rows.len() < 2 {
            return;
        }
        self.bytes += self.rows.last().map_or(0, |(_, job)| job.size());
        if self.bytes > self.most {
            let key = |(row, job): (i64, Box<Job>)| (ShortId::of(job.get(Column::Id)), row);
            self.keys = Some(self.rows.drain(..).map(key).collect());
        }
    }
}

fn by_id(order: Order, a: &(ShortId, i64), b: &(ShortId, i64)) -> Ordering {
    order.directed(a.0.sort_cmp(&b.0))
}
