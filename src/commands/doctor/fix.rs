//! `doctor --fix`: what is safe is put right, after consent: how times are spelled, a time that the row has in another column,
//! indexes, and what the database knows of its content. Never a state, and never what somebody has written.

use std::time::Duration;

use anyhow::Result;

use super::examine::ExaminedDatabase;
use super::keep::KeepPlan;
use crate::commands::parts::arguments::history::HistoryArgs;
use crate::commands::parts::consent;
use crate::commands::parts::interrupt::Interrupt;
use crate::context::Context;
use crate::error::Failure;
use crate::job::checkup::{Check, CheckupTerms, FIXABLE};
use crate::render::findings::{Fixed, KeptRuns};
use crate::repository::{Access, Fix, FixTerms, Repository};
use crate::text::visible::{one_line, plural};
use crate::time::{parse_duration, spell_duration};

/// The options of a fix.
#[derive(Debug, clap::Args)]
pub(super) struct FixArgs {
    /// Put right what is safe, of all checks or of those that are named
    #[arg(long)]
    pub(super) fix: bool,

    /// With --fix: show what would be done, and change nothing
    #[arg(long, requires = "fix")]
    pub(super) dry_run: bool,

    /// With --fix: do not ask
    #[arg(short, long, requires = "fix")]
    pub(super) yes: bool,

    /// With --fix: allow what keeps others from writing for seconds, as an index on many jobs does
    #[arg(long, requires = "fix")]
    pub(super) exclusive: bool,

    /// With --fix: keep runs in the history of this database for so long, for everybody; older ones go [default: 7d]
    #[arg(long, value_name = "AGE", requires = "fix", value_parser = parse_duration)]
    pub(super) history_keep: Option<Duration>,

    #[command(flatten)]
    pub(super) history: HistoryArgs,
}

/// What was done, or in a dry run would be.
#[derive(Default)]
pub(super) struct FixOutcome {
    pub fixed: Vec<Fixed>,
    pub kept: Option<KeptRuns>,
}

/// The longest time for which the lock is held without being asked for: the service waits 5 s.
const LONGEST: Duration = Duration::from_secs(3);

/// Refuses names of checks whose findings cannot be fixed.
pub(super) fn check_names(checks: &[Check]) -> Result<()> {
    let Some(other) = checks.iter().find(|check| !FIXABLE.contains(check)) else {
        return Ok(());
    };
    let names: Vec<&str> = FIXABLE.iter().map(|check| check.name()).collect();
    let message = format!(
        "'--fix' does not touch {other}: it changes no state and nothing that somebody has written"
    );
    let hint = format!(
        "it fixes {}; jobctl doctor {other} says what to do",
        names.join(", ")
    );
    Err(Failure::usage(message).hint(hint).into())
}

/// Fixes what was found, as far as it can be, and takes it out of the findings.
pub(super) fn run(
    args: &FixArgs,
    context: &mut Context,
    terms: &CheckupTerms,
    outcome: &mut ExaminedDatabase,
) -> Result<FixOutcome> {
    let found = |check: &&Check| outcome.findings.iter().any(|it| it.check == **check);
    let checks: Vec<Check> = FIXABLE.iter().filter(found).copied().collect();
    if checks.is_empty() && args.history_keep.is_none() {
        return Ok(FixOutcome::default());
    }
    let access = if args.dry_run {
        Access::DryRun
    } else {
        Access::WriteMany
    };
    let mut repository = context.open(access)?;
    let planned = plan(context, repository.as_mut(), terms, &checks, args)?;
    let planned: Vec<Fixed> = planned.into_iter().filter(|it| it.count > 0).collect();
    let keep = match args.history_keep {
        Some(lifetime) => KeepPlan::of(context, repository.as_mut(), lifetime)?,
        None => None,
    };
    if args.dry_run {
        let lasting = lasting(&planned);
        lasting.iter().for_each(|it| context.terminal.note(it));
    }
    if args.dry_run || planned.is_empty() && keep.is_none() {
        return Ok(FixOutcome {
            fixed: planned,
            kept: keep.map(|keep| keep.planned()),
        });
    }
    let lasting = lasting(&planned);
    if args.yes {
        lasting.iter().for_each(|it| context.terminal.note(it));
    } else {
        ask(
            context,
            &planned,
            lasting,
            keep.as_ref(),
            &repository.name(),
        )?;
    }
    context.tell_database();
    let interrupt = Interrupt::watch(context)?;
    if args.exclusive
        && let Some(storage) = repository.storage()
    {
        storage.use_alone()?;
    }
    let mut fixed = Vec::new();
    for planned in &planned {
        let Some(examination) = repository.examination() else {
            break;
        };
        let fix = FixTerms {
            check: planned.check,
            terms,
            dry_run: false,
        };
        let done = examination.fix(fix, &mut || !interrupt.is_set())?;
        tell(context, planned.check, &done);
        if done.left == 0 && !done.stopped {
            outcome.findings.retain(|it| it.check != planned.check);
        }
        fixed.push(Fixed {
            check: planned.check,
            count: done.count,
            is_kept: planned.is_kept,
            run: planned
                .is_kept
                .then(|| context.keeping.run())
                .flatten()
                .map(|run| run.to_string()),
        });
        if done.stopped {
            return Err(Failure::interrupted().into());
        }
    }
    let kept = match keep {
        Some(keep) => Some(keep.run(repository.as_mut())?),
        None => None,
    };
    Ok(FixOutcome { fixed, kept })
}

/// What each fix would do; an error where one would keep the service from writing for too long.
fn plan(
    context: &mut Context,
    repository: &mut dyn Repository,
    terms: &CheckupTerms,
    checks: &[Check],
    args: &FixArgs,
) -> Result<Vec<Fixed>> {
    let mut planned = Vec::new();
    for check in checks {
        let Some(examination) = repository.examination() else {
            break;
        };
        let fix = FixTerms {
            check: *check,
            terms,
            dry_run: true,
        };
        let done = examination.fix(fix, &mut || true)?;
        let time = examination.time_to_fix(fix)?;
        if time > LONGEST && !args.exclusive {
            let time = spell_duration(Duration::from_secs(time.as_secs().max(1)));
            let message = format!(
                "fixing {check} takes about {time} at a stretch, in which nobody else can write, and the service waits 5s"
            );
            let hint = "at a quiet hour, or with the service stopped: add --exclusive";
            if !args.dry_run {
                return Err(Failure::refused(message).hint(hint).into());
            }
            context.terminal.note(&format!("{message}; {hint}"));
        }
        planned.push(Fixed {
            check: *check,
            count: done.count,
            is_kept: examination.keeps_fix(*check),
            run: None,
        });
    }
    Ok(planned)
}

/// `time-spelling in 12 jobs, missing-index (3)`
pub(super) fn said(fixed: &[Fixed]) -> String {
    let each = fixed.iter().map(|fixed| match fixed.check {
        Check::MissingIndex if fixed.count == 1 => format!("{} (1 index)", fixed.check),
        Check::MissingIndex => format!("{} ({} indexes)", fixed.check, fixed.count),
        Check::Statistics | Check::OwnTables => fixed.check.to_string(),
        check => format!("{check} in {}", plural(fixed.count, "job")),
    });
    each.collect::<Vec<_>>().join(", ")
}

/// The sentence about what cannot be taken back.
fn lasting(planned: &[Fixed]) -> Option<String> {
    let names: Vec<&str> = planned
        .iter()
        .filter(|it| !it.is_kept)
        .map(|it| it.check.name())
        .collect();
    let names = names.join(" or ");
    (!names.is_empty()).then(|| format!("undo takes back no fix of {names}"))
}

fn ask(
    context: &mut Context,
    planned: &[Fixed],
    lasting: Option<String>,
    keep: Option<&KeepPlan>,
    database: &str,
) -> Result<()> {
    let mut what = Vec::new();
    if !planned.is_empty() {
        what.push(format!("fix {}", said(planned)));
    }
    what.extend(keep.map(KeepPlan::question));
    let lasting = lasting.map_or(String::new(), |it| format!("; {it}"));
    let what = format!("{} in {}{lasting}", what.join("; "), one_line(database));
    consent::confirm(
        context,
        &what,
        "--yes confirms; --dry-run shows what would be done",
    )
}

fn tell(context: &mut Context, check: Check, done: &Fix) {
    if done.left > 0 {
        let left = plural(done.left, "job");
        let message = format!(
            "{check}: {left} stayed as before, by a rule of the table or because somebody else was faster"
        );
        context.terminal.warn(&message);
    }
}
