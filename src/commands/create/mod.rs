//! `create`: new jobs, from flags or from JSON.

mod whole;

use std::ffi::OsString;

use anyhow::Result;
use uuid::Uuid;

use super::parts::field_args::FieldArgs;
use super::parts::filter_args::{bad_value, unknown_word};
use super::parts::output::{self, Shape};
use crate::context::Context;
use crate::error::Failure;
use crate::job::status::{MODES, mode_of_type, nearest, type_of_mode};
use crate::job::{Column, ColumnSet, Job, JobId, Status, content, transition};
use crate::repository::sqlite::Access;
use crate::settings::options::Format;

pub const EXAMPLES: &str = "\
Examples:
  jobctl create --type idea2video --content 'A lighthouse keeper teaches a robot to read the sea'
  jobctl create --type script2video --content @scene.txt --title 'The Keeper' --style anime
  jobctl show 7c1f -o json | jq '.job_id = null | .status = \"queued\"' | jobctl create --json -";

/// Create a job and print its id
///
/// The job is one from flags, or a whole one (or an array of them) as JSON with the keys that
/// 'show -o json' prints. Makes the database when it is not there.
#[derive(Debug, clap::Args)]
#[command(after_long_help = format!("{EXAMPLES}\n\n{}", super::CACHE_NOTE))]
pub struct Args {
    /// The job as JSON: TEXT, @FILE, or - for standard input; an array makes several, all or none
    ///
    /// What is wrong with it is told by element and member, with exit status 65.
    #[arg(long, value_name = "JSON|@FILE|-", conflicts_with = "fields")]
    json: Option<OsString>,

    /// Use this id (a UUID) instead of a new one
    #[arg(long, aliases = Column::Id.aliases(), value_name = "UUID", conflicts_with = "json")]
    id: Option<String>,

    /// The state to begin in
    #[arg(
        long,
        value_name = "STATUS",
        default_value = "queued",
        conflicts_with = "json"
    )]
    status: String,

    #[command(flatten)]
    fields: FieldArgs,
}

pub fn run(args: Args, context: &mut Context) -> Result<()> {
    let (mut jobs, shape) = match &args.json {
        Some(text) => whole::read(context, text)?,
        None => {
            let mut job = from_flags(context, &args)?;
            finish(&mut job, context).map_err(Fault::of_flag)?;
            (vec![job], Shape::Single)
        }
    };
    if !jobs.is_empty() {
        let mut repository = context.open(Access::Create)?;
        repository.insert(&jobs)?;
        let in_full = matches!(
            context.terminal.format,
            Format::Json | Format::Jsonl | Format::Csv
        );
        if in_full && !repository.other_columns()?.is_empty() {
            let ids: Vec<JobId> = jobs.iter().map(Job::id).collect();
            let found = repository.find(&ids, ColumnSet::WHOLE)?;
            jobs = found.into_iter().flatten().collect();
        }
    }
    if !output::records(context, &jobs, shape)? {
        for job in &jobs {
            context.terminal.bare_id(&job.id())?;
        }
        if jobs.is_empty() {
            context
                .terminal
                .note("nothing to create: the array is empty");
        }
    }
    Ok(())
}

fn from_flags(context: &Context, args: &Args) -> Result<Job> {
    let mut job = Job::default();
    if let Some(id) = &args.id {
        job.set(Column::Id, checked_id(id).map_err(Fault::of_flag)?);
    }
    if Status::parse(&args.status).is_none() {
        let known = Status::ALL.map(Status::word);
        return Err(unknown_word("--status", &args.status, &known).into());
    }
    job.set(Column::Status, args.status.as_str());
    job.apply(&args.fields.changes(context)?);
    Ok(job)
}

/// What is wrong with a new job, wherever it came from.
struct Fault {
    /// None: the whole of it.
    column: Option<Column>,
    /// The value, where there is one.
    value: Option<String>,
    why: String,
    hint: Option<String>,
}

impl Fault {
    fn of(column: Column, value: Option<&str>, why: impl Into<String>) -> Fault {
        Fault {
            column: Some(column),
            value: value.map(str::to_owned),
            why: why.into(),
            hint: None,
        }
    }

    /// As the bad value of a flag.
    fn of_flag(self) -> Failure {
        let flag = self
            .column
            .map_or_else(String::new, |column| format!("--{}", column.flag()));
        let failure = match &self.value {
            Some(value) => bad_value(&flag, value, &self.why),
            None => Failure::usage(format!("{flag}: {}", self.why)),
        };
        match self.hint {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }
}

/// Fills what a new job leaves open, and checks how its values go together.
fn finish(job: &mut Job, context: &mut Context) -> Result<(), Fault> {
    fill_kind(job)?;
    let text = job.get(Column::Content).as_str();
    content::check_length(job.get(Column::Mode).as_str(), text)
        .map_err(|why| Fault::of(Column::Content, text, why))?;
    if job.get(Column::Id).is_null() {
        job.set(Column::Id, context.new_id());
    }
    transition::complete_new(job, context.now())
        .map_err(|(column, why)| Fault::of(column, None, why))
}

fn checked_id(id: &str) -> Result<String, Fault> {
    match Uuid::try_parse(id) {
        Ok(uuid) if id.len() == 36 => Ok(uuid.to_string()),
        _ => Err(Fault::of(
            Column::Id,
            Some(id),
            "an id is a UUID such as 08c31de4-22da-4152-8b4d-b5aa923cea37; leave it out for a new one",
        )),
    }
}

/// Type and mode each follow from the other when one is not given.
fn fill_kind(job: &mut Job) -> Result<(), Fault> {
    let mode = job.get(Column::Mode).as_str().map(str::to_owned);
    if let Some(mode) = &mode
        && !MODES.contains(&mode.as_str())
    {
        let why = format!("it is one of {}", MODES.join(", "));
        let fault = Fault::of(Column::Mode, Some(mode), why);
        let hint = nearest(mode, MODES).map(|nearest| format!("did you mean {nearest}?"));
        return Err(Fault { hint, ..fault });
    }
    match job.get(Column::JobType).as_str() {
        Some(job_type) => {
            if mode.is_none() {
                let implied = mode_of_type(job_type);
                job.set(Column::Mode, implied);
            }
        }
        None => match mode.as_deref().and_then(type_of_mode) {
            Some(job_type) => job.set(Column::JobType, job_type),
            None => {
                let hint = "idea2video, script2video, conversational or another; or a mode, idea or script";
                return Err(Fault {
                    hint: Some(hint.to_owned()),
                    ..Fault::of(Column::JobType, None, "the job has no type")
                });
            }
        },
    }
    Ok(())
}
