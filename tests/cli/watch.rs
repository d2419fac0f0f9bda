//! `list --watch` and `show --watch`: a screen that follows the file, a stream of events, and no burden for anybody meanwhile.

use std::process::Stdio;

use rusqlite::ErrorCode;

use crate::args::Args;
use crate::live::{Live, Stream, reads, sleeps, ticks};
use crate::locks::{end, until};
use crate::pty;
use crate::support::{A, B, C, Run, Sandbox};

const FAST: &str = "--watch=100ms";

fn jobs() -> Sandbox {
    let sandbox = Sandbox::report();
    sandbox.job(A, &[("created_at", &"2026-01-14 10:00:00.000000")]);
    sandbox.job(
        B,
        &[
            ("status", &"processing"),
            ("created_at", &"2026-01-14 11:00:00.000000"),
        ],
    );
    sandbox
}

fn set(sandbox: &Sandbox, id: &str, column: &str, value: &str) {
    let sql = format!("UPDATE video_generation_jobs SET {column} = ?1 WHERE id = ?2");
    sandbox.change(&sql, &[&value, &id]);
}

fn delete(sandbox: &Sandbox, id: &str) {
    let sql = "DELETE FROM video_generation_jobs WHERE id = ?1";
    sandbox.change(sql, &[&id]);
}

fn events(sandbox: &Sandbox, args: impl Args) -> Stream {
    let run = sandbox.jobctl(args).arg("-o").arg("jsonl").arg(FAST);
    Stream::start(run)
}

fn event(name: &str, id: &str, status: &str) -> (String, String, String) {
    (name.to_owned(), id.to_owned(), status.to_owned())
}

#[test]
fn events_tell_what_is_there_and_then_what_happens() {
    let sandbox = jobs();
    let mut events = events(&sandbox, "list");
    assert_eq!(events.event(), event("appeared", B, "processing"));
    assert_eq!(events.event(), event("appeared", A, "queued"));
    set(&sandbox, A, "status", "processing");
    assert_eq!(events.event(), event("changed", A, "processing"));
    sandbox.job(C, &[]);
    // It is inserted, and its cells are set one by one.
    assert_eq!(events.event(), event("appeared", C, "queued"));
    delete(&sandbox, B);
    assert_eq!(events.event(), event("gone", B, "-"));
    assert!(events.is_silent());
}

#[test]
fn an_event_has_all_keys_of_the_job_form() {
    let sandbox = jobs();
    let line = events(&sandbox, "list -n 1").next();
    let keys: Vec<&str> = line
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(keys[..2], ["event", "job_id"]);
    assert_eq!(keys[1..], crate::support::KEYS);
}

#[test]
fn with_fields_only_these_count_as_changed() {
    let sandbox = jobs();
    let mut events = events(&sandbox, "list --fields status -n 1");
    let line = events.next();
    assert_eq!(
        line.to_string(),
        format!("{{\"event\":\"appeared\",\"job_id\":\"{B}\",\"status\":\"processing\"}}")
    );
    set(&sandbox, B, "current_stage", "Rendering");
    set(&sandbox, B, "status", "failed");
    assert_eq!(events.event(), event("changed", B, "failed"));
    assert!(events.is_silent());
}

#[test]
fn a_job_that_matches_no_more_is_gone_and_told_as_it_is_now() {
    let sandbox = jobs();
    let mut events = events(&sandbox, "list --all --status processing");
    assert_eq!(events.event(), event("appeared", B, "processing"));
    set(&sandbox, B, "status", "completed");
    assert_eq!(events.event(), event("gone", B, "completed"));
    set(&sandbox, B, "status", "processing");
    assert_eq!(events.event(), event("appeared", B, "processing"));
}

#[test]
fn a_limit_is_a_window_on_the_first_jobs() {
    let sandbox = jobs();
    let mut events = events(&sandbox, "list -n 1");
    assert_eq!(events.event(), event("appeared", B, "processing"));
    sandbox.change("INSERT INTO video_generation_jobs (id, job_type, status, created_at) VALUES (?1, 'idea2video', 'queued', ?2)", &[&C, &"2026-01-14 12:00:00.000000"]);
    assert_eq!(events.event(), event("appeared", C, "queued"));
    assert_eq!(events.event(), event("gone", B, "processing"));
}

#[test]
fn more_jobs_than_a_page_appear_once_each() {
    let sandbox = Sandbox::report();
    sandbox.sql(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1203)
         INSERT INTO video_generation_jobs (id, job_type, status, created_at)
         SELECT printf('%08x-0000-4000-8000-000000000000', i), 'idea2video', 'queued', '2026-01-01 00:00:00.000000' FROM n",
    );
    for args in ["list -n 1203", "list --all"] {
        let mut events = events(&sandbox, args);
        let mut ids: Vec<String> = (0..1203).map(|_| events.event().1).collect();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 1203);
        assert!(events.is_silent());
    }
}

#[test]
fn time_alone_can_make_a_job_appear() {
    let sandbox = jobs();
    let at = |id: &str, when: &str| {
        let sql = "UPDATE video_generation_jobs SET status = 'processing', updated_at = strftime('%Y-%m-%d %H:%M:%f', 'now', ?1) WHERE id = ?2";
        sandbox.change(sql, &[&when, &id]);
    };
    // In one look B, which is newer, would come first.
    at(A, "-1 hour");
    at(B, "+4 seconds");
    let run = sandbox.jobctl(["list", "--stuck", "1ms", "-o", "jsonl", FAST]);
    let mut events = Stream::start(run.without_env("JOBCTL_TEST_NOW"));
    assert_eq!(events.event(), event("appeared", A, "processing"));
    assert_eq!(events.event(), event("appeared", B, "processing"));
}

#[test]
fn another_file_in_its_place_is_read_from_then_on() {
    let sandbox = jobs();
    let mut events = events(&sandbox, "list");
    events.event();
    events.event();
    let other = Sandbox::report();
    other.job(C, &[]);
    std::fs::copy(other.db(), sandbox.path("new.db")).unwrap();
    std::fs::rename(sandbox.path("new.db"), sandbox.db()).unwrap();
    assert_eq!(events.event(), event("appeared", C, "queued"));
    assert_eq!(events.event(), event("gone", A, "-"));
    assert_eq!(events.event(), event("gone", B, "-"));
    set(&sandbox, C, "status", "failed");
    assert_eq!(events.event(), event("changed", C, "failed"));
}

#[test]
fn a_file_that_is_deleted_ends_it_with_66() {
    let sandbox = jobs();
    let mut events = events(&sandbox, "list");
    events.event();
    std::fs::remove_file(sandbox.db()).unwrap();
    let (status, stderr) = events.end();
    assert_eq!(status, 66);
    assert!(stderr.contains("jobs.db"), "{stderr}");
}

#[test]
fn a_missing_file_is_66_at_once() {
    let sandbox = Sandbox::new();
    sandbox
        .jobctl("list --watch -o jsonl")
        .run()
        .fails(66)
        .no_stdout();
}

#[test]
fn a_lock_is_waited_out_from_the_beginning_on() {
    let sandbox = jobs();
    let held = sandbox.connection();
    held.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let mut events = events(&sandbox, "list");
    until_looked(&events);
    held.execute_batch("ROLLBACK").unwrap();
    assert_eq!(events.event(), event("appeared", B, "processing"));
    assert_eq!(events.event(), event("appeared", A, "queued"));
    held.execute_batch("BEGIN EXCLUSIVE; UPDATE video_generation_jobs SET status = 'failed'")
        .unwrap();
    until_looked(&events);
    assert!(events.is_silent());
    held.execute_batch("COMMIT").unwrap();
    assert_eq!(events.event(), event("changed", B, "failed"));
}

/// Waits until it has looked some more times.
fn until_looked(events: &Stream) {
    if !cfg!(target_os = "linux") {
        return;
    }
    // A look at a locked file sleeps between its tries, and then again; none of them reads anything.
    let pid = events.child.id().to_string();
    let before = sleeps(&pid);
    until("another look", || sleeps(&pid) > before + 20);
}

#[test]
fn a_writer_that_does_not_wait_gets_through() {
    let sandbox = jobs();
    let mut events = events(&sandbox, "list --all --fields progress");
    events.event();
    events.event();
    let writer = sandbox.connection();
    assert_eq!(sandbox.ask("PRAGMA journal_mode"), "delete");
    writer.busy_timeout(std::time::Duration::ZERO).unwrap();
    let sql = "UPDATE video_generation_jobs SET progress = ?1 WHERE id = ?2";
    for n in 1..=50 {
        until("a moment without the lock of the watch", || {
            let written = writer.execute(sql, (f64::from(n), A));
            if let Err(error) = &written {
                assert_eq!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy));
            }
            written.is_ok()
        });
    }
    until("the last change", || events.next()["progress"] == 50.0);
}

#[test]
fn an_idle_watch_costs_nothing_and_holds_no_lock() {
    if !cfg!(target_os = "linux") {
        return;
    }
    let sandbox = jobs();
    let mut events = events(&sandbox, "list --status processing");
    events.event();
    let pid = events.child.id().to_string();
    let (read, slept, used) = (reads(&pid), sleeps(&pid), ticks(&pid));
    until("twenty looks", || sleeps(&pid) >= slept + 20);
    // A look reads where the file counts its changes, once; listing the jobs would take several reads.
    let (read, slept) = (reads(&pid) - read, sleeps(&pid) - slept);
    assert!(read <= slept + 2, "{read} reads in {slept} looks");
    assert!(ticks(&pid) - used <= 20, "{} ticks", ticks(&pid) - used);
    assert!(events.is_silent());
}

#[test]
fn a_reader_that_goes_ends_an_idle_watch() {
    let sandbox = jobs();
    let run = sandbox.jobctl("list -o jsonl --watch 1h");
    let mut command = run.command();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut stdout = std::io::BufReader::new(child.stdout.take().unwrap());
    std::io::BufRead::read_line(&mut stdout, &mut line).unwrap();
    drop(stdout);
    assert_eq!(end(&mut child).code(), Some(0));
    let mut stderr = String::new();
    std::io::Read::read_to_string(&mut child.stderr.unwrap(), &mut stderr).unwrap();
    assert_eq!(stderr, "");
}

#[test]
fn signals_end_it_with_130() {
    let sandbox = jobs();
    for signal in ["INT", "TERM", "HUP"] {
        let mut events = events(&sandbox, "list");
        events.event();
        events.signal(signal);
        assert_eq!(events.end(), (130, String::new()));
    }
}

#[test]
fn other_formats_in_a_pipe_are_a_usage_error_that_names_jsonl() {
    let sandbox = jobs();
    for command in ["list", "show $A"] {
        for format in ["table", "wide", "json", "csv", "tsv", "ids"] {
            sandbox
                .jobctl(command)
                .arg("--watch")
                .arg("-o")
                .arg(format)
                .run()
                .fails(2)
                .no_stdout()
                .stderr_has("-o jsonl");
        }
    }
}

#[test]
fn an_interval_is_an_age_of_at_least_100ms() {
    let sandbox = jobs();
    for interval in ["50ms", "0s", "2", "soon"] {
        sandbox
            .jobctl(["list", "-o", "jsonl", "--watch", interval])
            .run()
            .fails(2)
            .stderr_has("--watch");
    }
    sandbox
        .jobctl("show -o jsonl $A --watch $B")
        .run()
        .fails(2)
        .stderr_has("ids go before --watch");
}

#[test]
fn an_unknown_word_of_a_filter_is_a_usage_error() {
    jobs()
        .jobctl("list -o jsonl --watch --status faild")
        .run()
        .fails(2)
        .stderr_has("did you mean failed?");
}

#[test]
fn show_tells_the_changes_of_its_jobs_and_ends_with_3_when_one_is_gone() {
    let sandbox = jobs();
    let mut events = events(&sandbox, "show b222 a111");
    assert_eq!(events.event(), event("appeared", B, "processing"));
    assert_eq!(events.event(), event("appeared", A, "queued"));
    set(&sandbox, B, "current_stage", "Rendering");
    assert_eq!(events.next()["current_stage"], "Rendering");
    delete(&sandbox, A);
    assert_eq!(events.event(), event("gone", A, "-"));
    let (status, stderr) = events.end();
    assert_eq!(status, 3);
    let error: serde_json::Value = serde_json::from_str(&stderr).unwrap();
    assert_eq!(error["error"]["code"], "not_found");
    assert!(stderr.contains(A) && stderr.contains("gone"), "{stderr}");
}

#[test]
fn show_of_no_such_job_ends_with_3_at_once() {
    jobs()
        .jobctl("show -o jsonl $A $C --watch")
        .run()
        .fails(3)
        .no_stdout()
        .stderr_has(C);
}

#[test]
fn show_of_nothing_is_nothing_to_do() {
    jobs()
        .jobctl("show - -o jsonl --watch")
        .run()
        .ok()
        .no_stdout();
}

fn screen(run: Run, columns: usize, rows: usize) -> Live {
    Live::start(run.arg(FAST).arg("--color").arg("never"), columns, rows)
}

#[test]
fn the_screen_follows_the_file() {
    if !pty::is_here() {
        return;
    }
    let sandbox = jobs();
    let mut live = screen(sandbox.jobctl("list"), 80, 12);
    let screen = live.until("the list", |screen| screen.has("1–2 of 2"));
    assert!(screen.is_other && !screen.has_cursor);
    assert_eq!(
        screen.lines()[..5],
        [
            "jobctl list  2026-01-15 12:00:00 · q quits",
            "ID        STATUS        TYPE              DONE  STAGE  TITLE  AGE",
            "b2222222  ▶ processing  idea2video  ░░░░░   0%  -      -      25h",
            "a1111111  · queued      idea2video  ░░░░░   0%  -      -      26h",
            "1–2 of 2",
        ]
    );
    set(&sandbox, B, "status", "completed");
    live.until("the change", |screen| screen.has("b2222222  ✓ completed"));
    delete(&sandbox, A);
    let screen = live.until("the end of a job", |screen| screen.has("1–1 of 1"));
    assert!(!screen.has("a1111111"));
    assert_eq!(screen.lines()[4], "");
    delete(&sandbox, B);
    live.until("an empty list", |screen| screen.has("no jobs match"));
    live.type_keys("xq");
    live.end().restored(0);
}

#[test]
fn ctrl_c_and_signals_leave_the_terminal_as_it_was() {
    if !pty::is_here() {
        return;
    }
    let sandbox = jobs();
    for command in ["list", "show $A"] {
        for signal in ["key", "INT", "TERM", "QUIT", "HUP"] {
            let mut live = screen(sandbox.jobctl(command), 80, 24);
            live.until("the view", |screen| screen.has("a1111111"));
            match signal {
                "key" => live.type_keys("\u{3}"),
                signal => live.signal(signal),
            }
            let ended = live.end().restored(130);
            let after = ended.raw.rsplit_once("\u{1b}[?1049l").unwrap().1;
            assert_eq!(after, "", "it says nothing: nothing went wrong");
        }
    }
}

#[test]
fn ctrl_z_gives_the_terminal_back_until_it_goes_on() {
    if !pty::is_here() {
        return;
    }
    let sandbox = jobs();
    let mut live = screen(sandbox.jobctl("list"), 80, 24);
    live.until("the view", |screen| screen.has("1–2 of 2"));
    live.signal("TSTP");
    live.until("the terminal back", |screen| {
        !screen.is_other && screen.has_cursor && screen.wraps
    });
    until("the stop", || live.has_stopped());
    live.signal("CONT");
    live.until("the view again", |screen| {
        screen.is_other && screen.has("1–2 of 2")
    });
    live.type_keys("q");
    live.end().restored(0);
}

#[test]
fn an_error_is_said_on_the_screen_from_before() {
    if !pty::is_here() {
        return;
    }
    let sandbox = jobs();
    let mut live = screen(sandbox.jobctl("list"), 80, 24);
    live.until("the view", |screen| screen.has("1–2 of 2"));
    std::fs::remove_file(sandbox.db()).unwrap();
    let ended = live.end().restored(66);
    let after = ended.raw.rsplit_once("\u{1b}[?1049l").unwrap().1;
    assert!(
        after.starts_with("jobctl: error: no database at jobs.db"),
        "{after}"
    );
}

#[test]
fn another_size_is_another_layout() {
    if !pty::is_here() {
        return;
    }
    let sandbox = jobs();
    for n in 0..40 {
        sandbox.job(&format!("c3333333-0000-4000-8000-{n:012}"), &[]);
    }
    let title = "A title that needs a wide terminal to be shown as a whole";
    set(&sandbox, B, "project_title", title);
    // The second look would come in an hour.
    let run = sandbox.jobctl("list --watch 1h --color never");
    let mut live = Live::start(run, 80, 10);
    let screen = live.until("the list", |screen| {
        screen.has("1–7 of 42 · 35 more do not fit")
    });
    assert!(!screen.has(title));
    live.resize(140, 20);
    let screen = live.until("more of it", |screen| {
        screen.has("1–17 of 42 · 25 more do not fit")
    });
    assert!(screen.has(title) && !screen.has_scrolled);
    live.resize(40, 5);
    let screen = live.until("less of it", |screen| {
        screen.has("1–2 of 42 · 40 more do not fit")
    });
    assert!(!screen.has_scrolled, "{}", screen.text());
    live.resize(20, 2);
    live.until("nearly nothing", |screen| {
        screen.lines()[1].starts_with("ID")
    });
    live.type_keys("q");
    live.end().restored(0);
}

#[test]
fn all_and_pages_are_cut_to_the_height() {
    if !pty::is_here() {
        return;
    }
    let sandbox = Sandbox::report();
    for n in 0..30 {
        sandbox.job(&format!("c3333333-0000-4000-8000-{n:012}"), &[]);
    }
    for (args, foot) in [
        ("--all", "1–7 of 30 · 23 more do not fit"),
        ("--all --no-total", "1–7 · more do not fit"),
        ("-n 9 --offset 10", "11–17 of 30 · 2 more do not fit"),
        ("-n 7", "1–7 of 30"),
        ("-n 5", "1–5 of 30"),
        ("--offset 27", "28–30 of 30"),
    ] {
        let mut live = screen(sandbox.jobctl(("list", args)), 80, 10);
        live.until(foot, |screen| {
            screen.lines().iter().any(|line| line == foot)
        });
        live.type_keys("q");
        live.end().restored(0);
    }
}

#[test]
fn nothing_is_written_while_nothing_changes() {
    if !pty::is_here() {
        return;
    }
    let sandbox = jobs();
    for command in ["list", "show $A"] {
        let mut live = screen(sandbox.jobctl(command), 80, 24);
        live.until("the view", |screen| screen.has("a1111111"));
        let (before, written) = (live.reads(), live.raw.len());
        until("ten looks", || live.reads() >= before + 10);
        live.screen();
        assert_eq!(live.raw.len(), written);
        live.type_keys("q");
        live.end().restored(0);
    }
}

#[test]
fn only_the_line_that_changes_is_written() {
    if !pty::is_here() {
        return;
    }
    let sandbox = jobs();
    let mut live = screen(sandbox.jobctl("list"), 80, 24);
    live.until("the view", |screen| screen.has("1–2 of 2"));
    let written = live.raw.len();
    set(&sandbox, B, "progress", "50");
    live.until("the change", |screen| screen.has("50%"));
    let line = String::from_utf8_lossy(&live.raw[written..]).into_owned();
    assert!(
        line.contains("b2222222") && !line.contains("a1111111"),
        "{line:?}"
    );
    live.type_keys("q");
    live.end().restored(0);
}

#[test]
fn ages_go_on_though_nobody_writes() {
    if !pty::is_here() {
        return;
    }
    let sandbox = jobs();
    sandbox.sql("UPDATE video_generation_jobs SET created_at = datetime('now')");
    let run = sandbox.jobctl("list").without_env("JOBCTL_TEST_NOW");
    let mut live = screen(run, 80, 24);
    let age = |screen: &crate::live::Screen| screen.lines()[2].clone();
    let first = age(&live.until("the view", |screen| screen.has("1–2 of 2")));
    live.until("another age", |screen| age(screen) != first);
    live.type_keys("q");
    live.end().restored(0);
}

#[test]
fn a_locked_file_leaves_the_view_and_is_said() {
    if !pty::is_here() {
        return;
    }
    let sandbox = jobs();
    let held = sandbox.connection();
    held.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let mut live = screen(sandbox.jobctl("list"), 80, 24);
    live.until("a word of the lock", |screen| {
        screen.has("locked by another process")
    });
    held.execute_batch("ROLLBACK").unwrap();
    live.until("the view", |screen| {
        screen.has("1–2 of 2") && !screen.has("locked")
    });
    held.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let locked = live.until("a word of the lock", |screen| {
        screen.has("locked by another process, as of 2026-01-15 12:00:00")
    });
    assert!(locked.has("1–2 of 2"));
    live.resize(100, 30);
    live.until("the view at another size", |screen| {
        screen.has("1–2 of 2") && screen.has("locked")
    });
    held.execute_batch("ROLLBACK").unwrap();
    live.until("the end of the lock", |screen| !screen.has("locked"));
    live.type_keys("q");
    live.end().restored(0);
}

#[test]
fn show_draws_the_page_cut_to_the_height_and_ends_with_the_job() {
    if !pty::is_here() {
        return;
    }
    let sandbox = jobs();
    set(&sandbox, B, "content", &"A line of the story\n".repeat(40));
    let mut live = screen(sandbox.jobctl("show b222 --full"), 80, 20);
    let shown = live.until("the page", |screen| screen.has("more lines do not fit"));
    assert!(shown.lines()[0].starts_with("jobctl show b222  2026-01-15 12:00:00"));
    assert!(shown.lines()[2].starts_with(B), "{}", shown.text());
    assert!(!shown.has_scrolled);
    set(&sandbox, B, "progress", "40");
    live.until("the change", |screen| screen.has("40%"));
    delete(&sandbox, B);
    let ended = live.end().restored(3);
    assert!(
        ended
            .raw
            .ends_with(&format!("job {B} is gone: it has been deleted\n"))
    );
}

#[test]
fn stored_text_does_nothing_to_the_screen() {
    if !pty::is_here() {
        return;
    }
    let sandbox = jobs();
    let evil = "\u{1b}[2J\u{1b}]0;title\u{7}\u{9b}31m\rX\u{202e}";
    for column in ["project_title", "current_stage", "content", "error_message"] {
        set(&sandbox, B, column, evil);
    }
    for command in [&["list", "--search", evil][..], &["show", B]] {
        let mut live = screen(sandbox.jobctl(command), 120, 30);
        live.until("the view", |screen| screen.has("b2222222"));
        live.type_keys("q");
        let ended = live.end().restored(0);
        assert!(!ended.raw.contains("\u{1b}]") && !ended.raw.contains("\u{9b}"));
        assert_eq!(ended.raw.matches("\u{1b}[2J").count(), 2, "{:?}", ended.raw);
    }
}

#[test]
fn colours_are_cut_with_their_lines() {
    if !pty::is_here() {
        return;
    }
    let sandbox = jobs();
    let run = sandbox.jobctl(["list", FAST, "--color", "always"]);
    let mut live = Live::start(run, 30, 10);
    let screen = live.until("the list", |screen| screen.has("1–2 of 2"));
    assert!(
        screen.has("▶ processing") && !screen.has_scrolled,
        "{}",
        screen.text()
    );
    live.type_keys("q");
    assert!(live.end().restored(0).raw.contains("m▶ processing"));
}

#[test]
fn a_dumb_terminal_has_no_screen_to_redraw() {
    if !pty::is_here() {
        return;
    }
    let sandbox = jobs();
    for (term, told) in [
        ("dumb", "cannot (TERM=dumb)"),
        ("unknown", "cannot (TERM=unknown)"),
        ("", "cannot (TERM is not set)"),
    ] {
        for args in ["list", "show $A"] {
            let live = screen(sandbox.jobctl(args).env("TERM", term), 80, 24);
            let ended = live.end();
            assert_eq!(ended.status, "2");
            for part in [told, "-o jsonl", "TERM=xterm"] {
                assert!(ended.raw.contains(part), "{part:?} expected: {}", ended.raw);
            }
        }
    }
}
