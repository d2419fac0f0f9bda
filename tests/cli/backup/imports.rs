//! `migrate --backup`: the backup is made when it is known that something is new, before any of it is written.

use serde_json::json;

use super::{all, names};
use crate::locks::full::{after, limit};
use crate::locks::{dump, line};
use crate::support::{A, Output, Sandbox, hash};

/// More than two batches by their size.
const MANY: usize = 1_500;

const MADE: &str = "jobs-20260115T120000Z.db";
const NONE: &str = "no backup was made: nothing was written";

/// A database that has all jobs of the dump but those.
fn sandbox(mode: &str, lacking: &[usize]) -> Sandbox {
    let sandbox = Sandbox::service();
    sandbox.sql(&format!("PRAGMA journal_mode = {mode};"));
    let there = (0..MANY).filter(|n| !lacking.contains(n)).map(line);
    sandbox.write("there.jsonl", there.collect::<String>());
    sandbox
        .jobctl("migrate there.jsonl --no-history")
        .run()
        .ok();
    sandbox.write("dump.jsonl", dump(MANY));
    sandbox
}

fn backups(sandbox: &Sandbox) -> Vec<String> {
    names(sandbox, "")
        .into_iter()
        .filter(|name| name.starts_with("jobs-"))
        .collect()
}

/// Nothing was written, and it is said that there is no backup for that.
#[track_caller]
fn made_none(sandbox: &Sandbox, run: &Output, before: u64) {
    assert!(run.stderr.contains(NONE), "{run}");
    assert!(backups(sandbox).is_empty(), "{run}");
    assert_eq!(hash(sandbox.db()), before, "{run}");
}

#[test]
fn an_import_with_nothing_new_makes_none() {
    for mode in ["delete", "wal"] {
        let sandbox = sandbox(mode, &[]);
        let before = hash(sandbox.db());
        for more in [
            "",
            "--on-conflict newer",
            "--on-conflict replace",
            "--atomic",
            "--exclusive",
            "-o json",
            "--on-conflict replace --atomic --exclusive",
        ] {
            let run = sandbox.jobctl(("migrate dump.jsonl --backup", more)).run();
            made_none(&sandbox, &run.ok().stderr_lacks("kept locked"), before);
            let run = sandbox.jobctl(("migrate - --backup", more));
            made_none(&sandbox, &run.stdin(dump(MANY)).run().ok(), before);
        }
        let run = sandbox.jobctl("migrate dump.jsonl --backup --on-conflict fail");
        made_none(&sandbox, &run.run().fails(4), before);
        sandbox.write("bad.jsonl", "{\"a\": 1}\n");
        let run = sandbox.jobctl("migrate bad.jsonl --backup").run();
        made_none(&sandbox, &run.fails(65), before);
        // Whether one could be made does not matter.
        let run = sandbox.jobctl("migrate dump.jsonl --backup=nowhere/").run();
        made_none(&sandbox, &run.ok(), before);
    }
}

#[test]
fn it_is_made_before_the_first_new_job_wherever_that_stands() {
    for mode in ["delete", "wal"] {
        for new in [0, MANY / 2, MANY - 1] {
            for more in ["", "--atomic", "--exclusive", "--on-conflict newer"] {
                let sandbox = sandbox(mode, &[new]);
                let before = all(&sandbox.db());
                let run = sandbox.jobctl(("migrate - --backup -o json", more));
                let run = run.stdin(dump(MANY)).run().ok();
                let run = run.stderr_has(&format!("backed up {} jobs to", grouped(MANY - 1)));
                run.stderr_lacks("no backup was made");
                assert_eq!(all(&sandbox.path(MADE)), before, "{mode} {new} {more}");
                assert_eq!(sandbox.count(), MANY as i64);
            }
        }
    }
}

fn grouped(number: usize) -> String {
    format!("{},{:03}", number / 1000, number % 1000)
}

#[test]
fn where_it_cannot_be_made_nothing_is_written() {
    for new in [0, MANY / 2, MANY - 1] {
        for more in ["", "--atomic", "--exclusive"] {
            let sandbox = sandbox("delete", &[new]);
            sandbox.write("there.db", "x");
            let before = hash(sandbox.db());
            for (flag, status, words) in [
                ("--backup=there.db", 4, "there.db exists already"),
                ("--backup=nowhere/", 66, "its folder is not there"),
            ] {
                let run = sandbox.jobctl(("migrate dump.jsonl", flag, more)).run();
                let run = run.fails(status).no_stdout().stderr_has(words);
                assert_eq!(hash(sandbox.db()), before, "{run}");
                assert!(backups(&sandbox).is_empty(), "{run}");
            }
            let run = sandbox.jobctl(("migrate dump.jsonl --backup", more));
            let run = after(&limit(100), run).fails(74).no_stdout();
            let run = run.stderr_has("nothing was changed, for lack of a backup");
            assert_eq!(hash(sandbox.db()), before, "{run}");
            assert!(backups(&sandbox).is_empty(), "{run}");
        }
    }
}

#[test]
fn the_run_does_and_says_what_it_does_without_one() {
    // Of each kind some before and some behind the first new job.
    let mut records = String::new();
    for n in 0..MANY {
        records += &line(n);
        if n % 300 == 7 {
            records += "{\"a\": 1}\n";
            // Again, and newer.
            records += &line(n / 2).replace("11:52:40", "12:52:40");
            // The table refuses it.
            records += &line(5_000 + n).replace("A cat", "A dog");
        }
    }
    for more in [
        "",
        "--on-conflict newer",
        "--on-conflict replace --exclusive",
        "--atomic",
    ] {
        let of = |flag: &str| {
            let sandbox = sandbox("delete", &[MANY - 200, MANY - 1]);
            sandbox.sql(
                "CREATE TRIGGER refuse BEFORE INSERT ON video_generation_jobs WHEN NEW.content LIKE 'A dog%'
                 BEGIN SELECT RAISE(ABORT, 'no dogs'); END",
            );
            sandbox.write("dump.jsonl", &records);
            let args = ("migrate dump.jsonl -o json --rejects bad.jsonl", more, flag);
            let run = sandbox.jobctl(args).run().fails(65);
            let table = "SELECT group_concat(id || updated_at || content) FROM (SELECT * FROM video_generation_jobs ORDER BY id)";
            let made = backups(&sandbox).len();
            // The first batch may be smaller than another time, and is gone through by id.
            let rejects = sandbox.read("bad.jsonl");
            let mut rejects: Vec<&str> = rejects.lines().collect();
            rejects.sort_unstable();
            let rejects = rejects.join("\n");
            (run.stdout, rejects, sandbox.ask(table), made)
        };
        let (with, without) = (of("--backup"), of(""));
        assert_eq!(with.0, without.0, "{more}");
        assert!(with.1 == without.1, "{more}");
        assert!(with.2 == without.2, "{more}");
        assert_eq!((with.3, without.3), (1, 0), "{more}");
    }
}

#[test]
fn a_mirror_makes_one_where_something_is_new_or_goes() {
    let sandbox = sandbox("delete", &[]);
    let mirror = || sandbox.jobctl("migrate old.db --mirror --yes --backup -o json");
    std::fs::copy(sandbox.db(), sandbox.path("old.db")).unwrap();
    let before = hash(sandbox.db());
    let run = mirror().run().ok();
    made_none(&sandbox, &run, before);
    assert_eq!(run.json()["mirror"], json!({"gone": 0, "deleted": 0}));
    sandbox.job(A, &[]);
    let there = all(&sandbox.db());
    let run = mirror().run().ok().stderr_lacks("no backup was made");
    assert_eq!(run.json()["mirror"], json!({"gone": 1, "deleted": 1}));
    assert_eq!(all(&sandbox.path(MADE)), there);
    std::fs::remove_file(sandbox.path(MADE)).unwrap();
    sandbox.sql("DELETE FROM video_generation_jobs WHERE id LIKE '000000ff%'");
    let there = all(&sandbox.db());
    mirror().run().ok().stderr_lacks("no backup was made");
    assert_eq!(all(&sandbox.path(MADE)), there);
}
