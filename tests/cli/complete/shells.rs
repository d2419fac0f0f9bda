//! The scripts in their shells: keys that are typed into bash and zsh, and what fish says that it would offer.

use std::path::Path;

use super::jobs;
use crate::live::Live;
use crate::machine::has_shell;
use crate::pty;
use crate::support::{A, B, C, Run, Sandbox};

/// What the shell shows when it waits for a line.
const PROMPT: &str = "a line please> ";

/// What is typed behind `jobctl `, and the line that comes of it.
const TYPED: [(&str, &str); 20] = [
    ("show a1\t", "show {A}"),
    ("show b2\ta1\t--full", "show {B} {A} --full"),
    ("show -- c\t", "show -- {C}"),
    ("show \"a1\t", "show {A}"),
    ("delete 'b\t--yes", "delete {B} --yes"),
    ("update a\t--status fa\t", "update {A} --status failed"),
    ("wait nothing\t", "wait nothing"),
    ("list --status can\t", "list --status cancelled"),
    ("list --status=pau\t", "list --status=paused"),
    ("list --status queued,fa\t", "list --status queued,failed"),
    ("list --status=queued,fa\t", "list --status=queued,failed"),
    ("list --not_status fa\t", "list --not_status failed"),
    ("list --type sc\t--utc", "list --type script2video --utc"),
    (
        "export --job-type=idea2video,s\t",
        "export --job-type=idea2video,script2video",
    ),
    ("--db=none.db show a\t", "--db=none.db show a"),
    (
        "--db 'my other.db' show d\t",
        "--db my other.db show d-other",
    ),
    (
        "--db=sqlite:///my\\ other.db show d\t",
        "--db=sqlite:///my other.db show d-other",
    ),
    (
        "list --type idea2video --db a-f\t",
        "list --type idea2video --db a-file",
    ),
    ("list --output ta\t", "list --output table"),
    ("mig\ta-f\t", "migrate a-file"),
];

fn sandbox() -> Sandbox {
    let sandbox = jobs();
    let other = Sandbox::report();
    other.job("d-other", &[]);
    std::fs::copy(other.db(), sandbox.path("my other.db")).unwrap();
    sandbox.write("a-file", "");
    for (shell, name) in [
        ("bash", "jobctl.bash"),
        ("zsh", "functions/_jobctl"),
        ("fish", "jobctl.fish"),
    ] {
        let script = sandbox.jobctl(["completions", shell]).run().ok().stdout;
        sandbox.write(name, script);
    }
    sandbox
}

/// With the binary where the scripts look for it.
fn on_path(run: Run) -> Run {
    let binary = Path::new(env!("CARGO_BIN_EXE_jobctl"));
    let folder = binary.parent().unwrap().display();
    let path = std::env::var("PATH").unwrap();
    run.env("PATH", format!("{folder}:{path}"))
        .env("LC_ALL", "C.UTF-8")
}

/// A shell that says what would be run, with its script loaded.
fn shell(sandbox: &Sandbox, name: &str) -> Option<Live> {
    if !pty::is_here() || !has_shell(name) {
        return None;
    }
    let run = match name {
        "bash" => {
            let settings = format!(
                "PS1='{PROMPT}'
                 bind 'set bell-style none'
                 bind '\"\\C-o\": menu-complete'
                 source ./jobctl.bash
                 jobctl() {{ printf 'RUN <%s>\\n' \"$*\"; }}\n"
            );
            sandbox.write("bashrc", settings);
            sandbox.program("bash", ["--noprofile", "--rcfile", "bashrc", "-i"])
        }
        _ => {
            let settings = format!(
                "PROMPT='{PROMPT}'
                 unsetopt prompt_cr prompt_sp beep
                 fpath=(./functions $fpath)
                 autoload -Uz compinit && compinit -u -D
                 jobctl() {{ print -r -- \"RUN <$*>\" }}\n"
            );
            sandbox.write(".zshrc", settings);
            let run = sandbox.program("zsh", ["-d", "-i"]);
            run.env("ZDOTDIR", sandbox.path(""))
        }
    };
    let mut live = Live::start(on_path(run).env("TERM", "dumb"), 200, 50);
    live.until_written(PROMPT);
    Some(live)
}

fn leave(mut live: Live) {
    live.type_keys("\u{15}exit\n");
    live.end();
}

#[track_caller]
fn takes_what_is_typed(name: &str) {
    let sandbox = sandbox();
    let Some(mut live) = shell(&sandbox, name) else {
        return;
    };
    for (keys, line) in TYPED {
        let line = line.replace("{A}", A).replace("{B}", B).replace("{C}", C);
        live.raw.clear();
        live.type_keys(&format!("jobctl {keys}\n"));
        live.until_written(">\n");
        let said = String::from_utf8_lossy(&live.raw).into_owned();
        assert!(
            said.contains(&format!("RUN <{line}>\n")),
            "{keys:?}\n{said}"
        );
        live.until_written(&format!(">\n{PROMPT}"));
    }
    leave(live);
}

#[test]
fn bash_takes_what_is_typed() {
    takes_what_is_typed("bash");
}

#[test]
fn zsh_takes_what_is_typed() {
    takes_what_is_typed("zsh");
}

/// All that there is, with what is said about it; and no file.
#[track_caller]
fn shows_what_there_is(name: &str, twice: &str) {
    let sandbox = sandbox();
    sandbox.sql(&format!(
        "UPDATE video_generation_jobs SET project_title = 'x $(touch pwned) `touch pwned` \u{1b}[31m' WHERE id = '{B}'"
    ));
    let Some(mut live) = shell(&sandbox, name) else {
        return;
    };
    live.type_keys(&format!("jobctl show {twice}"));
    for (id, about) in [
        (C, "? paused"),
        (B, "✗ failed      x $(touch pwned) `touch pwned` \\x1b[31m"),
        (A, "· queued      A Choir of Kettles"),
    ] {
        live.until_written(&format!("{id}  {about}"));
    }
    live.type_keys(&format!("\u{15}jobctl list --status {twice}"));
    live.until_written("paused");
    live.type_keys("\u{15}jobctl list --type fa\t\n");
    live.until_written("RUN <list --type fa>");
    let said = String::from_utf8_lossy(&live.raw).into_owned();
    assert!(!said.contains("a-file"), "{said}");
    assert!(!sandbox.path("pwned").exists());
    leave(live);
}

#[test]
fn bash_shows_what_there_is() {
    shows_what_there_is("bash", "\t\t");
}

#[test]
fn zsh_shows_what_there_is() {
    shows_what_there_is("zsh", "\t");
}

#[test]
fn bash_inserts_no_description() {
    let sandbox = sandbox();
    let Some(mut live) = shell(&sandbox, "bash") else {
        return;
    };
    for (keys, id) in [("\u{f}", C), ("\u{f}\u{f}", B), ("\u{f}\u{f}\u{f}", A)] {
        live.raw.clear();
        live.type_keys(&format!("jobctl show {keys}\n"));
        live.until_written(&format!("RUN <show {id}>\n{PROMPT}"));
    }
    live.raw.clear();
    live.type_keys("jobctl show \u{1b}*\n");
    live.until_written(&format!("RUN <show {C} {B} {A}>\n{PROMPT}"));
    leave(live);
}

#[track_caller]
fn is_silent(name: &str, twice: &str) {
    let sandbox = sandbox();
    let Some(mut live) = shell(&sandbox, name) else {
        return;
    };
    let service = sandbox.connection();
    service.execute_batch("BEGIN EXCLUSIVE").unwrap();
    for line in ["show ", "list --status ", "--db none.db show "] {
        live.raw.clear();
        live.type_keys(&format!("jobctl {line}{twice}\n"));
        live.until_written(&format!("RUN <{}>\n{PROMPT}", line.trim()));
        let said = String::from_utf8_lossy(&live.raw).into_owned();
        // The line, what was run, and the next prompt.
        assert_eq!(said.lines().count(), 3, "{said}");
    }
    leave(live);
}

#[test]
fn bash_is_silent_about_a_file_that_is_locked_or_missing() {
    is_silent("bash", "\t\t");
}

#[test]
fn zsh_is_silent_about_a_file_that_is_locked_or_missing() {
    is_silent("zsh", "\t\t");
}

#[test]
fn bash_completes_without_a_program_what_it_did_before() {
    let sandbox = sandbox();
    let line = "PATH=/nowhere; source ./jobctl.bash; COMP_WORDS=(jobctl list --output ta); COMP_CWORD=3; \
                _jobctl jobctl ta --output; [[ ${COMPREPLY[*]} == table ]]";
    sandbox
        .program("bash", ["--norc", "-c", line])
        .run()
        .ok()
        .no_stderr();
}

/// What fish would offer for a line.
#[track_caller]
fn fish(sandbox: &Sandbox, line: &str) -> Vec<String> {
    let line = line.replace('\\', "\\\\").replace('\'', "\\'");
    let script = format!("source ./jobctl.fish; complete -C 'jobctl {line}'");
    let run = sandbox.program("fish", ["--no-config", "-c", &script]);
    let run = on_path(run).run().ok().no_stderr();
    run.lines().into_iter().map(str::to_owned).collect()
}

#[test]
fn fish_offers_what_there_is() {
    if !has_shell("fish") {
        return;
    }
    let sandbox = sandbox();
    let jobs = [
        format!("{C}\t? paused"),
        format!("{B}\t✗ failed"),
        format!("{A}\t· queued      A Choir of Kettles"),
    ];
    assert_eq!(fish(&sandbox, "show "), jobs);
    assert_eq!(fish(&sandbox, "show a"), jobs[2..]);
    assert_eq!(fish(&sandbox, &format!("update {A} ")), jobs[..2]);
    for (line, offers) in [
        (
            "list --status ",
            &[
                "queued",
                "processing",
                "completed",
                "failed",
                "cancelled",
                "paused",
            ][..],
        ),
        ("list --status pa", &["paused"]),
        ("list --status=pa", &["--status=paused"]),
        ("list --status queued,f", &["queued,failed"]),
        ("list --status=queued,f", &["--status=queued,failed"]),
        ("list --type ", &["idea2video", "script2video"]),
        ("delete --style ", &["noir"]),
        ("show nothing", &[]),
        ("--db none.db show ", &[]),
        ("--db 'my other.db' show ", &["d-other\t· queued"]),
        ("--db my\\ other.db show -- d", &["d-other\t· queued"]),
        ("show --db a-f", &["a-file"]),
        ("list --db a-f", &["a-file"]),
        ("migrate a-f", &["a-file"]),
    ] {
        assert_eq!(fish(&sandbox, line), offers, "{line}");
    }
    assert_eq!(fish(&sandbox, "list --output t"), ["table", "tsv"]);
    assert!(fish(&sandbox, "show --fu")[0].starts_with("--full\t"));
    let service = sandbox.connection();
    service.execute_batch("BEGIN EXCLUSIVE").unwrap();
    assert_eq!(fish(&sandbox, "show "), [""; 0]);
}
