//! `create`: new jobs, from flags or from JSON.

mod finish;
mod whole;

use std::ffi::OsString;

use anyhow::Result;

use self::finish::{Fault, checked_id, finish};
use super::parts::arguments::fields::FieldArgs;
use super::parts::arguments::filter::unknown_word;
use super::parts::arguments::history::HistoryArgs;
use super::parts::output::{self, OneOrMany};
use crate::context::Context;
use crate::job::{Column, ColumnSet, Job, JobId, Status};
use crate::render::format::RecordForm;
use crate::repository::Access;

pub(crate) const EXAMPLES: &str = "\
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
pub(crate) struct Args {
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

    #[command(flatten)]
    history: HistoryArgs,
}

pub(crate) fn run(args: Args, context: &mut Context) -> Result<()> {
    context.keeping.set(args.history.keep());
    let (mut jobs, shape) = match &args.json {
        Some(text) => whole::read(context, text)?,
        None => {
            let mut job = from_flags(context, &args)?;
            finish(&mut job, context).map_err(Fault::of_flag)?;
            (vec![job], OneOrMany::Single)
        }
    };
    if !jobs.is_empty() {
        let mut repository = context.open(Access::Create)?;
        repository.insert(&jobs)?;
        let in_full = matches!(
            context.format.form(),
            RecordForm::Object | RecordForm::Cells
        );
        if in_full && !repository.other_columns()?.is_empty() {
            let ids: Vec<JobId> = jobs.iter().map(Job::id).collect();
            let found = repository.find(&ids, ColumnSet::WHOLE)?;
            jobs = found.into_iter().flatten().collect();
        }
        repository.leave();
    }
    if !output::records(context, &jobs, shape)? {
        output::bare_ids(context, &jobs)?;
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
