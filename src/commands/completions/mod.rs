//! `completions`: the script that makes a shell complete our commands and flags.

use anyhow::Result;
use clap_complete::Shell;

use crate::cli::Cli;
use crate::context::Context;

pub const EXAMPLES: &str = "\
Examples:
  jobctl completions bash > ~/.local/share/bash-completion/completions/jobctl
  jobctl completions zsh > ~/.zfunc/_jobctl
  jobctl completions fish > ~/.config/fish/completions/jobctl.fish";

/// Print a completion script for a shell
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Args {
    /// bash, zsh, fish, powershell or elvish
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

pub fn run(args: Args, context: &mut Context) -> Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "jobctl", &mut script);
    context.terminal.data(&String::from_utf8_lossy(&script))
}
