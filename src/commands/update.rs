//! `update`: changes jobs, all or none of them.

use std::collections::HashSet;
use std::ffi::OsString;

use anyhow::Result;

use super::parts::arguments::fields::{FieldArgs, file_of, json_value};
use super::parts::arguments::filter::{bad_value, point, unknown_word};
use super::parts::arguments::ids;
use super::parts::backup::AFTER_BACKUP;
use super::parts::consent::{self, ConsentArgs};
use super::parts::output::dry_run::DryRun;
use super::parts::output::{self, OneOrMany};
use super::parts::removal::kept_by_table;
use crate::context::Context;
use crate::error::Failure;
use crate::job::status::mode_of_type;
use crate::job::transition::{self, Edit, Refusal};
use crate::job::{Changes, Column, ColumnSet, Job, Status, Value, content};
use crate::render::table::status_text;
use crate::repository::{Access, Error, Repository, Updated};
use crate::text::signs;
use crate::text::visible::{one_line, plural};

pub(crate) const EXAMPLES: &str = "\
Examples:
  jobctl update 7c1f --progress 40 --stage storyboard
  jobctl update 7c1f --fail 'out of memory on shot 3'
  jobctl update 7c1f --complete '{\"final_video_path\": \"/media/7c1f.mp4\"}'
  jobctl update 7c1f --requeue --if-status failed
  jobctl list --status failed --since today --all -o ids | jobctl update - --requeue --yes";

/// Change jobs: state, progress, shots, result, any text
///
/// States go queued, processing, then completed, failed or cancelled; queued may be cancelled, failed
/// and cancelled requeued. Anything else is refused unless --force. Several jobs are changed in one
/// transaction: all of them, or none.
#[derive(Debug, clap::Args)]
#[command(after_long_help = format!("{EXAMPLES}\n\n{}", super::CACHE_NOTE))]
#[command(mut_args(|arg| match arg.get_id().as_str() {
    "yes" => arg.help("Do not ask when the ids come from standard input"),
    "max" => arg.help("Refuse when there are more jobs than this"),
    "dry_run" => arg.help("Show what would change, and write nothing"),
    _ => arg,
}))]
pub(crate) struct Args {
    /// Ids, or prefixes of at least 4 characters; - reads them from standard input
    #[arg(required = true, value_name = "ID|-")]
    ids: Vec<String>,

    /// Go to this state
    #[arg(long, value_name = "STATUS")]
    status: Option<String>,

    /// Go to completed, perhaps with a result: JSON, @FILE or -
    #[arg(long, value_name = "RESULT", num_args = 0..=1, conflicts_with_all = ["status", "fail", "cancel", "requeue", "result"])]
    complete: Option<Option<OsString>>,

    /// Go to failed, with this error message
    #[arg(long, value_name = "MESSAGE", conflicts_with_all = ["status", "cancel", "requeue", "error"])]
    fail: Option<String>,

    /// Go to cancelled
    #[arg(long, conflicts_with_all = ["status", "requeue"])]
    cancel: bool,

    /// Go back to queued: progress 0; error, stage, result, start and end time cleared
    #[arg(long, conflicts_with = "status")]
    requeue: bool,

    /// Empty these columns
    #[arg(long, value_name = "FIELD", value_delimiter = ',')]
    clear: Vec<String>,

    /// Only when the job is in one of these states
    #[arg(
        long,
        value_name = "STATUS",
        value_delimiter = ',',
        alias = "if_status"
    )]
    if_status: Vec<String>,

    /// Only when it was last updated at exactly this time (as 'show -o json' gives it)
    #[arg(long, value_name = "TIME", alias = "if_updated_at")]
    if_updated_at: Option<String>,

    /// Allow a change of state that the rules refuse
    #[arg(long)]
    force: bool,

    #[command(flatten)]
    pub(super) consent: ConsentArgs,

    #[command(flatten)]
    fields: FieldArgs,
}

impl Args {
    fn edit(&self, context: &Context) -> Result<Edit> {
        let mut fields = self.fields.changes(context)?;
        for name in &self.clear {
            match super::parts::arguments::field_names::known("--clear", name)? {
                column @ (Column::Id
                | Column::JobType
                | Column::Status
                | Column::CreatedAt
                | Column::UpdatedAt) => {
                    return Err(bad_value(
                        "--clear",
                        name,
                        &format!("{} cannot be empty", column.flag()),
                    )
                    .into());
                }
                column if fields.get(column).is_some() => {
                    return Err(bad_value("--clear", name, "it is also being set").into());
                }
                column => fields.set(column, Value::Null),
            }
        }
        let status = self.status(context, &mut fields)?;
        Ok(Edit {
            status,
            fields,
            force: self.force,
        })
    }

    fn status(&self, context: &Context, fields: &mut Changes) -> Result<Option<Status>> {
        if let Some(word) = &self.status {
            return match Status::parse(word) {
                Some(status) => Ok(Some(status)),
                None => {
                    let known = Status::ALL.map(Status::word);
                    Err(unknown_word("--status", word, &known).into())
                }
            };
        }
        if let Some(result) = &self.complete {
            if let Some(given) = result {
                let text = context.flag_text("--complete", given)?;
                let value = json_value("--complete", &text, file_of(given).as_deref())?;
                fields.set(Column::Result, value);
            }
            return Ok(Some(Status::Completed));
        }
        if let Some(message) = &self.fail {
            fields.set(Column::Error, message.as_str());
            return Ok(Some(Status::Failed));
        }
        Ok(match (self.cancel, self.requeue) {
            (true, _) => Some(Status::Cancelled),
            (_, true) => Some(Status::Queued),
            _ => None,
        })
    }
}

/// The mode that a job will have.
fn mode_after(job: &Job, fields: &Changes) -> Option<String> {
    let after = |column| fields.get(column).unwrap_or(job.get(column)).as_str();
    let implied = after(Column::JobType).and_then(mode_of_type);
    after(Column::Mode).or(implied).map(str::to_owned)
}

/// A new content must be long enough for every job that is going to have it.
fn check_content(fields: &Changes, modes: &HashSet<Option<String>>) -> Result<()> {
    let Some(text) = fields.get(Column::Content).and_then(Value::as_str) else {
        return Ok(());
    };
    for mode in modes {
        content::check_length(mode.as_deref(), Some(text))
            .map_err(|why| bad_value("--content", text, &why))?;
    }
    Ok(())
}

/// `--if-status` and `--if-updated-at`.
struct Guards {
    status: Vec<String>,
    updated_at: Option<crate::time::Instant>,
}

impl Guards {
    fn check(&self, job: &Job) -> Result<(), String> {
        let status = job.get(Column::Status).display();
        if !self.status.is_empty() && !self.status.iter().any(|word| *word == status) {
            return Err(format!(
                "it is {status}, not {} (--if-status)",
                self.status.join(" or ")
            ));
        }
        match self.updated_at {
            Some(at) if job.time(Column::UpdatedAt) != Some(at) => Err(format!(
                "it was updated at {} (--if-updated-at)",
                job.time(Column::UpdatedAt)
                    .map_or("an unknown time".to_owned(), crate::time::rfc3339)
            )),
            _ => Ok(()),
        }
    }
}

pub(crate) fn run(args: Args, context: &mut Context) -> Result<()> {
    context.keeping.set(args.consent.history.keep());
    let complete = matches!(&args.complete, Some(Some(text)) if text == "-");
    if args.ids.iter().any(|id| id == "-") && (complete || args.fields.reads_stdin()) {
        return Err(
            Failure::usage("the ids and a flag cannot both be read from standard input")
                .hint("give the flag's text with @FILE")
                .into(),
        );
    }
    let edit = args.edit(context)?;
    if edit.status.is_none() && edit.fields.is_empty() {
        return Err(Failure::usage("nothing to change was given")
            .hint("such as --status, --progress, --requeue or --title; see jobctl update --help")
            .into());
    }
    for word in &args.if_status {
        if Status::parse(word).is_none() {
            let known = Status::ALL.map(Status::word);
            return Err(unknown_word("--if-status", word, &known).into());
        }
    }
    let guards = Guards {
        status: args.if_status.clone(),
        updated_at: point(context, "--if-updated-at", args.if_updated_at.as_deref())?,
    };
    let named = ids::read(&args.ids, context.global.null)?;
    let access = if args.consent.dry_run {
        Access::DryRun
    } else {
        Access::Write
    };
    let mut repository = context.open(access)?;
    let mut ids = Vec::new();
    let mut modes = HashSet::new();
    let kind = match named.names.len() {
        1 => ColumnSet::WHOLE, // The statement for it is needed anyway, and takes longer to prepare than a row to read.
        _ => ColumnSet::of(&[Column::JobType, Column::Mode]),
    };
    let missing = ids::each(repository.as_mut(), &named.names, kind, &mut |job| {
        ids.push(job.id());
        modes.insert(mode_after(&job, &edit.fields));
    })?;
    check_content(&edit.fields, &modes)?;
    if !missing.is_empty() {
        return Err(ids::no_such(&missing).into());
    }
    consent::check_max(args.consent.max, ids.len() as u64)?;
    let now = context.now();
    let (mut steps, mut others) = (0, 0);
    let mut decide = |job: &Job| {
        guards.check(job).inspect_err(|_| others += 1)?;
        transition::plan(job, &edit, now).map_err(|refusal| {
            match refusal {
                Refusal::Step(_) => steps += 1,
                Refusal::Value(_) => others += 1,
            }
            refusal.to_string()
        })
    };
    if args.consent.dry_run {
        let jobs = repository.find(&ids, ColumnSet::WHOLE)?;
        let done = dry_run(context, repository.as_mut(), jobs, &mut decide);
        return done.map_err(|error| consent::hint_force(error, steps > 0 && others == 0));
    }
    if named.from_stdin {
        context.tell_database();
        let count = ids.len() as u64;
        consent::ask_about_read_ids(
            context,
            args.consent.yes,
            "update",
            count,
            repository.as_ref(),
        )?;
    }
    let updated = if ids.is_empty() {
        Vec::new()
    } else {
        let mut update = |repository: &mut dyn Repository, trial: bool| {
            repository.update(&ids, &mut |job| match decide(job) {
                Ok(changes) if trial && !changes.is_empty() => Err(AFTER_BACKUP.to_owned()),
                decided => decided,
            })
        };
        let backup = &args.consent.backup;
        let updated = backup.before(context, repository.as_mut(), &mut update);
        updated.map_err(|error| consent::hint_force(error, steps > 0 && others == 0))?
    };
    report(context, updated, named.from_stdin).map(|()| repository.leave())
}

fn report(context: &mut Context, updated: Vec<Updated>, from_stdin: bool) -> Result<()> {
    /// More jobs than this are summed up.
    const NAMED: usize = 20;
    let mut notes = Vec::new();
    for update in updated.iter().filter(|_| updated.len() <= NAMED) {
        let id = one_line(&update.after.id().short()).into_owned();
        notes.push(format!("{id}: {}", summary(update)));
    }
    if updated.len() != 1 {
        let changed = updated.iter().filter(|update| update.changed).count();
        let same = match updated.len() - changed {
            0 => String::new(),
            same => format!(", {same} so already"),
        };
        let changed = plural(changed as u64, "job");
        notes.push(format!("updated {changed}{same}"));
    }
    let jobs: Vec<Job> = updated.into_iter().map(|update| update.after).collect();
    let shape = if from_stdin {
        OneOrMany::Array
    } else {
        OneOrMany::Single
    };
    output::records(context, &jobs, shape)?;
    notes.iter().for_each(|note| context.terminal.note(note));
    Ok(())
}

/// `✗ failed → · queued, progress`
fn summary(update: &Updated) -> String {
    if !update.changed {
        return "so already".to_owned();
    }
    let (before, after) = (status_text(&update.before), status_text(&update.after));
    let mut parts = Vec::new();
    if before != after {
        parts.push(format!("{before} {} {after}", signs::arrow()));
    }
    for column in Column::ALL {
        let differs = update.before.get(*column) != update.after.get(*column);
        if differs && !matches!(column, Column::Status | Column::UpdatedAt) {
            parts.push(column.flag().to_owned());
        }
    }
    parts.join(", ")
}

/// What the real update checks as well: an episode or series that is newly named must be there.
fn check_parents(repository: &mut dyn Repository, after: &Job, changes: &Changes) -> Result<()> {
    let missing = repository.missing_parents(std::slice::from_ref(after))?;
    let named = missing
        .into_iter()
        .find(|(_, column)| changes.get(*column).is_some());
    match named {
        None => Ok(()),
        Some((_, column)) => Err(Error::NoParent {
            job: after.id(),
            column,
            id: after.get(column).display().into_owned(),
        }
        .into()),
    }
}

fn dry_run(
    context: &mut Context,
    repository: &mut dyn Repository,
    jobs: Vec<Option<Job>>,
    decide: &mut dyn FnMut(&Job) -> Result<Changes, String>,
) -> Result<()> {
    let of = jobs.len();
    let (mut refused, mut would) = (Vec::new(), Vec::new());
    for before in jobs.into_iter().flatten() {
        match decide(&before) {
            Err(why) => refused.push((before.id(), why)),
            Ok(changes) => {
                let mut after = before.clone();
                after.apply(&changes);
                check_parents(repository, &after, &changes)?;
                let changed = !changes.is_empty();
                let id = before.id();
                would.push((
                    id,
                    summary(&Updated {
                        before,
                        after,
                        changed,
                    }),
                ));
            }
        }
    }
    if !refused.is_empty() {
        return Err(Error::Refused { jobs: refused, of }.into());
    }
    let mut telling = DryRun::new(context, "would update");
    for (id, reason) in would {
        telling.push(&mut context.terminal, &id, &reason)?;
    }
    telling.end(&mut context.terminal, "")?;
    kept_by_table::tell_of_dry_run(context, repository, false)
}
