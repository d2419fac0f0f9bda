//! What is read to its end has one: a device, or a pipe, may give more than there is memory.

use std::process::Command;

use crate::support::{A, Output, Run, Sandbox};

/// Runs to the end in bounded memory: 512 MiB of addresses.
fn bounded(run: Run) -> Output {
    let ran = run.said();
    let command = run.command();
    let words = [command.get_program()]
        .into_iter()
        .chain(command.get_args());
    let mut shell = Command::new("sh");
    shell
        .args(["-c", "ulimit -v 524288; exec timeout 60 \"$@\"", "sh"])
        .args(words)
        .stdin(std::fs::File::open("/dev/zero").unwrap());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    if let Some(folder) = command.get_current_dir() {
        shell.current_dir(folder);
    }
    let output = shell.output().unwrap();
    Output {
        ran,
        status: output.status.code().unwrap(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

#[test]
fn what_has_no_end_is_not_read_to_it() {
    let sandbox = Sandbox::report();
    sandbox.job(A, &[]);
    let most = "is longer than 67108864 bytes (64MiB)";
    for source in ["@/dev/zero", "-"] {
        for args in [
            "create --json",
            "create --type idea2video --content",
            "create --type a --content 'A fox learns to sail the sea' --context",
            "update $A --result",
        ] {
            bounded(sandbox.jobctl(args).arg(source))
                .fails(65)
                .stderr_has(most);
        }
    }
    for command in ["show", "update", "delete", "wait"] {
        let more = match command {
            "update" => "--null --title x",
            _ => "--null",
        };
        bounded(sandbox.jobctl(([command, "-"], more)))
            .fails(65)
            .stderr_has("are longer than 134217728 bytes (128MiB)");
    }
    assert_eq!(sandbox.count(), 1);
}

#[test]
fn a_long_text_that_has_an_end_is_read() {
    let sandbox = Sandbox::report();
    let most = 64 << 20;
    for (length, status) in [(most, 0), (most + 1, 65)] {
        sandbox.write("long.txt", "x".repeat(length));
        sandbox
            .jobctl("create --type idea2video --content @long.txt")
            .run()
            .fails(status);
    }
    assert_eq!(
        sandbox.ask("SELECT length(content) FROM video_generation_jobs"),
        most.to_string()
    );
}
