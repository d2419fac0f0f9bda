//! The command line: options that every command takes, and the commands.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::styling::{AnsiColor, Styles};
use clap::{CommandFactory, FromArgMatches, Parser, ValueEnum};

use crate::commands::{self, Command};
use crate::time;

pub const EXAMPLES: &str = "\
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
struct Root {
    #[command(flatten)]
    global: Global,
}

/// A parsed command line.
pub struct Cli {
    pub global: Global,
    pub command: Command,
}

impl Cli {
    /// The whole definition, for help, completions and manual pages.
    pub fn command() -> clap::Command {
        Root::command().subcommands(commands::definitions(None))
    }

    /// The options that every command takes, without the commands.
    pub fn options() -> clap::Command {
        Root::command()
    }

    /// Parses a command line. Where a word of it names a command, only that command is defined, because
    /// defining all of them takes longer than showing a job.
    pub fn parse(arguments: &[OsString]) -> Result<Cli, clap::Error> {
        if let [_, word] = arguments
            && (word == "--version" || word == "-V")
        {
            Root::command()
                .arg_required_else_help(false)
                .try_get_matches_from(arguments)?;
        }
        let named = arguments
            .iter()
            .skip(1)
            .filter_map(|word| word.to_str())
            .find(|word| commands::NAMES.contains(word));
        let only = Root::command().subcommands(commands::definitions(named));
        let matches = match only.try_get_matches_from(arguments) {
            // That word may have been the value of a flag, or the error may want to name other commands.
            Err(error) if named.is_some() && error.use_stderr() => {
                Cli::command().try_get_matches_from(arguments)
            }
            other => other,
        }?;
        Ok(Cli {
            global: Global::from_arg_matches(&matches)?,
            command: Command::from_arg_matches(&matches)?,
        })
    }
}

/// Options that every command takes.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// The database: a path, or sqlite:///relative or sqlite:////absolute
    ///
    /// Without it JOBCTL_DB counts, then DATABASE_URL, then jobctl/jobs.db in the user's data folder.
    #[arg(long, global = true, value_name = "PATH|URL")]
    pub db: Option<PathBuf>,

    /// How to print
    #[arg(
        short,
        long,
        global = true,
        value_enum,
        value_name = "FORMAT",
        hide_possible_values = true,
        help = "How to print: table, wide, json, jsonl, csv or ids [default: table; of export: jsonl]"
    )]
    pub output: Option<Format>,

    /// Say nothing but errors
    #[arg(short, long, global = true)]
    pub quiet: bool,

    /// Say which file is used and how long it took
    #[arg(short, long, global = true, conflicts_with = "quiet")]
    pub verbose: bool,

    /// When to use colour: auto, always or never
    #[arg(long, global = true, value_enum, default_value_t = ColorWhen::Auto, value_name = "WHEN", hide_possible_values = true)]
    pub color: ColorWhen,

    /// Show long output as it is, not in a pager
    ///
    /// On a terminal what show and list print is shown in a pager when it does not fit the screen: the command line
    /// in JOBCTL_PAGER, else in PAGER, else less -FRX. An empty one, or cat, is no pager.
    #[arg(long, global = true)]
    pub no_pager: bool,

    /// How long to wait for a locked database
    #[arg(long, global = true, default_value = "5s", value_name = "AGE", value_parser = time::parse_duration)]
    pub busy_timeout: Duration,

    /// End ids with NUL instead of a line break: those that -o ids prints, and those that - reads
    ///
    /// For ids that the service did not make: one with a line break in it would be two to the program that reads them, so
    /// -o ids leaves it out without this flag, says so, and ends with status 1.
    #[arg(short = '0', long, global = true)]
    pub null: bool,

    /// Draw tables, bars and marks in ASCII; stored text stays as it is
    ///
    /// So it is on a terminal, too, whose locale (LC_ALL, LC_CTYPE or LANG) is C or POSIX, or not of UTF-8.
    #[arg(long, global = true)]
    pub ascii: bool,

    /// With -o csv: for Excel, with a byte order mark before it and CRLF line ends
    #[arg(long, global = true)]
    pub excel: bool,

    /// Read and show times in UTC instead of local time
    #[arg(long, global = true)]
    pub utc: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Table,
    Wide,
    Json,
    Jsonl,
    Csv,
    Ids,
    /// For `stats` alone.
    #[value(hide = true)]
    Prometheus,
}

impl Format {
    /// Whether errors are JSON objects too.
    pub fn is_json(self) -> bool {
        matches!(self, Format::Json | Format::Jsonl)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ColorWhen {
    Auto,
    Always,
    Never,
}

/// Whether errors are to be JSON, guessed from a command line that cannot be parsed.
pub fn asks_for_json(arguments: &[OsString]) -> bool {
    let words: Vec<_> = arguments
        .iter()
        .map(|word| word.to_string_lossy())
        .collect();
    let is_json = |value: &str| value == "json" || value == "jsonl";
    words.iter().enumerate().any(|(place, word)| {
        let next = words.get(place + 1).map_or("", |word| word.as_ref());
        match word.as_ref() {
            "-o" | "--output" => is_json(next),
            word => word
                .strip_prefix("--output=")
                .or_else(|| word.strip_prefix("-o"))
                .is_some_and(|value| is_json(value.trim_start_matches('='))),
        }
    })
}
