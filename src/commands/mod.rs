//! The commands, one file or folder each: its arguments, whose doc comments are the help, and what it does.

pub(crate) mod backup;
pub(crate) mod cleanup;
pub(crate) mod complete;
pub(crate) mod completions;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod diff;
pub(crate) mod doctor;
pub(crate) mod export;
pub(crate) mod history;
pub(crate) mod list;
pub(crate) mod man;
pub(crate) mod migrate;
mod parts;
pub(crate) mod redact;
pub(crate) mod redo;
pub(crate) mod restore;
mod restored;
pub(crate) mod show;
pub(crate) mod stats;
pub(crate) mod undo;
pub(crate) mod update;
pub(crate) mod wait;
mod watch;

use anyhow::Result;
use clap::{ArgMatches, Args as _, FromArgMatches as _};

use self::parts::arguments::formats;
use crate::context::Context;
use crate::error::Failure;
use crate::render::format::{Output, RecordForm};

/// The note in the help of every command that changes jobs (DESIGN section 1).
pub(crate) const CACHE_NOTE: &str = "\
The service keeps its own copy of jobs that it has looked up. What changes here shows there in lists at once,
but in the look-up of a single job only after the service is restarted.";

/// The command that only the completion scripts call.
const UNTOLD: &str = "complete";

macro_rules! commands {
    ($($variant:ident $module:ident $name:literal,)*) => {
        /// A command with its arguments.
        #[derive(Debug)]
        pub(crate) enum Command { $($variant(Box<$module::Args>)),* }

        /// The names of all commands.
        pub(crate) const NAMES: &[&str] = &[$($name),*];

        /// The definition of one command, or of all that a person is told about.
        pub(crate) fn definitions(only: Option<&str>) -> Vec<clap::Command> {
            let mut definitions = Vec::new();
            $(if only.map_or($name != UNTOLD, |name| name == $name) {
                definitions.push($module::Args::augment_args(clap::Command::new($name)));
            })*
            definitions
        }

        /// The definition with the arguments of a command added to its own.
        pub(crate) fn with_arguments_of(name: &str, definition: clap::Command) -> clap::Command {
            match name {
                $($name => $module::Args::augment_args(definition),)*
                _ => definition,
            }
        }

        impl Command {
            pub(crate) fn from_arg_matches(matches: &mut ArgMatches) -> Result<Self, clap::Error> {
                match matches.remove_subcommand() {
                    Some((name, mut matches)) => Command::of_name(&name, &mut matches),
                    None => Err(clap::Error::new(clap::error::ErrorKind::MissingSubcommand)),
                }
            }

            /// The command of this name with the arguments that were found.
            pub(crate) fn of_name(name: &str, matches: &mut ArgMatches) -> Result<Self, clap::Error> {
                match name {
                    $($name => {
                        let args = $module::Args::from_arg_matches_mut(matches)?;
                        Ok(Command::$variant(Box::new(args)))
                    })*
                    _ => Err(clap::Error::new(clap::error::ErrorKind::MissingSubcommand)),
                }
            }
        }

        pub(crate) fn run(command: Command, context: &mut Context) -> Result<()> {
            let output = match command {
                Command::Stats(_) => Output::Statistics,
                Command::Doctor(_) => Output::Findings,
                Command::Diff(_) => Output::Differences,
                _ => Output::Jobs,
            };
            formats::check(context.format, output)?;
            check_null(&command, context)?;
            check_excel(&command, context)?;
            check_server(&command, context)?;
            let done = match command {
                $(Command::$variant(args) => $module::run(*args, context),)*
            };
            match (done, context.bare_ids.left_out()) {
                (Ok(()), None) => {}
                (Ok(()), Some(left_out)) => return Err(left_out.into()),
                (Err(error), left_out) => {
                    if let Some(left_out) = left_out {
                        context.terminal.warn(&left_out.message);
                    }
                    return Err(error);
                }
            }
            context.tell_time();
            Ok(())
        }
    };
}

/// The name of a command, for good.
pub(crate) fn name(name: &str) -> &'static str {
    let known = NAMES.iter().find(|known| **known == name);
    known.copied().unwrap_or_default()
}

/// Refuses `--excel` where no CSV is printed.
fn check_excel(command: &Command, context: &Context) -> Result<()> {
    let format = match command {
        Command::Stats(args) => args.format(),
        _ => context.format,
    };
    if context.global.excel && !format.is_for_excel() {
        Err(Failure::usage("'--excel' is for CSV alone")
            .hint("add -o csv")
            .into())
    } else {
        Ok(())
    }
}

/// Refuses `--null` where no ids are printed or read.
fn check_null(command: &Command, context: &Context) -> Result<()> {
    let names_ids = matches!(
        command,
        Command::Create(_)
            | Command::Show(_)
            | Command::Update(_)
            | Command::Wait(_)
            | Command::Delete(_)
            | Command::Redact(_)
            | Command::Complete(_)
    );
    if !context.global.null || names_ids || context.format.form() == RecordForm::Id {
        return Ok(());
    }
    Err(
        Failure::usage("'--null' is for -o ids, and for ids from standard input")
            .hint("add -o ids, or leave it out")
            .into(),
    )
}

/// Whether the database is to be copied before it is changed.
fn wants_backup(command: &Command) -> bool {
    match command {
        Command::Update(args) => args.consent.backup.is_wanted(),
        Command::Delete(args) => args.consent.backup.is_wanted(),
        Command::Cleanup(args) => args.consent.backup.is_wanted(),
        Command::Redact(args) => args.consent.backup.is_wanted(),
        Command::Migrate(args) => args.backup.is_wanted(),
        _ => false,
    }
}

/// Refuses a command that does not work on the databases of a server, or with this flag.
fn check_server(command: &Command, context: &Context) -> Result<()> {
    let is_server = context
        .location()
        .is_ok_and(|location| location.file().is_none());
    let (name, hint) = match command {
        Command::Backup(_) => (
            "backup",
            "pg_dump makes one of the whole database; jobctl export keeps the jobs",
        ),
        Command::Restore(args) if args.is_in_place() => (
            "restore",
            "pg_restore restores what pg_dump made; --to NEW makes a SQLite file",
        ),
        _ if wants_backup(command) => (
            "--backup",
            "make it with pg_dump, and leave the flag out; jobctl export keeps the jobs",
        ),
        _ => return Ok(()),
    };
    if !is_server {
        return Ok(());
    }
    let message = format!("{name} does not work on PostgreSQL");
    Err(Failure::usage(message).hint(hint).into())
}

commands! {
    Create create "create",
    Show show "show",
    Update update "update",
    List list "list",
    Wait wait "wait",
    Delete delete "delete",
    Migrate migrate "migrate",
    Cleanup cleanup "cleanup",
    Backup backup "backup",
    Restore restore "restore",
    History history "history",
    Undo undo "undo",
    Redo redo "redo",
    Redact redact "redact",
    Export export "export",
    Stats stats "stats",
    Diff diff "diff",
    Doctor doctor "doctor",
    Complete complete "complete",
    Completions completions "completions",
    Man man "man",
}
