//! `jobctl` works on the table in which a video-generation service keeps its jobs.
//!
//! A command goes one way: `cli` parses the arguments, `commands` decides, `repository` reads or writes,
//! `render` makes text of jobs, and `terminal` alone writes it.

mod archive;
mod cli;
mod commands;
mod context;
pub mod error;
mod folders;
pub mod job;
pub mod legacy;
mod render;
mod report;
pub mod repository;
mod settings;
pub mod system;
mod terminal;
mod text;
pub mod time;
mod usage;

use std::ffi::OsString;
use std::process::ExitCode;
use std::sync::Arc;

use clap::error::ErrorKind;

use crate::cli::Cli;
use crate::context::Context;
use crate::error::Kind;
use crate::report::Report;
use crate::settings::environment::Environment;
use crate::terminal::Terminal;

/// Parses, executes, reports an error once, and gives the exit status.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    outlive_file_limits();
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let environment = Environment::of_process();
    let status = match Cli::parse(&arguments) {
        Ok(cli) => execute(cli, environment, &arguments),
        Err(error) => {
            let ascii = arguments.iter().any(|word| word == "--ascii");
            let json_errors = usage::asks_for_json(&arguments);
            let mut terminal = Terminal::before_parsing(&environment, ascii, json_errors);
            let status = match error.kind() {
                ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => 0,
                ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => Kind::Usage.status(),
                _ => {
                    let failure = usage::failure(&error, &arguments);
                    let failure = usage::with_detached_value(failure, &arguments);
                    return ExitCode::from(terminal.fail(&failure));
                }
            };
            match terminal.help(&error.render(), status == 0) {
                Ok(()) => status,
                Err(error) => match Report::of(&error) {
                    Report::BrokenPipe | Report::Quit | Report::Told => status,
                    Report::Say(failure) => terminal.fail(&failure),
                },
            }
        }
    };
    ExitCode::from(status)
}

/// A file that may not grow beyond `ulimit -f` is to be told as a full disk is. Left alone, the signal kills the process
/// before the write can fail. Caught rather than ignored, it does not carry over to a pager.
fn outlive_file_limits() {
    // Where it cannot be caught, all is as it was.
    #[cfg(unix)]
    let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, Arc::default());
}

fn execute(cli: Cli, environment: Environment, arguments: &[OsString]) -> u8 {
    let mut context = match Context::new(cli.global, environment, Cli::DEFINITION) {
        Ok(context) => context,
        Err(error) => {
            let (mut terminal, failure) = *error;
            return terminal.fail(&failure);
        }
    };
    context.keeping.set_command(cli.name, cli.line);
    let done = commands::run(cli.command, &mut context).and_then(|()| context.finish());
    match done {
        Ok(()) => 0,
        Err(error) => match Report::of(&error) {
            Report::BrokenPipe => 0,
            Report::Quit => {
                // What was printed until then is to be seen, where there is still somebody.
                let _ = context.finish();
                Kind::Interrupted.status()
            }
            Report::Told => match context.finish() {
                Ok(()) => Kind::Failed.status(),
                Err(error) => match Report::of(&error) {
                    Report::Say(failure) => context.terminal.fail(&failure),
                    _ => Kind::Failed.status(),
                },
            },
            Report::Say(failure) => {
                let failure = usage::with_detached_value(failure, arguments);
                context.terminal.fail(&failure)
            }
        },
    }
}
