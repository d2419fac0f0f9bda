//! What has happened to jobs since the reading before, a line for each. Of a job that was seen only a number is kept, so that
//! a million of them can be watched.

use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use anyhow::Result;

use crate::commands::parts::output::Printer;
use crate::context::Context;
use crate::job::{AnyColumn, Column, Job, JobId};
use crate::render::format::Head;
use crate::render::job_form;
use crate::render::record::Record;
use crate::terminal::Terminal;
use crate::text::json::{Layout, Object};

pub(in crate::commands) struct Events {
    /// What a line says of a job; the id stands before.
    columns: Vec<Column>,
    /// The others that a line tells; None: all that were read.
    others: Option<Vec<AnyColumn>>,
    known: HashMap<JobId, ToldJob>,
    printer: Printer<'static>,
    reading: u64,
}

/// A job as it was last told.
struct ToldJob {
    hash: u64,
    /// The reading that saw it last.
    reading: u64,
}

impl Events {
    /// A line of whole jobs tells all others that were read.
    pub(in crate::commands) fn new(
        context: &Context,
        columns: &[AnyColumn],
        is_whole: bool,
    ) -> Events {
        let known = AnyColumn::known(columns).into_iter();
        Events {
            columns: known.filter(|column| *column != Column::Id).collect(),
            others: (!is_whole).then(|| columns.to_vec()),
            known: HashMap::new(),
            printer: Printer::new(context, Head::default()),
            reading: 0,
        }
    }

    pub(in crate::commands) fn begin(&mut self) {
        self.reading += 1;
    }

    /// A job that this reading sees.
    pub(in crate::commands) fn see(&mut self, terminal: &mut Terminal, job: &Job) -> Result<()> {
        let job = &cut(self.others.as_deref(), job);
        let mut hasher = DefaultHasher::new();
        job_form::job(job, &self.columns, Layout::OneLine).hash(&mut hasher);
        let now = ToldJob {
            hash: hasher.finish(),
            reading: self.reading,
        };
        let hash = now.hash;
        match self.known.insert(job.id(), now) {
            None => self.tell(terminal, "appeared", job),
            Some(before) if before.hash != hash => self.tell(terminal, "changed", job),
            Some(_) => Ok(()),
        }
    }

    /// The jobs that were seen before and not by this reading.
    pub(in crate::commands) fn unseen(&self) -> Vec<JobId> {
        let unseen = self
            .known
            .iter()
            .filter(|(_, it)| it.reading != self.reading);
        let mut ids: Vec<JobId> = unseen.map(|(id, _)| id.clone()).collect();
        ids.sort();
        ids
    }

    /// One that is not seen any more, as it is now if it is still there.
    pub(in crate::commands) fn gone(
        &mut self,
        terminal: &mut Terminal,
        id: &JobId,
        now: Option<&Job>,
    ) -> Result<()> {
        self.known.remove(id);
        if let Some(job) = now {
            return self.tell(terminal, "gone", &cut(self.others.as_deref(), job));
        }
        let event = JobEvent {
            what: "gone",
            id,
            job: None,
            columns: &[],
        };
        self.printer.record(terminal, &event)
    }

    fn tell(&mut self, terminal: &mut Terminal, what: &str, job: &Job) -> Result<()> {
        let event = JobEvent {
            what,
            id: &job.id(),
            job: Some(job),
            columns: &self.columns,
        };
        self.printer.record(terminal, &event)
    }
}

/// The job with the others that a line tells; None: with all of them.
fn cut<'a>(others: Option<&[AnyColumn]>, job: &'a Job) -> Cow<'a, Job> {
    match others {
        Some(others) if !job.others().is_empty() => {
            let mut job = job.clone();
            job.keep_others(others);
            Cow::Owned(job)
        }
        _ => Cow::Borrowed(job),
    }
}

/// What has happened to a job, and the job unless it is deleted.
struct JobEvent<'a> {
    what: &'a str,
    id: &'a JobId,
    job: Option<&'a Job>,
    columns: &'a [Column],
}

impl Record for JobEvent<'_> {
    fn object(&self, out: &mut String, layout: Layout) {
        let mut object = Object::begin(out, layout);
        object.string("event", self.what);
        let Some(job) = self.job else {
            object.string(Column::Id.key(), &self.id.to_string());
            return object.end();
        };
        for column in [Column::Id].iter().chain(self.columns) {
            object.key(column.key());
            job_form::value(object.out, *column, job.get(*column));
        }
        job_form::others(&mut object, job);
        object.end();
    }
}
