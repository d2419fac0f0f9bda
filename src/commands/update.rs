//! `update`: changes jobs, all or none of them.

use anyhow::Result;
use serde_json::value::RawValue;

use super::confirm::{self, Question, plural};
use super::dry_run::DryRun;
use super::filter_args::{bad_value, point, unknown_word};
use super::ids;
use super::output::{self, Shape};
use crate::context::Context;
use crate::error::Failure;
use crate::job::columns::Content;
use crate::job::status::MODES;
use crate::job::transition::{self, Edit};
use crate::job::{Changes, Column, ColumnSet, Job, Status, Value};
use crate::render::table::status_text;
use crate::render::text::one_line;
use crate::repository::sqlite::Access;
use crate::repository::{Error, Updated};

pub const EXAMPLES: &str = "\
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
pub struct Args {
    /// Ids, or prefixes of at least 4 characters; - reads them from standard input
    #[arg(required = true, value_name = "ID|-")]
    ids: Vec<String>,

    /// Go to this state
    #[arg(long, value_name = "STATUS")]
    status: Option<String>,

    /// Go to completed, perhaps with a result: JSON, @FILE or -
    #[arg(long, value_name = "RESULT", num_args = 0..=1, conflicts_with_all = ["status", "fail", "cancel", "requeue", "result"])]
    complete: Option<Option<String>>,

    /// Go to failed, with this error message
    #[arg(long, value_name = "MESSAGE", conflicts_with_all = ["status", "cancel", "requeue", "error"])]
    fail: Option<String>,

    /// Go to cancelled
    #[arg(long, conflicts_with_all = ["status", "requeue"])]
    cancel: bool,

    /// Go back to queued: progress 0; error, stage, result, start and end time cleared
    #[arg(long, conflicts_with = "status")]
    requeue: bool,

    #[command(flatten)]
    fields: FieldArgs,

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

    /// Allow a change of state that the rules do not know
    #[arg(long)]
    force: bool,

    /// Do not ask when the ids come from standard input
    #[arg(short, long)]
    yes: bool,

    /// Refuse when there are more jobs than this
    #[arg(long, value_name = "N")]
    max: Option<u64>,

    /// Show what would change, and write nothing
    #[arg(long)]
    dry_run: bool,
}

/// The columns that flags set, for `create` and `update`.
#[derive(Clone, Debug, Default, clap::Args)]
#[group(id = "fields", multiple = true)]
#[command(next_help_heading = "Fields")]
pub struct FieldArgs {
    /// idea2video, script2video, conversational or another word
    #[arg(long = Column::JobType.flag(), aliases = Column::JobType.aliases(), value_name = "TYPE")]
    job_type: Option<String>,

    /// idea or script; follows from the type when not given
    #[arg(long = Column::Mode.flag(), value_name = "MODE")]
    mode: Option<String>,

    /// The idea (at least 10 characters) or script (at least 50): TEXT, @FILE or -
    #[arg(long = Column::Content.flag(), value_name = "TEXT|@FILE|-")]
    content: Option<String>,

    /// What the client asks for besides
    #[arg(long = Column::Requirement.flag(), aliases = Column::Requirement.aliases(), value_name = "TEXT")]
    requirement: Option<String>,

    /// The style of the video
    #[arg(long = Column::Style.flag(), value_name = "TEXT")]
    style: Option<String>,

    /// The project's title
    #[arg(long = Column::Title.flag(), aliases = Column::Title.aliases(), value_name = "TEXT")]
    title: Option<String>,

    /// The client's request: JSON, @FILE or -
    #[arg(long = Column::RequestData.flag(), aliases = Column::RequestData.aliases(), value_name = "JSON")]
    request: Option<String>,

    /// The job's context: JSON, @FILE or -
    #[arg(long = Column::Context.flag(), value_name = "JSON")]
    context: Option<String>,

    /// 0 to 100
    #[arg(long = Column::Progress.flag(), value_name = "PERCENT", allow_negative_numbers = true)]
    progress: Option<String>,

    /// What is being done
    #[arg(long = Column::Stage.flag(), aliases = Column::Stage.aliases(), value_name = "TEXT")]
    stage: Option<String>,

    /// The folder that the pipeline works in
    #[arg(long = Column::WorkingDir.flag(), aliases = Column::WorkingDir.aliases(), value_name = "PATH")]
    working_dir: Option<String>,

    /// The result: JSON, @FILE or -
    #[arg(long = Column::Result.flag(), aliases = Column::Result.aliases(), value_name = "JSON")]
    result: Option<String>,

    /// The error message
    #[arg(long = Column::Error.flag(), aliases = Column::Error.aliases(), value_name = "TEXT")]
    error: Option<String>,

    /// How many shots there are; progress follows the shots
    #[arg(long = Column::TotalShots.flag(), aliases = Column::TotalShots.aliases(), value_name = "N", allow_negative_numbers = true)]
    total_shots: Option<String>,

    /// How many of them are done
    #[arg(long = Column::CompletedShots.flag(), aliases = Column::CompletedShots.aliases(), value_name = "N", allow_negative_numbers = true)]
    completed_shots: Option<String>,

    /// The episode that it belongs to
    #[arg(long = Column::EpisodeId.flag(), aliases = Column::EpisodeId.aliases(), value_name = "ID")]
    episode: Option<String>,

    /// The series that it belongs to
    #[arg(long = Column::SeriesId.flag(), aliases = Column::SeriesId.aliases(), value_name = "ID")]
    series: Option<String>,
}

impl FieldArgs {
    fn given(&self) -> [(Column, &Option<String>); 17] {
        [
            (Column::JobType, &self.job_type),
            (Column::Mode, &self.mode),
            (Column::Content, &self.content),
            (Column::Requirement, &self.requirement),
            (Column::Style, &self.style),
            (Column::Title, &self.title),
            (Column::RequestData, &self.request),
            (Column::Context, &self.context),
            (Column::Progress, &self.progress),
            (Column::Stage, &self.stage),
            (Column::WorkingDir, &self.working_dir),
            (Column::Result, &self.result),
            (Column::Error, &self.error),
            (Column::TotalShots, &self.total_shots),
            (Column::CompletedShots, &self.completed_shots),
            (Column::EpisodeId, &self.episode),
            (Column::SeriesId, &self.series),
        ]
    }

    /// The checked values.
    pub fn changes(&self, context: &Context) -> Result<Changes> {
        let mut changes = Changes::default();
        let mut from_stdin = None;
        for (column, text) in self.given() {
            let Some(text) = text else { continue };
            let flag = format!("--{}", column.flag());
            let takes_file = column.is_json() || column == Column::Content;
            if takes_file
                && text == "-"
                && let Some(first) = from_stdin.replace(flag.clone())
            {
                let message = format!("'{first}' and '{flag}' cannot both be -");
                return Err(Failure::usage(message).into());
            }
            let text = match takes_file {
                true => context.flag_text(&flag, text)?,
                false => text.clone(),
            };
            changes.set(column, checked(column, &flag, &text)?);
        }
        let total = changes.get(Column::TotalShots).cloned();
        let completed = changes.get(Column::CompletedShots).cloned();
        if let (Some(Value::Integer(total)), Some(Value::Integer(completed))) = (total, completed)
            && completed > total
        {
            let why = format!("it is above --total-shots {total}");
            return Err(bad_value("--completed-shots", &completed.to_string(), &why).into());
        }
        Ok(changes)
    }
}

/// The value of a flag, checked for its column.
fn checked(column: Column, flag: &str, text: &str) -> Result<Value> {
    let bad = |why: &str| bad_value(flag, text, why);
    Ok(match column.content() {
        Content::Text(most) => {
            let length = text.chars().count();
            if most > 0 && length > most {
                return Err(bad(&format!(
                    "it has {length} characters; at most {most} are stored"
                ))
                .into());
            }
            if column == Column::Mode && !MODES.contains(&text) {
                return Err(unknown_word(flag, text, &MODES).into());
            }
            if column == Column::JobType && text.is_empty() {
                return Err(bad("a type is a word such as idea2video").into());
            }
            text.into()
        }
        Content::Json => json_value(flag, text)?,
        Content::Real => match text.parse::<f64>() {
            Ok(number) if (0.0..=100.0).contains(&number) => number.into(),
            _ => return Err(bad("it is a number from 0 to 100").into()),
        },
        Content::Integer => match text.parse::<i64>() {
            Ok(number) if number >= 0 => number.into(),
            _ => return Err(bad("it is a whole number, 0 or more").into()),
        },
        Content::Time => return Err(bad("times are stamped, not set").into()),
    })
}

fn json_value(flag: &str, text: &str) -> Result<Value> {
    match serde_json::from_str::<&RawValue>(text) {
        Ok(raw) if raw.get() == "null" => Ok(Value::Null),
        Ok(raw) => {
            // Decoding as well finds what parsing alone lets through: lone surrogates, numbers like 1e999.
            if let Err(error) = serde_json::from_str::<serde_json::Value>(raw.get()) {
                return Err(
                    bad_value(flag, text, &format!("it is not sound JSON: {error}")).into(),
                );
            }
            Ok(raw.get().into())
        }
        Err(error) => Err(bad_value(flag, text, &format!("it is not JSON: {error}"))
            .hint(format!(
                "'{flag}' takes JSON text, @FILE, or - for standard input"
            ))
            .into()),
    }
}

impl Args {
    fn edit(&self, context: &Context) -> Result<Edit> {
        let mut fields = self.fields.changes(context)?;
        for name in &self.clear {
            match super::fields::parse(std::slice::from_ref(name))?[0] {
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
            if let Some(text) = result {
                let text = context.flag_text("--complete", text)?;
                fields.set(Column::Result, json_value("--complete", &text)?);
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

pub fn run(args: Args, context: &mut Context) -> Result<()> {
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
    let named = ids::read(&args.ids)?;
    let access = if args.dry_run {
        Access::Read
    } else {
        Access::Write
    };
    let mut repository = context.open(access)?;
    let (ids, missing) = ids::resolve_all(repository.as_mut(), &named.names)?;
    if !missing.is_empty() {
        return Err(ids::no_such(&missing).into());
    }
    confirm::check_max(args.max, ids.len() as u64)?;
    let now = context.now();
    let mut decide = |job: &Job| {
        guards.check(job)?;
        transition::plan(job, &edit, now)
    };
    if args.dry_run {
        let jobs = repository.find(&ids, ColumnSet::ALL)?;
        return dry_run(context, jobs, &mut decide);
    }
    if named.from_stdin && !ids.is_empty() {
        let question = Question {
            verb: "update",
            count: ids.len() as u64,
            selection: "ids from standard input",
            place: &repository.place(),
        };
        confirm::ask(context, args.yes, &question)?;
    }
    let updated = match ids.is_empty() {
        true => Vec::new(),
        false => repository.update(&ids, &mut decide)?,
    };
    report(context, updated, named.from_stdin)
}

fn report(context: &mut Context, updated: Vec<Updated>, from_stdin: bool) -> Result<()> {
    let jobs: Vec<Job> = updated.iter().map(|update| update.after.clone()).collect();
    let shape = match from_stdin {
        true => Shape::Array,
        false => Shape::Single,
    };
    output::records(context, &jobs, shape)?;
    /// More jobs than this are summed up.
    const NAMED: usize = 20;
    if updated.len() <= NAMED {
        for update in &updated {
            let id = one_line(&update.after.id().short()).into_owned();
            context.terminal.note(&format!("{id}: {}", summary(update)));
        }
    }
    if updated.len() != 1 {
        let changed = updated.iter().filter(|update| update.changed).count();
        let same = updated.len() - changed;
        let same = match same {
            0 => String::new(),
            same => format!(", {same} so already"),
        };
        context
            .terminal
            .note(&format!("updated {}{same}", plural(changed as u64, "job")));
    }
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
        parts.push(format!("{before} → {after}"));
    }
    for column in Column::ALL {
        let differs = update.before.get(*column) != update.after.get(*column);
        if differs && !matches!(column, Column::Status | Column::UpdatedAt) {
            parts.push(column.flag().to_owned());
        }
    }
    parts.join(", ")
}

fn dry_run(
    context: &mut Context,
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
    let mut telling = DryRun::new("would update");
    for (id, reason) in would {
        telling.push(&mut context.terminal, &id, &reason)?;
    }
    telling.end(&mut context.terminal, "")
}
