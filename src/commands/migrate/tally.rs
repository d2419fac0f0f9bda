//! The counts of a migrate, for people and as JSON.

use std::collections::BTreeMap;

use super::pages::Pages;
use super::problems::Problems;
use super::status_words::StatusWords;
use crate::job::fitting::{Misfit, Misfits};
use crate::job::{Column, Job, Status};
use crate::legacy::{Fits, Position, Store};
use crate::repository::{Imported, OnConflict};
use crate::text::json::{Layout, Object};
use crate::text::visible::{grouped, plural};

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    inserted: u64,
    updated: u64,
    skipped: u64,
    rejected: u64,
}

impl Counts {
    fn read(&self) -> u64 {
        self.inserted + self.updated + self.skipped + self.rejected
    }

    fn add(self, other: Counts) -> Counts {
        Counts {
            inserted: self.inserted + other.inserted,
            updated: self.updated + other.updated,
            skipped: self.skipped + other.skipped,
            rejected: self.rejected + other.rejected,
        }
    }

    fn members(&self, object: &mut Object) {
        object.literal("read", self.read());
        object.literal("inserted", self.inserted);
        object.literal("updated", self.updated);
        object.literal("skipped", self.skipped);
        object.literal("rejected", self.rejected);
    }

    fn sentence(&self) -> String {
        format!(
            "read {}: inserted {}, updated {}, skipped {}, rejected {}",
            grouped(self.read()),
            grouped(self.inserted),
            grouped(self.updated),
            grouped(self.skipped),
            grouped(self.rejected)
        )
    }
}

#[derive(Clone, Debug, Default)]
struct Sums {
    stores: BTreeMap<Store, Counts>,
    still_processing: u64,
    /// The unknown statuses.
    words: StatusWords,
    /// The number of jobs whose status was taken for another by --map-status.
    mapped: u64,
    /// The number of values that were JSON in a text.
    encoded: u64,
    overlaps: u64,
    gaps: u64,
    /// The number of ids of missing episodes and series, kept under `context.legacy`.
    unlinked: u64,
    /// The number of jobs that were made to fit, by kind.
    misfits: BTreeMap<Misfit, u64>,
    /// The number of jobctl's own rows that lack columns.
    narrow: u64,
    /// The number of them that lack each column.
    lacking: BTreeMap<Column, u64>,
}

/// The origin of a job, and what is counted of it when it is written.
pub(super) struct About {
    /// The index of the dump that it comes from.
    pub(super) source: usize,
    pub(super) at: Position,
    pub(super) store: Store,
    pub(super) fits: Fits,
    /// The number of its ids that name nothing.
    pub(super) unlinked: u64,
    /// It is a row of jobctl's own that names an episode or series which is not there, and the table may demand it.
    pub(super) is_orphan: bool,
    /// The kinds of values in it that the table does not hold as they were.
    pub(super) misfits: Misfits,
    /// Its status was taken for another.
    pub(super) mapped: bool,
    /// The number of its values that were JSON in a text.
    pub(super) encoded: u32,
}

#[derive(Debug, Default)]
pub(super) struct Tally {
    sums: Sums,
    /// The sums when everything counted was last final.
    settled: Sums,
    /// The number of members beside the jobs that were passed over.
    left_out: u64,
    /// Everything that was written has been taken back.
    undone: bool,
    /// No job that was there before the run is changed: what is updated came in by it.
    keeps_old: bool,
}

impl Tally {
    pub(super) fn new(on_conflict: OnConflict) -> Tally {
        Tally {
            keeps_old: on_conflict == OnConflict::Skip,
            ..Tally::default()
        }
    }

    pub(super) fn reject(&mut self, store: Store) {
        self.sums.stores.entry(store).or_default().rejected += 1;
    }

    /// Counts a job that was there already and was not looked at any further.
    pub(super) fn skip(&mut self, store: Store) {
        self.sums.stores.entry(store).or_default().skipped += 1;
    }

    /// Counts members that were passed over beside the jobs.
    pub(super) fn leave_out(&mut self, members: u64) {
        self.left_out += members;
    }

    /// Counts dumps that stood in a text.
    pub(super) fn add_encoded(&mut self, count: u64) {
        self.sums.encoded += count;
    }

    /// Takes all that has been counted for final.
    pub(super) fn settle(&mut self) {
        self.settled = self.sums.clone();
    }

    /// Takes back what has been counted since then, but for rejected records; `all` when nothing is left.
    pub(super) fn undo(&mut self, all: bool) {
        let sums = std::mem::replace(&mut self.sums, self.settled.clone());
        for (store, counts) in sums.stores {
            if counts.rejected > 0 {
                self.sums.stores.entry(store).or_default().rejected = counts.rejected;
            }
        }
        self.undone = all;
    }

    pub(super) fn is_undone(&self) -> bool {
        self.undone
    }

    pub(super) fn count(&mut self, job: &Job, about: &About, outcome: &Imported) {
        let counts = self.sums.stores.entry(about.store).or_default();
        match outcome {
            Imported::Inserted => counts.inserted += 1,
            Imported::Updated => counts.updated += 1,
            Imported::Skipped => {
                counts.skipped += 1;
                return;
            }
            Imported::Refused(_) | Imported::TakesBack(_) => {
                counts.rejected += 1;
                return;
            }
        }
        self.sums.overlaps += u64::from(about.fits.overlap);
        self.sums.gaps += u64::from(about.fits.gap);
        self.sums.unlinked += about.unlinked;
        for misfit in about.misfits.iter() {
            *self.sums.misfits.entry(misfit).or_default() += 1;
        }
        self.sums.mapped += u64::from(about.mapped);
        self.sums.encoded += u64::from(about.encoded);
        self.sums.narrow += u64::from(!job.lacking().is_empty());
        for column in job.lacking().iter() {
            *self.sums.lacking.entry(column).or_default() += 1;
        }
        match job.status() {
            Some(Status::Processing) => self.sums.still_processing += 1,
            None if !job.get(Column::Status).is_null() => {
                let word = job.get(Column::Status).display();
                self.sums.words.add(&word, about.store != Store::Jobctl);
            }
            _ => {}
        }
    }

    fn total(&self) -> Counts {
        self.sums
            .stores
            .values()
            .copied()
            .fold(Counts::default(), Counts::add)
    }

    /// Whether no job has come in, and none was there.
    pub(super) fn is_nothing(&self) -> bool {
        let total = self.total();
        total.inserted + total.updated + total.skipped == 0
    }

    pub(super) fn rejected(&self) -> u64 {
        self.total().rejected
    }

    /// The members of the JSON document, without its braces.
    pub(super) fn json_members(&self, zone: &str, problems: &Problems, pages: &Pages) -> String {
        let mut out = String::new();
        let mut object = Object::begin(&mut out, Layout::OneLine);
        self.total().members(&mut object);
        object.key("stores");
        let mut stores = Object::begin(object.out, Layout::OneLine);
        for (store, counts) in &self.sums.stores {
            stores.key(store.name());
            let mut members = Object::begin(stores.out, Layout::OneLine);
            counts.members(&mut members);
            members.end();
        }
        stores.end();
        object.string("timezone", zone);
        object.literal("still_processing", self.sums.still_processing);
        object.literal("unknown_status", self.sums.words.count());
        object.key("status_words");
        let mut words = Object::begin(object.out, Layout::OneLine);
        for (word, jobs) in self.sums.words.words() {
            words.literal(word, jobs);
        }
        words.end();
        object.literal("mapped_status", self.sums.mapped);
        object.literal("double_encoded", self.sums.encoded);
        object.literal("unlinked", self.sums.unlinked);
        let fitted = &self.sums.misfits;
        object.key("fitted");
        let mut kinds = Object::begin(object.out, Layout::OneLine);
        for (misfit, jobs) in fitted.iter().filter(|(misfit, _)| !misfit.fits()) {
            kinds.literal(misfit.name(), jobs);
        }
        kinds.end();
        for told in Misfit::ALL.into_iter().filter(|misfit| misfit.fits()) {
            object.literal(told.name(), fitted.get(&told).unwrap_or(&0));
        }
        object.key("lacking_columns");
        let mut lacking = Object::begin(object.out, Layout::OneLine);
        for (column, rows) in &self.sums.lacking {
            lacking.literal(column.name(), rows);
        }
        lacking.end();
        object.literal("local_overlaps", self.sums.overlaps);
        object.literal("local_gaps", self.sums.gaps);
        object.literal("left_out", self.left_out);
        object.literal("undone", self.undone);
        pages.member(&mut object);
        problems.members(&mut object);
        object.end();
        out[1..out.len() - 1].to_owned()
    }

    /// The sentence about rows that lack columns which the table has, if any came in.
    pub(super) fn of_narrow_rows(&self) -> Option<String> {
        if self.sums.narrow == 0 {
            return None;
        }
        let rows = |(column, rows): (&Column, &u64)| {
            if *rows == self.sums.narrow {
                column.name().to_owned()
            } else {
                format!("{} ({})", column.name(), grouped(*rows))
            }
        };
        let columns: Vec<_> = self.sums.lacking.iter().map(rows).collect();
        Some(format!(
            "{} without columns that the table has, empty in new jobs and unchanged in those that were there: {}",
            plural(self.sums.narrow, "row"),
            columns.join(", ")
        ))
    }

    /// The summary for people.
    pub(super) fn lines(&self, zone: &str, dry_run: bool) -> Vec<String> {
        let mut lines = vec![self.total().sentence()];
        if self.sums.stores.len() > 1 {
            for (store, counts) in &self.sums.stores {
                lines.push(format!("  {}: {}", store.name(), counts.sentence()));
            }
        }
        if self.sums.stores.contains_key(&Store::ApiServer) {
            let name = Store::ApiServer.name();
            lines.push(format!("times of {name} were read as {zone} (--timezone)"));
        }
        let newer = if self.keeps_old {
            self.total().updated
        } else {
            0
        };
        let sums = &self.sums;
        let kept = format!(
            "with a status that is not known, kept as it is: {}",
            sums.words.named()
        );
        for (count, noun, what) in [
            (self.left_out, "member", "beside the jobs left out"),
            (
                newer,
                "record",
                "newer than another of the same job in this run: the newest counts (--on-conflict newer: also beside jobs that were there)",
            ),
            (
                sums.overlaps,
                "job",
                "with a local time that happened twice: the first of the two was taken",
            ),
            (
                sums.gaps,
                "job",
                "with a local time that never happened: read with the offset before the change",
            ),
            (
                sums.unlinked,
                "id",
                "of episodes or series that are not there: left empty, kept under context.legacy",
            ),
            (
                sums.encoded,
                "value",
                "of JSON in a text (double-encoded), taken for what it is",
            ),
            (
                sums.mapped,
                "job",
                "with a status that was taken for another (--map-status)",
            ),
            (sums.words.count(), "job", &kept),
        ] {
            if count > 0 {
                lines.push(format!("{} {what}", plural(count, noun)));
            }
        }
        // Ids of missing parents have a line of their own.
        let fitted = sums.misfits.iter();
        lines.extend(fitted.filter_map(|(misfit, jobs)| {
            let original = match misfit {
                Misfit::NoParent => return None,
                _ if misfit.fits() => "",
                _ => ", the original kept under context.legacy",
            };
            Some(format!(
                "{} {}{original}",
                plural(*jobs, "job"),
                misfit.told()
            ))
        }));
        if let Some(flag) = self.sums.words.flag() {
            let again = if dry_run || self.undone {
                ""
            } else {
                " --on-conflict replace"
            };
            lines.push(format!(
                "  to take them for what they seem to mean: {flag}{again}"
            ));
        }
        if self.sums.still_processing > 0 {
            lines.push(format!(
                "{} still processing, which nobody runs any more: jobctl list --status processing",
                plural(self.sums.still_processing, "job")
            ));
        }
        if self.undone {
            let line = if dry_run {
                "nothing would be imported: what had been written would be taken back"
            } else {
                "nothing was imported: what had been written was taken back"
            };
            lines.push(line.to_owned());
        }
        lines
    }
}

/// What becomes of a job, in a dry run.
pub(super) fn reason(outcome: &Imported, job: &Job) -> &'static str {
    match (outcome, job.status()) {
        (Imported::Inserted, Some(Status::Processing)) => "new, still processing",
        (Imported::Inserted, _) => "new",
        (Imported::Updated, _) => "there already, overwritten",
        (Imported::Skipped, _) => "there already, skipped",
        (Imported::Refused(_) | Imported::TakesBack(_), _) => "refused by the table",
    }
}
