//! `cleanup`: removes ended jobs that have been kept long enough; what cron runs at night.

mod archived;
mod archiving;
mod explain;
mod folders;
mod latest;
mod reclaim;
mod summary;
mod survey;
mod sweep;
mod words;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;

use self::archiving::Archiving;
use self::latest::Latest;
use self::survey::{CleanupSelection, StayingJobs};
use self::sweep::CleanupSweep;
use super::parts::arguments::filter::FilterArgs;
use super::parts::consent::{self, ConsentArgs, Question};
use super::parts::database::storage;
use super::parts::interrupt::Interrupt;
use super::parts::output::file::{STDOUT, no_database, read_by_all};
use crate::archive::Archive;
use crate::context::Context;
use crate::error::Failure;
use crate::folders::ServiceFolder;
use crate::job::retention::{Keep, Policy};
use crate::repository::Access;
use crate::system::open::folder_of;
use crate::time;

pub(crate) const EXAMPLES: &str = "\
Examples:
  jobctl cleanup --older-than 30d --explain
  jobctl cleanup --older-than 30d --yes
  jobctl cleanup --keep completed=7d --keep failed=90d --keep failed:script2video=never --yes
  jobctl cleanup --older-than 30d --keep-last 100 --max 50000 --yes -q
  jobctl cleanup --older-than 30d --archive /srv/old/jobs.jsonl.zst --files-under /srv/video --yes

In a crontab:
  17 3 * * *  /usr/local/bin/jobctl --db /srv/video/vimax_seko.db cleanup --older-than 30d --lock-wait 10m --yes -q

jobctl migrate brings an archive back.";

/// Remove ended jobs that have been kept long enough
///
/// Only completed, failed and cancelled jobs go, and only those that every rule lets go. The age is
/// measured from completed_at, else updated_at, else created_at; a time before 2000 or after tomorrow is none. A status that is not known, and a time
/// that cannot be read or lies in the future, keep a job; such are counted. Jobs go in short batches
/// while the service works on.
#[derive(Debug, clap::Args)]
#[command(after_long_help = format!("{EXAMPLES}\n\n{}", super::CACHE_NOTE))]
#[command(mut_args(|arg| match arg.get_id().as_str() {
    "max" => arg.help("Refuse when more jobs would go than this"),
    _ => arg,
}))]
pub(crate) struct Args {
    /// The age after which jobs of a state and type go; the most specific rule wins
    ///
    /// --older-than is the age for the states that no --keep names; without it they stay.
    #[arg(long, value_name = "STATUS[:TYPE]=AGE|never", value_parser = Keep::parse)]
    keep: Vec<Keep>,

    /// Keep the newest N of each state and type, whatever their age
    ///
    /// Alone, it lets go of all ended jobs but these. A job whose time cannot be read or lies in the future stays
    /// beside them, and is none of the N.
    #[arg(long, value_name = "N", alias = "keep_last")]
    keep_last: Option<u64>,

    /// Append the jobs to this file before they go, compressed where it ends in .zst or .gz
    ///
    /// JSON Lines with every column as stored; jobctl migrate brings it back. The jobs of a batch are on
    /// disk there before the first of them is removed. A file that is no archive of jobctl is refused.
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    archive: Option<PathBuf>,

    /// Remove the working folders of the jobs too; DIR is the folder that the service runs in
    ///
    /// A folder goes if it lies inside DIR, is reached without a symbolic link, is named as its job, and no
    /// job that stays uses it; others are left and named. A job whose folder cannot be removed stays, and the
    /// exit status is 1. Whether one can is looked at before: what stays is not archived either. A change of the
    /// system's or of another program meanwhile can still stop it; such a job is archived again by the next
    /// run, and jobctl migrate takes it back once.
    #[arg(long, value_name = "DIR", alias = "files_under", value_hint = clap::ValueHint::DirPath)]
    files_under: Option<PathBuf>,

    /// Give the space that jobs left in the file back to the system, in small steps
    ///
    /// Where the file was not made for that, say what writing it anew would give and take. With --dry-run or
    /// --explain, say about how much would go back. On PostgreSQL the room is cleared for new rows (VACUUM), and the
    /// system gets what is free at the end of the tables; a table of another owner is named and left.
    #[arg(long)]
    reclaim: bool,

    /// Where space cannot go back in steps, rewrite the whole file; keeps everybody out meanwhile
    ///
    /// On PostgreSQL the tables are rewritten (VACUUM FULL), which nobody can read or write meanwhile.
    #[arg(long)]
    vacuum: bool,

    /// Keep the file locked from beginning to end: faster, but the service cannot write meanwhile
    ///
    /// PostgreSQL locks rows alone and keeps nobody out: there batches are larger, and others wait longer for a row of one.
    #[arg(long)]
    exclusive: bool,

    /// How long to wait for another cleanup, or another run that writes the archive, to end
    #[arg(long, value_name = "AGE", default_value = "0s", hide_default_value = true, alias = "lock_wait", value_parser = time::parse_duration)]
    lock_wait: Duration,

    #[command(flatten)]
    pub(super) consent: ConsentArgs,

    /// Show what would go, what would stay, and why, and write nothing
    #[arg(long)]
    explain: bool,

    #[command(flatten)]
    filter: FilterArgs,
}

/// The fewest jobs that get a bar: fewer are gone before anybody could read it.
const WORTH_A_BAR: u64 = 1_000;

impl Args {
    fn keep_last(&self) -> Option<usize> {
        self.keep_last
            .filter(|count| *count > 0)
            .map(|count| usize::try_from(count).unwrap_or(usize::MAX))
    }

    fn writes_nothing(&self) -> bool {
        self.consent.dry_run || self.explain
    }

    fn policy(&self) -> Result<Policy> {
        let policy = Policy {
            keep: self.keep.clone(),
            older_than: self.filter.older_than,
            keep_last: self.keep_last(),
        };
        if policy.is_empty() {
            return Err(Failure::usage("no rule says how long jobs are kept")
                .hint("--older-than 30d, --keep STATUS=AGE or --keep-last N; try it with --dry-run")
                .into());
        }
        for (index, keep) in self.keep.iter().enumerate() {
            let same =
                |other: &Keep| (other.status, &other.job_type) == (keep.status, &keep.job_type);
            if self.keep[..index].iter().any(same) {
                return Err(Failure::usage("two --keep name the same state and type")
                    .hint("give each state, or state and type, one age")
                    .into());
            }
        }
        Ok(policy)
    }

    /// The selecting flags, for the question.
    fn describe(&self) -> String {
        let mut text: Vec<String> = self
            .keep
            .iter()
            .map(|keep| format!("--keep {keep}"))
            .collect();
        if let Some(last) = self.keep_last {
            text.push(format!("--keep-last {last}"));
        }
        if !self.filter.is_empty() {
            text.push(self.filter.describe());
        }
        if self.files_under.is_some() {
            text.push("with their working folders".to_owned());
        }
        text.join(" ")
    }
}

/// What is said before jobs go without an archive.
const NOT_KEPT: &str =
    "cleanup keeps no rows in the history, so that only --archive FILE can bring them back";

pub(crate) fn run(args: Args, context: &mut Context) -> Result<()> {
    context.keeping.set(args.consent.history.keep());
    let policy = args.policy()?;
    if args.archive.as_deref() == Some(Path::new(STDOUT)) {
        let message = "--archive - is not taken for stdout: jobs go when they are safe on disk";
        return Err(Failure::usage(message)
            .hint("name a file, such as jobs.jsonl.zst; jobctl export writes to stdout")
            .into());
    }
    let database = context.location()?;
    if let Some(path) = &args.archive {
        no_database("--archive", path)?;
    }
    let access = if args.writes_nothing() {
        Access::DryRun
    } else {
        Access::WriteMany
    };
    let mut opened = context.open(access)?;
    let repository = opened.as_mut();
    repository.check_sweep()?;
    if args.exclusive {
        storage::tell_exclusive(context, repository)?;
    }
    let own = own_files(database.file(), args.archive.as_deref());
    let root = args
        .files_under
        .as_deref()
        .map(ServiceFolder::open)
        .transpose()?;
    let folders = root.as_ref().map(|root| (root, &own[..]));
    let mut narrowing = args.filter.clone();
    if !args.keep.is_empty() {
        // Other rules than --older-than may remove jobs of the window.
        narrowing.older_than = None;
    }
    let mut filter = narrowing.resolve(context, repository)?;
    filter.aged_before = None;
    let max = args.consent.max;
    if args.writes_nothing() {
        let selection = CleanupSelection::gather(policy, filter, context.clock, repository)?;
        if max.is_some() {
            let survey = selection.survey(repository, folders)?;
            survey::check_max(max, &survey, &selection, repository, root.as_ref())?;
        }
        if let Some(path) = &args.archive
            && let Some(would) = archiving::would_move(path)?
        {
            context.terminal.notice(&would);
        }
        let reclaim = (args.reclaim || args.vacuum).then_some(args.vacuum);
        return explain::run(
            context,
            repository,
            &selection,
            root,
            &own,
            args.explain,
            reclaim,
        );
    }

    if !args.consent.yes {
        let clock = context.clock;
        let selection =
            CleanupSelection::gather(policy.clone(), filter.clone(), clock, repository)?;
        let folders = folders.filter(|_| max.is_some());
        let survey = selection.survey(repository, folders)?;
        survey::check_max(max, &survey, &selection, repository, root.as_ref())?;
        let count = survey.count;
        if count > 0 {
            let question = Question {
                lost: args.archive.is_none().then(|| NOT_KEPT.to_owned()),
                verb: "remove",
                count,
                selection: &args.describe(),
                database: &repository.name(),
            };
            consent::ask(context, args.consent.yes, &question)?;
        }
    }
    // After the question, at which Ctrl-C ends the program at once.
    let interrupt = Interrupt::watch(context)?;
    let claimed = repository.claim("cleanup", args.lock_wait, &|| interrupt.is_set());
    claimed.map_err(|error| {
        if interrupt.is_set() {
            Failure::interrupted().into()
        } else {
            anyhow::Error::from(error)
        }
    })?;
    let selection = CleanupSelection::gather(policy, filter, context.clock, repository)?;
    let mut in_use = None;
    let mut bar = context.terminal.progress_of_jobs(true);
    let backup = &args.consent.backup;
    let mut goes_any = true;
    if max.is_some() || root.is_some() || !bar.is_hidden() || backup.is_wanted() {
        let survey = selection.survey(repository, folders)?;
        survey::check_max(max, &survey, &selection, repository, root.as_ref())?;
        in_use = survey.in_use;
        // Of a job that is only found later there would be no backup.
        goes_any = survey.count > 0 || !backup.is_wanted();
        if survey.count < WORTH_A_BAR {
            bar = indicatif::ProgressBar::hidden()
        } else {
            bar.set_length(survey.count)
        }
    }
    if goes_any {
        backup.make(context, repository)?;
    }
    let mut begun = 0;
    let archive = match &args.archive {
        Some(path) => {
            let archive = Archive::open(path, args.lock_wait, &|| interrupt.is_set())?;
            if let Some(path) = database.file() {
                archive.give_to_owner_of(path);
            }
            begun = archived::length(path)?;
            if let Some(warning) = read_by_all(path) {
                context.terminal.warn(&warning);
            }
            Some(archive)
        }
        None => None,
    };
    let moved = archive.as_ref().map_or(&[][..], Archive::moved).to_vec();
    for moved in &moved {
        context.terminal.notice(&archiving::moved_aside(moved));
    }
    let before = storage::space(repository)?;
    let mut sweep = CleanupSweep {
        selection: &selection,
        interrupt: &interrupt,
        bar,
        archiving: archive.map(Archiving::start),
        folders: root.zip(in_use).map(sweep::WorkingFolders::new),
        max,
        kept: StayingJobs::default(),
        latest: Latest::new(&selection),
        goes_any,
        done: summary::Done::after(context, moved),
        stopped: None,
    };
    sweep.run(context, repository, args.exclusive)?;
    sweep.bar.finish_and_clear();
    let CleanupSweep {
        archiving,
        mut kept,
        latest,
        mut done,
        mut stopped,
        ..
    } = sweep;
    // Closed, so that all of it is there.
    drop(archiving);
    if let Some(path) = &args.archive
        && done.count() > 0
    {
        let named = archived::name(repository, path, begun);
        stopped = stopped.or(named.err());
    }
    if stopped.is_none() {
        stopped = selection.locate_nameless(repository, &mut kept).err();
    }
    match storage::space(repository) {
        Ok(space) => {
            let both = before.zip(space);
            done.freed =
                both.and_then(|(before, now)| Some(now.free?.saturating_sub(before.free?)));
        }
        Err(error) => stopped = stopped.or(Some(error.into())),
    }
    if (args.reclaim || args.vacuum) && stopped.is_none() {
        match reclaim::give_back(context, repository, args.vacuum, &interrupt) {
            Ok(given) => done.given_back = Some(given),
            Err(error) => stopped = Some(error),
        }
    }
    done.tell(context, &kept, &latest, stopped)
}

/// The files that this run itself needs, with links followed: no folder goes in which one lies.
fn own_files(database: Option<&Path>, archive: Option<&Path>) -> Vec<PathBuf> {
    [database, archive]
        .into_iter()
        .flatten()
        .map(|path| {
            fs::canonicalize(path).unwrap_or_else(|_| {
                let folder = fs::canonicalize(folder_of(path));
                folder
                    .unwrap_or_default()
                    .join(path.file_name().unwrap_or_default())
            })
        })
        .collect()
}
