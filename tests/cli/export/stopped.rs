//! An export that does not come to its end: interrupted, killed, without room, its reader gone. Nothing half is ever
//! taken for whole. And that it needs no more memory for more, or longer, rows.

use std::fs::TryLockError;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use super::{files, fill, three};
use crate::locks::full::{after, limit};
use crate::locks::{end, interrupt, start, until};
use crate::migrate::running::{Running, sleeps};
use crate::support::{Output, Run, Sandbox};

/// More than a pipe and all that is on the way can hold.
fn many() -> Sandbox {
    let sandbox = three();
    fill(&sandbox, 10_000, 2_000);
    sandbox
}

fn to_file(sandbox: &Sandbox) -> Run {
    sandbox.jobctl("export --to out.jsonl.zst")
}

/// Whether another process has the lock of this file.
fn is_locked(path: &Path) -> bool {
    std::fs::File::open(path)
        .is_ok_and(|file| matches!(file.try_lock(), Err(TryLockError::WouldBlock)))
}

/// An export into a file that has been begun and stands still.
fn half_way(sandbox: &Sandbox) -> (Running, PathBuf) {
    let mut running = Running::start(to_file(sandbox));
    let temporary = sandbox.path(format!("out.jsonl.zst.{}.new", running.pid()));
    // Without its lock, which comes just behind it, it would be one that a killed run left.
    running.until("the file is begun", || is_locked(&temporary));
    running.signal("STOP");
    assert!(temporary.exists(), "it was over too soon");
    (running, temporary)
}

/// Interrupts an export whose first bytes have been read, and which waits for the rest to be.
fn interrupted(run: Run) -> Output {
    let ran = run.said();
    let mut child = start(run);
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_exact(&mut [0]).unwrap();
    let most = sleeps(child.id()) + 10;
    until("it waits", || sleeps(child.id()) >= most);
    interrupt(&child);
    let status = end(&mut child).code().expect("it ended by itself");
    let mut stderr = String::new();
    let mut pipe = child.stderr.take().unwrap();
    pipe.read_to_string(&mut stderr).unwrap();
    Output {
        ran,
        status,
        stdout: String::new(),
        stderr,
    }
}

#[test]
fn ctrl_c_ends_it_while_nobody_reads() {
    for wal in [false, true] {
        let sandbox = many();
        if wal {
            sandbox.ask("PRAGMA journal_mode = WAL");
        }
        let run = interrupted(sandbox.jobctl("export")).fails(130);
        run.stderr_has("jobctl: error: interrupted; the export is cut off\n");
        let run = interrupted(sandbox.jobctl("export -o json")).fails(130);
        assert_eq!(run.json_error()["code"], "interrupted");
    }
}

#[test]
fn ctrl_c_ends_it_while_it_waits_for_a_lock() {
    let sandbox = many();
    let run = sandbox.jobctl("export --busy-timeout 10m");
    let mut child = start(run);
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_exact(&mut [0]).unwrap();
    let other = sandbox.connection();
    other.busy_timeout(Duration::from_secs(60)).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let reader = thread::spawn(move || std::io::copy(&mut stdout, &mut std::io::sink()));
    // Nothing more comes, and it sleeps between its tries.
    let most = sleeps(child.id()) + 30;
    until("it waits", || sleeps(child.id()) >= most);
    interrupt(&child);
    assert_eq!(end(&mut child).code(), Some(130));
    reader.join().unwrap().unwrap();
    let mut said = String::new();
    let mut pipe = child.stderr.take().unwrap();
    pipe.read_to_string(&mut said).unwrap();
    assert!(
        said.contains("interrupted; the export is cut off"),
        "{said}"
    );
}

#[test]
fn ctrl_c_leaves_no_file() {
    let sandbox = many();
    for there in [false, true] {
        if there {
            sandbox.write("out.jsonl.zst", "old");
        }
        let (running, _) = half_way(&sandbox);
        running.interrupt();
        running.signal("CONT");
        let run = running.outcome().fails(130).no_stdout();
        run.stderr_has("jobctl: error: interrupted; out.jsonl.zst was not written");
        if !there {
            assert_eq!(files(&sandbox), [""; 0])
        } else {
            assert_eq!(files(&sandbox), ["out.jsonl.zst"]);
            assert_eq!(sandbox.read("out.jsonl.zst"), "old");
        }
    }
}

#[test]
fn what_a_killed_run_left_goes_with_the_next() {
    let sandbox = many();
    sandbox.write("out.jsonl.zst", "old");
    sandbox.write("out.jsonl.zst.mine.new", "mine");
    let (mut running, temporary) = half_way(&sandbox);
    assert!(running.kill());
    assert!(temporary.exists());
    assert_eq!(sandbox.read("out.jsonl.zst"), "old");
    to_file(&sandbox).run().ok();
    let left = ["out.jsonl.zst", "out.jsonl.zst.mine.new"];
    assert_eq!(files(&sandbox), left);
}

#[test]
fn two_at_once_do_not_disturb_each_other() {
    let sandbox = many();
    let (running, temporary) = half_way(&sandbox);
    to_file(&sandbox).run().ok();
    assert!(temporary.exists());
    running.signal("CONT");
    running.outcome().ok();
    assert_eq!(files(&sandbox), ["out.jsonl.zst"]);
    let import = sandbox.jobctl("--db new.db migrate out.jsonl.zst -o json");
    assert_eq!(import.run().ok().json()["inserted"], 10_003);
}

#[test]
fn a_file_that_finds_no_room_leaves_the_old_one() {
    let sandbox = many();
    for name in ["out.jsonl", "out.jsonl.gz", "out.jsonl.zst"] {
        sandbox.write(name, "old");
        let run = after(&limit(1_000), sandbox.jobctl(["export", "--to", name]));
        run.fails(74)
            .no_stdout()
            .stderr_has(&format!("writing {name}: "));
        assert_eq!(sandbox.read(name), "old");
        assert_eq!(files(&sandbox), [name]);
        std::fs::remove_file(sandbox.path(name)).unwrap();
    }
}

#[test]
fn a_stdout_that_takes_nothing_ends_with_74() {
    let sandbox = three();
    for format in ["jsonl", "json", "csv", "tsv"] {
        let run = sandbox.jobctl(["export", "-o", format]);
        after("exec >/dev/full", run).fails(74);
    }
}

#[test]
fn a_closed_pipe_ends_it_quietly() {
    let sandbox = many();
    for format in ["jsonl", "json", "csv", "tsv"] {
        let mut child = start(sandbox.jobctl(["export", "-o", format]));
        let mut pipe = child.stdout.take().unwrap();
        pipe.read_exact(&mut [0]).unwrap();
        drop(pipe);
        let output = child.wait_with_output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{format}");
        assert_eq!(output.status.code(), Some(0), "{format}");
    }
}

#[test]
fn the_service_can_write_while_nobody_reads_what_is_exported() {
    let sandbox = many();
    let mut child = start(sandbox.jobctl("export"));
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_exact(&mut [0]).unwrap();
    sandbox.sql("UPDATE video_generation_jobs SET current_stage = 'seen' WHERE status = 'failed'");
    let mut text = Vec::new();
    stdout.read_to_end(&mut text).unwrap();
    assert_eq!(text.iter().filter(|byte| **byte == b'\n').count(), 10_003);
    assert!(end(&mut child).success());
}

#[test]
fn its_memory_grows_with_no_number_and_no_length_of_rows() {
    if !cfg!(target_os = "linux") {
        return;
    }
    for (jobs, bytes) in [(20_000, 4_000), (60, 2_000_000)] {
        let sandbox = three();
        fill(&sandbox, jobs, bytes);
        for args in ["", "--type idea2video --status completed"] {
            let args = ("export --to out.jsonl", args);
            let (peak, run) = Running::start(sandbox.jobctl(args)).end_with_peak();
            let run = run.ok();
            assert!(peak > 0 && peak < 64 * 1024, "{peak} KiB{run}");
        }
    }
}
