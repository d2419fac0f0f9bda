//! The fitting of a batch to its table: ids of episodes and series that are not there, columns that only the table knows, and values
//! that the table does not hold.

use std::collections::HashMap;

use anyhow::Result;

use super::tally::About;
use crate::job::fitting::{self, Misfit};
use crate::job::{Column, Job};
use crate::legacy::{self, Store};
use crate::repository::Import;

/// Jobs that fit the table, with what is to be told of each.
pub(super) struct FittedBatch {
    pub(super) jobs: Vec<Job>,
    pub(super) about: Vec<About>,
}

impl FittedBatch {
    /// Those behind the first ones, which are done.
    pub(super) fn rest(mut jobs: Vec<Job>, mut about: Vec<About>, done: usize) -> FittedBatch {
        jobs.drain(..done);
        about.drain(..done);
        FittedBatch { jobs, about }
    }
}

/// Records of other programs are always made to fit; rows of jobctl's own come back as they were, unless `rows` says otherwise. What
/// cannot be made to fit stays as it is, and the table refuses it.
pub(super) fn fit(
    session: &mut dyn Import,
    jobs: &mut [Job],
    about: &mut [About],
    rows: bool,
) -> Result<()> {
    let limits = session.limits()?;
    let mut orphans: HashMap<usize, Vec<Column>> = HashMap::new();
    for (index, column) in session.missing_parents(jobs)? {
        let about = &mut about[index];
        if about.store == Store::Jobctl {
            about.is_orphan = limits.is_some();
            orphans.entry(index).or_default().push(column);
            continue;
        }
        legacy::keep_aside(&mut jobs[index], column, about.store);
        about.unlinked += 1;
        if limits.is_some() {
            about.misfits.add(Misfit::NoParent);
        }
    }
    if jobs.iter().any(|job| !job.others().is_empty()) {
        let table = session.declared_others()?;
        for (job, about) in jobs.iter_mut().zip(&*about) {
            if !job.others().is_empty() {
                legacy::fit_others(job, &table, about.store);
            }
        }
    }
    let Some(limits) = limits else {
        return Ok(());
    };
    for (index, (job, about)) in jobs.iter_mut().zip(about).enumerate() {
        if about.store == Store::Jobctl && !rows {
            about.misfits = fitting::told(job, &limits);
            continue;
        }
        let orphans = orphans.get(&index).map_or(&[][..], Vec::as_slice);
        if let Ok(misfits) = fitting::fit(job, &limits, orphans, about.store.name()) {
            about.misfits.add_all(misfits);
            about.unlinked += orphans.len() as u64;
        }
    }
    Ok(())
}

/// Whether a job that the table has refused would have been made to fit.
pub(super) fn could_fit(session: &mut dyn Import, job: &Job, about: &About) -> Result<bool> {
    let Some(limits) = session.limits()? else {
        return Ok(false);
    };
    let is_misfit = about.is_orphan || fitting::refusal(job, &limits).is_some();
    Ok(is_misfit && fitting::fit(&mut job.clone(), &limits, &[], about.store.name()).is_ok())
}
