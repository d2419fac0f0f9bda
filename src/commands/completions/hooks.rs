//! The hooks in the completion scripts: they ask `jobctl complete` where a value from the database belongs.

use clap::{Arg, Command};

use crate::commands::complete::holds;

/// The line of bash's script after which it knows what is being typed.
const BASH_ANCHOR: &str = "    prev=\"$3\"\n";

/// The line of zsh's script that begins the function that completes.
const ZSH_ANCHOR: &str = "_jobctl() {\n";

/// The script of bash, which asks before anything else is done.
pub(super) fn bash(script: &str) -> String {
    let hooked = format!("{BASH_ANCHOR}{}", include_str!("hook.bash"));
    script.replacen(BASH_ANCHOR, &hooked, 1)
}

/// The script of zsh, which asks before it takes the line apart: that knows no aliases and drops what it has understood.
pub(super) fn zsh(script: &str) -> String {
    let hooked = format!("{ZSH_ANCHOR}{}", include_str!("hook.zsh"));
    script.replacen(ZSH_ANCHOR, &hooked, 1)
}

/// The script of fish, which asks by a line of its own for each argument.
pub(super) fn fish(script: &str, whole: Command) -> String {
    const ASKS: &str = "-k -f -a '(__fish_jobctl_held)'";
    const USING: &str = "complete -c jobctl -n \"__fish_jobctl_using_subcommand ";
    let commands = Commands(whole);
    let mut hooked = String::from(include_str!("hook.fish"));
    for line in script.lines() {
        hooked.push_str(line);
        let flag = line
            .strip_prefix(USING)
            .and_then(|rest| rest.split_once("\" "))
            .and_then(|(command, rest)| Some((command, rest.split_once("-l ")?.1)));
        if let Some((command, flag)) = flag
            && let Some((long, _)) = flag.split_once(' ')
            && flag.ends_with(" -r")
            && commands.flag_holds(command, long)
        {
            hooked.push_str(&format!(" {ASKS}"));
        }
        hooked.push('\n');
    }
    for command in commands.with_ids() {
        hooked.push_str(&format!("{USING}{command}\" {ASKS}\n"));
    }
    hooked
}

struct Commands(Command);

impl Commands {
    fn flag_holds(&self, command: &str, long: &str) -> bool {
        let command = self.0.find_subcommand(command);
        command.is_some_and(|command| {
            command.get_arguments().any(|flag| {
                flag.get_long() == Some(long) && holds(command.get_name(), flag).is_some()
            })
        })
    }

    fn with_ids(&self) -> impl Iterator<Item = &str> {
        let takes = |command: &&Command| {
            let is_place =
                |free: &Arg| free.is_positional() && holds(command.get_name(), free).is_some();
            command.get_arguments().any(is_place)
        };
        self.0
            .get_subcommands()
            .filter(takes)
            .map(Command::get_name)
    }
}

#[cfg(test)]
mod tests {
    use clap_complete::Shell;

    use super::super::generated;
    use super::*;
    use crate::cli::Cli;

    #[test]
    fn bash_and_zsh_have_one_place_for_what_asks() {
        let bash_script = generated(Shell::Bash, Cli::command());
        assert_eq!(bash_script.matches(BASH_ANCHOR).count(), 1);
        assert!(bash(&bash_script).contains("jobctl complete bash"));
        let zsh_script = generated(Shell::Zsh, Cli::command());
        assert_eq!(zsh_script.matches(ZSH_ANCHOR).count(), 1);
        assert!(zsh(&zsh_script).contains("jobctl complete zsh"));
    }

    #[test]
    fn fish_asks_in_every_place_that_holds_something() {
        let fish = fish(&generated(Shell::Fish, Cli::command()), Cli::command());
        let commands = Commands(Cli::command());
        let arguments = commands.0.get_subcommands().flat_map(|command| {
            let arguments = command.get_arguments();
            arguments.filter(|argument| holds(command.get_name(), argument).is_some())
        });
        let arguments = arguments.count();
        assert!(arguments > 30, "{arguments}");
        assert_eq!(fish.matches("'(__fish_jobctl_held)'").count(), arguments);
    }
}
