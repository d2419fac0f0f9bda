//! `--dry-run`.

use super::three;
use crate::support::{A, B, hash};

#[test]
fn a_dry_run_writes_nothing() {
    let sandbox = three();
    let before = hash(sandbox.db());
    sandbox
        .jobctl("update $B --requeue --dry-run")
        .run()
        .ok()
        .stdout_has(B);
    assert_eq!(hash(sandbox.db()), before);
}

#[test]
fn a_dry_run_of_stdin_needs_no_yes() {
    let sandbox = three();
    let run = sandbox
        .jobctl("update - --requeue --dry-run")
        .stdin(format!("{B}\n"));
    run.run().ok().stdout_has(B);
}

#[test]
fn a_dry_run_as_json_says_so_and_why_for_each_job() {
    let output = three()
        .jobctl("update $A $B --title x --dry-run -o json")
        .run()
        .ok();
    let document = output.json();
    assert_eq!(document["dry_run"], true);
    let jobs = document["jobs"].as_array().unwrap();
    assert_eq!(
        jobs.iter()
            .map(|job| job["job_id"].as_str().unwrap())
            .collect::<Vec<_>>(),
        [A, B]
    );
    assert!(
        jobs.iter()
            .all(|job| !job["reason"].as_str().unwrap().is_empty())
    );
}

#[test]
fn a_dry_run_refuses_what_the_run_would_refuse() {
    three()
        .jobctl("update $C --requeue --dry-run")
        .run()
        .fails(4)
        .no_stdout();
}
