//! `list --watch`: the jobs that a list would show, as they come, change and go.

use anyhow::Result;

use super::args::{Args, MOST, PAGE};
use crate::commands::parts::arguments::field_names;
use crate::commands::watch::Subject;
use crate::commands::watch::events::Events;
use crate::context::Context;
use crate::job::order::{Cursor, Order};
use crate::job::{AnyColumn, ColumnSet, Filter, Job};
use crate::render::format::Format;
use crate::render::table::{JobTable, TableField, TableOptions};
use crate::repository::{Query, Repository, Unhurried};
use crate::terminal::screen::Size;
use crate::text::signs;
use crate::text::visible::grouped;

/// The number of lines of a screen that are not jobs: its head, the headings, the foot.
const FRAME: usize = 3;

pub(crate) struct Listed<'a> {
    args: &'a Args,
    columns: Vec<AnyColumn>,
    format: Format,
    order: Order,
    after: Option<Cursor>,
    /// The filter of the last options: ages in it are counted from then.
    filter: Option<Filter>,
    jobs: Vec<Job>,
    /// True when the list would show further jobs.
    more: bool,
    total: Option<u64>,
    events: Events,
}

impl<'a> Listed<'a> {
    pub(crate) fn new(args: &'a Args, context: &mut Context) -> Result<Listed<'a>> {
        let columns = field_names::parse_early(&args.fields, context)?;
        let (order, after) = args.order()?;
        Ok(Listed {
            args,
            format: context.format,
            order,
            after,
            filter: None,
            jobs: Vec::new(),
            more: false,
            total: None,
            events: Events::new(context, &columns, args.fields.is_empty()),
            columns,
        })
    }

    /// The columns of the table, which are more on a wider terminal.
    fn shown(&self, width: usize) -> Vec<TableField> {
        self.args.shown(&self.columns, self.format, Some(width))
    }

    /// The filter as it is now. Its words are looked up once: that no job has one any more is no mistake.
    fn filter(&self, context: &Context, repository: &mut dyn Repository) -> Result<Filter> {
        match &self.filter {
            None => self.args.filter.resolve(context, repository),
            Some(_) => self.args.filter.at_present(context),
        }
    }

    /// The most jobs of the list.
    fn limit(&self) -> u64 {
        if self.args.all { MOST } else { self.args.limit }
    }

    fn query<'q>(&self, filter: &'q Filter, limit: u64, columns: ColumnSet) -> Query<'q> {
        Query {
            filter,
            order: self.order,
            after: self.after.clone(),
            offset: self.args.offset,
            limit,
            columns,
        }
    }

    /// All jobs of the list, a page at a time where it has an end.
    fn each(
        &self,
        repository: &mut dyn Repository,
        filter: &Filter,
        columns: ColumnSet,
        take: &mut dyn FnMut(Job) -> Result<()>,
    ) -> Result<()> {
        if self.args.all {
            let mut taken = Unhurried::new(take);
            return Ok(repository.stream(filter, Some(self.order), columns, &mut taken)?);
        }
        let mut query = self.query(filter, 0, columns);
        let mut left = self.args.limit;
        while left > 0 {
            query.limit = left.min(PAGE);
            let jobs = repository.list(&query)?;
            left = if (jobs.len() as u64) < query.limit {
                0
            } else {
                left - query.limit
            };
            query.after = jobs.last().map(|job| Cursor::at(job, self.order));
            query.offset = 0;
            for job in jobs {
                take(job)?;
            }
        }
        Ok(())
    }

    /// `1–20 of 12,345 · 30 more do not fit`
    fn foot(&self) -> String {
        let shown = self.jobs.len() as u64;
        if shown == 0 && !self.more {
            return "no jobs match".to_owned();
        }
        let first = self.args.offset + 1;
        let range = match self.after {
            Some(_) => grouped(shown),
            None => format!(
                "{}{}{}",
                grouped(first),
                signs::dash(),
                grouped(first + shown - 1)
            ),
        };
        let of = self.total.map(|total| format!(" of {}", grouped(total)));
        let hidden = match (self.total, &self.after) {
            _ if !self.more => String::new(),
            (Some(total), None) => {
                let whole = total.saturating_sub(self.args.offset).min(self.limit());
                format!(
                    " {} {} more do not fit",
                    signs::dot(),
                    grouped(whole.saturating_sub(shown))
                )
            }
            _ => format!(" {} more do not fit", signs::dot()),
        };
        format!("{range}{}{hidden}", of.unwrap_or_default())
    }
}

impl Subject for Listed<'_> {
    fn title(&self) -> String {
        match self.args.filter.describe() {
            filter if filter.is_empty() => "jobctl list".to_owned(),
            filter => format!("jobctl list {filter}"),
        }
    }

    fn is_due(&self, context: &Context) -> Result<bool> {
        match &self.filter {
            None => Ok(true),
            Some(before) => Ok(self.args.filter.at_present(context)? != *before),
        }
    }

    fn read(
        &mut self,
        context: &Context,
        repository: &mut dyn Repository,
        size: Size,
    ) -> Result<()> {
        let filter = self.filter(context, repository)?;
        let rows = size.rows.saturating_sub(FRAME) as u64;
        let limit = self.limit().min(rows);
        let reads = JobTable::reads(&self.shown(usize::MAX));
        let mut jobs = repository.list(&self.query(&filter, limit + 1, reads))?;
        let more = jobs.len() as u64 > limit;
        jobs.truncate(limit as usize);
        self.total = if self.args.no_total {
            None
        } else {
            Some(repository.count(&filter)?)
        };
        self.more = more && limit < self.limit();
        self.jobs = jobs;
        self.filter = Some(filter);
        Ok(())
    }

    fn lines(&self, context: &Context, size: Size) -> Vec<String> {
        let options = TableOptions {
            now: context.now(),
            zone: &context.zone,
            width: Some(size.columns),
            color: context.terminal.color,
            headings: !self.args.no_header,
        };
        let shown = self.shown(size.columns);
        let mut lines = JobTable::new(&shown, options).block(&self.jobs);
        lines.push(self.foot());
        lines
    }

    fn tell(&mut self, context: &mut Context, repository: &mut dyn Repository) -> Result<()> {
        let filter = self.filter(context, repository)?;
        let columns = self.reads();
        let nothing = Events::new(context, &[], false);
        let mut events = std::mem::replace(&mut self.events, nothing);
        events.begin();
        let terminal = &mut context.terminal;
        let mut done = self.each(repository, &filter, columns, &mut |job| {
            events.see(terminal, &job)
        });
        if done.is_ok() {
            done = self.tell_gone(context, repository, &filter, &mut events);
        }
        self.events = events;
        self.filter = Some(filter);
        done
    }
}

impl Listed<'_> {
    /// The columns that an event tells of a job.
    fn reads(&self) -> ColumnSet {
        if self.args.fields.is_empty() {
            ColumnSet::WHOLE
        } else {
            AnyColumn::reads(&self.columns)
        }
    }

    fn tell_gone(
        &self,
        context: &mut Context,
        repository: &mut dyn Repository,
        filter: &Filter,
        events: &mut Events,
    ) -> Result<()> {
        let columns = self.reads().union(filter.columns());
        for ids in events.unseen().chunks(PAGE as usize) {
            let jobs = repository.find(ids, columns)?;
            for (id, job) in ids.iter().zip(&jobs) {
                match job {
                    // It moved to another page while the pages were read.
                    Some(job) if self.args.all && filter.matches(job) => {
                        events.see(&mut context.terminal, job)?;
                    }
                    job => events.gone(&mut context.terminal, id, job.as_ref())?,
                }
            }
        }
        Ok(())
    }
}
