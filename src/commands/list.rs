//! `list`: a page of jobs, or all of them.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;

use super::parts::consent::grouped;
use super::parts::fields;
use super::parts::filter_args::{FilterArgs, bad_value};
use super::parts::output::Listing;
use super::watch::{self, Listed};
use crate::context::Context;
use crate::error::Failure;
use crate::job::order::{Cursor, Order};
use crate::job::{AnyColumn, Column, ColumnSet, Filter};
use crate::render::format::{Form, Format};
use crate::render::table::{Field, JobTable, Look};
use crate::repository::Access;
use crate::repository::{Query, Repository};
use crate::terminal::Terminal;
use crate::text::json::{self, Layout, Object};
use crate::text::signs;
use crate::time;

pub const EXAMPLES: &str = "\
Examples:
  jobctl list
  jobctl list --status failed --since today
  jobctl list --stuck 2h
  jobctl list --status processing --watch
  jobctl list --all --fields id,status --watch -o jsonl
  jobctl list --search 'rate limit' --all -o ids
  jobctl list --all -o csv --fields id,status,created,error > jobs.csv
  jobctl list --all -o tsv --fields id,title --no-header | cut -f 2 | sort | uniq -d
  jobctl list -o json | jq -r '.jobs[].job_id'";

/// The most that SQLite counts to.
pub(super) const MOST: u64 = i64::MAX as u64;

/// Jobs that are read and printed before the next are read.
pub(super) const PAGE: u64 = 500;

/// List jobs, newest first
///
/// On a terminal the table fits the width; in a pipe nothing is cut. The footer and -o json name the
/// cursor with which --after continues.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Args {
    /// Order by this column: KEY, or KEY:desc
    #[arg(long, value_name = "KEY[:desc]")]
    sort: Option<String>,

    /// How many jobs
    #[arg(short = 'n', long, default_value_t = 50, value_name = "N", conflicts_with = "all", value_parser = clap::value_parser!(u64).range(1..=MOST))]
    pub(super) limit: u64,

    /// Skip so many jobs first
    #[arg(long, default_value_t = 0, value_name = "N", conflicts_with_all = ["after", "all"], value_parser = clap::value_parser!(u64).range(..=MOST))]
    pub(super) offset: u64,

    /// Every job that matches
    #[arg(short, long)]
    pub(super) all: bool,

    /// Continue behind a page, with the cursor that it gave
    #[arg(long, value_name = "CURSOR", conflicts_with = "all")]
    after: Option<String>,

    /// These columns, by flag, JSON key or column name
    ///
    /// A column that only this table has is named as it is, or as other.NAME where a known one has the name; other is
    /// all of those.
    #[arg(long, value_name = "FIELD", value_delimiter = ',')]
    pub(super) fields: Vec<String>,

    /// Leave the headings of a table, of CSV and of TSV out
    #[arg(long)]
    pub(super) no_header: bool,

    /// Do not count all that match
    #[arg(long)]
    pub(super) no_total: bool,

    /// Look again every so often, and show what changes; stays until q or Ctrl-C [default: 2s]
    ///
    /// On a terminal the list is redrawn in its place, as much of it as fits. In a pipe it takes -o jsonl and prints
    /// a line for each job that appears, changes or goes: the job, or its --fields, with "event" before it, which is
    /// "appeared", "changed" or "gone". First each job of the list appears. With --fields only these count as changed. A
    /// job is gone when it is deleted (then only its id is said), matches no more, or is no more among the first
    /// --limit; --all watches all that match.
    #[arg(long, value_name = "AGE", num_args = 0..=1, default_missing_value = "2s", value_parser = watch::parse_interval)]
    watch: Option<Duration>,

    #[command(flatten)]
    pub(super) filter: FilterArgs,
}

pub fn run(args: Args, context: &mut Context) -> Result<()> {
    if let Some(interval) = args.watch {
        let mut listed = Listed::new(&args, context)?;
        return watch::run(context, interval, &mut listed);
    }
    context.terminal.page();
    let (order, after) = args.order()?;
    let mut repository = context.open(Access::Read)?;
    let is_whole = args.fields.is_empty();
    let form = context.format.form();
    let others = match is_whole && form == Form::Cells || fields::needs_table(&args.fields) {
        true => repository.other_columns()?,
        false => Vec::new(),
    };
    let columns = match is_whole {
        true => AnyColumn::all(&others),
        false => fields::parse(&args.fields, &others)?,
    };
    let shown = args.shown(&columns, context.format, context.terminal.width);
    let reads = match form {
        Form::Lines => JobTable::reads(&shown),
        Form::Id | Form::Metrics => ColumnSet::NONE,
        Form::Object if is_whole => ColumnSet::WHOLE,
        Form::Object | Form::Cells => AnyColumn::reads(&columns),
    };
    let filter = args.filter.resolve(context, repository.as_mut())?;
    let is_table = form == Form::Lines;
    let tells_times = |field: &Field| matches!(field, Field::Column(column) if column.is_time());
    let zone = match is_table && shown.iter().any(tells_times) {
        true => context.shown_zone(),
        false => context.zone.clone(),
    };
    let look = Look {
        now: context.now(),
        zone: &zone,
        width: context.terminal.width,
        color: context.terminal.color,
        headings: !args.no_header,
    };
    let table = JobTable::new(&shown, look);
    let mut listing = Listing::new(context, columns, is_whole, !args.no_header, table);
    let is_document = context.format.is_document();
    let terminal = &mut context.terminal;
    if args.all {
        repository.stream(&filter, Some(order), reads, &mut |job| {
            listing.push(terminal, job)
        })?;
        let count = listing.count;
        let page = Page {
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
    let (mut more, mut last) = (true, None);
    while more && listing.count < args.limit {
        let wanted = (args.limit - listing.count).min(PAGE);
        query.limit = wanted + 1;
        let mut jobs = repository.list(&query)?;
        more = jobs.len() as u64 > wanted;
        jobs.truncate(wanted as usize);
        last = jobs.last().map(|job| Cursor::at(job, order)).or(last);
        (query.offset, query.after) = (0, last.clone());
        for job in jobs {
            listing.push(terminal, job)?;
        }
    }
    let page = Page {
        total: total(
            &args,
            is_document,
            terminal.width,
            more,
            repository.as_mut(),
            &filter,
        )?,
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

/// The count of all that match, when somebody is going to see it and it is not known already.
fn total(
    args: &Args,
    is_document: bool,
    width: Option<usize>,
    more: bool,
    repository: &mut dyn Repository,
    filter: &Filter,
) -> Result<Option<u64>> {
    let seen = is_document || width.is_some() || more;
    if args.no_total || !seen || (more && !is_document && width.is_none()) {
        return Ok(None);
    }
    Ok(Some(repository.count(filter)?))
}

/// A column named in `--fields`, with the table's own way of showing it.
fn named_field(column: &AnyColumn) -> Field {
    match column {
        AnyColumn::Known(Column::Id) => Field::Id,
        AnyColumn::Known(Column::Status) => Field::Status,
        AnyColumn::Known(Column::Progress) => Field::Progress,
        AnyColumn::Known(column) => Field::Column(*column),
        AnyColumn::Other(name) => Field::Other(Arc::clone(name)),
    }
}

impl Args {
    /// What `--stuck` cannot know, said where people see what it found.
    fn hint(&self, terminal: &mut Terminal, is_table: bool, shown: u64) {
        if let Some(quiet) = self.filter.stuck.filter(|_| is_table && shown > 0) {
            let quiet = time::spell_duration(quiet);
            terminal.note("updated_at is the only sign of life there is:");
            terminal.note(&format!(
                "a stage that takes longer than {quiet} looks just like this"
            ));
        }
    }

    /// The columns of a table.
    pub(super) fn shown(
        &self,
        columns: &[AnyColumn],
        format: Format,
        width: Option<usize>,
    ) -> Vec<Field> {
        match self.fields.is_empty() {
            true => format.fields(width, self.filter.stuck.is_some()),
            false => columns.iter().map(named_field).collect(),
        }
    }

    pub(super) fn order(&self) -> Result<(Order, Option<Cursor>)> {
        let asked = match &self.sort {
            None => None,
            Some(text) => {
                let name = text.split(':').next().unwrap_or(text);
                if Column::named(name).is_none() {
                    return Err(fields::unknown("--sort", text, name, &[]).into());
                }
                Some(Order::parse(text).map_err(|why| bad_value("--sort", text, &why))?)
            }
        };
        let Some(text) = &self.after else {
            return Ok((asked.unwrap_or(Order::NEWEST_FIRST), None));
        };
        let Some(cursor) = Cursor::decode(text) else {
            let why = "it is not a cursor; use the one that the page before gave";
            return Err(bad_value("--after", text, why).into());
        };
        if asked.is_some_and(|asked| asked != cursor.order) {
            return Err(
                Failure::usage("'--after' continues in the order of its page")
                    .hint("leave --sort out, or begin again without --after")
                    .into(),
            );
        }
        Ok((cursor.order, Some(cursor)))
    }
}

/// Which part of the whole is shown.
struct Page {
    total: Option<u64>,
    limit: u64,
    offset: u64,
    shown: u64,
    more: bool,
    next: Option<Cursor>,
}

impl Page {
    /// `"pagination": {…}`
    fn json(&self) -> String {
        let mut out = String::from("\"pagination\": ");
        let mut object = Object::begin(&mut out, Layout::OneLine);
        match self.total {
            Some(total) => object.plain("total", total),
            None => object.plain("total", "null"),
        }
        object.plain("limit", self.limit);
        object.plain("offset", self.offset);
        object.plain("has_more", self.more);
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
        let range = match continued {
            true => grouped(self.shown),
            false => format!(
                "{}{}{}",
                grouped(self.offset + 1),
                signs::dash(),
                grouped(self.offset + self.shown)
            ),
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
