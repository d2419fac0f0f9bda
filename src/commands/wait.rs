//! `wait`: blocks until jobs have ended, so that a script goes on when they have.

use std::collections::HashSet;
use std::time::{Duration, Instant as Stopwatch};

use anyhow::Result;
use chrono::TimeDelta;
use indicatif::ProgressBar;

use super::parts::arguments::ids;
use super::parts::output::{self, OneOrMany, Printer};
use super::watch::{FollowState, FollowedDatabase, gone};
use crate::context::Context;
use crate::error::{Failure, Kind};
use crate::job::{AnyColumn, Column, ColumnSet, Job, JobId, Status};
use crate::render::format::{Head, RecordForm};
use crate::render::record::JobRecord;
use crate::render::table::status_text;
use crate::repository::Repository;
use crate::terminal::Terminal;
use crate::terminal::wakeup::{self, InterruptibleSleep, WakeReason};
use crate::text::signs;
use crate::text::visible::{cut, one_line};
use crate::time;

pub(crate) const EXAMPLES: &str = "\
Examples:
  jobctl wait 7c1f && echo done
  jobctl wait 7c1f 08c3 --for any --timeout 2h
  jobctl list --status processing --all -o ids | jobctl wait - --for any
  jobctl wait 7c1f -o json | jq -r .result.final_video_path";

/// The time between two readings.
const INTERVAL: Duration = Duration::from_millis(250);

/// More jobs than this are summed up.
const NAMED: usize = 5;

/// The longest part of a job's error that is shown.
const ERROR: usize = 200;

/// Wait until jobs have ended
///
/// Ends with 0 when all jobs have reached the state asked for, and with 1 when all have ended but one otherwise; with
/// 3 when one is deleted meanwhile, with 124 when the time is over. A failed job that is requeued is waited for
/// again as long as another one has not ended. -o json prints the jobs at the end, -o jsonl each job when it ends.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// Ids, or prefixes of at least 4 characters; - reads them from standard input
    #[arg(required = true, value_name = "ID|-")]
    ids: Vec<String>,

    /// The state asked for
    #[arg(long = "for", value_enum, default_value_t = Goal::Completed, value_name = "STATE")]
    goal: Goal,

    /// Wait no longer than this, such as 2h
    #[arg(long, value_name = "AGE", value_parser = time::parse_duration)]
    timeout: Option<Duration>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Goal {
    Completed,
    Failed,
    Cancelled,
    /// Whichever of them it is
    Any,
}

impl Goal {
    fn is_reached(self, status: Status) -> bool {
        match self {
            Goal::Completed => status == Status::Completed,
            Goal::Failed => status == Status::Failed,
            Goal::Cancelled => status == Status::Cancelled,
            Goal::Any => status.is_end(),
        }
    }
}

/// The columns that are read where no job is printed.
const PROGRESS: ColumnSet = ColumnSet::of(&[
    Column::Id,
    Column::Status,
    Column::Progress,
    Column::Stage,
    Column::Error,
]);

pub(crate) fn run(args: Args, context: &mut Context) -> Result<()> {
    let started = Stopwatch::now();
    let named = ids::read(&args.ids, context.global.null)?;
    let shape = if named.names.len() == 1 && !named.from_stdin {
        OneOrMany::Single
    } else {
        OneOrMany::Array
    };
    let format = context.format;
    let as_they_end = format.form() == RecordForm::Object && !format.is_document();
    let mut waiting = AwaitedJobs {
        names: named.names,
        columns: match format.form() {
            RecordForm::Lines | RecordForm::Id | RecordForm::Metrics => PROGRESS,
            RecordForm::Object | RecordForm::Cells => ColumnSet::WHOLE,
        },
        ids: Vec::new(),
        jobs: Vec::new(),
        told: HashSet::new(),
        as_they_end: as_they_end.then(|| Printer::new(context, Head::default())),
    };
    let followed = FollowedDatabase::new(context);
    let line = context.terminal.status_line();
    let is_over = wait(context, followed, &mut waiting, &line, started, &args)?;
    drop(line);
    waiting.print(context, shape)?;
    if is_over {
        waiting.judge(args.goal)
    } else {
        let failure = waiting.timed_out(args.timeout.unwrap_or_default());
        Err(failure.hint(goes_on(context.terminal.has_screen)).into())
    }
}

/// How to see more of jobs that have not ended, where this can be seen.
fn goes_on(has_screen: bool) -> &'static str {
    if has_screen {
        "jobctl show ID --watch shows how it goes on"
    } else {
        "jobctl show ID shows where it stands; with -o jsonl --watch, a line for each change"
    }
}

/// Until all jobs have ended; false when the time was over before.
fn wait(
    context: &mut Context,
    mut followed: FollowedDatabase,
    waiting: &mut AwaitedJobs,
    line: &ProgressBar,
    started: Stopwatch,
    args: &Args,
) -> Result<bool> {
    let mut sleep = InterruptibleSleep::new()?;
    let deadline = args.timeout.and_then(|span| started.checked_add(span));
    loop {
        let mut state = followed.state(context)?;
        let mut ended = false;
        if let FollowState::Changed(version) = state {
            if version.was_replaced() {
                return Err(replaced(context)?.into());
            }
            state = followed.read(state, |repository| {
                waiting.read(repository)?;
                // All of them at one moment: nobody has written while one was read after the other.
                ended = waiting.have_ended() && repository.version()? == version;
                waiting.tell_ended(&mut context.terminal)
            })?;
        }
        if ended {
            return Ok(true);
        }
        if state == FollowState::Lost && line.is_hidden() {
            followed.tell_lost(&mut context.terminal);
        }
        line.set_message(waiting.status(state, started.elapsed()));
        let now = Stopwatch::now();
        if deadline.is_some_and(|deadline| now >= deadline) {
            return Ok(false);
        }
        let next = now + INTERVAL;
        if sleep.until(deadline.map_or(next, |deadline| deadline.min(next)))?
            == WakeReason::Interrupted
        {
            return Err(wakeup::interrupted());
        }
    }
}

/// The jobs may be others in another file.
fn replaced(context: &Context) -> Result<Failure> {
    let name = context.location()?.name();
    let message = format!("{} was replaced by another file", one_line(&name));
    Ok(Failure::new(Kind::NoInput, message))
}

struct AwaitedJobs {
    names: Vec<String>,
    columns: ColumnSet,
    /// Those that the names mean; they are looked up once.
    ids: Vec<JobId>,
    /// As the last reading saw them.
    jobs: Vec<Job>,
    /// The ended ones that `-o jsonl` has printed.
    told: HashSet<JobId>,
    /// What prints each job when it ends, in a format that needs no others beside it.
    as_they_end: Option<Printer<'static>>,
}

impl AwaitedJobs {
    fn read(&mut self, repository: &mut dyn Repository) -> Result<()> {
        if self.ids.is_empty() {
            let (ids, missing) = ids::resolve_all(repository, &self.names)?;
            if !missing.is_empty() {
                return Err(ids::no_such(&missing).into());
            }
            self.ids = ids;
        }
        let found = repository.find(&self.ids, self.columns)?;
        let jobs = self.ids.iter().zip(found);
        self.jobs = jobs
            .map(|(id, job)| job.ok_or_else(|| gone(id)))
            .collect::<Result<_, Failure>>()?;
        Ok(())
    }

    fn have_ended(&self) -> bool {
        self.jobs.iter().all(has_ended)
    }

    /// `-o jsonl`: each job when it ends, also when it does so again.
    fn tell_ended(&mut self, terminal: &mut Terminal) -> Result<()> {
        let Some(printer) = &mut self.as_they_end else {
            return Ok(());
        };
        let columns = AnyColumn::all(&[]);
        for job in &self.jobs {
            if !has_ended(job) {
                self.told.remove(&job.id());
            } else if self.told.insert(job.id()) {
                let record = JobRecord {
                    job,
                    columns: &columns,
                    known: Column::ALL,
                    scan: None,
                };
                printer.record(terminal, &record)?;
            }
        }
        terminal.flush()
    }

    /// The jobs at the end, in the formats that print them then.
    fn print(&self, context: &mut Context, shape: OneOrMany) -> Result<()> {
        let never_seen = self.jobs.is_empty() && !self.names.is_empty();
        match context.format.form() {
            _ if never_seen || self.as_they_end.is_some() => Ok(()),
            RecordForm::Lines => {
                for job in self.jobs.iter().take(NAMED) {
                    let id = one_line(&job.id().short()).into_owned();
                    let note = format!("{id}: {}", status_text(job));
                    context.terminal.note(&note);
                }
                Ok(())
            }
            _ => output::records(context, &self.jobs, shape).map(|_| ()),
        }
    }

    fn judge(&self, goal: Goal) -> Result<()> {
        let others = self.jobs.iter().filter(|job| {
            let status = job.status();
            !status.is_some_and(|status| goal.is_reached(status))
        });
        let others: Vec<String> = others.map(ending).collect();
        if others.is_empty() {
            Ok(())
        } else {
            let message = self.sentence(&others, "ended otherwise");
            let failure = Failure::new(Kind::Failed, message);
            Err(failure.hint("jobctl show ID has all about it").into())
        }
    }

    fn timed_out(&self, timeout: Duration) -> Failure {
        let left = self.jobs.iter().filter(|job| !has_ended(job));
        let left: Vec<String> = left.map(standing).collect();
        let message = if self.jobs.is_empty() {
            "the database was locked all the time".to_owned()
        } else {
            self.sentence(&left, "have not ended")
        };
        let waited = time::spell_duration(timeout);
        Failure::new(Kind::TimedOut, format!("waited {waited}: {message}"))
    }

    /// `job A failed: no memory`, or `2 of 3 jobs ended otherwise: job A failed: no memory; job B was cancelled`
    fn sentence(&self, jobs: &[String], what: &str) -> String {
        if self.jobs.len() == 1 {
            return jobs.concat();
        }
        let shown = jobs.iter().take(NAMED).cloned();
        let mut shown: Vec<String> = shown.collect();
        if jobs.len() > NAMED {
            shown.push(format!("{} more", jobs.len() - NAMED));
        }
        let (count, of) = (jobs.len(), self.jobs.len());
        format!("{count} of {of} jobs {what}: {}", shown.join("; "))
    }

    /// `1 of 3 ended · 45% · b2222222 ▶ processing, Generating frames · 2m`
    fn status(&self, state: FollowState, waited: Duration) -> String {
        let mut parts = Vec::new();
        if let [job] = self.jobs.as_slice() {
            parts.push(standing_short(job));
            parts.push(percent(&self.jobs));
        } else if !self.jobs.is_empty() {
            let ended = self.jobs.iter().filter(|job| has_ended(job)).count();
            parts.push(format!("{ended} of {} ended", self.jobs.len()));
            let failed = self
                .jobs
                .iter()
                .filter(|job| job.status() == Some(Status::Failed));
            match failed.count() {
                0 => {}
                failed => parts.push(format!("{failed} failed")),
            }
            parts.push(percent(&self.jobs));
            let running = self
                .jobs
                .iter()
                .find(|job| job.status() == Some(Status::Processing));
            parts.extend(running.map(standing_short));
        }
        parts.extend(state.obstacle().map(str::to_owned));
        let waited = TimeDelta::from_std(waited).unwrap_or(TimeDelta::MAX);
        parts.push(format!("waiting {}", time::brief(waited)));
        parts.join(&format!(" {} ", signs::dot()))
    }
}

fn has_ended(job: &Job) -> bool {
    job.status().is_some_and(Status::is_end)
}

/// How far they are together; a job without a number has not begun.
fn percent(jobs: &[Job]) -> String {
    let progress = |job: &Job| match job.status() {
        Some(status) if status.is_end() => 100.0,
        _ => job
            .number(Column::Progress)
            .unwrap_or(0.0)
            .clamp(0.0, 100.0),
    };
    let sum: f64 = jobs.iter().map(progress).sum();
    format!("{:.0}%", (sum / jobs.len() as f64).floor())
}

/// `job A failed: no memory`
fn ending(job: &Job) -> String {
    let id = job.id().to_string();
    let ended = match job.status() {
        Some(Status::Completed) => "completed".to_owned(),
        Some(Status::Cancelled) => "was cancelled".to_owned(),
        _ => match job.get(Column::Error) {
            error if error.is_null() => "failed".to_owned(),
            error => {
                let error = error.display();
                format!("failed: {}", cut(&one_line(error.trim()), ERROR))
            }
        },
    };
    format!("job {} {ended}", one_line(&id))
}

/// `job A is processing`
fn standing(job: &Job) -> String {
    let id = job.id().to_string();
    let status = job.get(Column::Status).display();
    format!("job {} is {}", one_line(&id), one_line(&status))
}

/// `a1111111 ▶ processing, Generating frames`
fn standing_short(job: &Job) -> String {
    let id = job.id().short();
    let mut text = format!("{} {}", one_line(&id), status_text(job));
    let stage = job.get(Column::Stage).display();
    if !stage.is_empty() {
        text.push_str(", ");
        text.push_str(&one_line(&stage));
    }
    text
}
