//! `export`: jobs as rows, loss-free, into a pipe or a file.

mod writer;

use std::path::PathBuf;

use anyhow::Result;

use self::writer::Writer;
use super::parts::arguments::filter::FilterArgs;
use super::parts::arguments::formats;
use super::parts::interrupt::Interrupt;
use super::parts::output::file::{PlannedFile, STDOUT, read_by_all};
use crate::context::Context;
use crate::job::ColumnSet;
use crate::render::format::{self, Envelope, Head, Output, RecordForm, Style};
use crate::render::record::RowRecord;
use crate::repository::Access;
use crate::system::compression::Codec;
use crate::text::size::about;
use crate::text::visible::plural;

pub(crate) const EXAMPLES: &str = "\
Examples:
  jobctl export --to jobs-2026-01.jsonl.zst
  jobctl export | jobctl --db new.db migrate -
  jobctl export --status failed --since 7d -o json | jq '.[].error_message'
  jobctl export --type idea2video --to jobs.csv
  jobctl export -o tsv | psql -c '\\copy jobs from stdin with (header)'";

/// Write jobs out as rows, for a backup or for another program
///
/// A row has the table's own columns with the values as they are stored; jobctl migrate brings it back
/// as it was, column for column. Without filters every job is written. The formats are jsonl (the default),
/// json, and two from which bytes that are no text cannot be brought back: csv, which is for spreadsheets and
/// has an empty field for NULL, and tsv, which is for COPY of PostgreSQL, cut and awk, and has \N for NULL.
///
/// The service works on meanwhile. Of a file in WAL mode, all rows are those of one moment; of another, a job that
/// changes meanwhile is written as it was or as it is.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// Write to this file, packed when its name ends in .zst or .gz; - is stdout
    ///
    /// Without -o its name tells the format: .csv, .tsv, .json, .jsonl or .ndjson, also before .zst or .gz; any other
    /// name means jsonl. The file appears, or is replaced, when it is whole. A new one can be read by its owner alone.
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,

    #[command(flatten)]
    filter: FilterArgs,
}

pub(crate) fn run(mut args: Args, context: &mut Context) -> Result<()> {
    args.to = args.to.filter(|to| to.as_os_str() != STDOUT);
    let on_screen = args.to.is_none() && context.terminal.width.is_some();
    let of_name = || {
        let to = args.to.as_deref()?;
        format::of_file(to, Output::Rows)
    };
    let format = match context.global.output {
        Some(_) => context.format,
        None => of_name().unwrap_or(format::JSONL),
    };
    formats::check(format, Output::Rows)?;
    let named = match &args.to {
        Some(path) => Some(PlannedFile::check("--to", path)?),
        None => None,
    };
    let mut repository = context.open(Access::ReadAll)?;
    let filter = args.filter.resolve(context, repository.as_mut())?;
    let others = match format.form() {
        RecordForm::Cells => repository.other_columns()?,
        _ => Vec::new(),
    };
    // On the screen the rows themselves show the progress.
    let bar = context.terminal.progress_of_jobs(!on_screen);
    if !bar.is_hidden() {
        bar.set_length(repository.count(&filter)?);
    }
    let interrupt = Interrupt::watch(context)?;
    let file = named.map(PlannedFile::begin).transpose()?;
    let out = match &file {
        Some(file) => file.content()?,
        None => Codec::None.begin(context.terminal.stream()?)?,
    };
    let shown = file.as_ref().map(|file| file.shown().to_owned());
    let head = Head {
        headings: RowRecord::headings(&others),
        around: Envelope::Rows,
        table: None,
    };
    let style = Style {
        harmless: on_screen,
        ..context.style()
    };
    let document = format.begin(head, style);
    let mut writer = Writer::start(document, out, interrupt, shown, others, bar.clone());
    let read = repository.stream(&filter, None, ColumnSet::WHOLE, &mut writer);
    let count = writer.count;
    let written = writer.end(read.map_err(Into::into));
    bar.finish_and_clear();
    let nameless = written?;
    if nameless > 0 && format.form() == RecordForm::Object {
        let jobs = plural(nameless, "job");
        let text = format!("{jobs} without an id, which jobctl migrate will reject");
        context.terminal.warn(&text);
    }
    if let Some(file) = file {
        let shown = file.shown().to_owned();
        let size = about(file.finish()?);
        let jobs = plural(count, "job");
        let summary = format!("exported {jobs} to {shown} ({size})");
        context.terminal.note(&summary);
        if let Some(warning) = args.to.as_deref().and_then(read_by_all) {
            context.terminal.warn(&warning);
        }
    }
    Ok(())
}
