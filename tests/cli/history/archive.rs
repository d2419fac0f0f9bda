//! What cleanup removes: the run names the part of the archive that has it, and undo brings that part back.

use std::fs;

use super::table;
use crate::support::{A, B, Sandbox};

fn old(sandbox: &Sandbox, id: &str) {
    sandbox.job(
        id,
        &[
            ("status", &"failed"),
            ("completed_at", &"2026-01-01 00:00:00.000000"),
        ],
    );
}

#[test]
fn each_run_s_own_part_of_the_archive_comes_back() {
    for name in ["old.jsonl", "old.jsonl.zst", "old.jsonl.gz"] {
        let sandbox = Sandbox::service();
        let clean = ["cleanup", "--older-than", "7d", "--archive", name, "--yes"];
        old(&sandbox, A);
        sandbox.jobctl(clean).run().ok();
        old(&sandbox, B);
        let before = table(&sandbox);
        sandbox.jobctl(clean).run().ok();
        assert_eq!(sandbox.count(), 0);
        let told = sandbox.jobctl("history -o json").run().ok().json();
        let archive = &told["runs"][0]["archive"];
        let bytes = fs::metadata(sandbox.path(name)).unwrap().len();
        let end = archive["start"].as_u64().unwrap() + archive["bytes"].as_u64().unwrap();
        assert_eq!(end, bytes, "{name}");
        assert_eq!(archive["sha256"].as_str().unwrap().len(), 64);
        assert_eq!(told["runs"][0]["counts"]["deleted"], 1);
        let refused = sandbox.jobctl("undo").run().fails(4);
        refused.stderr_has("--from-archive").stderr_has(name);
        sandbox.jobctl("undo --from-archive").run().ok();
        assert_eq!(sandbox.ids(), [B], "{name}");
        let cells = |rows: &[String]| rows[0].split_once(' ').unwrap().1.to_owned();
        assert_eq!(cells(&table(&sandbox)), cells(&before), "{name}");
        sandbox.jobctl("redo").run().ok();
        assert_eq!(sandbox.count(), 0);
    }
}

#[test]
fn cells_tell_the_archive_as_json_does() {
    let sandbox = Sandbox::service();
    sandbox.job(A, &[]);
    sandbox.jobctl("update $A --title new").run().ok();
    old(&sandbox, B);
    sandbox
        .jobctl("cleanup --older-than 7d --archive old.jsonl --yes")
        .run()
        .ok();
    let told = sandbox.jobctl("history -o json").run().ok().json();
    let archive = &told["runs"][0]["archive"];
    let path = archive["path"].as_str().unwrap();
    let sum = archive["sha256"].as_str().unwrap();
    let (start, bytes) = (&archive["start"], &archive["bytes"]);
    for (format, mark, null) in [("csv", ",", ""), ("tsv", "\t", "\\N")] {
        let told = sandbox.jobctl(["history", "-o", format]).run().ok();
        let lines = told.lines();
        let heading = |name| lines[0].split(mark).position(|it| it == name).unwrap();
        let last = [
            "archive",
            "archive_start",
            "archive_bytes",
            "archive_sha256",
        ];
        assert!(lines[0].ends_with(&last.join(mark)), "{}", lines[0]);
        let archive = format!("{mark}{path}{mark}{start}{mark}{bytes}{mark}{sum}");
        assert!(lines[1].ends_with(&archive), "{}", lines[1]);
        assert!(
            lines[2].ends_with(&[mark, null].concat().repeat(4)),
            "{}",
            lines[2]
        );
        if format == "tsv" {
            let undoable =
                |line: &str| line.split(mark).nth(heading("undoable")).map(str::to_owned);
            let told = [lines[1], lines[2]].map(|line| undoable(line).unwrap());
            assert_eq!(told, ["false", "true"]);
        }
    }
}

#[test]
fn an_archive_that_is_no_longer_as_the_run_left_it_is_refused() {
    let sandbox = Sandbox::service();
    old(&sandbox, A);
    sandbox
        .jobctl("cleanup --older-than 7d --archive old.jsonl --yes")
        .run()
        .ok();
    let archive = sandbox
        .read("old.jsonl")
        .replace("queued", "failed")
        .replace("cat", "dog");
    sandbox.write("old.jsonl", archive);
    let refused = sandbox.jobctl("undo --from-archive").run().fails(65);
    refused.stderr_has("no longer as r1 left it");
    assert_eq!(sandbox.count(), 0);
    fs::remove_file(sandbox.path("old.jsonl")).unwrap();
    sandbox.jobctl("undo --from-archive").run().fails(66);
}

#[test]
fn without_an_archive_it_is_said_before() {
    let sandbox = Sandbox::service();
    old(&sandbox, A);
    let refused = sandbox.jobctl("cleanup --older-than 7d").run().fails(4);
    refused.stderr_has("only --archive FILE can bring them back");
    let said = "undo cannot bring them back, as --archive FILE could";
    let done = sandbox.jobctl("cleanup --older-than 7d --yes").run().ok();
    done.stderr_has(said);
    let nothing = sandbox.jobctl("cleanup --older-than 7d --yes").run().ok();
    nothing.stderr_lacks(said);
    sandbox
        .jobctl("undo")
        .run()
        .fails(4)
        .stderr_has("cleanup keeps no rows");
}

#[test]
fn the_last_run_that_touched_a_job_is_on_its_page() {
    let sandbox = Sandbox::service();
    old(&sandbox, A);
    sandbox
        .jobctl("show $A")
        .run()
        .ok()
        .stdout_lacks("last changed by");
    sandbox.jobctl("update $A --title new").run().ok();
    let page = sandbox.jobctl("show $A").run().ok();
    page.stdout_has("last changed by r1 (update) at 2026-01-15 12:00:00");
    sandbox
        .jobctl("show $A -o json")
        .run()
        .ok()
        .stdout_lacks("r1");
}
