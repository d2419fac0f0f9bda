//! `cleanup`: removes ended jobs that have been kept long enough; what cron runs at night.

use std::collections::BTreeMap;

use anyhow::Result;

use super::confirm::{self, Question, grouped, plural};
use super::dry_run::DryRun;
use super::filter_args::FilterArgs;
use super::purge::Purge;
use crate::context::Context;
use crate::error::Failure;
use crate::job::retention::{Fate, Keep, Newest, Policy, Stay};
use crate::job::{Column, ColumnSet, Filter, Job, JobId, Status};
use crate::render::json::{Layout, Object};
use crate::repository::Repository;
use crate::repository::sqlite::Access;
use crate::time::{Instant, spell_duration};

pub const EXAMPLES: &str = "\
Examples:
  jobctl cleanup --older-than 30d --dry-run
  jobctl cleanup --older-than 30d --yes
  jobctl cleanup --keep completed=7d --keep failed=90d --keep failed:script2video=never --yes
  jobctl cleanup --older-than 30d --keep-last 100 --max 50000 --yes -q

In a crontab:
  17 3 * * *  jobctl --db /srv/video/vimax_seko.db cleanup --older-than 30d --yes -q";

/// Remove ended jobs that have been kept long enough
///
/// Only completed, failed and cancelled jobs go, and only those that every rule lets go. The age is
/// measured from completed_at, else updated_at, else created_at. A status that is not known, and a time
/// that cannot be read or lies in the future, keep a job; such are counted. Jobs go in short batches
/// while the service works on.
#[derive(Debug, clap::Args)]
#[command(after_long_help = format!("{EXAMPLES}\n\n{}", super::CACHE_NOTE))]
pub struct Args {
    /// The age after which jobs of a state and type go; the most specific rule wins
    ///
    /// --older-than is the age for the states that no --keep names; without it they stay.
    #[arg(long, value_name = "STATUS[:TYPE]=AGE|never", value_parser = Keep::parse)]
    keep: Vec<Keep>,

    /// Keep the newest N of each state and type, whatever their age
    ///
    /// Alone, it lets go of all ended jobs but these.
    #[arg(long, value_name = "N", alias = "keep_last")]
    keep_last: Option<u64>,

    /// Do not ask
    #[arg(short, long)]
    yes: bool,

    /// Refuse when more jobs would go than this
    #[arg(long, value_name = "N")]
    max: Option<u64>,

    /// Show what would go and why, and write nothing
    #[arg(long)]
    dry_run: bool,

    #[command(flatten)]
    filter: FilterArgs,
}

impl Args {
    fn keep_last(&self) -> Option<usize> {
        self.keep_last
            .filter(|count| *count > 0)
            .map(|count| usize::try_from(count).unwrap_or(usize::MAX))
    }
}

/// The jobs that a run removes, and how many stay for which reason.
#[derive(Default)]
struct Survey {
    doomed: Vec<JobId>,
    /// Filled in a dry run only.
    reasons: Vec<String>,
    kept: BTreeMap<Stay, u64>,
}

pub fn run(args: Args, context: &mut Context) -> Result<()> {
    let policy = Policy {
        keep: args.keep.clone(),
        older_than: args.filter.older_than,
        keep_last: args.keep_last(),
    };
    if policy.is_empty() {
        return Err(Failure::usage("no rule says how long jobs are kept")
            .hint("--older-than 30d, --keep STATUS=AGE or --keep-last N; try it with --dry-run")
            .into());
    }
    for (place, keep) in args.keep.iter().enumerate() {
        let same = |other: &Keep| (other.status, &other.job_type) == (keep.status, &keep.job_type);
        if args.keep[..place].iter().any(same) {
            return Err(Failure::usage("two --keep name the same state and type")
                .hint("give each state, or state and type, one age")
                .into());
        }
    }
    let access = if args.dry_run {
        Access::Read
    } else {
        Access::Write
    };
    let mut repository = context.open(access)?;
    let mut narrowing = args.filter.clone();
    narrowing.older_than = None;
    let filter = narrowing.resolve(context, repository.as_mut())?;
    let run = Run {
        newest: gather_newest(repository.as_mut(), args.keep_last())?,
        policy,
        filter,
        now: context.now(),
    };
    let survey = run.survey(repository.as_mut(), args.dry_run)?;
    let count = survey.doomed.len() as u64;
    confirm::check_max(args.max, count)?;
    if args.dry_run {
        return dry_run(context, survey);
    }
    if count > 0 {
        let question = Question {
            verb: "remove",
            count,
            selection: &describe(&args),
            place: &repository.place(),
        };
        confirm::ask(context, args.yes, &question)?;
    }
    remove(context, repository.as_mut(), &run, survey)
}

fn describe(args: &Args) -> String {
    let mut text = Vec::new();
    for keep in &args.keep {
        let job_type = keep.job_type.as_ref().map(|word| format!(":{word}"));
        let age = keep.age.map_or("never".to_owned(), spell_duration);
        let status = keep.status.word();
        text.push(format!(
            "--keep {status}{}={age}",
            job_type.unwrap_or_default()
        ));
    }
    if let Some(last) = args.keep_last {
        text.push(format!("--keep-last {last}"));
    }
    if !args.filter.is_empty() {
        text.push(args.filter.describe());
    }
    text.join(" ")
}

/// The newest N of every state and type, whatever the filters: they stay.
fn gather_newest(repository: &mut dyn Repository, limit: Option<usize>) -> Result<Newest> {
    let mut newest = Newest::new(limit);
    if !newest.is_idle() {
        let ended = Filter {
            any_of: vec![(
                Column::Status,
                Status::END
                    .map(|status| Some(status.word().to_owned()))
                    .to_vec(),
            )],
            ..Filter::default()
        };
        repository.stream(&ended, None, Policy::READS, &mut |job| {
            newest.offer(&job);
            Ok(())
        })?;
    }
    Ok(newest)
}

struct Run {
    policy: Policy,
    newest: Newest,
    filter: Filter,
    now: Instant,
}

impl Run {
    fn judge(&self, job: &Job) -> Fate {
        self.policy.judge(job, self.now, &self.newest)
    }

    fn survey(&self, repository: &mut dyn Repository, reasons: bool) -> Result<Survey> {
        let mut survey = Survey::default();
        repository.stream(&self.filter, None, Policy::READS, &mut |job| {
            match self.judge(&job) {
                Fate::Stays(why) => *survey.kept.entry(why).or_default() += 1,
                Fate::Goes { age, rule } => {
                    if reasons {
                        let from = job.deciding_column().unwrap_or(Column::CreatedAt);
                        let status = job.get(Column::Status).display();
                        let whole = std::time::Duration::from_secs(age.as_secs() / 60 * 60);
                        survey.reasons.push(format!(
                            "{status}, {} old by {} ({rule})",
                            spell_duration(whole),
                            from.name()
                        ));
                    }
                    survey.doomed.push(job.id());
                }
            }
            Ok(())
        })?;
        Ok(survey)
    }

    fn reads(&self) -> ColumnSet {
        Policy::READS.union(self.filter.columns())
    }
}

fn dry_run(context: &mut Context, survey: Survey) -> Result<()> {
    let mut told = DryRun::new("would remove");
    for (id, reason) in survey.doomed.iter().zip(&survey.reasons) {
        told.push(&mut context.terminal, id, reason)?;
    }
    told.end(&mut context.terminal, &kept_json(&survey.kept))?;
    if let Some(text) = oddities(&survey.kept) {
        context.terminal.note(&text);
    }
    Ok(())
}

fn remove(
    context: &mut Context,
    repository: &mut dyn Repository,
    run: &Run,
    survey: Survey,
) -> Result<()> {
    let mut goes =
        |job: &Job| run.filter.matches(job) && matches!(run.judge(job), Fate::Goes { .. });
    let mut purge = Purge::default();
    purge.go(context, repository, &survey.doomed, run.reads(), &mut goes)?;
    let count = purge.count();
    let by_status = purge.by_status.clone();
    let mut more = String::from("\"by_status\": ");
    let mut object = Object::begin(&mut more, Layout::OneLine);
    for (status, count) in &by_status {
        object.plain(status, count);
    }
    object.end();
    more.push_str(", ");
    more.push_str(&kept_json(&survey.kept));
    let left = survey.doomed.len() as u64 - count;
    let summary = summary(count, &by_status, left, purge.is_cut_short(), &survey.kept);
    purge.end(context, &more, &summary)
}

/// `removed 12 jobs (10 completed, 2 failed); kept 3 with an unknown status`
fn summary(
    count: u64,
    by_status: &BTreeMap<String, u64>,
    left: u64,
    stopped: bool,
    kept: &BTreeMap<Stay, u64>,
) -> String {
    let mut text = format!("removed {}", plural(count, "job"));
    let states: Vec<String> = by_status
        .iter()
        .map(|(status, count)| format!("{} {status}", grouped(*count)))
        .collect();
    if !states.is_empty() {
        text.push_str(&format!(" ({})", states.join(", ")));
    }
    match (left, stopped) {
        (0, _) => {}
        (left, true) => text.push_str(&format!("; {} not reached", grouped(left))),
        (left, false) => text.push_str(&format!("; {} had changed and stayed", grouped(left))),
    }
    if let Some(oddities) = oddities(kept) {
        text.push_str("; ");
        text.push_str(&oddities);
    }
    text
}

/// The jobs that stay because something is wrong with them; None when there are none.
fn oddities(kept: &BTreeMap<Stay, u64>) -> Option<String> {
    let odd: Vec<String> = [Stay::UnknownStatus, Stay::UnreadableTime, Stay::Future]
        .into_iter()
        .filter_map(|stay| Some((stay, kept.get(&stay)?)))
        .map(|(stay, count)| format!("{} {}", grouped(*count), words(stay)))
        .collect();
    (!odd.is_empty()).then(|| format!("kept {}", odd.join(", ")))
}

fn words(stay: Stay) -> &'static str {
    match stay {
        Stay::NotEnded => "not ended",
        Stay::UnknownStatus => "with an unknown status",
        Stay::NoRule => "that no rule names",
        Stay::Young => "too young",
        Stay::Never => "kept for ever",
        Stay::AmongLast => "among the last",
        Stay::UnreadableTime => "with a time that cannot be read",
        Stay::Future => "with a time in the future",
    }
}

/// `"kept": {"not_ended": 3, …}`
fn kept_json(kept: &BTreeMap<Stay, u64>) -> String {
    let mut out = String::from("\"kept\": ");
    let mut object = Object::begin(&mut out, Layout::OneLine);
    for (stay, count) in kept {
        let key = match stay {
            Stay::NotEnded => "not_ended",
            Stay::UnknownStatus => "unknown_status",
            Stay::NoRule => "no_rule",
            Stay::Young => "young",
            Stay::Never => "never",
            Stay::AmongLast => "among_last",
            Stay::UnreadableTime => "unreadable_time",
            Stay::Future => "future",
        };
        object.plain(key, count);
    }
    object.end();
    out
}
