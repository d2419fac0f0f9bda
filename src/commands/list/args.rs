//! The arguments of `list`, with the order and the columns that they name.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;

use crate::commands::parts::arguments::field_names;
use crate::commands::parts::arguments::filter::{FilterArgs, bad_value};
use crate::commands::watch;
use crate::error::Failure;
use crate::job::order::{Cursor, Order};
use crate::job::{AnyColumn, Column};
use crate::render::format::Format;
use crate::render::table::TableField;
use crate::terminal::Terminal;
use crate::time;

pub(crate) const EXAMPLES: &str = "\
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

/// List jobs, newest first
///
/// On a terminal the table fits the width; in a pipe nothing is cut. The footer and -o json name the
/// cursor with which --after continues.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// Order by this column: KEY, or KEY:desc
    #[arg(long, value_name = "KEY[:desc]")]
    pub(super) sort: Option<String>,

    /// Show at most N jobs
    #[arg(short = 'n', long, default_value_t = 50, value_name = "N", conflicts_with = "all", value_parser = clap::value_parser!(u64).range(1..=MOST))]
    pub(super) limit: u64,

    /// Skip the first N jobs
    #[arg(long, default_value_t = 0, value_name = "N", conflicts_with_all = ["after", "all"], value_parser = clap::value_parser!(u64).range(..=MOST))]
    pub(super) offset: u64,

    /// Show every job that matches, not at most --limit
    #[arg(short, long)]
    pub(super) all: bool,

    /// Continue after a page, from the cursor that was printed with it
    #[arg(long, value_name = "CURSOR", conflicts_with = "all")]
    pub(super) after: Option<String>,

    /// Show these columns, each named by its flag, JSON key or column name
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

    /// Read again at this interval and show what changes, until q or Ctrl-C [default: 2s]
    ///
    /// On a terminal the list is redrawn in its place, as much of it as fits. In a pipe it takes -o jsonl and prints
    /// a line for each job that appears, changes or goes: the job, or its --fields, with "event" before it, which is
    /// "appeared", "changed" or "gone". First each job of the list appears. With --fields only these count as changed. A
    /// job is gone when it is deleted (then only its id is said), matches no more, or is no more among the first
    /// --limit; --all watches all that match.
    #[arg(long, value_name = "AGE", num_args = 0..=1, default_missing_value = "2s", value_parser = watch::parse_interval)]
    pub(super) watch: Option<Duration>,

    #[command(flatten)]
    pub(super) filter: FilterArgs,
}

impl Args {
    /// Tells people who see what `--stuck` found what it cannot know.
    pub(super) fn hint(&self, terminal: &mut Terminal, is_table: bool, shown: u64) {
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
    ) -> Vec<TableField> {
        if self.fields.is_empty() {
            format.fields(width, self.filter.stuck.is_some())
        } else {
            columns.iter().map(named_field).collect()
        }
    }

    pub(super) fn order(&self) -> Result<(Order, Option<Cursor>)> {
        let asked = match &self.sort {
            None => None,
            Some(text) => {
                let name = text.split(':').next().unwrap_or(text);
                if Column::named(name).is_none() {
                    return Err(field_names::unknown("--sort", text, name, &[]).into());
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

/// The most that SQLite counts to.
pub(super) const MOST: u64 = i64::MAX as u64;

/// The number of jobs that are read and printed before the next are read.
pub(super) const PAGE: u64 = 500;

/// A column named in `--fields`, with the table's own way of showing it.
pub(crate) fn named_field(column: &AnyColumn) -> TableField {
    match column {
        AnyColumn::Known(Column::Id) => TableField::Id,
        AnyColumn::Known(Column::Status) => TableField::Status,
        AnyColumn::Known(Column::Progress) => TableField::Progress,
        AnyColumn::Known(column) => TableField::Column(*column),
        AnyColumn::Other(name) => TableField::Other(Arc::clone(name)),
    }
}
