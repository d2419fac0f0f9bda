//! `redo`: what was undone is done again.

use anyhow::Result;

use super::undo::{self, Way, WayArgs};
use crate::context::Context;

pub(crate) const EXAMPLES: &str = "\
Examples:
  jobctl redo --dry-run
  jobctl redo
  jobctl redo r42";

/// Do again what undo took back
///
/// Without a run it is the one that was undone last; given again it goes on forward. A change that another command makes
/// after the undo ends that, as in an editor; a run that is named is done again all the same, where its jobs are still as
/// the undo left them.
#[derive(Debug, clap::Args)]
#[command(after_long_help = format!("{EXAMPLES}\n\n{}", super::CACHE_NOTE))]
pub(crate) struct Args {
    /// The run that was undone, such as r42
    #[arg(value_name = "RUN")]
    run: Option<String>,

    #[command(flatten)]
    way: WayArgs,
}

pub(crate) fn run(args: Args, context: &mut Context) -> Result<()> {
    undo::go(context, Way::Redo, args.run.as_deref(), args.way)
}
