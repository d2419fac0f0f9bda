//! `stats`: how the jobs are doing, in numbers; one read of the table.

use std::io::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result};
use clap::ValueEnum as _;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};

use super::Command;
use super::parts::filter_args::FilterArgs;
use super::parts::out_file::{Named, STDOUT};
use super::parts::storage;
use crate::context::Context;
use crate::error::Failure;
use crate::job::statistics::{By, Counting, Statistics, Terms};
use crate::render::csv::Dialect;
use crate::render::statistics::{self, View, prometheus};
use crate::render::table::Look;
use crate::repository::sqlite::Access;
use crate::settings::options::Format;
use crate::text::json::Layout;
use crate::time;

pub const EXAMPLES: &str = "\
Examples:
  jobctl stats
  jobctl stats --since 7d --by type
  jobctl stats --status failed --since today
  jobctl stats -o json | jq .run_seconds.p90
  jobctl stats --by day -o csv > days.csv

For node_exporter, in a crontab:
  */5 * * * *  /usr/local/bin/jobctl --db /srv/video/vimax_seko.db stats -o prometheus --to /var/lib/node_exporter/jobctl.prom";

const FORMATS: [&str; 6] = ["table", "wide", "json", "jsonl", "csv", "prometheus"];

/// Say how the jobs are doing: counts, success, times, days, errors
///
/// A percentile is the least duration that so many percent of the jobs do not exceed (nearest rank), of all
/// durations, not of a sample. Queue wait is from creation to start; a run is from start to end, of ended jobs;
/// negative ones are left out and counted. The success rate is of the jobs that completed or failed. A job
/// is stuck when it is processing and updated_at, the only sign of life there is, has not changed for long.
/// Days are those of creation, in local time unless --utc. Errors are those of failed jobs, grouped with
/// numbers, ids, times, paths and quoted texts folded. With filters, everything but the file's size is of the
/// jobs that match.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Args {
    /// Group by this as well: status, type, mode, style or day
    #[arg(long, value_enum, value_name = "KEY", hide_possible_values = true)]
    by: Option<By>,

    /// How many error messages
    #[arg(long, default_value_t = 10, value_name = "N")]
    top: usize,

    /// Count a processing job as stuck after this without an update [default: that of --stuck, or 2h]
    #[arg(long, value_name = "AGE", value_parser = time::parse_duration, alias = "stuck_after")]
    stuck_after: Option<Duration>,

    /// Write to this file, which appears whole or stays as it was; - is stdout
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,

    /// How to print: table, wide, json, jsonl, csv (a line for each group) or prometheus
    #[arg(
        short,
        long,
        default_value = "table",
        value_name = "FORMAT",
        help_heading = "Global options",
        hide_possible_values = true,
        value_parser = PossibleValuesParser::new(FORMATS).try_map(|word| Format::from_str(&word, false))
    )]
    output: Format,

    #[command(flatten)]
    filter: FilterArgs,
}

impl Args {
    /// Whatever else `-o` may be, here it has formats of its own.
    pub fn format(&self) -> Format {
        self.output
    }
}

/// How long without a sign of life is too long, when nobody says.
const STUCK_AFTER: Duration = Duration::from_secs(2 * 60 * 60);

/// Refuses the formats that this command alone has to the others, and theirs to this one.
pub fn check_format(command: &Command, format: Format) -> Result<()> {
    let failure = match (command, format) {
        (Command::Stats(_), Format::Ids) => Failure::usage("statistics have no ids")
            .hint("jobctl list -o ids, with the same filters"),
        (Command::Stats(_), _) => return Ok(()),
        (_, Format::Prometheus) => Failure::usage("only stats is told in the format prometheus")
            .hint("jobctl stats -o prometheus"),
        _ => return Ok(()),
    };
    Err(failure.into())
}

pub fn run(mut args: Args, context: &mut Context) -> Result<()> {
    args.to = args.to.filter(|to| to.as_os_str() != STDOUT);
    let named = match &args.to {
        Some(to) => Some(Named::check("--to", to)?),
        None => None,
    };
    let mut repository = context.open(Access::Read)?;
    let filter = args.filter.resolve(context, repository.as_mut())?;
    let terms = Terms {
        now: context.now(),
        zone: match args.output {
            Format::Csv | Format::Prometheus => context.zone.clone(),
            _ => context.shown_zone(),
        },
        stuck_after: args
            .stuck_after
            .or(args.filter.stuck)
            .unwrap_or(STUCK_AFTER),
        by: match (args.by, args.output) {
            (None, Format::Csv) => Some(By::Status),
            (by, _) => by,
        },
        top: args.top,
    };
    let reads = terms.reads();
    let mut counting = Counting::new(terms);
    repository.stream(&filter, None, reads, &mut |job| {
        counting.add(&job);
        Ok(())
    })?;
    let statistics = counting.finish();
    let view = View {
        statistics: &statistics,
        size: storage::space(repository.as_mut())?,
        place: &repository.place(),
        filter: &filter,
        selection: &args.filter.describe(),
    };
    let dialect = Dialect::of(context.global.excel);
    let text = text(&view, args.output, &look(&args, context), dialect);
    match named {
        Some(named) => {
            // A collector runs as another user.
            let file = named.begin()?.readable_by_all()?;
            let mut content = file.content()?;
            let written = content
                .write_all(text.as_bytes())
                .and_then(|()| content.end());
            written.with_context(|| format!("writing {}", file.shown()))?;
            file.finish()?;
            Ok(())
        }
        None if args.output == Format::Csv => statistics::csv(groups(&statistics))
            .iter()
            .try_for_each(|line| context.terminal.csv_line(line)),
        None if args.output == Format::Prometheus => text
            .lines()
            .try_for_each(|line| context.terminal.plain_line(line)),
        None => context.terminal.data(&text),
    }
}

/// A file is no terminal.
fn look<'a>(args: &Args, context: &'a Context) -> Look<'a> {
    let on_screen = args.to.is_none();
    Look {
        now: context.now(),
        zone: &context.zone,
        width: context.terminal.width.filter(|_| on_screen),
        color: context.terminal.color && on_screen,
        headings: true,
    }
}

fn text(view: &View, format: Format, look: &Look, dialect: Dialect) -> String {
    match format {
        Format::Json => statistics::json(view, Layout::Lines(0)),
        Format::Jsonl => statistics::json(view, Layout::OneLine),
        Format::Csv => {
            let mut text = dialect.begin().to_owned();
            for line in statistics::csv(groups(view.statistics)) {
                text.push_str(&line);
                text.push_str(dialect.line_end());
            }
            text
        }
        Format::Prometheus => prometheus::text(view),
        Format::Table | Format::Wide | Format::Ids => {
            let mut text = statistics::lines(view, look).join("\n");
            text.push('\n');
            text
        }
    }
}

fn groups(statistics: &Statistics) -> &[crate::job::statistics::Group] {
    statistics.groups.as_ref().map_or(&[], |(_, groups)| groups)
}
