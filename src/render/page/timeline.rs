//! The times of a job from top to bottom, and between them how long it waited and ran.

use chrono::TimeDelta;

use super::{JobPage, LABEL, label};
use crate::job::{Column, Job, Status};
use crate::render::table::{marked, time_text};
use crate::text::signs;
use crate::time::{self, Instant};

/// The indentation of what lies between two events.
const LINE: usize = 4;

/// The events in the order in which they should come.
const EVENTS: [Column; 3] = [Column::CreatedAt, Column::StartedAt, Column::CompletedAt];

impl JobPage<'_> {
    pub(super) fn timeline(&mut self, job: &Job) {
        self.lines.push(String::new());
        let mut before = None;
        for column in EVENTS {
            if job.get(column).is_null() {
                continue;
            }
            if let Some(before) = before {
                self.span(job, before, column);
            }
            self.event(signs::event(), job, column);
            before = Some(column);
        }
        if let Some(last) = before {
            self.open_end(job, last);
        }
        if !job.get(Column::UpdatedAt).is_null() {
            self.event(" ", job, Column::UpdatedAt);
        }
    }

    fn event(&mut self, mark: &str, job: &Job, column: Column) {
        let value = job.get(column);
        let text = match value.time() {
            Some(at) if !time::is_likely(at, Some(self.options.now)) => {
                time_text(at, self.options.zone, self.options.now)
            }
            Some(at) => {
                let since = self.since(at);
                format!("{}  {since}", time::to_the_second(at, self.options.zone))
            }
            None => marked(value),
        };
        let label = format!("{mark} {:<width$}", label(column), width = LABEL - 2);
        self.field(&label, &text);
    }

    /// Adds the time between two events.
    fn span(&mut self, job: &Job, from: Column, to: Column) {
        let [start, end] = [from, to].map(|column| job.likely_time(column, self.options.now));
        let (Some(start), Some(end)) = (start, end) else {
            return;
        };
        let what = match (from, to) {
            (Column::StartedAt, _) => "ran",
            (_, Column::StartedAt) => "waited",
            _ => "never started, ended after",
        };
        self.between(what, end - start);
    }

    /// Adds the time since the last event of a job that has not ended.
    fn open_end(&mut self, job: &Job, last: Column) {
        if let Some(at) = job.likely_time(last, self.options.now) {
            let span = self.options.now - at;
            match (job.status(), last) {
                (Some(Status::Queued), Column::CreatedAt) => self.between("waiting for", span),
                (Some(Status::Processing), Column::StartedAt) => self.between("running for", span),
                _ => {}
            }
        }
        // Nothing else tells whether anybody still works on it.
        if let (Some(Status::Processing), Some(at)) =
            (job.status(), job.last_sign(self.options.now))
        {
            let line = self.paint("2", signs::line());
            let sign = format!("last sign of life {}", self.since(at));
            let sign = self.fit(&sign, LINE);
            self.lines.push(format!("  {line} {sign}"));
        }
    }

    fn between(&mut self, what: &str, span: TimeDelta) {
        let line = self.paint("2", signs::line());
        let text = self.fit(&format!("{what} {}", time::brief(span)), LINE);
        self.lines.push(format!("  {line} {text}"));
    }

    fn since(&self, at: Instant) -> String {
        match self.options.now - at {
            ago if ago < TimeDelta::zero() => format!("in {}", time::brief(-ago)),
            ago => format!("{} ago", time::brief(ago)),
        }
    }
}
