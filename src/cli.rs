//! The command line: parsed into the options that every command takes, and a command.

use std::ffi::OsString;

use clap::builder::styling::{AnsiColor, Styles};
use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::parser::ValueSource;
use clap::{ArgMatches, CommandFactory, FromArgMatches, Parser};

use crate::commands::{self, Command};
use crate::render::format::{self, Output};
use crate::settings::command_line::CommandLine;
use crate::settings::definition::Definition;
use crate::settings::options::Global;

const EXAMPLES: &str = "\
Examples:
  jobctl migrate jobs.json
  jobctl list --status failed --since today
  jobctl show 7c1f
  jobctl update 7c1f --requeue
  jobctl cleanup --older-than 30d --dry-run";

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Yellow.on_default().bold())
    .usage(AnsiColor::Yellow.on_default().bold())
    .literal(AnsiColor::Green.on_default())
    .placeholder(AnsiColor::Cyan.on_default());

/// Look at, mend, import and clear away video-generation jobs
///
/// jobctl works on the SQLite table video_generation_jobs, in which the video service keeps its jobs,
/// while the service runs or without it. Every command has examples in its own --help.
#[derive(Debug, Parser)]
#[command(
    name = "jobctl",
    subcommand_required = true,
    arg_required_else_help = true,
    version,
    styles = STYLES,
    max_term_width = 100,
    after_help = "Run 'jobctl COMMAND --help' for examples of a command.",
    after_long_help = EXAMPLES
)]
struct RootOptions {
    #[command(flatten)]
    global: Global,
}

/// A parsed command line.
pub(crate) struct Cli {
    pub global: Global,
    pub command: Command,
    /// The name of the command.
    pub name: &'static str,
    pub line: CommandLine,
}

/// The arguments whose values a history may hold: what names jobs, files and rules. All others may be private.
const TOLD: &[&str] = &[
    "archive",
    "backup",
    "busy_timeout",
    "checks",
    "clear",
    "color",
    "completed_shots",
    "db",
    "episode",
    "fields",
    "files",
    "files_under",
    "from_archive",
    "history",
    "id",
    "ids",
    "if_status",
    "if_updated_at",
    "job_type",
    "keep",
    "keep_last",
    "map_status",
    "max",
    "max_record",
    "mode",
    "not_status",
    "older_than",
    "on_conflict",
    "output",
    "progress",
    "rejects",
    "run",
    "series",
    "since",
    "status",
    "stuck",
    "style",
    "timezone",
    "total_shots",
    "until",
];

/// The values on the command line that a history may not hold.
fn private(matches: &ArgMatches) -> Vec<OsString> {
    let given = |id: &&str| matches.value_source(id) == Some(ValueSource::CommandLine);
    let ids = matches.ids().map(clap::Id::as_str);
    // Groups stand among them too, named as their types are; their values are names of arguments.
    ids.filter(|id| !id.starts_with(|first: char| first.is_ascii_uppercase()))
        .filter(|id| !TOLD.contains(id))
        .filter(given)
        .filter_map(|id| matches.try_get_raw(id).ok().flatten())
        .flatten()
        .filter(|value| !value.is_empty())
        .map(ToOwned::to_owned)
        .collect()
}

impl Cli {
    pub(crate) const DEFINITION: Definition = Definition {
        whole: Cli::command,
        options: Cli::options,
        command: |name| commands::definitions(Some(name)).pop(),
        examples: EXAMPLES,
    };

    /// The whole definition, for help, completions and manual pages.
    pub(crate) fn command() -> clap::Command {
        root().subcommands(commands::definitions(None))
    }

    /// The options that every command takes, without the commands.
    fn options() -> clap::Command {
        root()
    }

    /// Parses a command line. Where a word of it names a command, only that command is defined, because
    /// defining all of them takes longer than showing a job.
    pub(crate) fn parse(arguments: &[OsString]) -> Result<Cli, clap::Error> {
        if let [_, word] = arguments
            && (word == "--version" || word == "-V")
        {
            root()
                .arg_required_else_help(false)
                .try_get_matches_from(arguments)?;
        }
        let named = arguments
            .iter()
            .skip(1)
            .filter_map(|word| word.to_str())
            .find(|word| commands::NAMES.contains(word));
        let only = root().subcommands(commands::definitions(named));
        let mut matches = match only.try_get_matches_from(arguments) {
            // That word may have been the value of a flag, or the error may want to name other commands.
            Err(error) if named.is_some() && error.use_stderr() => {
                Cli::command().try_get_matches_from(arguments)
            }
            other => other,
        }?;
        let (name, private) = match matches.subcommand() {
            Some((name, matches)) => (commands::name(name), private(matches)),
            None => ("", Vec::new()),
        };
        let words = arguments.iter().skip(1).cloned().collect();
        Ok(Cli {
            global: Global::from_arg_matches_mut(&mut matches)?,
            command: Command::from_arg_matches(&mut matches)?,
            name,
            line: CommandLine { words, private },
        })
    }
}

/// The options of all commands, with the formats that there are.
fn root() -> clap::Command {
    let words = format::words(Output::Jobs);
    let values = words.map(|(word, is_for_jobs)| PossibleValue::new(word).hide(!is_for_jobs));
    let values = PossibleValuesParser::new(values);
    let help = format!(
        "How to print: {} [default: table; of export: jsonl]",
        format::told(Output::Jobs, format::TABLE)
    );
    RootOptions::command().mut_args(|argument| {
        if argument.get_id() == "output" {
            argument.value_parser(values.clone()).help(help.clone())
        } else {
            argument
        }
    })
}
