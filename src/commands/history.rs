//! `history`: the runs that changed jobs, and what each did to a job.

use std::time::Duration;

use anyhow::Result;

use super::parts::arguments::filter::{bad_value, point};
use super::parts::arguments::ids::{self, Resolved};
use super::parts::database::history::{needed, resolve};
use super::parts::output::Printer;
use crate::context::Context;
use crate::error::{Failure, Kind};
use crate::job::{ColumnSet, JobId};
use crate::render::format::{Envelope, Head, RecordForm};
use crate::render::history::{
    CHANGE_HEADINGS, ChangeRecord, HistoryOptions, JobHistory, RUN_HEADINGS, RunColumns, RunRecord,
};
use crate::repository::{Access, DEFAULT_LIFETIME, History, JobChange, Repository, Run, RunId};
use crate::text::visible::{one_line, plural};
use crate::time;

pub(crate) const EXAMPLES: &str = "\
Examples:
  jobctl history
  jobctl history --since today -o json | jq '.runs[].argv'
  jobctl history 7c1f
  jobctl history r42
  jobctl history prune --older-than 1d";

/// Show which commands changed jobs, and what they changed
///
/// Without a name it lists the runs: the commands that changed jobs, newest first, with +created ~updated -deleted.
/// An id, or a beginning of one, shows what was done to that job, column by column; a run such as r42 shows what it did.
/// 'prune' removes the runs older than --older-than at once, which cannot then be undone any more; the newest run stays.
///
/// Runs are kept for 7 days, in the database itself, or for as long as jobctl doctor --fix --history-keep AGE said last. jobctl undo takes one back.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// Jobs, by id or prefix; a run; or prune
    #[arg(value_name = "ID|RUN|prune")]
    ids: Vec<String>,

    /// Only runs since this time: a time, or an age such as 36h
    #[arg(long, value_name = "TIME")]
    since: Option<String>,

    /// The most runs, or changes of a job, that are shown
    #[arg(long, value_name = "N", default_value_t = 50)]
    limit: usize,

    /// With prune: the age of the runs that go
    #[arg(long, value_name = "AGE", value_parser = time::parse_duration)]
    older_than: Option<Duration>,
}

pub(crate) fn run(args: Args, context: &mut Context) -> Result<()> {
    let since = point(context, "--since", args.since.as_deref())?;
    match (args.ids.as_slice(), args.older_than) {
        ([word], Some(age)) if word == "prune" => return prune(context, age),
        ([word], None) if word == "prune" => {
            let failure = Failure::usage("'history prune' needs the age of the runs that go");
            return Err(failure.hint("add --older-than 7d").into());
        }
        (_, Some(_)) => {
            let failure = Failure::usage("'--older-than' is for 'history prune'");
            return Err(failure.hint("--since shows the runs from a time on").into());
        }
        _ => {}
    }
    context.terminal.page();
    let mut repository = context.open(Access::Read)?;
    let runs: Vec<RunId> = args.ids.iter().filter_map(|id| RunId::parse(id)).collect();
    if args.ids.is_empty() {
        let runs = needed(repository.as_mut())?.runs(since, args.limit)?;
        if runs.is_empty() && context.format.form() == RecordForm::Lines {
            context.terminal.note("no run is kept");
        }
        print_runs(context, &runs)
    } else if runs.len() == args.ids.len() {
        of_runs(context, repository.as_mut(), &runs, args.limit)
    } else {
        of_jobs(context, repository.as_mut(), &args.ids, args.limit)
    }
}

/// The error for a run that does not exist.
fn no_such_run(history: &mut dyn History, run: RunId) -> Failure {
    let message = format!("there is no run {run}");
    let lifetime = time::spell_duration(history.lifetime().unwrap_or(DEFAULT_LIFETIME));
    let hint = format!("jobctl history lists them; they go after {lifetime}");
    Failure::new(Kind::NotFound, message).hint(hint)
}

/// The run of this number, which must be there.
pub(super) fn run_of(history: &mut dyn History, id: RunId) -> Result<Run> {
    match history.run(id)? {
        Some(run) => Ok(run),
        None => Err(no_such_run(history, id).into()),
    }
}

fn print_runs(context: &mut Context, runs: &[Run]) -> Result<()> {
    let zone = context.shown_zone();
    let options = HistoryOptions {
        zone: &zone,
        width: context.terminal.width,
    };
    let head = Head {
        headings: RUN_HEADINGS.map(str::to_owned).to_vec(),
        around: Envelope::Object("\"runs\": "),
        table: None,
    };
    let mut printer = Printer::new(context, head);
    let columns = RunColumns::of(runs, options);
    for (index, run) in runs.iter().enumerate() {
        let id = run.id.to_string();
        let record = RunRecord {
            run,
            id: &id,
            options,
            columns,
            titled: index == 0,
        };
        printer.record(&mut context.terminal, &record)?;
    }
    printer.end(&mut context.terminal, "")
}

fn of_runs(
    context: &mut Context,
    repository: &mut dyn Repository,
    ids: &[RunId],
    limit: usize,
) -> Result<()> {
    let mut changes = Vec::new();
    for id in ids {
        let history = needed(repository)?;
        let run = run_of(history, *id)?;
        changes.extend(history.changes_of(*id, limit)?);
        if context.format.form() == RecordForm::Lines {
            tell_run(context, &run)?;
        }
    }
    print_changes(context, &changes, "\"changes\": ")
}

/// What people see above the changes of a run.
fn tell_run(context: &mut Context, run: &Run) -> Result<()> {
    let zone = context.shown_zone();
    let options = HistoryOptions {
        zone: &zone,
        width: context.terminal.width,
    };
    let id = run.id.to_string();
    let mut text = String::new();
    let record = RunRecord {
        run,
        id: &id,
        options,
        columns: RunColumns::of(std::slice::from_ref(run), options),
        titled: true,
    };
    crate::render::record::Record::show(&record, &mut text, None);
    context.terminal.data(&text)?;
    if let Some(why) = &run.why_not {
        context.terminal.line(&format!("    {}", one_line(why)))?;
    }
    Ok(())
}

fn print_changes(context: &mut Context, changes: &[JobChange], around: &'static str) -> Result<()> {
    let zone = context.shown_zone();
    let options = HistoryOptions {
        zone: &zone,
        width: context.terminal.width,
    };
    let head = Head {
        headings: CHANGE_HEADINGS.map(str::to_owned).to_vec(),
        around: Envelope::Object(around),
        table: None,
    };
    let mut printer = Printer::new(context, head);
    for change in changes {
        let record = ChangeRecord {
            change,
            names_job: true,
            options,
        };
        printer.record(&mut context.terminal, &record)?;
    }
    printer.end(&mut context.terminal, "")
}

fn of_jobs(
    context: &mut Context,
    repository: &mut dyn Repository,
    names: &[String],
    limit: usize,
) -> Result<()> {
    let mut found: Vec<(JobId, Vec<JobChange>)> = Vec::new();
    let mut missing = Vec::new();
    for name in names {
        let id = match ids::resolve(repository, name, ColumnSet::NONE)? {
            Resolved::One(job) => job.id(),
            // It may have been deleted.
            Resolved::None => match resolve(repository, name)? {
                Some(id) => id,
                None => {
                    missing.push(name.clone());
                    continue;
                }
            },
        };
        let changes = needed(repository)?.changes(&id, limit)?;
        found.push((id, changes));
    }
    if context.format.is_document() {
        let zone = context.shown_zone();
        let options = HistoryOptions {
            zone: &zone,
            width: context.terminal.width,
        };
        let head = Head {
            around: match names {
                [_] => Envelope::Nothing,
                _ => Envelope::Array,
            },
            ..Head::default()
        };
        let mut printer = Printer::new(context, head);
        for (id, changes) in &found {
            let record = JobHistory {
                job: id.to_string(),
                changes,
                options,
            };
            printer.record(&mut context.terminal, &record)?;
        }
        printer.end(&mut context.terminal, "")?;
    } else {
        let changes: Vec<JobChange> = found.iter().flat_map(|(_, it)| it.clone()).collect();
        print_changes(context, &changes, "")?;
        if changes.is_empty() && missing.is_empty() {
            let note = "no run that is kept has changed it";
            context.terminal.note(note);
        }
    }
    if missing.is_empty() {
        Ok(())
    } else {
        Err(ids::no_such(&missing).into())
    }
}

fn prune(context: &mut Context, age: Duration) -> Result<()> {
    let before = time::before(context.now(), age)
        .ok_or_else(|| bad_value("--older-than", &time::spell_duration(age), "too long ago"))?;
    let mut repository = context.open(Access::Write)?;
    context.tell_database();
    let gone = needed(repository.as_mut())?.prune(before)?;
    if context.format.form() == RecordForm::Object {
        context.terminal.line(&format!("{{\"pruned\": {gone}}}"))?;
    }
    context
        .terminal
        .note(&format!("removed {}", plural(gone, "run")));
    Ok(())
}
