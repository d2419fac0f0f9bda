//! `stats`: how the jobs are doing, in numbers; one read of the table.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result};
use clap::builder::PossibleValuesParser;

use super::parts::arguments::filter::FilterArgs;
use super::parts::database::storage;
use super::parts::output::file::{PlannedFile, STDOUT};
use crate::context::Context;
use crate::job::Job;
use crate::job::statistics::{By, Counting, StatisticsTerms};
use crate::render::format::{self, Envelope, Format, Head, Output, RecordForm};
use crate::render::statistics::{self, StatisticsRecord, View};
use crate::render::table::TableOptions;
use crate::repository::Access;
use crate::time;

pub(crate) const EXAMPLES: &str = "\
Examples:
  jobctl stats
  jobctl stats --since 7d --by type
  jobctl stats --status failed --since today
  jobctl stats -o json | jq .run_seconds.p90
  jobctl stats --by day -o csv > days.csv

For node_exporter, in a crontab:
  */5 * * * *  /usr/local/bin/jobctl --db /srv/video/vimax_seko.db stats -o prometheus --to /var/lib/node_exporter/jobctl.prom";

/// Say how the jobs are doing: counts, success, times, days, errors
///
/// A percentile, p90 say, is the shortest duration that at least 90 % of the jobs do not exceed (nearest rank), of all
/// durations, not of a sample. Queue wait is from creation to start; a run is from start to end, of ended jobs;
/// negative ones are left out and counted. The success rate is of the jobs that completed or failed. A job
/// is stuck when it is processing and updated_at, the only sign of life there is, has not changed for long.
/// Days are those of creation, in local time unless --utc. Errors are those of failed jobs, grouped with
/// numbers, ids, times, paths and quoted texts folded. With filters, everything but the file's size is of the
/// jobs that match.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// Group by this as well: status, type, mode, style or day
    #[arg(long, value_enum, value_name = "KEY", hide_possible_values = true)]
    by: Option<By>,

    /// Show at most N error messages
    #[arg(long, default_value_t = 10, value_name = "N")]
    top: usize,

    /// Count a processing job as stuck after this without an update [default: that of --stuck, or 2h]
    #[arg(long, value_name = "AGE", value_parser = time::parse_duration, alias = "stuck_after")]
    stuck_after: Option<Duration>,

    /// Write to this file, which appears whole or stays as it was; - is stdout
    ///
    /// Without -o its name tells the format: .json, .jsonl, .csv, .tsv or .prom, also before .zst or .gz; any other name means table.
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,

    /// How to print
    #[arg(
        short,
        long,
        value_name = "FORMAT",
        help_heading = "Global options",
        hide_possible_values = true,
        help = format!("How to print: {}; csv and tsv have a line for each group [default: table]", format::told(Output::Statistics, format::TABLE)),
        value_parser = formats()
    )]
    output: Option<String>,

    #[command(flatten)]
    filter: FilterArgs,
}

impl Args {
    /// Whatever else `-o` may be, here it has formats of its own.
    pub(crate) fn format(&self) -> Format {
        let named = match &self.output {
            Some(word) => format::named(word),
            None => self
                .file()
                .and_then(|to| format::of_file(to, Output::Statistics)),
        };
        named.unwrap_or(format::TABLE)
    }

    /// The file of `--to`.
    fn file(&self) -> Option<&Path> {
        self.to.as_deref().filter(|to| to.as_os_str() != STDOUT)
    }
}

fn formats() -> PossibleValuesParser {
    let words = format::words(Output::Statistics).filter(|(_, takes)| *takes);
    PossibleValuesParser::new(words.map(|(word, _)| word))
}

/// How long without a sign of life is too long, when nobody says.
const STUCK_AFTER: Duration = Duration::from_secs(2 * 60 * 60);

pub(crate) fn run(mut args: Args, context: &mut Context) -> Result<()> {
    args.to = args.to.filter(|to| to.as_os_str() != STDOUT);
    let format = args.format();
    let named = match &args.to {
        Some(to) => Some(PlannedFile::check("--to", to)?),
        None => None,
    };
    let mut repository = context.open(Access::Read)?;
    let filter = args.filter.resolve(context, repository.as_mut())?;
    let terms = StatisticsTerms {
        now: context.now(),
        zone: match format.form() {
            RecordForm::Cells | RecordForm::Metrics => context.zone.clone(),
            _ => context.shown_zone(),
        },
        stuck_after: args
            .stuck_after
            .or(args.filter.stuck)
            .unwrap_or(STUCK_AFTER),
        by: match (args.by, format.form()) {
            (None, RecordForm::Cells) => Some(By::Status),
            (by, _) => by,
        },
        top: args.top,
    };
    let reads = terms.reads();
    let mut counting = Counting::new(terms);
    repository.stream(&filter, None, reads, &mut |job: &mut Job| {
        counting.add(job);
        Ok(())
    })?;
    let statistics = counting.finish();
    let view = View {
        statistics: &statistics,
        size: storage::space(repository.as_mut())?,
        database: &repository.name(),
        filter: &filter,
        selection: &args.filter.describe(),
    };
    let mut style = context.style();
    style.harmless &= named.is_none();
    let head = Head {
        headings: statistics::HEADINGS.map(str::to_owned).to_vec(),
        around: Envelope::Nothing,
        table: None,
    };
    let mut document = format.begin(head, style);
    let mut text = String::new();
    let record = StatisticsRecord {
        view: &view,
        options: &table_options(&args, context),
    };
    document.record(&mut text, &record);
    document.end(&mut text, "");
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
        None => context.terminal.data(&text),
    }
}

/// A file is no terminal.
fn table_options<'a>(args: &Args, context: &'a Context) -> TableOptions<'a> {
    let on_screen = args.to.is_none();
    TableOptions {
        now: context.now(),
        zone: &context.zone,
        width: context.terminal.width.filter(|_| on_screen),
        color: context.terminal.color && on_screen,
        headings: true,
    }
}
