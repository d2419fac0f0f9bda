//! The completion scripts: those committed are those printed, and the shells take them. `SNAPSHOTS=overwrite` writes them anew.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use snapbox::Data;

use crate::args::Args;
use crate::machine::has_shell;
use crate::support::Sandbox;

const SCRIPTS: [(&str, &str); 5] = [
    ("bash", "jobctl.bash"),
    ("zsh", "_jobctl"),
    ("fish", "jobctl.fish"),
    ("powershell", "_jobctl.ps1"),
    ("elvish", "jobctl.elv"),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("completions")
}

#[track_caller]
fn script(shell: &str) -> String {
    Sandbox::new()
        .jobctl(["completions", shell])
        .run()
        .ok()
        .no_stderr()
        .stdout
}

#[test]
fn the_committed_scripts_are_those_that_it_prints() {
    for (shell, name) in SCRIPTS {
        snapbox::assert_data_eq!(
            script(shell),
            Data::read_from(&folder().join(name), Some(snapbox::data::DataFormat::Text)).raw()
        );
    }
}

#[test]
fn no_other_file_lies_beside_the_committed_scripts() {
    let files = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let other: Vec<String> = files
        .filter(|file| !SCRIPTS.iter().any(|(_, name)| name == file))
        .collect();
    assert_eq!(other, [""; 0]);
}

#[test]
fn another_shell_is_a_usage_error_that_names_the_shells() {
    let run = Sandbox::new()
        .jobctl("completions tcsh")
        .run()
        .fails(2)
        .no_stdout();
    for (shell, _) in SCRIPTS {
        assert!(run.stderr.contains(shell), "{shell}{run}");
    }
}

#[test]
fn the_scripts_know_every_command() {
    for (shell, _) in SCRIPTS {
        let script = script(shell);
        for command in [
            "create",
            "show",
            "update",
            "list",
            "delete",
            "migrate",
            "cleanup",
            "stats",
            "completions",
            "man",
        ] {
            assert!(script.contains(command), "{command} in {shell}");
        }
    }
}

#[test]
fn a_script_needs_no_database_and_makes_none() {
    let sandbox = Sandbox::new();
    sandbox.jobctl("completions bash").run().ok();
    assert!(!sandbox.db().exists());
}

/// Loads a script in its shell: nothing may be said and nothing may fail.
#[track_caller]
fn loads(shell: &str, args: impl Args, shell_script: &str, name: &str) {
    if !has_shell(shell) {
        return;
    }
    let sandbox = Sandbox::new();
    sandbox.write(name, script(shell));
    let mut command = Command::new(shell);
    command
        .args(args.words())
        .arg(shell_script)
        .env("HOME", sandbox.path("home"))
        .current_dir(sandbox.path(""))
        .stdin(Stdio::null());
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned()
        + &String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && said.is_empty(),
        "{}: {said}",
        output.status
    );
}

#[test]
fn bash_loads_its_script() {
    loads(
        "bash",
        "--norc -euc",
        "source ./jobctl.bash && complete -p jobctl >/dev/null",
        "jobctl.bash",
    );
}

#[test]
fn bash_completes_a_command() {
    let line = "source ./jobctl.bash; COMP_WORDS=(jobctl mig); COMP_CWORD=1; _jobctl jobctl mig jobctl; [[ ${COMPREPLY[*]} == migrate ]]";
    loads("bash", "--norc -c", line, "jobctl.bash");
}

#[test]
fn zsh_loads_its_script() {
    let line = "autoload -Uz compinit && compinit -u -D && source ./_jobctl && [[ ${_comps[jobctl]} == _jobctl ]]";
    loads("zsh", "-f -c", line, "_jobctl");
}

#[test]
fn fish_loads_its_script() {
    loads(
        "fish",
        "--no-config -c",
        "source ./jobctl.fish; and complete -C 'jobctl mig' | string match -q 'migrate*'",
        "jobctl.fish",
    );
}
