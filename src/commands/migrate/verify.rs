//! `--verify`: after the import both databases are read once more and compared, the rows of the source as the import maps them.

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::Result;
use indicatif::ProgressBar;

use super::read_rows::ReadRows;
use super::source::DatabaseSource;
use crate::commands::parts::comparison::{Compare, Mapping};
use crate::commands::parts::interrupt::Interrupt;
use crate::context::Context;
use crate::error::{Failure, Kind};
use crate::job::columns::Takes;
use crate::job::comparison::{ComparisonResult, DifferenceKind, Side};
use crate::job::fitting::{self, Limits};
use crate::job::{Column, Job, JobId};
use crate::legacy::{self, Store};
use crate::render::comparison::{members, sentence};
use crate::repository::{self, Access, Repository};
use crate::terminal::Terminal;
use crate::text::json::{Layout, Object};
use crate::text::visible::one_line;

/// The most differences that are named.
const NAMED: usize = 10;

const WORDS: [&str; 2] = ["the source", "the target"];

/// Both databases, compared.
pub(super) struct Verified {
    names: [String; 2],
    result: ComparisonResult,
}

/// What the import makes of rows.
struct ImportMapping<'a> {
    target: Box<dyn Repository>,
    others: Option<Vec<(Arc<str>, Takes)>>,
    /// The values that the target holds, where rows are made to fit.
    limits: Option<Limits>,
    read: &'a ReadRows,
}

impl Mapping for ImportMapping<'_> {
    fn map(&mut self, jobs: &mut [Job]) -> Result<()> {
        if jobs.iter().any(|job| !job.others().is_empty()) {
            let others = match &mut self.others {
                Some(others) => others,
                unknown => unknown.insert(self.target.declared_others()?),
            };
            for job in jobs.iter_mut().filter(|job| !job.others().is_empty()) {
                legacy::fit_others(job, others, Store::Jobctl);
            }
        }
        let Some(limits) = &self.limits else {
            return Ok(());
        };
        let mut orphans: HashMap<usize, Vec<Column>> = HashMap::new();
        for (index, column) in self.target.missing_parents(jobs)? {
            orphans.entry(index).or_default().push(column);
        }
        for (index, job) in jobs.iter_mut().enumerate() {
            let orphans = orphans.get(&index).map_or(&[][..], Vec::as_slice);
            // What cannot be made to fit was rejected, and stays as it is.
            let _ = fitting::fit(job, limits, orphans, Store::Jobctl.name());
        }
        Ok(())
    }

    fn has_changed(&self, id: &JobId, digest: Option<u64>) -> bool {
        self.read.has_changed(id, digest)
    }
}

impl Verified {
    /// Compares the source with the target. Rows that are no longer as they were `read` are no differences; `fits` as the
    /// import made them fit.
    pub(super) fn compare(
        source: &DatabaseSource,
        context: &Context,
        read: &ReadRows,
        fits: bool,
        bar: ProgressBar,
        interrupt: &Interrupt,
    ) -> Result<Verified> {
        let target = context.location()?;
        let mut opened = repository::open(&target, Access::ReadAll, context.patience())?;
        let limits = if fits { opened.limits()? } else { None };
        let mut mapping = ImportMapping {
            target: opened,
            others: None,
            limits,
            read,
        };
        let compare = Compare {
            sides: [source.location(), &target],
            mapping: Some(&mut mapping),
            most: NAMED,
            bar,
            interrupt,
        };
        let result = compare.run(context)?;
        let target = target.name();
        Ok(Verified {
            names: [source.name(), one_line(&target).into_owned()],
            result,
        })
    }

    /// Names the first differences.
    pub(super) fn tell(&self, terminal: &mut Terminal) {
        for difference in &self.result.first {
            let job = difference.job.to_string();
            let job = one_line(&job);
            let told = |value: &Option<String>| match value {
                None => "NULL".to_owned(),
                Some(value) => format!("\"{}\"", one_line(value)),
            };
            terminal.warn(&match &difference.what {
                DifferenceKind::Only(Side::A) => format!("job {job} is in the source alone"),
                DifferenceKind::Only(Side::B) => format!("job {job} is in the target alone"),
                DifferenceKind::Values { column, a, b } => format!(
                    "job {job} differs: {} is {} in the source and {} in the target",
                    one_line(column),
                    told(a),
                    told(b)
                ),
            });
        }
        if self.result.is_equal() {
            terminal.note(&format!("verified: {}", sentence(WORDS, &self.result)));
        }
        for line in crate::render::comparison::sums(&self.result) {
            terminal.detail(&line);
        }
    }

    /// The error where they are not the same.
    pub(super) fn failure(&self) -> Option<Failure> {
        if self.result.is_equal() {
            return None;
        }
        let message = format!("verified: {}", sentence(WORDS, &self.result));
        let hint = "jobctl diff shows more; --on-conflict newer or replace takes what the source has, --mirror deletes what it lacks";
        Some(Failure::new(Kind::Failed, message).hint(hint))
    }

    /// The object of the JSON document.
    pub(super) fn object(&self, out: &mut String) {
        let mut object = Object::begin(out, Layout::OneLine);
        object.literal("is_equal", self.result.is_equal());
        let [a, b] = &self.names;
        members(&mut object, [a, b], &self.result, Layout::OneLine);
        object.end();
    }
}
