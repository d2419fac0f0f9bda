//! `show`: one or several jobs in full.

use anyhow::Result;

use super::ids;
use super::output::{self, Shape};
use crate::cli::Format;
use crate::context::Context;
use crate::job::ColumnSet;
use crate::render::page::{self, Look};
use crate::repository::sqlite::Access;

pub const EXAMPLES: &str = "\
Examples:
  jobctl show 7c1f
  jobctl show 7c1f --full
  jobctl show 7c1f -o json | jq .result";

/// Show jobs in full
///
/// Prints a page per job. On a terminal long texts are cut; --full prints them whole. With -o json one job
/// is an object and several are an array.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Args {
    /// Ids, or prefixes of at least 4 characters; - reads them from standard input
    #[arg(required = true, value_name = "ID|-")]
    ids: Vec<String>,

    /// Do not cut long texts on a terminal
    #[arg(long)]
    full: bool,
}

pub fn run(args: Args, context: &mut Context) -> Result<()> {
    let named = ids::read(&args.ids)?;
    let mut repository = context.open(Access::Read)?;
    let mut jobs = Vec::new();
    let missing = ids::each(
        repository.as_mut(),
        &named.names,
        match context.terminal.format {
            Format::Ids => ColumnSet::NONE,
            _ => ColumnSet::ALL,
        },
        &mut |job| jobs.push(job),
    )?;
    let shape = match named.names.len() == 1 && !named.from_stdin {
        true => Shape::Single,
        false => Shape::Array,
    };
    let nothing = jobs.is_empty() && !missing.is_empty();
    if !nothing && !output::records(context, &jobs, shape)? {
        let zone = context.zone.clone();
        let look = Look {
            now: context.now(),
            zone: &zone,
            width: context.terminal.width,
            color: context.terminal.color,
            full: args.full,
        };
        for (place, job) in jobs.iter().enumerate() {
            if place > 0 {
                context.terminal.line("")?;
            }
            for line in page::lines(job, &look) {
                context.terminal.line(&line)?;
            }
        }
    }
    context.terminal.finish()?;
    // The process is about to end, and taking a connection apart costs a tenth of what showing a job does.
    std::mem::forget(repository);
    match missing.is_empty() {
        true => Ok(()),
        false => Err(ids::no_such(&missing).into()),
    }
}
