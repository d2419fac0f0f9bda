//! The comparison of the job tables of two databases. Each is read by a thread of its own in the order of the ids, so that nothing is
//! kept but the rows on the way, and the two are merged here.

mod merged;

use std::sync::Arc;

use anyhow::Result;
use indicatif::ProgressBar;

use self::merged::{MergedRow, MergedSide};
use crate::commands::parts::database::rows::{RowsWanted, failure_of};
use crate::commands::parts::interrupt::Interrupt;
use crate::context::Context;
use crate::job::comparison::{Comparison, ComparisonResult, Side, digest};
use crate::job::order::Order;
use crate::job::{Column, ColumnSet, Job, JobId};
use crate::repository::{self, Access, Location};

/// The order in which both are read.
const BY_ID: Order = Order {
    column: Column::Id,
    descending: false,
};

/// The rows between two steps of a bar.
const STEP: u64 = 1024;

/// What a move makes of the rows of the first database. No id is altered.
pub(crate) trait Mapping {
    fn map(&mut self, jobs: &mut [Job]) -> Result<()>;

    /// Whether somebody changed the job of this id in the first database while it was moved, or it came or went there since.
    /// `digest` is that of the row as it is there now; None where there is none.
    fn has_changed(&self, id: &JobId, digest: Option<u64>) -> bool;
}

/// What is compared.
pub(crate) struct Compare<'a> {
    /// The databases A and B.
    pub sides: [&'a Location; 2],
    /// None: the rows are compared as they are.
    pub mapping: Option<&'a mut dyn Mapping>,
    /// The most differences that are told.
    pub most: usize,
    pub bar: ProgressBar,
    pub interrupt: &'a Interrupt,
}

/// All rows of a database in the order of their ids, with these columns.
pub(crate) fn by_id(context: &Context, location: &Location, columns: ColumnSet) -> RowsWanted {
    RowsWanted {
        location: location.clone(),
        patience: context.patience(),
        order: Some(BY_ID),
        columns,
    }
}

/// The names of the columns that jobctl does not know.
fn others(context: &Context, location: &Location) -> Result<Vec<Arc<str>>> {
    let opened = repository::open(location, Access::ReadAll, context.patience());
    let named = opened.and_then(|mut repository| repository.other_columns());
    Ok(named.map_err(|error| failure_of(error, location))?)
}

impl Compare<'_> {
    pub(crate) fn run(self, context: &Context) -> Result<ComparisonResult> {
        let mut names = [
            others(context, self.sides[0])?,
            others(context, self.sides[1])?,
        ];
        if self.mapping.is_some() {
            // A move keeps the values of the others elsewhere.
            let [a, b] = &mut names;
            a.retain(|name| b.contains(name));
            b.clone_from(a);
        }
        let start = |location| {
            let rows = by_id(context, location, ColumnSet::WHOLE);
            MergedSide::start(rows, self.interrupt)
        };
        let [mut a, mut b] = self.sides.map(start);
        let mut pairs = Pairs {
            comparison: Comparison::new([&names[0], &names[1]], self.most),
            mapping: self.mapping,
            bytes: Vec::new(),
        };
        let mut done = 0;
        loop {
            a.fill(&mut |jobs| pairs.mapped(jobs))?;
            b.fill(&mut |jobs| Ok(jobs.into_iter().map(unmapped).collect()))?;
            let Some(order) = a.order(&b) else { break };
            let of_a = if order.is_le() { a.take() } else { None };
            let of_b = if order.is_ge() { b.take() } else { None };
            pairs.tell(of_a.as_ref(), of_b.as_ref());
            of_a.into_iter().for_each(|row| a.take_back(row));
            of_b.into_iter().for_each(|row| b.take_back(row));
            done += 1;
            if done % STEP == 0 {
                self.bar.set_position(done);
            }
        }
        self.bar.finish_and_clear();
        Ok(pairs.comparison.end())
    }
}

/// The ids of the jobs that B has and A lacks.
pub(crate) fn missing_ids(
    context: &Context,
    a: &Location,
    b: &Location,
    interrupt: &Interrupt,
) -> Result<Vec<JobId>> {
    let ids = ColumnSet::of(&[Column::Id]);
    let start = |location| MergedSide::start(by_id(context, location, ids), interrupt);
    let (mut a, mut b) = (start(a), start(b));
    let mut missing = Vec::new();
    loop {
        a.fill(&mut |jobs| Ok(jobs.into_iter().map(unmapped).collect()))?;
        b.fill(&mut |jobs| Ok(jobs.into_iter().map(unmapped).collect()))?;
        let Some(order) = a.order(&b) else { break };
        if order.is_le()
            && let Some(row) = a.take()
        {
            a.take_back(row);
        }
        if order.is_ge()
            && let Some(row) = b.take()
        {
            if order.is_gt() && !row.job.get(Column::Id).is_null() {
                missing.push(row.job.id());
            }
            b.take_back(row);
        }
    }
    Ok(missing)
}

fn unmapped(job: Job) -> MergedRow {
    MergedRow { job, digest: None }
}

/// The rows that were met, on their way into the comparison.
struct Pairs<'a> {
    comparison: Comparison,
    mapping: Option<&'a mut dyn Mapping>,
    bytes: Vec<u8>,
}

impl Pairs<'_> {
    fn mapped(&mut self, mut jobs: Vec<Job>) -> Result<Vec<MergedRow>> {
        let Some(mapping) = &mut self.mapping else {
            return Ok(jobs.into_iter().map(unmapped).collect());
        };
        let bytes = &mut self.bytes;
        let digests: Vec<u64> = jobs.iter().map(|job| digest(job, bytes)).collect();
        mapping.map(&mut jobs)?;
        let pairs = jobs.into_iter().zip(digests);
        let rows = pairs.map(|(job, digest)| MergedRow {
            job,
            digest: Some(digest),
        });
        Ok(rows.collect())
    }

    /// Tells the rows of one id, unless they differ because somebody changed one meanwhile.
    fn tell(&mut self, a: Option<&MergedRow>, b: Option<&MergedRow>) {
        let comparison = &mut self.comparison;
        let has_changed = |id: &JobId, digest: Option<u64>| match &self.mapping {
            Some(mapping) => mapping.has_changed(id, digest),
            None => false,
        };
        let is_other_now = |a: &MergedRow| a.digest.is_some() && has_changed(&a.job.id(), a.digest);
        match (a, b) {
            (Some(a), Some(b)) => {
                if a.digest.is_some() && comparison.differs(&a.job, &b.job) && is_other_now(a) {
                    comparison.pass_over(&[Side::A, Side::B]);
                } else {
                    comparison.pair(&a.job, &b.job);
                }
            }
            (Some(a), None) if is_other_now(a) => comparison.pass_over(&[Side::A]),
            (None, Some(b)) if has_changed(&b.job.id(), None) => comparison.pass_over(&[Side::B]),
            (Some(a), None) => comparison.only(Side::A, &a.job),
            (None, Some(b)) => comparison.only(Side::B, &b.job),
            (None, None) => {}
        }
    }
}
