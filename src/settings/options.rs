//! Options that every command takes.

use std::path::PathBuf;
use std::time::Duration;

use clap::ValueEnum;

use crate::time;

/// Options that every command takes.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// The database: a path, or sqlite:///relative or sqlite:////absolute
    ///
    /// Without it JOBCTL_DB counts, then DATABASE_URL, then jobctl/jobs.db in the user's data folder.
    #[arg(long, global = true, value_name = "PATH|URL")]
    pub db: Option<PathBuf>,

    /// How to print; what there is, the parser is told
    #[arg(
        short,
        long,
        global = true,
        value_name = "FORMAT",
        hide_possible_values = true
    )]
    pub output: Option<String>,

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
pub(crate) enum ColorWhen {
    Auto,
    Always,
    Never,
}
