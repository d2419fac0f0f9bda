//! `create`: new jobs, from flags or from JSON.

use std::collections::HashSet;

use anyhow::Result;
use uuid::Uuid;

use super::field_args::FieldArgs;
use super::filter_args::{bad_value, unknown_word};
use super::output::{self, Shape};
use crate::context::Context;
use crate::error::Failure;
use crate::job::status::{MODES, mode_of_type, type_of_mode};
use crate::job::{Column, Job, Status, content, json, transition};
use crate::repository::sqlite::Access;

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
    #[arg(long, value_name = "JSON|@FILE|-", conflicts_with = "fields")]
    json: Option<String>,

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
        Some(text) => from_json(context, text)?,
        None => (vec![from_flags(context, &args)?], Shape::Single),
    };
    let now = context.now();
    let flag = |flag| if args.json.is_some() { "--json" } else { flag };
    for job in &mut jobs {
        fill_kind(job, flag(Column::JobType.flag()))?;
        let text = job.get(Column::Content).as_str();
        content::check_length(job.get(Column::Mode).as_str(), text)
            .map_err(|why| bad_value(flag("--content"), text.unwrap_or(""), &why))?;
        if job.get(Column::Id).is_null() {
            job.set(Column::Id, context.new_id());
        }
        transition::complete_new(job, now).map_err(|why| {
            let total = job.get(Column::TotalShots).display().into_owned();
            let completed = job.get(Column::CompletedShots).display().into_owned();
            bad_value(
                flag("--completed-shots"),
                &format!("{completed}/{total}"),
                &why,
            )
        })?;
    }
    context.open(Access::Create)?.insert(&jobs)?;
    if !output::records(context, &jobs, shape)? {
        for job in &jobs {
            context.terminal.line(&job.id().to_string())?;
        }
    }
    Ok(())
}

fn from_flags(context: &Context, args: &Args) -> Result<Job> {
    let mut job = Job::default();
    if let Some(id) = &args.id {
        job.set(Column::Id, checked_id("--id", id)?);
    }
    if Status::parse(&args.status).is_none() {
        let known = Status::ALL.map(Status::word);
        return Err(unknown_word("--status", &args.status, &known).into());
    }
    job.set(Column::Status, args.status.as_str());
    job.apply(&args.fields.changes(context)?);
    Ok(job)
}

fn from_json(context: &Context, text: &str) -> Result<(Vec<Job>, Shape)> {
    let text = context.flag_text("--json", text)?;
    let bad = |why: String| bad_value("--json", &text, &why);
    let (records, shape) = match text.trim_start().starts_with('[') {
        true => {
            let all: Vec<&serde_json::value::RawValue> = serde_json::from_str(&text)
                .map_err(|error| bad(format!("it is not JSON: {error}")))?;
            let texts = all.iter().map(|raw| raw.get().to_owned()).collect();
            (texts, Shape::Array)
        }
        false => (vec![text.clone()], Shape::Single),
    };
    let (mut jobs, mut ids) = (Vec::new(), HashSet::new());
    for record in &records {
        let mut job = json::read_job(record).map_err(|why| bad_value("--json", record, &why))?;
        if let Some(id) = job.get(Column::Id).as_str() {
            let id = checked_id("--json", id)?;
            job.set(Column::Id, id);
        }
        if let Some(word) = job.get(Column::Status).as_str()
            && Status::parse(word).is_none()
        {
            let known = Status::ALL.map(Status::word);
            return Err(unknown_word("--json", word, &known).into());
        }
        if !job.get(Column::Id).is_null() && !ids.insert(job.id()) {
            let id = job.id().to_string();
            return Err(bad_value("--json", &id, "two jobs have this id").into());
        }
        jobs.push(job);
    }
    Ok((jobs, shape))
}

fn checked_id(flag: &str, id: &str) -> Result<String> {
    match Uuid::try_parse(id) {
        Ok(uuid) if id.len() == 36 => Ok(uuid.to_string()),
        _ => Err(bad_value(
            flag,
            id,
            "an id is a UUID such as 08c31de4-22da-4152-8b4d-b5aa923cea37; leave it out for a new one",
        )
        .into()),
    }
}

/// Type and mode each follow from the other when one is not given.
fn fill_kind(job: &mut Job, flag: &str) -> Result<()> {
    let mode = job.get(Column::Mode).as_str().map(str::to_owned);
    if let Some(mode) = &mode
        && !MODES.contains(&mode.as_str())
    {
        return Err(unknown_word("--mode", mode, &MODES).into());
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
                let flag = flag.trim_start_matches('-');
                return Err(Failure::usage(format!("the job has no type (--{flag})"))
                    .hint("idea2video, script2video, conversational or another; or --mode idea|script")
                    .into());
            }
        },
    }
    Ok(())
}
