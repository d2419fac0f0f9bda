//! Long output on a terminal, in a pager: a script that writes down what it is given, and less itself where there is one.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::live::Live;
use crate::locks::until;
use crate::machine::skipped;
use crate::pty::{self, Screen, Terminal};
use crate::support::{Run, Sandbox};

/// What a pager shows of itself.
const SHOWN: &str = "[paged]";

fn jobs(count: u32) -> Sandbox {
    let sandbox = Sandbox::report();
    sandbox.sql(&format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})
         INSERT INTO video_generation_jobs (id, job_type, content, created_at, updated_at)
         SELECT printf('%08x-0000-4000-8000-000000000000', i), 'idea2video', 'job ' || i,
             '2026-01-10 00:00:00.000000', '2026-01-10 00:00:00.000000' FROM n"
    ));
    sandbox
}

/// A program in the folder `bin`, and how the environment names it.
fn program(sandbox: &Sandbox, name: &str, body: &str) -> String {
    let path = sandbox.write(&format!("bin/{name}"), format!("#!/bin/sh\n{body}\n"));
    let mode = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(&path, mode).unwrap();
    path.to_str().unwrap().to_owned()
}

/// A pager that writes down its arguments, what it reads and its variables.
fn scribe(sandbox: &Sandbox, name: &str) -> String {
    let body =
        format!("echo \"$*\" > {name}.args; env > {name}.env; cat > {name}.read; echo '{SHOWN}'");
    program(sandbox, name, &body)
}

fn has_run(sandbox: &Sandbox, name: &str) -> bool {
    sandbox.path(format!("{name}.args")).exists()
}

fn screen(run: Run) -> Screen {
    Terminal::new(run, 80).run()
}

/// With the folder `bin` before the others.
fn on_path(sandbox: &Sandbox, run: Run) -> Run {
    let path = std::env::var("PATH").unwrap();
    let bin = sandbox.path("bin");
    run.env("PATH", format!("{}:{path}", bin.display()))
}

#[test]
fn a_long_list_is_shown_in_the_pager_of_jobctl() {
    if !pty::is_here() {
        return;
    }
    let sandbox = jobs(60);
    let direct = screen(sandbox.jobctl("list")).ends(0);
    let (one, other) = (scribe(&sandbox, "one"), scribe(&sandbox, "other"));
    let run = sandbox
        .jobctl("list")
        .env("JOBCTL_PAGER", format!("{one} -x --why"))
        .env("PAGER", other);
    let paged = screen(run).ends(0);
    assert_eq!(paged.text, format!("{SHOWN}\n"));
    // As on the terminal itself, with its width and colours, and the footer as the last line.
    let read = sandbox.read("one.read");
    assert_eq!(read, direct.text);
    assert!(read.contains("\u{1b}["), "{read}");
    let last = read.lines().last().unwrap();
    assert!(last.contains("of 60 · next: --after "), "{last}");
    assert_eq!(sandbox.read("one.args"), "-x --why\n");
    assert!(!has_run(&sandbox, "other"));
}

#[test]
fn pager_is_used_where_jobctl_has_none_of_its_own() {
    if !pty::is_here() {
        return;
    }
    let sandbox = jobs(60);
    scribe(&sandbox, "less");
    let pager = scribe(&sandbox, "pager");
    let run = on_path(&sandbox, sandbox.jobctl("list -q"))
        .without_env("JOBCTL_PAGER")
        .env("PAGER", pager);
    screen(run).ends(0).has(SHOWN);
    let read = sandbox.read("pager.read");
    assert_eq!(read.lines().count(), 51, "no footer: {read}");
    assert!(!has_run(&sandbox, "less"));
}

#[test]
fn less_is_used_where_none_is_named() {
    if !pty::is_here() {
        return;
    }
    let sandbox = jobs(60);
    scribe(&sandbox, "less");
    let run = || on_path(&sandbox, sandbox.jobctl("list"));
    screen(run().without_env("JOBCTL_PAGER")).ends(0).has(SHOWN);
    assert_eq!(sandbox.read("less.args"), "-FRX\n");
    let env = sandbox.read("less.env");
    for line in ["LESS=FRX", "LV=-c", "LESSCHARSET=utf-8"] {
        assert!(env.lines().any(|it| it == line), "{line}\n{env}");
    }
    // What a person has set stays.
    let named = run()
        .env("JOBCTL_PAGER", "less")
        .env("LESS", "S")
        .env("LESSCHARSET", "latin1");
    screen(named).ends(0).has(SHOWN);
    assert_eq!(sandbox.read("less.args"), "\n");
    let env = sandbox.read("less.env");
    for line in ["LESS=S", "LESSCHARSET=latin1"] {
        assert!(env.lines().any(|it| it == line), "{line}\n{env}");
    }
}

#[test]
fn a_shell_makes_sense_of_what_is_more_than_words() {
    if !pty::is_here() {
        return;
    }
    let sandbox = jobs(60);
    let pager = scribe(&sandbox, "pager");
    let line = format!("head -n 3 | {pager} \"two words\"");
    screen(sandbox.jobctl("list").env("JOBCTL_PAGER", line))
        .ends(0)
        .has(SHOWN);
    assert_eq!(sandbox.read("pager.args"), "two words\n");
    assert_eq!(sandbox.read("pager.read").lines().count(), 3);
}

#[test]
fn what_is_long_is_paged_in_every_format() {
    if !pty::is_here() {
        return;
    }
    let sandbox = jobs(60);
    let pager = scribe(&sandbox, "pager");
    for format in ["table", "wide", "json", "jsonl", "csv", "tsv", "ids"] {
        for args in ["list --all", "show 00000001"] {
            let run = sandbox.jobctl(args).arg("-o").arg(format);
            let direct = screen(run.env("JOBCTL_PAGER", "cat")).ends(0);
            let run = sandbox.jobctl(args).arg("-o").arg(format);
            let paged = screen(run.env("JOBCTL_PAGER", &pager)).ends(0);
            let rows: usize = direct
                .lines()
                .iter()
                .map(|line| line.chars().count().div_ceil(80).max(1))
                .sum();
            if rows < 24 {
                assert_eq!(paged.text, direct.text, "{args:?} {format}");
                assert!(!has_run(&sandbox, "pager"), "{args:?} {format}");
                continue;
            }
            assert_eq!(paged.text, format!("{SHOWN}\n"), "{args:?} {format}");
            assert_eq!(sandbox.read("pager.read"), direct.text);
            std::fs::remove_file(sandbox.path("pager.args")).unwrap();
        }
    }
}

#[test]
fn what_fits_the_screen_starts_no_pager() {
    if !pty::is_here() {
        return;
    }
    // 24 rows: the headings, the jobs, the footer and the prompt.
    for (count, paged) in [(0, false), (1, false), (21, false), (22, true)] {
        let sandbox = jobs(count);
        let pager = scribe(&sandbox, "pager");
        let run = sandbox.jobctl("list").env("JOBCTL_PAGER", pager);
        let screen = screen(run).ends(0);
        assert_eq!(screen.plain().contains(SHOWN), paged, "{count} jobs");
        assert_eq!(has_run(&sandbox, "pager"), paged, "{count} jobs");
    }
}

#[test]
fn no_pager_where_none_is_wanted() {
    if !pty::is_here() {
        return;
    }
    let sandbox = jobs(60);
    let pager = scribe(&sandbox, "pager");
    let direct = screen(sandbox.jobctl("list")).ends(0);
    let list = |args: &str, jobctl_pager: &str| {
        let run = sandbox.jobctl(args).env("PAGER", &pager);
        run.env("JOBCTL_PAGER", jobctl_pager)
    };
    let same = |run: Run| assert_eq!(screen(run).ends(0).text, direct.text);
    same(list("list --no-pager", &pager));
    same(list("--no-pager list", &pager));
    same(list("list", ""));
    same(list("list", "cat"));
    let dumb = screen(list("list", &pager).env("TERM", "dumb")).ends(0);
    assert_eq!(dumb.lines().len(), direct.lines().len());
    // Ids that come through a pipe.
    let many = Terminal::new(list("show -", &pager), 80).pipe("00000001\n00000002\n");
    assert!(many.run().ends(0).lines().len() > 24);
    // And what is no terminal.
    let run = list("list", &pager).run().ok();
    assert_eq!(run.stdout.lines().count(), 51);
    assert!(!has_run(&sandbox, "pager"));
}

#[test]
fn a_view_that_is_redrawn_is_not_paged() {
    if !pty::is_here() {
        return;
    }
    let sandbox = jobs(60);
    let pager = scribe(&sandbox, "pager");
    let run = sandbox.jobctl("list --watch=100ms");
    let mut live = Live::start(run.env("JOBCTL_PAGER", pager), 80, 24);
    live.until("the list", |screen| screen.has("0000003c"));
    live.type_keys("q");
    live.end().restored(0);
    assert!(!has_run(&sandbox, "pager"));
}

#[test]
fn a_pager_that_is_left_early_ends_it_silently() {
    if !pty::is_here() {
        return;
    }
    // More than a pipe holds, and less.
    for (count, body) in [
        (5000, "exit 0"),
        (5000, "exit 3"),
        (5000, "head -n 1 > first"),
        (60, "exit 0"),
    ] {
        let sandbox = jobs(count);
        let pager = program(&sandbox, "pager", body);
        let run = sandbox.jobctl("list --all -o json");
        let screen = screen(run.env("JOBCTL_PAGER", pager)).ends(0);
        assert_eq!(screen.text, "", "{count} {body}");
    }
}

#[test]
fn without_the_pager_all_is_shown_on_the_terminal_itself() {
    if !pty::is_here() {
        return;
    }
    let sandbox = jobs(3000);
    let list = |args: &str| sandbox.jobctl(("list --all", args));
    let direct = screen(list("")).ends(0);
    assert!(direct.lines().len() >= 3000);
    let file = sandbox.write("no-program", "");
    for pager in ["/nowhere/pager -x", file.to_str().unwrap()] {
        let run = list("").env("JOBCTL_PAGER", pager);
        assert_eq!(screen(run).ends(0).text, direct.text, "{pager}");
    }
    let shell = list("").env("JOBCTL_PAGER", "/nowhere/pager 2> /dev/null; exit $?");
    assert_eq!(screen(shell).ends(0).text, direct.text);
    let run = list("-v").env("JOBCTL_PAGER", "/nowhere/pager");
    screen(run)
        .ends(0)
        .has("no pager: cannot start /nowhere/pager: No such file");
}

#[test]
fn an_error_is_said_when_the_pager_has_been_left() {
    if !pty::is_here() {
        return;
    }
    let sandbox = jobs(3);
    for body in [
        format!("cat > read; echo '{SHOWN}'"),
        format!("echo '{SHOWN}'"),
    ] {
        let pager = program(&sandbox, "pager", &body);
        let run = sandbox.jobctl("show 00000001 00000002 ffffffff");
        let screen = screen(run.env("JOBCTL_PAGER", pager)).ends(3);
        let lines = screen.lines();
        assert_eq!(lines[0], SHOWN);
        assert!(
            lines[1].contains("no job matches \"ffffffff\""),
            "{lines:?}"
        );
    }
    assert!(sandbox.read("read").contains("00000002"));
    // Nothing to page.
    let pager = scribe(&sandbox, "scribe");
    let run = sandbox.jobctl("show $A").env("JOBCTL_PAGER", pager);
    screen(run).ends(3).has("no job matches");
    assert!(!has_run(&sandbox, "scribe"));
}

/// A pager that stays until a line is typed and counts how often it is interrupted.
fn patient(sandbox: &Sandbox) -> String {
    let body = "trap 'echo interrupted >> interrupted' INT
echo the pager is there
until read -r key; do :; done < /dev/tty
cat > read
echo the pager is left";
    program(sandbox, "patient", body)
}

#[test]
fn ctrl_c_is_for_the_pager() {
    if !pty::is_here() {
        return;
    }
    let sandbox = jobs(60);
    let pager = patient(&sandbox);
    let mut live = Live::start(sandbox.jobctl("list").env("JOBCTL_PAGER", pager), 80, 24);
    live.until("the pager", |screen| screen.has("the pager is there"));
    live.type_keys("\u{3}");
    until("the interrupt", || sandbox.path("interrupted").exists());
    assert!(is_alive(&live.pid));
    live.type_keys("\n");
    let ended = live.end();
    assert!(ended.raw.contains("the pager is left"), "{}", ended.raw);
    assert_eq!(ended.status, "0");
    assert_eq!(sandbox.read("read").lines().count(), 52);
}

#[test]
fn a_pager_that_ctrl_c_ends_is_a_pager_that_was_left() {
    if !pty::is_here() {
        return;
    }
    let sandbox = jobs(60);
    let pager = program(&sandbox, "pager", "echo the pager is there; exec sleep 600");
    let mut live = Live::start(sandbox.jobctl("list").env("JOBCTL_PAGER", pager), 80, 24);
    live.until("the pager", |screen| screen.has("the pager is there"));
    live.type_keys("\u{3}");
    let ended = live.end();
    assert_eq!(ended.status, "0", "{}", ended.raw);
    assert!(!ended.raw.contains("error"), "{}", ended.raw);
}

fn is_alive(pid: &str) -> bool {
    Path::new("/proc").join(pid).exists()
}

#[test]
fn a_pager_that_is_left_open_holds_up_nobody() {
    if !pty::is_here() {
        return;
    }
    for mode in ["delete", "wal"] {
        let sandbox = jobs(5000);
        sandbox.sql(&format!("PRAGMA journal_mode = {mode}"));
        let pager = patient(&sandbox);
        let run = sandbox.jobctl("list --all -o jsonl");
        let mut live = Live::start(run.env("JOBCTL_PAGER", pager), 80, 24);
        live.until("the pager", |screen| screen.has("the pager is there"));
        // In WAL a file that somebody still reads from cannot be emptied.
        let service = sandbox.connection();
        service.busy_timeout(std::time::Duration::ZERO).unwrap();
        let change = "UPDATE video_generation_jobs SET progress = progress + 1";
        until("the write", || service.execute(change, []).is_ok());
        until("the checkpoint", || {
            let busy = service.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| {
                row.get::<_, i64>(0)
            });
            busy == Ok(0)
        });
        live.type_keys("\n");
        let ended = live.end();
        assert_eq!(ended.status, "0", "{mode}: {}", ended.raw);
        assert_eq!(sandbox.read("read").lines().count(), 5000, "{mode}");
    }
}

#[test]
fn less_itself_shows_it_and_leaves_the_terminal_as_it_was() {
    let here = Command::new("less")
        .arg("--version")
        .stdin(Stdio::null())
        .output()
        .is_ok_and(|output| output.stdout.starts_with(b"less "));
    if !here {
        skipped("there is no less");
        return;
    }
    if !pty::is_here() {
        return;
    }
    let sandbox = jobs(60);
    let run = sandbox.jobctl("list").without_env("JOBCTL_PAGER");
    let mut live = Live::start(run, 100, 24);
    live.until("the first screen", |screen| {
        screen.has("0000003c") && screen.lines()[23].starts_with(':')
    });
    assert!(is_alive(&live.pid));
    live.type_keys("G");
    live.until("the last screen", |screen| {
        screen.has("1–50 of 60 · next: --after")
    });
    // The key ends nothing: less goes on to do what it is told. What is typed close behind it may be lost.
    live.type_keys("\u{3}");
    until("the first screen again", || {
        live.type_keys("g");
        live.screen().has("0000003c")
    });
    live.type_keys("q");
    live.end().restored(0);
}
