//! The file of `--rejects`: when it is written, and which files it may not be.

use std::fs::File;
use std::process::Command;

use serde_json::json;

use super::{import, manager, with};
use crate::support::{A, B, Sandbox};

fn bad() -> String {
    with(manager(A), json!({"progress": 120})).to_string() + "\n"
}

#[test]
fn the_rejects_never_overwrite_what_standard_input_is_redirected_from() {
    let sandbox = Sandbox::report();
    let path = sandbox.write("dump.jsonl", bad());
    std::fs::hard_link(&path, sandbox.path("hard.jsonl")).unwrap();
    std::os::unix::fs::symlink(&path, sandbox.path("soft.jsonl")).unwrap();
    for name in ["dump.jsonl", "hard.jsonl", "soft.jsonl"] {
        let mut command = sandbox
            .jobctl(["migrate", "-", "--rejects", name])
            .command();
        let output = command.stdin(File::open(&path).unwrap()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(sandbox.read("dump.jsonl"), bad(), "{name}: {said}");
        assert_eq!(output.status.code(), Some(4), "{name}: {said}");
        assert!(
            output.stdout.is_empty() && said.contains("--rejects"),
            "{said}"
        );
    }
}

#[test]
fn standard_input_from_another_file_is_no_hindrance() {
    let sandbox = Sandbox::report();
    let path = sandbox.write("dump.jsonl", bad());
    sandbox.write("bad.jsonl", "old\n");
    let mut command = sandbox.jobctl("migrate - --rejects bad.jsonl").command();
    let output = command.stdin(File::open(&path).unwrap()).output().unwrap();
    assert_eq!(output.status.code(), Some(65));
    assert_eq!(sandbox.read("dump.jsonl"), bad());
    assert_eq!(sandbox.read("bad.jsonl").lines().count(), 1);
}

#[test]
fn a_file_of_rejects_stays_as_it_is_when_nothing_is_rejected() {
    let sandbox = Sandbox::report();
    sandbox.write("bad.jsonl", "what was rejected before\n");
    for more in ["--rejects bad.jsonl", "--rejects bad.jsonl --dry-run"] {
        import(&sandbox, manager(A).to_string(), more).ok();
        assert_eq!(sandbox.read("bad.jsonl"), "what was rejected before\n");
    }
}

#[test]
fn no_file_of_rejects_is_made_when_nothing_is_rejected() {
    let sandbox = Sandbox::report();
    import(&sandbox, manager(A).to_string(), "--rejects bad.jsonl").ok();
    assert!(!sandbox.path("bad.jsonl").exists());
}

#[test]
fn the_rejects_are_left_alone_when_the_database_cannot_be_opened() {
    for (name, text) in [
        ("jobs.db", "no database, but a text\n".repeat(200)),
        ("other.db", String::new()),
    ] {
        let sandbox = Sandbox::new();
        sandbox.write("jobs.db", text);
        sandbox.write("bad.jsonl", "what was rejected before\n");
        if name == "other.db" {
            // Another program's tables.
            std::fs::remove_file(sandbox.db()).unwrap();
            sandbox.sql("CREATE TABLE notes (text)");
        }
        let run = import(&sandbox, bad(), "--rejects bad.jsonl");
        assert!(![0, 65].contains(&run.status), "{run}");
        assert_eq!(
            sandbox.read("bad.jsonl"),
            "what was rejected before\n",
            "{run}"
        );
        let run = import(&sandbox, bad(), "--rejects new.jsonl");
        assert!(!sandbox.path("new.jsonl").exists(), "{run}");
    }
}

/// With one the disk is full when all has been read, with many long before.
#[test]
fn a_file_of_rejects_on_a_full_disk_is_not_said_to_have_them() {
    for bad in [bad(), bad().repeat(200)] {
        let sandbox = Sandbox::report();
        let text = bad + &manager(B).to_string();
        let run = import(&sandbox, text, "--rejects /dev/full");
        run.fails(74)
            .stderr_has("writing /dev/full")
            .stderr_lacks("rejected records are in");
    }
}

#[test]
fn stdout_takes_no_rejects_and_no_file_is_named_so() {
    let sandbox = Sandbox::report();
    let run = import(&sandbox, bad(), "--rejects -");
    run.fails(2)
        .no_stdout()
        .stderr_has("--rejects -")
        .stderr_has("name a file");
    assert_eq!(sandbox.count(), 0);
    assert!(!sandbox.path("-").exists());
}

#[test]
fn a_folder_takes_no_rejects_which_is_found_before_anything_is_imported() {
    let sandbox = Sandbox::report();
    std::fs::create_dir(sandbox.path("folder")).unwrap();
    for name in ["folder", "folder/", "."] {
        let text = bad() + &manager(B).to_string();
        let run = import(&sandbox, text, ["--rejects", name]);
        run.fails(2).no_stdout().stderr_has("is a folder");
        assert_eq!(sandbox.count(), 0);
    }
}

#[test]
fn a_file_without_a_name_takes_no_rejects() {
    let sandbox = Sandbox::report();
    let run = import(&sandbox, bad(), "--rejects ''");
    run.fails(2).no_stdout().stderr_has("--rejects");
    assert_eq!(sandbox.count(), 0);
}

/// There is no input that lacks.
#[test]
fn a_folder_in_which_no_file_can_be_made_is_an_error_of_writing() {
    let sandbox = Sandbox::report();
    let run = import(&sandbox, bad(), "--rejects /proc/bad.jsonl");
    run.fails(74).stderr_has("writing /proc/bad.jsonl");
}

/// They can be mended before the real run.
#[test]
fn a_dry_run_writes_the_rejects_and_says_so() {
    let sandbox = Sandbox::report();
    sandbox.write("dump.jsonl", bad() + &manager(B).to_string());
    sandbox.write("bad.jsonl", "what was rejected before\n");
    for more in ["", "-o json", "-o ids"] {
        let args = "migrate dump.jsonl --dry-run --rejects";
        let run = sandbox.jobctl((args, "bad.jsonl", more));
        let run = run.run().fails(65);
        let said = "nothing was written but the rejects in bad.jsonl";
        assert_eq!(
            run.stderr.matches("nothing was written").count(),
            1,
            "{run}"
        );
        assert!(run.stderr.contains(said), "{run}");
        assert!(sandbox.read("bad.jsonl").contains(A), "{run}");
        assert_eq!(sandbox.count(), 0);
    }
}

#[test]
fn a_dry_run_without_rejects_says_that_nothing_was_written() {
    let sandbox = Sandbox::report();
    sandbox.write("dump.jsonl", manager(B).to_string());
    for more in ["", "-o json"] {
        let args = "migrate dump.jsonl --dry-run --rejects";
        let run = sandbox.jobctl((args, "bad.jsonl", more));
        let run = run.run().ok();
        assert_eq!(
            run.stderr.matches("nothing was written").count(),
            1,
            "{run}"
        );
        assert!(!run.stderr.contains("nothing was written but"), "{run}");
        assert!(!sandbox.path("bad.jsonl").exists());
    }
}

#[test]
fn a_pipe_that_nobody_reads_is_not_waited_for() {
    let sandbox = Sandbox::report();
    let path = sandbox.write("dump.jsonl", bad());
    let made = Command::new("mkfifo").arg(sandbox.path("pipe")).status();
    assert!(made.unwrap().success());
    let args = "migrate dump.jsonl --rejects pipe";
    let run = sandbox.jobctl(args).run().fails(74);
    run.stderr_has("pipe: nobody reads this pipe");
    // One that somebody reads takes them, as `/dev/fd/3` of a shell does.
    let script =
        r#"cat pipe >got & exec 3>pipe; "$@" 3>&-; status=$?; exec 3>&-; wait; exit $status"#;
    let jobctl = sandbox.jobctl([""; 0]).command();
    let jobctl = jobctl.get_program().to_str().unwrap();
    let dump = path.to_str().unwrap();
    let args = [
        "-c",
        script,
        "sh",
        jobctl,
        "migrate",
        dump,
        "--rejects",
        "pipe",
    ];
    sandbox.program("sh", args).run().fails(65);
    assert_eq!(sandbox.read("got").lines().count(), 1);
}
