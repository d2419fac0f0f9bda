//! `completions`: the script that makes a shell complete our commands and flags, and what is in the database.

mod hooks;

use anyhow::Result;
use clap_complete::Shell;

use crate::context::Context;

pub(crate) const EXAMPLES: &str = "\
Examples:
  jobctl completions bash > ~/.local/share/bash-completion/completions/jobctl
  jobctl completions zsh > ~/.zfunc/_jobctl
  jobctl completions fish > ~/.config/fish/completions/jobctl.fish";

/// Print a completion script for a shell
///
/// It completes commands and flags; in bash, zsh and fish also what is in the database: ids with state and title, and the
/// words of --status, --type, --mode and --style. For that the shell runs jobctl, which never waits for a lock, writes
/// nothing, and says nothing when the database is missing or locked.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// bash, zsh, fish, powershell or elvish
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

pub(crate) fn run(args: Args, context: &mut Context) -> Result<()> {
    let script = generated(args.shell, (context.definition.whole)());
    let script = match args.shell {
        Shell::Bash => hooks::bash(&script),
        Shell::Zsh => hooks::zsh(&script),
        Shell::Fish => hooks::fish(&script, (context.definition.whole)()),
        _ => script,
    };
    context.terminal.data(&script)
}

/// The script that clap makes of the definitions alone.
fn generated(shell: Shell, mut whole: clap::Command) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut whole, "jobctl", &mut script);
    String::from_utf8_lossy(&script).into_owned()
}
