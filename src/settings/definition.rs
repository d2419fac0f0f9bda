//! The definition of the command line, for completions and manual pages.

use clap::Command;

/// Functions that make the definition, or a part of it: most runs need that of one command alone.
#[derive(Clone, Copy)]
pub(crate) struct Definition {
    /// The whole command line.
    pub whole: fn() -> Command,
    /// The options that every command takes, without the commands.
    pub options: fn() -> Command,
    /// The command of this name, if there is one.
    pub command: fn(&str) -> Option<Command>,
    /// The most frequent uses, for the end of the help.
    pub examples: &'static str,
}
