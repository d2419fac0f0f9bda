//! Files that jobctl has made: those of earlier versions, those of later ones, and the versions of other programs.

use crate::support::{A, B, Sandbox, hash};

/// The schema of every version that there has been.
const SHIPPED: [&str; 1] = [include_str!("../repository/schema_v1.sql")];

/// What jobctl makes today.
fn made() -> Sandbox {
    let sandbox = Sandbox::new();
    create(&sandbox);
    sandbox
}

fn create(sandbox: &Sandbox) {
    let content = "--content 'A cat crosses the road at night'";
    let args = "create --type idea2video";
    sandbox.jobctl((args, &content)).run().ok();
}

fn version(sandbox: &Sandbox) -> usize {
    sandbox.ask("PRAGMA user_version").parse().unwrap()
}

const COMMANDS: [&str; 9] = [
    "list",
    "show $A",
    "stats",
    "export",
    "cleanup --older-than 1d --dry-run",
    "migrate dump.jsonl --dry-run",
    "update $A --stage x",
    "delete --status failed --yes",
    "migrate dump.jsonl",
];

#[test]
fn a_file_of_a_newer_jobctl_is_refused_by_name() {
    let sandbox = made();
    sandbox.job(A, &[]);
    sandbox.write("dump.jsonl", crate::locks::dump(1));
    let newer = version(&sandbox) + 1;
    sandbox.sql(&format!(
        "PRAGMA user_version = {newer}; ALTER TABLE video_generation_jobs RENAME COLUMN style TO look"
    ));
    let before = hash(sandbox.db());
    for args in COMMANDS {
        sandbox
            .jobctl(args)
            .run()
            .fails(66)
            .no_stdout()
            .stderr_is(&format!(
                "jobctl: error: jobs.db was made by a newer jobctl: its schema has version {newer}, and this jobctl knows versions up to {} \
                 (from JOBCTL_DB)\nhint: install a newer jobctl; jobctl --version says which one this is\n",
                newer - 1
            ));
    }
    assert_eq!(hash(sandbox.db()), before);
}

#[test]
fn the_version_of_another_program_means_nothing() {
    for sandbox in [Sandbox::service(), Sandbox::report()] {
        sandbox.sql("PRAGMA user_version = 99; PRAGMA application_id = 1234");
        sandbox.job(A, &[]);
        sandbox.job(B, &[("status", &"failed")]);
        sandbox.write("dump.jsonl", crate::locks::dump(1));
        let schema = sandbox.schema();
        for args in COMMANDS {
            sandbox.jobctl(args).run().ok();
        }
        assert_eq!(sandbox.schema(), schema);
        assert_eq!(sandbox.ask("PRAGMA user_version"), "99");
        assert_eq!(sandbox.ask("PRAGMA application_id"), "1234");
    }
}

#[test]
fn an_empty_file_is_one_of_jobctl_unless_another_program_has_marked_it() {
    let today = made();
    let mark = today.ask("PRAGMA application_id");
    let sandbox = Sandbox::new();
    sandbox.write("jobs.db", "");
    create(&sandbox);
    assert_eq!(version(&sandbox), version(&today));
    assert_eq!(sandbox.ask("PRAGMA application_id"), mark);
    for sql in ["PRAGMA user_version = 7", "PRAGMA application_id = 7"] {
        let sandbox = Sandbox::new();
        sandbox.sql(sql);
        create(&sandbox);
        let both = ["user_version", "application_id"];
        let both = both.map(|name| sandbox.ask(&format!("PRAGMA {name}")));
        let name = both.iter().filter(|value| *value == "7").count();
        let none = both.iter().filter(|value| *value == "0").count();
        assert_eq!((name, none), (1, 1), "{sql}: {both:?}");
        sandbox.jobctl("list").run().ok();
    }
}

#[test]
fn a_file_of_every_earlier_version_is_read_as_it_is_and_brought_up_by_the_first_that_writes() {
    let today = made();
    assert_eq!(version(&today), SHIPPED.len(), "a fixture is missing");
    for (before, schema) in (1..).zip(SHIPPED) {
        let sandbox = Sandbox::new();
        sandbox.sql(schema);
        let mark = today.ask("PRAGMA application_id");
        sandbox.sql(&format!(
            "PRAGMA application_id = {mark}; PRAGMA user_version = {before}"
        ));
        sandbox.job(A, &[]);
        sandbox.write("dump.jsonl", crate::locks::dump(1));
        let untouched = hash(sandbox.db());
        for args in &COMMANDS[..6] {
            sandbox.jobctl(*args).run().ok();
        }
        // What is refused writes nothing.
        sandbox.jobctl("delete --status queued").run().fails(4);
        sandbox
            .jobctl("update $A --requeue --if-status failed")
            .run()
            .fails(4);
        assert_eq!(hash(sandbox.db()), untouched, "version {before}");
        sandbox.jobctl("update $A --stage x").run().ok();
        assert_eq!(version(&sandbox), SHIPPED.len(), "version {before}");
        assert_eq!(sandbox.schema(), today.schema(), "version {before}");
        assert_eq!(sandbox.cell(A, "current_stage"), "text|x");
    }
}
