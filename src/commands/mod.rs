//! One file a command: its arguments, whose doc comments are the help, and what it does.

pub mod cleanup;
pub mod completions;
mod confirm;
pub mod create;
pub mod delete;
mod dry_run;
mod fields;
mod filter_args;
mod ids;
mod interrupt;
pub mod list;
pub mod man;
pub mod migrate;
mod output;
pub mod show;
pub mod update;

use anyhow::Result;

use crate::cli::Command;
use crate::context::Context;

/// Said in the help of every command that changes jobs (DESIGN section 1).
pub const CACHE_NOTE: &str = "\
The service keeps its own copy of jobs that it has looked up. What changes here shows there in lists at once,
but in the look-up of a single job only after the service is restarted.";

pub fn run(command: Command, context: &mut Context) -> Result<()> {
    match command {
        Command::Create(args) => create::run(args, context),
        Command::Show(args) => show::run(args, context),
        Command::Update(args) => update::run(args, context),
        Command::List(args) => list::run(args, context),
        Command::Delete(args) => delete::run(args, context),
        Command::Migrate(args) => migrate::run(args, context),
        Command::Cleanup(args) => cleanup::run(args, context),
        Command::Completions(args) => completions::run(args, context),
        Command::Man(args) => man::run(args, context),
    }?;
    context.tell_time();
    Ok(())
}
