//! `list`: a page of jobs, or all of them.

mod args;
mod watched;

pub(crate) use self::args::{Args, EXAMPLES};

use anyhow::Result;

use self::args::PAGE;
use self::watched::Listed;
use super::parts::arguments::field_names;
use super::parts::output::Listing;
use super::watch;
use crate::context::Context;
use crate::job::order::Cursor;
use crate::job::{AnyColumn, ColumnSet, Job};
use crate::render::format::RecordForm;
use crate::render::table::{JobTable, TableField, TableOptions};
use crate::repository::{Access, Query, Sink};
use crate::terminal::Terminal;
use crate::text::json::{self, Layout, Object};
use crate::text::signs;
use crate::text::visible::grouped;

pub(crate) fn run(args: Args, context: &mut Context) -> Result<()> {
    if let Some(interval) = args.watch {
        let mut listed = Listed::new(&args, context)?;
        return watch::run(context, interval, &mut listed);
    }
    context.terminal.page();
    let (order, after) = args.order()?;
    let mut repository = context.open(Access::Read)?;
    let is_whole = args.fields.is_empty();
    let form = context.format.form();
    let others = if is_whole && form == RecordForm::Cells || field_names::needs_table(&args.fields)
    {
        repository.other_columns()?
    } else {
        Vec::new()
    };
    let columns = if is_whole {
        AnyColumn::all(&others)
    } else {
        field_names::parse(&args.fields, &others)?
    };
    let shown = args.shown(&columns, context.format, context.terminal.width);
    let reads = match form {
        RecordForm::Lines => JobTable::reads(&shown),
        RecordForm::Id | RecordForm::Metrics => ColumnSet::NONE,
        RecordForm::Object if is_whole => ColumnSet::WHOLE,
        RecordForm::Object | RecordForm::Cells => AnyColumn::reads(&columns),
    };
    let filter = args.filter.resolve(context, repository.as_mut())?;
    let is_table = form == RecordForm::Lines;
    let tells_times =
        |field: &TableField| matches!(field, TableField::Column(column) if column.is_time());
    let zone = if is_table && shown.iter().any(tells_times) {
        context.shown_zone()
    } else {
        context.zone.clone()
    };
    let options = TableOptions {
        now: context.now(),
        zone: &zone,
        width: context.terminal.width,
        color: context.terminal.color,
        headings: !args.no_header,
    };
    let table = JobTable::new(&shown, options);
    let mut listing = Listing::new(context, columns, is_whole, !args.no_header, table);
    let is_document = context.format.is_document();
    let terminal = &mut context.terminal;
    if args.all {
        let mut printed = Printed {
            listing: &mut listing,
            terminal,
        };
        repository.stream(&filter, Some(order), reads, &mut printed)?;
        let count = listing.count;
        let page = Pagination {
            total: Some(count),
            limit: count,
            offset: 0,
            shown: count,
            more: false,
            next: None,
        };
        listing.end(terminal, &page.json())?;
        args.hint(terminal, is_table, count);
        return Ok(());
    }
    let mut query = Query {
        filter: &filter,
        order,
        after,
        offset: args.offset,
        limit: 0,
        columns: reads,
    };
    let tells_total = !args.no_total && (is_document || terminal.width.is_some());
    let (mut more, mut last, mut total) = (true, None, None);
    while more && listing.count < args.limit {
        let wanted = (args.limit - listing.count).min(PAGE);
        query.limit = wanted + 1;
        let mut jobs = if tells_total && total.is_none() {
            let (jobs, counted) = repository.list_counted(&query)?;
            total = counted;
            jobs
        } else {
            repository.list(&query)?
        };
        more = jobs.len() as u64 > wanted;
        jobs.truncate(wanted as usize);
        last = jobs.last().map(|job| Cursor::at(job, order)).or(last);
        (query.offset, query.after) = (0, last.clone());
        for job in jobs {
            listing.push(terminal, job)?;
        }
    }
    if tells_total && total.is_none() {
        // The last row that matches has been seen, and the number of those before it is known.
        let has_seen_end = !more && args.after.is_none() && (args.offset == 0 || listing.count > 0);
        total = Some(if has_seen_end {
            args.offset + listing.count
        } else {
            repository.count(&filter)?
        });
    }
    let page = Pagination {
        total,
        limit: args.limit,
        offset: args.offset,
        shown: listing.count,
        more,
        next: last.filter(|_| more),
    };
    listing.end(terminal, &page.json())?;
    if (is_table && terminal.width.is_some()) || (more && !is_document) {
        let footer = page.footer(args.after.is_some());
        terminal.note(&footer);
    }
    args.hint(terminal, is_table, page.shown);
    Ok(())
}

/// A listing of all jobs: their text is made while they are read, and printed while the database is not held.
struct Printed<'a, 'b> {
    listing: &'a mut Listing<'b>,
    terminal: &'a mut Terminal,
}

impl Sink for Printed<'_, '_> {
    fn row(&mut self, job: &mut Job) -> Result<()> {
        self.listing.add(job);
        Ok(())
    }

    fn is_full(&self) -> bool {
        self.listing.is_full()
    }

    fn pass_on(&mut self) -> Result<()> {
        self.listing.print(self.terminal)
    }
}

/// The part of all jobs that is shown.
struct Pagination {
    total: Option<u64>,
    limit: u64,
    offset: u64,
    shown: u64,
    more: bool,
    next: Option<Cursor>,
}

impl Pagination {
    /// `"pagination": {…}`
    fn json(&self) -> String {
        let mut out = String::from("\"pagination\": ");
        let mut object = Object::begin(&mut out, Layout::OneLine);
        match self.total {
            Some(total) => object.literal("total", total),
            None => object.literal("total", "null"),
        }
        object.literal("limit", self.limit);
        object.literal("offset", self.offset);
        object.literal("has_more", self.more);
        object.key("next_cursor");
        match &self.next {
            Some(cursor) => json::string(object.out, &cursor.encode()),
            None => object.out.push_str("null"),
        }
        object.end();
        out
    }

    /// `1–50 of 12,345 · next: --after …`
    fn footer(&self, continued: bool) -> String {
        if self.shown == 0 && !self.more {
            return "no jobs match".to_owned();
        }
        let range = if continued {
            grouped(self.shown)
        } else {
            format!(
                "{}{}{}",
                grouped(self.offset + 1),
                signs::dash(),
                grouped(self.offset + self.shown)
            )
        };
        let of = match self.total {
            Some(total) => format!(" of {}", grouped(total)),
            None => String::new(),
        };
        match &self.next {
            Some(cursor) => {
                let (dot, cursor) = (signs::dot(), cursor.encode());
                format!("{range}{of} {dot} next: --after {cursor}")
            }
            None => format!("{range}{of}"),
        }
    }
}
