//! A run that is killed or interrupted leaves no file of its name, and the next one clears away what it left.

use std::fs;

use super::{all, names};
use crate::export::fill;
use crate::locks::{end, interrupt, start, until};
use crate::support::Sandbox;

fn large() -> Sandbox {
    let sandbox = Sandbox::service();
    fill(&sandbox, 3_000, 8_000);
    fs::create_dir(sandbox.path("kept")).unwrap();
    sandbox
}

fn is_in_the_making(sandbox: &Sandbox) -> bool {
    names(sandbox, "kept")
        .iter()
        .any(|name| name.ends_with(".new"))
}

fn is_made(sandbox: &Sandbox) -> bool {
    names(sandbox, "kept")
        .iter()
        .any(|name| !name.ends_with(".new"))
}

#[test]
fn a_killed_run_leaves_no_backup_and_the_next_clears_its_rest() {
    let sandbox = large();
    let mut killed = 0;
    for args in [
        "backup kept/",
        "backup kept/ --pack gz",
        "backup kept/copy.db.zst",
    ] {
        for _ in 0..4 {
            let mut child = start(sandbox.jobctl(args));
            until("a copy has been begun", || {
                is_in_the_making(&sandbox) || is_made(&sandbox)
            });
            child.kill().unwrap();
            child.wait().unwrap();
            if is_made(&sandbox) {
                // It was faster.
                for name in names(&sandbox, "kept") {
                    fs::remove_file(sandbox.path("kept").join(name)).unwrap();
                }
            } else {
                killed += 1;
            }
        }
        sandbox.jobctl((args, "--replace")).run().ok();
        assert_eq!(names(&sandbox, "kept").len(), 1, "{args}");
        for name in names(&sandbox, "kept") {
            assert!(!name.ends_with(".new"), "{name}");
            fs::remove_file(sandbox.path("kept").join(name)).unwrap();
        }
    }
    assert!(killed > 0);
}

#[test]
fn an_interrupted_run_leaves_nothing() {
    let sandbox = large();
    let mut interrupted = 0;
    for _ in 0..4 {
        let mut child = start(sandbox.jobctl("backup kept/ --pack gz"));
        until("a copy has been begun", || {
            is_in_the_making(&sandbox) || is_made(&sandbox)
        });
        interrupt(&child);
        if end(&mut child).code() == Some(130) {
            interrupted += 1;
            assert_eq!(names(&sandbox, "kept"), [""; 0]);
        }
    }
    assert!(interrupted > 0);
}

/// Command lines that change one job or all, without the flag.
const LINES: [&str; 6] = [
    "update 00000001-0000-4000-8000-000000000000 --title new",
    "delete 00000001-0000-4000-8000-000000000000",
    "delete --status completed --yes",
    "cleanup --older-than 1d --yes",
    "migrate dump.jsonl",
    "redact 00000001-0000-4000-8000-000000000000 --yes",
];

#[test]
fn a_change_that_is_interrupted_while_its_backup_is_made_changes_nothing() {
    for line in LINES {
        let mut interrupted = 0;
        for _ in 0..4 {
            let sandbox = large();
            sandbox.write("dump.jsonl", crate::locks::line(900_000));
            let before = all(&sandbox.db());
            let mut child = start(sandbox.jobctl((line, "--backup=kept/copy.db.gz")));
            until("a copy has been begun", || {
                is_in_the_making(&sandbox) || is_made(&sandbox)
            });
            interrupt(&child);
            if end(&mut child).code() == Some(130) && !is_made(&sandbox) {
                interrupted += 1;
                assert_eq!(names(&sandbox, "kept"), [""; 0], "{line}");
                assert_eq!(all(&sandbox.db()), before, "{line}");
                break;
            }
        }
        assert!(interrupted > 0, "{line}");
    }
}
