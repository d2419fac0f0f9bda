//! The definition of the command line, for what tells of it: completions and manual pages.

use clap::Command;

/// Made when it is asked for, since most runs need the definition of one command alone.
#[derive(Clone, Copy)]
pub(crate) struct Definition {
    /// All of it.
    pub whole: fn() -> Command,
    /// The options that every command takes, without the commands.
    pub options: fn() -> Command,
    /// The command of this name, if there is one.
    pub command: fn(&str) -> Option<Command>,
    /// What people do most, for the end of the help.
    pub examples: &'static str,
}
