//! More dumps than a process may have open at once: each is opened when its turn comes, and all are looked at before anything
//! is written.

use super::running::{Ground, Running, descriptor};
use super::{counts, manager};
use crate::locks::full::after;
use crate::locks::{dump, line};
use crate::support::{A, Sandbox};

const FILES: usize = 100;

/// Writes so many dumps of one job each, and gives their names.
fn files(sandbox: &Sandbox) -> Vec<String> {
    let name = |n| format!("dump-{n}.jsonl");
    for n in 0..FILES {
        sandbox.write(&name(n), line(n));
    }
    (0..FILES).map(name).collect()
}

#[test]
fn there_may_be_more_of_them_than_may_be_open_at_once() {
    let sandbox = Sandbox::report();
    let files = files(&sandbox);
    let args = ["migrate", "-o", "json"].map(str::to_owned);
    let run = sandbox.jobctl((args, &files));
    let run = after("ulimit -n 40", run).ok();
    assert_eq!(counts(&run.json()), [FILES as u64, FILES as u64, 0, 0, 0]);
    assert_eq!(sandbox.count(), FILES as i64);
}

#[test]
fn one_that_cannot_be_read_is_found_before_anything_is_written() {
    for (last, status) in [("missing.json", 66), ("folder", 66), ("secret.json", 74)] {
        let sandbox = Sandbox::report();
        std::fs::create_dir(sandbox.path("folder")).unwrap();
        let secret = sandbox.write("secret.json", manager(A).to_string());
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o000);
        std::fs::set_permissions(&secret, mode).unwrap();
        if last == "secret.json" && std::fs::File::open(&secret).is_ok() {
            // Nothing is secret to root.
            continue;
        }
        let mut args = vec!["migrate".to_owned()];
        args.extend(files(&sandbox));
        args.push(last.to_owned());
        sandbox.jobctl(args).run().fails(status).stderr_has(last);
        assert_eq!(sandbox.count(), 0);
    }
}

#[test]
fn one_that_goes_before_its_turn_is_named_and_what_came_before_is_in() {
    let sandbox = Ground::Service.sandbox();
    let later = sandbox.write("later.jsonl", manager(A).to_string());
    let mut running = Running::start(sandbox.jobctl("migrate - later.jsonl -o json"));
    running.feed(dump(3));
    let (pid, db) = (running.pid(), sandbox.db().canonicalize().unwrap());
    running.until("it has the database open", || {
        descriptor(pid, &db).is_some()
    });
    std::fs::remove_file(later).unwrap();
    let run = running.end().fails(74).stderr_has("later.jsonl");
    assert_eq!(counts(&run.json()), [3, 3, 0, 0, 0]);
    assert_eq!(sandbox.count(), 4);
}

#[test]
fn a_pipe_with_a_name_is_opened_once() {
    let sandbox = Sandbox::report();
    let prepare = "mkfifo pipe.json && { cat one.jsonl >pipe.json & }";
    sandbox.write("one.jsonl", line(1));
    let run = sandbox.jobctl("migrate pipe.json -o json");
    let run = after(prepare, run).ok();
    assert_eq!(counts(&run.json()), [1, 1, 0, 0, 0]);
}
