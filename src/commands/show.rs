//! `show`: one or several jobs in full.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;

use super::parts::arguments::{formats, ids};
use super::parts::output::{self, OneOrMany};
use super::watch::{self, Shown};
use crate::commands::parts::program::program;
use crate::context::Context;
use crate::error::{Failure, Kind};
use crate::folders::{self, FolderScan};
use crate::job::{Column, ColumnSet, Job};
use crate::render::format::{Output, RecordForm};
use crate::render::page::{self, PageOptions};
use crate::repository::{Access, JobChange};
use crate::text::visible::one_line;
use crate::time::{self, Zone};

pub(crate) const EXAMPLES: &str = "\
Examples:
  jobctl show 7c1f
  jobctl show 7c1f --full
  jobctl show 7c1f --watch
  jobctl show 7c1f --files-under /srv/video
  jobctl show 7c1f -o json | jq .result
  jobctl show 7c1f -o json --scan | jq '.scan.shots[] | select(.videos == 0)'";

/// Entries of working folders that are looked at for the pages of one run: a few milliseconds.
const GLANCE: u64 = 2_000;

/// The same with `--scan`.
const SCAN: u64 = 1_000_000;

/// Show jobs in full
///
/// Prints a page per job. On a terminal long texts are cut; --full prints them whole. With -o json one job
/// is an object and several are an array.
///
/// The page says what of the working folder is on disk: the shots in shots/N and scene_N/shots/N with their
/// frames and videos. Symbolic links are not followed.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// Ids, or prefixes of at least 4 characters; - reads them from standard input
    #[arg(required = true, value_name = "ID|-")]
    ids: Vec<String>,

    /// Do not cut long texts on a terminal
    #[arg(long)]
    full: bool,

    /// Look at all of the working folder, and give it in JSON too, under "scan"
    ///
    /// Without it the page counts 2,000 entries at most, and JSON has nothing of the folder.
    #[arg(long)]
    scan: bool,

    /// Where a relative working folder lies: the folder that the service runs in
    ///
    /// Without it, that is the folder of the database.
    #[arg(long, value_name = "DIR", alias = "files_under", value_hint = clap::ValueHint::DirPath)]
    files_under: Option<PathBuf>,

    /// Read again at this interval and show what changes, until q or Ctrl-C [default: 2s]
    ///
    /// On a terminal the pages are redrawn in their place, as much of them as fits. In a pipe it takes -o jsonl and
    /// prints a line for each job at first and whenever it changes: the job with "event" before it, which is "appeared",
    /// "changed" or "gone". When one of the jobs is deleted it ends with status 3.
    #[arg(long, value_name = "AGE", num_args = 0..=1, default_missing_value = "2s", value_parser = watch::parse_interval_before_ids)]
    watch: Option<Duration>,
}

pub(crate) fn run(args: Args, context: &mut Context) -> Result<()> {
    if args.scan {
        formats::check(context.format, Output::Folders)?;
    }
    let named = ids::read(&args.ids, context.global.null)?;
    if let Some(interval) = args.watch
        && !named.names.is_empty()
    {
        let mut shown = Shown::new(context, named.names, args.full);
        return watch::run(context, interval, &mut shown);
    }
    context.terminal.page();
    let mut folders = FolderLook::new(&args, context)?;
    let mut repository = context.open(Access::Read)?;
    let mut jobs = Vec::new();
    let missing = ids::each(
        repository.as_mut(),
        &named.names,
        match context.format.form() {
            RecordForm::Id => ColumnSet::NONE,
            _ => ColumnSet::WHOLE,
        },
        &mut |job| jobs.push(job),
    )?;
    let shape = if named.names.len() == 1 && !named.from_stdin {
        OneOrMany::Single
    } else {
        OneOrMany::Array
    };
    let nothing = jobs.is_empty() && !missing.is_empty();
    let printed = nothing
        || output::records_and(context, &jobs, shape, &mut |job| {
            args.scan.then(|| {
                let mut scan = String::new();
                page::folder_json(&mut scan, folders.scan(job).as_ref());
                scan
            })
        })?;
    if !printed {
        let zone = context.shown_zone();
        let program = program(context);
        let options = PageOptions {
            now: context.now(),
            zone: &zone,
            width: context.terminal.width,
            color: context.terminal.color,
            full: args.full,
            program: &program,
        };
        for (index, job) in jobs.iter().enumerate() {
            if index > 0 {
                context.terminal.line("")?;
            }
            let last = repository
                .history()
                .map_or(Ok(None), |history| history.newest_change(&job.id()));
            let last = match last {
                // The job is there, and is what was asked for.
                Err(error) if error.kind() == Kind::Failed => {
                    let last_run = "the run that changed it last is not told";
                    context.terminal.warn(&format!("{last_run}: {error}"));
                    None
                }
                last => last?,
            };
            for line in page::lines(job, folders.scan(job).as_ref(), &options) {
                context.terminal.line(&line)?;
            }
            if let Some(last) = last {
                context.terminal.line(&last_changed(&last, &zone))?;
            }
        }
    }
    context.terminal.flush()?;
    // The process is about to end, and taking a connection apart costs a tenth of what showing a job does.
    std::mem::forget(repository);
    if missing.is_empty() {
        Ok(())
    } else {
        Err(ids::no_such(&missing).into())
    }
}

/// The line about the last run that touched the job.
fn last_changed(change: &JobChange, zone: &Zone) -> String {
    let at = change
        .at
        .map(|at| format!(" at {}", time::to_the_second(at, zone)));
    format!(
        "  last changed by {} ({}){}",
        change.run,
        one_line(&change.command),
        at.unwrap_or_default()
    )
}

/// Where working folders lie, and how much of them may still be looked at.
struct FolderLook {
    base: PathBuf,
    left: u64,
}

impl FolderLook {
    fn new(args: &Args, context: &Context) -> Result<FolderLook> {
        let base = match &args.files_under {
            Some(dir) if !dir.is_dir() => {
                let message = format!("no folder at {}", one_line(&dir.to_string_lossy()));
                let hint = "give --files-under the folder that the service runs in";
                return Err(Failure::new(Kind::NoInput, message).hint(hint).into());
            }
            Some(dir) => dir.clone(),
            None => {
                let location = context.location()?;
                let folder = location.file().and_then(Path::parent);
                folder.unwrap_or(Path::new("")).to_owned()
            }
        };
        let left = if args.scan { SCAN } else { GLANCE };
        Ok(FolderLook { base, left })
    }

    fn scan(&mut self, job: &Job) -> Option<FolderScan> {
        folders::scan(&self.base, job.get(Column::WorkingDir), &mut self.left)
    }
}
