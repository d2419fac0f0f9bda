//! Backups in a folder: their names, and how many of them stay.

use std::fs;

use super::{names, used};
use crate::support::{A, Sandbox};

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::report();
    sandbox.job(A, &[]);
    fs::create_dir(sandbox.path("kept")).unwrap();
    sandbox
}

#[test]
fn the_name_has_the_time_in_it() {
    let sandbox = sandbox();
    sandbox.jobctl("backup").run().ok();
    assert_eq!(
        names(&sandbox, ""),
        ["jobs-20260115T120000Z.db", "jobs.db", "kept"]
    );
    for (args, name) in [
        ("backup kept", "jobs-20260115T120000Z.db"),
        ("backup kept/ --pack zst", "jobs-20260115T120000Z-2.db.zst"),
        ("backup kept/ --pack gz", "jobs-20260115T120000Z-3.db.gz"),
    ] {
        let run = sandbox.jobctl((args, "-o json")).run().ok();
        assert_eq!(run.json()["file"], format!("kept/{name}"));
        assert!(sandbox.path("kept").join(name).is_file());
    }
}

#[test]
fn the_newest_stay_and_what_is_of_no_series_does_too() {
    let sandbox = sandbox();
    let others = [
        "jobs-20260101T000000Z.txt",
        "jobs.db",
        "other-20260101T000000Z.db",
        "jobs-20260101T000000Z-replaced.db",
    ];
    for name in others.iter().chain(&[
        "jobs-20260110T000000Z.db",
        "jobs-20260111T000000Z.db.gz",
        "jobs-20260112T000000Z.db.zst",
        "jobs-20260112T000000Z-2.db.zst",
    ]) {
        sandbox.write(&format!("kept/{name}"), "x");
    }
    fs::create_dir(sandbox.path("kept/jobs-20250101T000000Z.db")).unwrap();
    sandbox
        .jobctl("backup kept --keep 3")
        .run()
        .ok()
        .stderr_has("; removed 2 older backups\n");
    let mut expected: Vec<&str> = others.to_vec();
    expected.extend([
        "jobs-20250101T000000Z.db",
        "jobs-20260112T000000Z.db.zst",
        "jobs-20260112T000000Z-2.db.zst",
        "jobs-20260115T120000Z.db",
    ]);
    expected.sort_unstable();
    assert_eq!(names(&sandbox, "kept"), expected);
}

#[test]
fn the_one_just_made_stays_though_a_clock_was_ahead() {
    let sandbox = sandbox();
    for name in ["jobs-20990101T000000Z.db", "jobs-20990102T000000Z.db"] {
        sandbox.write(&format!("kept/{name}"), "x");
    }
    sandbox
        .jobctl("backup kept --keep 1 -q")
        .run()
        .ok()
        .no_stderr();
    assert_eq!(names(&sandbox, "kept"), ["jobs-20260115T120000Z.db"]);
}

#[test]
fn none_is_removed_for_one_that_was_not_made() {
    let sandbox = used("delete");
    fs::create_dir(sandbox.path("kept")).unwrap();
    sandbox.write("kept/jobs-20260101T000000Z.db", "x");
    super::refused::damage(&sandbox);
    sandbox.jobctl("backup kept --keep 1").run().fails(1);
    assert_eq!(names(&sandbox, "kept"), ["jobs-20260101T000000Z.db"]);
}

#[test]
fn what_makes_no_series_is_a_usage_error() {
    let sandbox = sandbox();
    for (args, message) in [
        ("backup copy.db --keep 2", "'--keep' is for a folder"),
        (
            "backup kept --keep 2 --check none",
            "'--keep' needs a check",
        ),
        ("backup kept --keep 0", "0 is not in 1.."),
        ("backup copy.db.gz --pack zst", "both say how to pack"),
    ] {
        sandbox.jobctl(args).run().fails(2).stderr_has(message);
    }
    assert_eq!(names(&sandbox, "kept"), [""; 0]);
}
