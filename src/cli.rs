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
        root(true).subcommands(commands::definitions(None))
    }

    /// The options that every command takes, without the commands.
    fn options() -> clap::Command {
        root(true)
    }

    /// Parses a command line.
    pub(crate) fn parse(arguments: &[OsString]) -> Result<Cli, clap::Error> {
        match Cli::parse_flat(arguments) {
            Some(cli) => Ok(cli),
            None => Cli::parse_nested(arguments),
        }
    }

    /// Parses a command line whose command is a short one and stands first, but for the database, against the options of all
    /// commands and those of that one together: a command within a command is defined, filled in and copied twice. None where
    /// it is not so, and for all that ends in a message.
    fn parse_flat(arguments: &[OsString]) -> Option<Cli> {
        let (name, place) = first_short_command(arguments)?;
        let options = root(false)
            .subcommand_required(false)
            .arg_required_else_help(false);
        let mut definition = commands::with_arguments_of(name, options);
        let words = arguments.iter().enumerate();
        let words = words.filter(|(index, _)| *index != place);
        let words = words.map(|(_, word)| word);
        let matches = definition.try_get_matches_from_mut(words);
        // Freeing it piece by piece would take a fiftieth of the command.
        std::mem::forget(definition);
        let mut matches = matches.ok()?;
        let private = private(&matches);
        Some(Cli {
            global: Global::from_arg_matches_mut(&mut matches).ok()?,
            command: Command::of_name(name, &mut matches).ok()?,
            name,
            line: told_line(arguments, private),
        })
    }

    /// Parses any command line. Where a word of it names a command, only that command is defined, because
    /// defining all of them takes longer than showing a job.
    fn parse_nested(arguments: &[OsString]) -> Result<Cli, clap::Error> {
        if let [_, word] = arguments
            && (word == "--version" || word == "-V")
        {
            root(true)
                .arg_required_else_help(false)
                .try_get_matches_from(arguments)?;
        }
        let named = arguments
            .iter()
            .skip(1)
            .filter_map(|word| word.to_str())
            .find(|word| commands::NAMES.contains(word));
        let only = root(true).subcommands(commands::definitions(named));
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
        Ok(Cli {
            global: Global::from_arg_matches_mut(&mut matches)?,
            command: Command::from_arg_matches(&mut matches)?,
            name,
            line: told_line(arguments, private),
        })
    }
}

fn told_line(arguments: &[OsString], private: Vec<OsString>) -> CommandLine {
    let words = arguments.iter().skip(1).cloned().collect();
    CommandLine { words, private }
}

/// The commands that may be over in a millisecond, and whose arguments have no name of an option of all commands.
const SHORT: &[&str] = &["create", "show", "update", "list", "delete"];

/// The short command that the first word names, behind the database if that is given, and its place.
fn first_short_command(arguments: &[OsString]) -> Option<(&'static str, usize)> {
    let place = match arguments.get(1)?.to_str()? {
        "--db" => 3,
        word if word.starts_with("--db=") => 2,
        _ => 1,
    };
    let word = arguments.get(place)?.to_str()?;
    let known = SHORT.iter().find(|known| **known == word);
    known.map(|name| (*name, place))
}

/// The options of all commands, with the formats that there are; for subcommands too, if they are to have them.
fn root(has_commands: bool) -> clap::Command {
    let words = format::words(Output::Jobs);
    let values = words.map(|(word, is_for_jobs)| PossibleValue::new(word).hide(!is_for_jobs));
    let values = PossibleValuesParser::new(values);
    let help = format!(
        "How to print: {} [default: table; of export: jsonl]",
        format::told(Output::Jobs, format::TABLE)
    );
    RootOptions::command().mut_args(|argument| {
        let argument = argument.global(has_commands);
        if argument.get_id() == "output" {
            argument.value_parser(values.clone()).help(help.clone())
        } else {
            argument
        }
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use crate::cli::*;

    fn words(line: &str) -> Vec<OsString> {
        let words = std::iter::once("jobctl").chain(line.split_whitespace());
        words.map(OsString::from).collect()
    }

    fn told(cli: &Cli) -> String {
        let CommandLine { words, private } = &cli.line;
        let (global, command) = (&cli.global, &cli.command);
        format!("{} {global:?} {command:?} {words:?} {private:?}", cli.name)
    }

    #[test]
    fn a_command_that_stands_first_means_what_it_means_elsewhere() {
        for line in [
            "list",
            "list --status failed -q --utc --busy-timeout 1s",
            "--db list list --status failed,queued --since today -o csv --excel",
            "--db=show update 7c1f --stage show --no-history -0",
            "--db update update --clear error 7c1f 8d2f --force -v",
            "show list 7c1f --full --color never",
            "create --type idea2video --content @file --json - -o ids",
            "delete --status failed --yes --max 3",
            "list --search list --limit 5 --sort status:desc --no-total",
            "delete 7c1f 8d2f --ignore-missing --force --no-history",
            "update - --requeue --if-status failed --yes --null",
        ] {
            let nested = Cli::parse_nested(&words(line)).ok();
            let flat = Cli::parse_flat(&words(line));
            assert_eq!(flat.as_ref().map(told), nested.as_ref().map(told), "{line}");
            if !line.starts_with("create") {
                assert!(flat.is_some(), "{line}");
            }
        }
    }

    #[test]
    fn what_is_not_so_or_ends_in_a_message_is_left_to_the_other_parser() {
        for line in [
            "",
            "-q list",
            "stats",
            "--db list",
            "--db",
            "-- list",
            "list --help",
            "list -V",
            "list --db a --db b",
            "--db a list --db b",
            "list list",
            "nothing",
            "help list",
            "show",
            "update 7c1f --requeue --cancel",
            "list -q -v",
        ] {
            assert!(Cli::parse_flat(&words(line)).is_none(), "{line}");
        }
        let other = Cli::parse(&words("-q --db a list")).unwrap();
        assert!(other.global.quiet && other.name == "list");
    }
}
