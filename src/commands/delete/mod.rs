//! `delete`: jobs by id, all or none of them; or by filter, in short batches.

use anyhow::Result;

use super::parts::arguments::filter::FilterArgs;
use super::parts::arguments::{ids, nameless};
use super::parts::backup::AFTER_BACKUP;
use super::parts::consent::{self, ConsentArgs, Question};
use super::parts::output::dry_run::DryRun;
use super::parts::removal::kept_by_table;
use super::parts::removal::purge::{Deleted, Purge};
use crate::context::Context;
use crate::error::Failure;
use crate::job::{Column, ColumnSet, Filter, Job, JobId, Status};
use crate::repository::{Access, Error, Repository};
use crate::text::visible::{grouped, plural};

pub(crate) const EXAMPLES: &str = "\
Examples:
  jobctl delete 7c1f 8a02
  jobctl delete --status cancelled --older-than 30d --dry-run
  jobctl delete --status cancelled --older-than 30d --yes --max 500
  jobctl list --search test --all -o ids | jobctl delete - --yes";

/// Delete jobs, by id or by filter
///
/// Jobs named by id go in one transaction: all of them, or none. By filter, all are checked first, then
/// they go in short batches while the service works on. A job that is processing is refused unless --force.
/// Rows only: files of a job stay where they are.
#[derive(Debug, clap::Args)]
#[command(after_long_help = format!("{EXAMPLES}\n\n{}", super::CACHE_NOTE))]
pub(crate) struct Args {
    /// Ids, or prefixes of at least 4 characters; - reads them from standard input
    #[arg(value_name = "ID|-")]
    ids: Vec<String>,

    /// Delete jobs that are processing too
    #[arg(long)]
    force: bool,

    /// Ids that are not there are no error
    #[arg(long, alias = "ignore_missing")]
    ignore_missing: bool,

    #[command(flatten)]
    pub(super) consent: ConsentArgs,

    #[command(flatten)]
    filter: FilterArgs,
}

/// The columns that the checks look at.
const READS: ColumnSet = ColumnSet::of(&[Column::Id, Column::Status]);

pub(crate) fn run(args: Args, context: &mut Context) -> Result<()> {
    context.keeping.set(args.consent.history.keep());
    match (args.ids.is_empty(), args.filter.is_empty()) {
        (true, true) => Err(Failure::usage(
            "no job is named: give ids, or a filter such as --status",
        )
        .hint("jobctl delete --help shows the filters")
        .into()),
        (false, false) => Err(Failure::usage("give ids or a filter, not both")
            .hint("jobctl list FILTER -o ids | jobctl delete - does one after the other")
            .into()),
        (false, true) => by_id(&args, context),
        (true, false) => by_filter(&args, context),
    }
}

fn allow(job: &Job, force: bool) -> Result<(), String> {
    match job.status() {
        Some(Status::Processing) if !force => Err("it is processing".to_owned()),
        _ => Ok(()),
    }
}

fn access(args: &Args) -> Access {
    match (args.consent.dry_run, args.ids.is_empty()) {
        (true, _) => Access::DryRun,
        (false, false) => Access::Write,
        (false, true) => Access::WriteMany,
    }
}

fn by_id(args: &Args, context: &mut Context) -> Result<()> {
    let named = ids::read(&args.ids, context.global.null)?;
    let mut repository = context.open(access(args))?;
    let (ids, missing) = ids::resolve_all(repository.as_mut(), &named.names)?;
    if !missing.is_empty() && !args.ignore_missing {
        return Err(ids::no_such(&missing)
            .hint("--ignore-missing deletes the others all the same")
            .into());
    }
    consent::check_max(args.consent.max, ids.len() as u64)?;
    if args.consent.dry_run {
        return dry_run_by_id(args, context, repository.as_mut(), &ids);
    }
    context.tell_database();
    if named.from_stdin {
        let count = ids.len() as u64;
        consent::ask_about_read_ids(
            context,
            args.consent.yes,
            "delete",
            count,
            repository.as_ref(),
        )?;
    }
    let deleted = if ids.is_empty() {
        Vec::new()
    } else {
        let mut delete = |repository: &mut dyn Repository, trial: bool| {
            repository.delete(&ids, args.ignore_missing, READS, &mut |job| {
                let allowed = allow(job, args.force);
                if trial {
                    allowed.and(Err(AFTER_BACKUP.to_owned()))
                } else {
                    allowed
                }
            })
        };
        let backup = &args.consent.backup;
        let deleted = backup.before(context, repository.as_mut(), &mut delete);
        deleted.map_err(|error| consent::hint_force(error, true))?
    };
    let mut told = Deleted::new(context);
    for id in &deleted {
        told.push(&mut context.terminal, id);
    }
    let told = told.end(&mut context.terminal, "");
    let missing = match missing.len() as u64 {
        0 => String::new(),
        missing => format!(", {missing} not there"),
    };
    let count = plural(deleted.len() as u64, "job");
    context.terminal.note(&format!("deleted {count}{missing}"));
    repository.leave();
    told
}

fn dry_run_by_id(
    args: &Args,
    context: &mut Context,
    repository: &mut dyn Repository,
    ids: &[JobId],
) -> Result<()> {
    let jobs: Vec<Job> = repository.find(ids, READS)?.into_iter().flatten().collect();
    let of = jobs.len();
    let refused: Vec<(JobId, String)> = jobs
        .iter()
        .filter_map(|job| Some((job.id(), allow(job, args.force).err()?)))
        .collect();
    if !refused.is_empty() {
        return Err(consent::hint_force(
            Error::Refused { jobs: refused, of }.into(),
            true,
        ));
    }
    let mut told = DryRun::new(context, "would delete");
    for job in &jobs {
        let status = job.get(Column::Status).display();
        told.push(
            &mut context.terminal,
            &job.id(),
            &format!("named; it is {status}"),
        )?;
    }
    told.end(&mut context.terminal, "")?;
    kept_by_table::tell_of_dry_run(context, repository, true)
}

fn by_filter(args: &Args, context: &mut Context) -> Result<()> {
    let mut repository = context.open(access(args))?;
    let filter = args.filter.resolve(context, repository.as_mut())?;
    let selection = args.filter.describe();
    let Matching {
        ids,
        refused,
        nameless: without_id,
    } = select(args, repository.as_mut(), &filter)?;
    let found = (ids.len() + refused.len()) as u64;
    consent::check_max(args.consent.max, found)?;
    if !refused.is_empty() {
        let jobs = refused
            .into_iter()
            .map(|id| (id, "it is processing".to_owned()))
            .collect();
        let of = usize::try_from(found).unwrap_or(usize::MAX);
        return Err(consent::hint_force(
            Error::Refused { jobs, of }.into(),
            true,
        ));
    }
    nameless::warn(context, without_id);
    if args.consent.dry_run {
        let mut told = DryRun::new(context, "would delete");
        let reason = format!("matches {selection}");
        for id in &ids {
            told.push(&mut context.terminal, id, &reason)?;
        }
        told.end(&mut context.terminal, "")?;
        return kept_by_table::tell_of_dry_run(context, repository.as_mut(), true);
    }
    context.tell_database();
    let lost = match consent::no_history(context) {
        Some(lost) => Some(lost),
        None => too_large(repository.as_mut(), &ids)?,
    };
    let question = Question {
        lost,
        verb: "delete",
        count: found,
        selection: &selection,
        database: &repository.name(),
    };
    consent::ask(context, args.consent.yes, &question)?;
    if found > 0 {
        args.consent.backup.make(context, repository.as_mut())?;
    }
    let reads = filter.columns().union(READS);
    let mut run = Purge::new(context);
    run.go(context, repository.as_mut(), &ids, reads, &mut |job| {
        filter.matches(job) && allow(job, args.force).is_ok()
    })?;
    let count = run.count();
    let kept = match run.held.count {
        0 => String::new(),
        kept => format!(", {} kept by the table", grouped(kept)),
    };
    let spared = match ids.len() as u64 - count - run.held.count {
        0 => String::new(),
        spared if run.is_cut_short() => format!(", {} not reached", grouped(spared)),
        spared => format!(", {} changed or gone meanwhile", grouped(spared)),
    };
    let summary = format!("deleted {}{kept}{spared}", plural(count, "job"));
    run.end(context, &summary)
}

/// The sentence about jobs that are too many for the history to keep.
fn too_large(repository: &mut dyn Repository, ids: &[JobId]) -> Result<Option<String>> {
    /// Fewer are never asked about.
    const FEW: usize = 16;
    let Some(history) = repository.history().filter(|_| ids.len() > FEW) else {
        return Ok(None);
    };
    Ok((!history.fits(ids)?).then(|| {
        "they take more than the 64 MiB that the history keeps of a run, so that undo cannot bring them back; \
         --backup, or jobctl export --to FILE, keeps them"
            .to_owned()
    }))
}

/// The jobs that match.
#[derive(Default)]
struct Matching {
    ids: Vec<JobId>,
    /// Those that may not go.
    refused: Vec<JobId>,
    /// The number of those without an id.
    nameless: u64,
}

fn select(args: &Args, repository: &mut dyn Repository, filter: &Filter) -> Result<Matching> {
    let mut matching = Matching::default();
    // An index may have the ids, and the states stand in the rows alone.
    let reads = if args.force {
        ColumnSet::of(&[Column::Id])
    } else {
        READS
    };
    repository.stream(filter, None, reads, &mut |job: &mut Job| {
        if job.get(Column::Id).is_null() {
            matching.nameless += 1;
            return Ok(());
        }
        match allow(job, args.force) {
            Ok(()) => matching.ids.push(job.id()),
            Err(_) => matching.refused.push(job.id()),
        }
        Ok(())
    })?;
    Ok(matching)
}
