//! Several at once on a file that is not there yet, and on one that is.

use std::process::Child;

use super::{dump, end, is_sound, start};
use crate::support::{A, Sandbox};

#[track_caller]
fn all_end_well(children: &mut [Child]) {
    let statuses: Vec<_> = children.iter_mut().map(|child| end(child).code()).collect();
    assert_eq!(statuses, vec![Some(0); statuses.len()]);
}

#[test]
fn eight_that_create_into_a_file_that_is_not_there_all_find_their_job_in_it() {
    let sandbox = Sandbox::new();
    let create = |n: usize| {
        let content = format!("Cat number {n} crosses the road");
        let run = sandbox.jobctl("create --type idea2video --busy-timeout 60s --content");
        let run = run.arg(content);
        start(run.env("JOBCTL_TEST_SEED", (n + 1).to_string()))
    };
    let mut children: Vec<Child> = (0..8).map(create).collect();
    all_end_well(&mut children);
    assert_eq!(sandbox.count(), 8);
    assert_eq!(
        sandbox.ask("SELECT count(DISTINCT content) FROM video_generation_jobs"),
        "8"
    );
    is_sound(&sandbox);
}

#[test]
fn four_that_import_the_same_dump_into_a_file_that_is_not_there_make_each_job_once() {
    let sandbox = Sandbox::new();
    sandbox.write("dump.jsonl", dump(500));
    let import = |_| start(sandbox.jobctl("migrate dump.jsonl -q --busy-timeout 60s"));
    let mut children: Vec<Child> = (0..4).map(import).collect();
    all_end_well(&mut children);
    assert_eq!(sandbox.count(), 500);
    is_sound(&sandbox);
}

#[test]
fn eight_that_change_one_job_all_leave_their_mark() {
    let sandbox = Sandbox::service();
    sandbox.job(A, &[]);
    let flags = [
        "--title",
        "--style",
        "--stage",
        "--requirement",
        "--working-dir",
        "--error",
        "--episode",
        "--series",
    ];
    let values = ["t", "s", "st", "r", "w", "e", "episode-1", "series-1"];
    let update = |(flag, value): (&&str, &&str)| {
        start(sandbox.jobctl(["update", A, flag, value, "--busy-timeout", "60s"]))
    };
    let mut children: Vec<Child> = flags.iter().zip(&values).map(update).collect();
    all_end_well(&mut children);
    let columns = [
        "project_title",
        "style",
        "current_stage",
        "user_requirement",
        "working_dir",
        "error_message",
        "episode_id",
        "series_id",
    ];
    assert_eq!(
        columns.map(|column| sandbox.cell(A, column)),
        values.map(|value| format!("text|{value}"))
    );
}

#[test]
fn four_that_clean_up_one_after_the_other_remove_each_job_once() {
    let sandbox = Sandbox::service();
    sandbox.jobctl("migrate -").stdin(dump(1_000)).run().ok();
    let cleanup =
        |_| start(sandbox.jobctl("cleanup --older-than 1d --yes -o json --lock-wait 60s"));
    let children: Vec<Child> = (0..4).map(cleanup).collect();
    let mut removed = 0;
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success());
        let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        removed += told["deleted"].as_i64().unwrap();
    }
    assert_eq!(removed, 1_000);
    assert_eq!(sandbox.count(), 0);
}
