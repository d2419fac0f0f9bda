//! A terminal that is closed, or logged out of: a run ends as Ctrl-C ends it, and leaves nothing behind.

use std::process::{Command, Stdio};

use super::killed::number;
use super::{dump, is_sound, line, until};
use crate::args::Args;
use crate::machine::has_strace;
use crate::migrate::running::{Ground, Running, descriptor, files, is_locked, rows};
use crate::pty;
use crate::support::{A, B, Output, Run, Sandbox};

const COMMANDS: [&str; 4] = [
    "cleanup --older-than 1d --yes",
    "cleanup --older-than 1d --yes --archive old.jsonl",
    "delete --status failed --yes",
    "migrate dump.jsonl",
];

const LONG: &str = "--busy-timeout 10m";

fn ground(ground: Ground) -> Sandbox {
    let sandbox = ground.sandbox();
    sandbox.job(B, &[("status", &"failed")]);
    sandbox.write("dump.jsonl", dump(3));
    sandbox
}

/// What a run says that does not come to the lock, after these signals.
#[track_caller]
fn signalled(args: impl Args, on: Ground, signals: &[&str]) -> Output {
    let sandbox = ground(on);
    let before = rows(&sandbox);
    let held = sandbox.connection();
    held.execute_batch("BEGIN IMMEDIATE").unwrap();
    let mut running = Running::start(sandbox.jobctl((args, LONG)));
    running.until_it_waits(&sandbox.db());
    for signal in signals {
        running.signal(signal);
    }
    let run = running.outcome().fails(130).stderr_has("interrupted");
    drop(held);
    assert!(rows(&sandbox) == before, "{run}");
    on.is_free(&sandbox, &run);
    run
}

#[test]
fn a_hang_up_ends_a_run_as_ctrl_c_does() {
    for args in COMMANDS {
        for on in Ground::EXISTING {
            let run = signalled(args, on, &["HUP"]);
            let as_term = signalled(args, on, &["TERM"]);
            assert_eq!(run.stderr, as_term.stderr, "{args:?}");
            assert_eq!(run.stdout, as_term.stdout, "{args:?}");
        }
    }
}

/// Somebody waits here for who will write to the pipe.
#[test]
fn a_pipe_that_nobody_has_opened_is_not_waited_for_after_a_signal() {
    for signal in ["HUP", "INT", "TERM"] {
        let sandbox = ground(Ground::Service);
        let made = Command::new("mkfifo").arg(sandbox.path("pipe")).status();
        assert!(made.unwrap().success());
        let mut running = Running::start(sandbox.jobctl("migrate pipe"));
        running.until("it hears signals", {
            let pid = running.pid();
            move || hears(pid)
        });
        running.signal(signal);
        let run = running.outcome().fails(130).stderr_has("interrupted");
        assert_eq!(number(&run.stderr, "inserted"), 0, "{run}");
    }
}

/// Whether a process has something to do at a hang-up, Ctrl-C and a wish for its end.
fn hears(pid: u32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
    let caught = caught.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    caught.is_some_and(|mask| {
        [1, 2, 15]
            .iter()
            .all(|signal| mask >> (signal - 1) & 1 == 1)
    })
}

/// The command under strace, in a shell that tells the end by a signal as a status too.
fn traced(sandbox: &Sandbox, strace: &[&str], args: impl Args) -> Run {
    let script = r#"strace -f -qq -o traced "$@"; exit $?"#;
    let begin = ["-c", script, "sh"];
    let jobctl = [env!("CARGO_BIN_EXE_jobctl")];
    sandbox.program("sh", (begin, (strace, (jobctl, args))))
}

/// The process that strace has told of first.
fn first_traced(sandbox: &Sandbox) -> Option<u32> {
    let told = std::fs::read_to_string(sandbox.path("traced")).ok()?;
    told.split_whitespace().next()?.parse().ok()
}

/// It comes before, between and after the calls by which a process says how it takes its signals.
#[test]
fn a_signal_counts_from_the_first_moment_on() {
    if !has_strace() {
        return;
    }
    let sandbox = ground(Ground::Service);
    let made = Command::new("mkfifo").arg(sandbox.path("pipe")).status();
    assert!(made.unwrap().success());
    let mut running = Running::start(traced(
        &sandbox,
        &["-e", "trace=rt_sigaction"],
        "migrate pipe",
    ));
    running.until("it hears signals", || {
        first_traced(&sandbox).is_some_and(hears)
    });
    let count = sandbox.read("traced").lines().count();
    let pid = first_traced(&sandbox).unwrap().to_string();
    assert!(Command::new("kill").arg(pid).status().unwrap().success());
    running.outcome().fails(130);
    for signal in ["SIGTERM", "SIGINT", "SIGHUP"] {
        let mut caught = 0;
        for number in 1..=count {
            let inject = format!("inject=rt_sigaction:signal={signal}:when={number}");
            let trace = ["-e", "trace=rt_sigaction", "-e", &inject];
            let run = Running::start(traced(&sandbox, &trace, "migrate pipe")).outcome();
            let by_itself = 128 + number_of(signal);
            assert!(
                run.status == 130 || run.status == by_itself,
                "{number}: {run}"
            );
            caught += usize::from(run.stderr.contains("interrupted"));
        }
        assert!(caught > 0, "{signal}");
    }
}

fn number_of(signal: &str) -> i32 {
    match signal {
        "SIGHUP" => 1,
        "SIGINT" => 2,
        _ => 15,
    }
}

/// It comes while the wait for a server is about to listen to signals.
#[test]
fn a_signal_before_a_wait_for_a_server_ends_it() {
    if !has_strace() {
        return;
    }
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let sandbox = Sandbox::new();
    let address = format!("postgresql://nobody@127.0.0.1:{port}/videos?sslmode=disable");
    for signal in ["SIGTERM", "SIGINT", "SIGHUP"] {
        let inject = format!("inject=socketpair:signal={signal}:when=1");
        let trace = ["-e", "trace=socketpair", "-e", &inject];
        let run = Running::start(traced(&sandbox, &trace, ["list", "--db", &address])).outcome();
        let by_itself = 128 + number_of(signal);
        assert!(run.status == 130 || run.status == by_itself, "{run}");
        assert!(sandbox.read("traced").contains("socketpair"), "{run}");
    }
}

#[test]
fn a_dry_run_that_is_ended_does_not_speak_of_what_was_done() {
    let sandbox = ground(Ground::Service);
    let args = "migrate - --dry-run";
    let mut running = Running::start(sandbox.jobctl(args));
    running.until("it hears signals", {
        let pid = running.pid();
        move || hears(pid)
    });
    running.signal("TERM");
    let run = running.outcome().fails(130);
    run.stderr_has("dry run: nothing was written")
        .stderr_has("interrupted; the rest was not looked at")
        .stderr_lacks("stays done");
}

#[test]
fn a_shell_that_hands_it_on_and_a_service_manager_that_insists_do_not_cut_it_short() {
    for signals in [&["HUP", "HUP"][..], &["TERM", "HUP"], &["HUP", "TERM"]] {
        let run = signalled(COMMANDS[3], Ground::Service, signals);
        assert_eq!(number(&run.stderr, "inserted"), 0, "{run}");
    }
}

/// The same run under a hang-up that is ignored, as `nohup` starts it.
fn under_nohup(sandbox: &Sandbox, args: impl Args) -> Run {
    let script = r#"trap "" HUP; exec "$@""#;
    let jobctl = sandbox.jobctl("").command();
    let jobctl = jobctl.get_program().to_str().unwrap();
    let begin = ["-c", script, "sh", jobctl];
    sandbox.program("sh", (begin, args))
}

#[test]
fn an_import_that_nohup_started_goes_on() {
    let sandbox = ground(Ground::Service);
    let mut running = Running::start(under_nohup(&sandbox, "migrate -"));
    // More than is looked at before the first is written.
    running.feed(dump(2_500));
    running.until("some are in", || sandbox.count() > 2);
    running.signal("HUP");
    running.feed(line(2_500));
    let run = running.end().ok();
    assert_eq!(number(&run.stderr, "inserted"), 2_501, "{run}");
}

#[test]
fn what_nohup_started_to_delete_goes_on() {
    for args in &COMMANDS[..3] {
        for on in Ground::EXISTING {
            let sandbox = ground(on);
            let held = sandbox.connection();
            held.execute_batch("BEGIN IMMEDIATE").unwrap();
            let mut running = Running::start(under_nohup(&sandbox, (args, LONG)));
            running.until_it_waits(&sandbox.db());
            running.signal("HUP");
            drop(held);
            running.outcome().ok().stderr_lacks("interrupted");
            assert!(!sandbox.ids().contains(&B.to_owned()), "{args:?}");
        }
    }
}

/// What it says cannot reach the terminal any more, so that a file takes it.
#[test]
fn a_terminal_that_is_closed_ends_a_run() {
    if !pty::is_here() {
        return;
    }
    for args in COMMANDS {
        for on in Ground::EXISTING {
            let sandbox = ground(on);
            let before = rows(&sandbox);
            let held = sandbox.connection();
            held.execute_batch("BEGIN IMMEDIATE").unwrap();
            let command = sandbox.jobctl((args, LONG)).command();
            let words = [command.get_program()]
                .into_iter()
                .chain(command.get_args());
            let words: Vec<&str> = words.map(|word| word.to_str().unwrap()).collect();
            let shell = format!("echo $$ >pid; exec {} 2>said", words.join(" "));
            let variables = command
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?)));
            let mut terminal = Command::new("script")
                .args(["--quiet", "--command", &shell, "/dev/null"])
                .env_clear()
                .envs(variables)
                .env("SHELL", "/bin/sh")
                .current_dir(sandbox.path(""))
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            let pid = || {
                std::fs::read_to_string(sandbox.path("pid"))
                    .ok()?
                    .trim()
                    .parse()
                    .ok()
            };
            until("it has begun", || pid().is_some());
            let pid: u32 = pid().unwrap();
            let database = sandbox.db().canonicalize().unwrap();
            until("it has the file open", || {
                descriptor(pid, &database).is_some()
            });
            let most = crate::migrate::running::sleeps(pid) + 10;
            until("it waits", || crate::migrate::running::sleeps(pid) >= most);
            terminal.kill().unwrap();
            terminal.wait().unwrap();
            until("it has said its end", || {
                sandbox.read("said").contains("interrupted")
            });
            until("it has ended", || {
                !std::path::Path::new(&format!("/proc/{pid}/stat")).exists() || is_zombie(pid)
            });
            drop(held);
            assert!(rows(&sandbox) == before, "{args:?}");
            assert!(!is_locked(&sandbox), "{args:?}");
            assert_eq!(files(&sandbox), ["jobs.db"], "{args:?}");
            is_sound(&sandbox);
            assert_eq!(sandbox.ids(), [A, B]);
        }
    }
}

/// Ended, and not yet asked for its status by whoever took it over.
fn is_zombie(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ")
        .is_none_or(|(_, rest)| rest.starts_with('Z'))
}
