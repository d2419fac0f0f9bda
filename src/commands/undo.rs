//! `undo`: what a run changed is taken back.

use anyhow::Result;

use super::history::run_of;
use super::parts::database::history::needed;
use super::parts::output::Printer;
use super::restored;
use crate::context::Context;
use crate::error::Failure;
use crate::render::format::{Envelope, Head, RecordForm};
use crate::render::undone::UndoRecord;
use crate::repository::{Access, History, Run, RunId, TakeBack, TakenBack};
use crate::text::shell::word;
use crate::text::visible::{one_line, plural};

pub(crate) const EXAMPLES: &str = "\
Examples:
  jobctl undo --dry-run
  jobctl undo
  jobctl undo r42 --skip-conflicts
  jobctl redo";

/// Take back what a command changed
///
/// Restores the jobs that a run updated or deleted, exactly as they were, and deletes those that it made. Without a run it
/// is the last one that stands, so that undo, given twice, takes two back, and redo goes forward again. All of a run is
/// taken back, or nothing: where the service or another command has changed a job since, each such job is named with the
/// reason. What undo does is a run too.
///
/// It goes in one transaction, during which nobody else can write to a file. A run of more than 20,000 changes, which takes
/// longer than 3 s, is therefore refused without --exclusive: the service gives up after 5 s. On PostgreSQL only the jobs of the run
/// are held meanwhile.
#[derive(Debug, clap::Args)]
#[command(after_long_help = format!("{EXAMPLES}\n\n{}", super::CACHE_NOTE))]
pub(crate) struct Args {
    /// The run, such as r42; jobctl history lists them
    #[arg(value_name = "RUN")]
    run: Option<String>,

    /// Restore what cleanup removed from its archive, once that is seen to be as the run left it
    #[arg(long, conflicts_with = "dry_run")]
    from_archive: bool,

    #[command(flatten)]
    way: WayArgs,
}

/// The options of undo and redo.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct WayArgs {
    /// Leave the jobs that have changed since, and restore the others
    #[arg(long)]
    skip_conflicts: bool,

    /// Say what would be done, and change nothing
    #[arg(long)]
    dry_run: bool,

    /// Keep others from writing for as long as a run of many changes takes
    #[arg(long)]
    exclusive: bool,
}

/// The most changes that are taken back while the service waits. Jobs of 3 KB took 0.1 to 0.15 ms each, which makes 3 s of the
/// 5 s that it waits.
const MOST_CHANGES: u64 = 20_000;

/// The two directions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Undo,
    Redo,
}

impl Way {
    fn done(self) -> &'static str {
        match self {
            Way::Undo => "undone",
            Way::Redo => "redone",
        }
    }

    fn word(self) -> &'static str {
        match self {
            Way::Undo => "undo",
            Way::Redo => "redo",
        }
    }
}

pub(crate) fn run(args: Args, context: &mut Context) -> Result<()> {
    if args.from_archive {
        return from_archive(context, args.run.as_deref());
    }
    go(context, Way::Undo, args.run.as_deref(), args.way)
}

/// The run to be taken back for this, and the run of which that is said; or the reason why there is nothing to do.
enum UndoTarget {
    Run(Box<Run>, RunId),
    Nothing(String),
}

fn parse(text: &str) -> Result<RunId, Failure> {
    RunId::parse(text).ok_or_else(|| {
        let message = format!("\"{}\" is no run", one_line(text));
        Failure::usage(message).hint("a run is named as in r42; jobctl history lists them")
    })
}

pub(super) fn go(
    context: &mut Context,
    way: Way,
    named: Option<&str>,
    args: WayArgs,
) -> Result<()> {
    let named = named.map(parse).transpose()?;
    let mut repository = context.open(Access::Write)?;
    let history = needed(repository.as_mut())?;
    let target = match way {
        Way::Undo => to_undo(history, named)?,
        Way::Redo => to_redo(history, named)?,
    };
    let (run, told) = match target {
        UndoTarget::Run(run, told) => (run, told),
        UndoTarget::Nothing(why) => {
            print(context, way, None, &TakenBack::default(), args)?;
            context.terminal.note(&why);
            return Ok(());
        }
    };
    if let Some(why) = &run.why_not {
        return Err(cannot(history, &run, why)?.into());
    }
    if needed(repository.as_mut())?.keeps_others_out() {
        check_size(&run, told, args)?;
    }
    if !args.dry_run {
        context.tell_database();
    }
    let history = needed(repository.as_mut())?;
    let terms = TakeBack {
        run: run.id,
        dry_run: args.dry_run,
        skip_conflicts: args.skip_conflicts,
    };
    let done = history.take_back(terms)?;
    drop(repository);
    print(context, way, Some(told), &done, args)?;
    if !done.conflicts.is_empty() && !args.skip_conflicts {
        return Err(refusal(told, &done).into());
    }
    let mut summary = if args.dry_run {
        format!("would {} {told}: ", way.word())
    } else {
        format!("{} {told}: ", way.done())
    };
    summary.push_str(&counts(&done));
    if args.dry_run {
        summary.push_str("; nothing was written");
    }
    context.terminal.note(&summary);
    Ok(())
}

/// Refuses what would keep the service from writing for too long.
fn check_size(run: &Run, told: RunId, args: WayArgs) -> Result<(), Failure> {
    let changes = run.created + run.updated + run.deleted;
    if changes <= MOST_CHANGES || args.exclusive {
        return Ok(());
    }
    let message = format!(
        "{told} has {}: nobody else can write until all are taken back, and the service gives up after 5 s",
        plural(changes, "change")
    );
    let hint = "at a quiet hour, or with the service stopped: add --exclusive";
    Err(Failure::refused(message).hint(hint))
}

fn counts(done: &TakenBack) -> String {
    let skipped = done.conflicts.len() as u64;
    let mut parts = Vec::new();
    if done.restored > 0 || (done.deleted == 0 && done.indexes == 0 && skipped == 0) {
        parts.push(format!("restored {}", plural(done.restored, "job")));
    }
    if done.deleted > 0 {
        parts.push(format!("deleted {}", plural(done.deleted, "job")));
    }
    match done.indexes {
        0 => {}
        1 => parts.push("1 index".to_owned()),
        more => parts.push(format!("{more} indexes")),
    }
    if skipped > 0 {
        parts.push(format!("left {} as it is", plural(skipped, "job")));
    }
    parts.join(", ")
}

fn to_undo(history: &mut dyn History, named: Option<RunId>) -> Result<UndoTarget> {
    let Some(id) = named else {
        return Ok(match history.last_standing()? {
            Some(run) => UndoTarget::Run(Box::new(run.clone()), run.id),
            None => UndoTarget::Nothing("nothing to undo: no run is kept that stands".to_owned()),
        });
    };
    let mut run = run_of(history, id)?;
    if let Some(undone) = run.undoes {
        // What was done again is undone as at first.
        let first = match history.run(undone)? {
            Some(other) if run.command == "redo" => other.undoes,
            _ => None,
        };
        let Some(first) = first else {
            let message = format!("{id} is an undo itself, of {undone}");
            let hint = format!("jobctl redo {undone} does again what it took back");
            return Err(Failure::refused(message).hint(hint).into());
        };
        run = run_of(history, first)?;
    }
    Ok(match run.undone_by {
        Some(_) => UndoTarget::Nothing(format!("nothing to undo: {} is undone already", run.id)),
        None => UndoTarget::Run(Box::new(run.clone()), run.id),
    })
}

fn to_redo(history: &mut dyn History, named: Option<RunId>) -> Result<UndoTarget> {
    let nothing = |why: &str| UndoTarget::Nothing(format!("nothing to redo: {why}"));
    let undo = match named {
        None => {
            let Some(undo) = history.last_undo()? else {
                return Ok(nothing("no run that is undone is kept"));
            };
            // As in an editor, what is done after an undo ends what may be done again without being named.
            if let Some(newer) = history.last_change()?.filter(|newer| newer.id > undo.id) {
                let again = undo.undoes.map(|run| run.to_string()).unwrap_or_default();
                let why = format!(
                    "{} has changed jobs since {}; jobctl redo {again} does it all the same",
                    newer.id, undo.id
                );
                return Ok(nothing(&why));
            }
            undo
        }
        Some(id) => {
            let run = run_of(history, id)?;
            match (run.undoes, run.undone_by) {
                (None, None) => return Ok(nothing(&format!("{id} is not undone"))),
                (None, Some(by)) => run_of(history, by)?,
                (Some(_), _) => run,
            }
        }
    };
    if undo.undone_by.is_some() || undo.command == "redo" {
        return Ok(nothing(&format!(
            "{} is not undone",
            undo.undoes.unwrap_or(undo.id)
        )));
    }
    let told = undo.undoes.unwrap_or(undo.id);
    Ok(UndoTarget::Run(Box::new(undo), told))
}

/// The error for a run that cannot be undone.
fn cannot(history: &mut dyn History, run: &Run, why: &str) -> Result<Failure> {
    let message = format!("{} cannot be undone: {}", run.id, one_line(why));
    let failure = Failure::refused(message);
    if let Some(archive) = &run.archive {
        let path = word(&archive.path);
        return Ok(failure.hint(format!(
            "jobctl undo {} --from-archive restores what it removed from {path}; so does jobctl migrate {path}, with the jobs of other runs in it",
            run.id
        )));
    }
    Ok(match history.standing_before(run.id)? {
        Some(before) => failure.hint(format!(
            "jobctl undo {} takes back the one before it; a backup may have the rest",
            before.id
        )),
        None => failure.hint("a backup may have the jobs as they were"),
    })
}

/// Restores what a run of cleanup removed.
fn from_archive(context: &mut Context, named: Option<&str>) -> Result<()> {
    let named = named.map(parse).transpose()?;
    let mut repository = context.open(Access::Read)?;
    let run = match to_undo(needed(repository.as_mut())?, named)? {
        UndoTarget::Run(run, _) => run,
        UndoTarget::Nothing(why) => {
            context.terminal.note(&why);
            return Ok(());
        }
    };
    drop(repository);
    let Some(archive) = &run.archive else {
        let message = format!("{} has no archive", run.id);
        let failure = Failure::refused(message).hint(format!("jobctl undo {}", run.id));
        return Err(failure.into());
    };
    restored::restore(context, run.id, archive)
}

/// The error for a run some of whose jobs have changed since.
fn refusal(run: RunId, done: &TakenBack) -> Failure {
    /// The most jobs that are named.
    const NAMED: usize = 10;
    let mut told: Vec<String> = done
        .conflicts
        .iter()
        .take(NAMED)
        .map(|(id, why)| format!("{}: {}", one_line(&id.to_string()), one_line(why)))
        .collect();
    let all = done.conflicts.len();
    if all > NAMED {
        told.push(format!("and {} more", all - NAMED));
    }
    let message = format!(
        "{run} is left as it is, for {}: {}",
        plural(all as u64, "job"),
        told.join("; ")
    );
    Failure::refused(message)
        .hint("--skip-conflicts restores the others; jobctl history ID shows what happened")
}

fn print(
    context: &mut Context,
    way: Way,
    run: Option<RunId>,
    done: &TakenBack,
    args: WayArgs,
) -> Result<()> {
    let own = context.keeping.run().filter(|_| !args.dry_run);
    let record = UndoRecord {
        way: way.done(),
        run,
        own,
        done,
        dry_run: args.dry_run,
        skips: args.skip_conflicts,
    };
    if context.format.form() == RecordForm::Lines && (done.conflicts.is_empty() || !record.skips) {
        return Ok(());
    }
    let head = Head {
        headings: ["job_id", "reason"].map(str::to_owned).to_vec(),
        around: Envelope::Nothing,
        table: None,
    };
    let mut printer = Printer::new(context, head);
    printer.record(&mut context.terminal, &record)?;
    printer.end(&mut context.terminal, "")
}
