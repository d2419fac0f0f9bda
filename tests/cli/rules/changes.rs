//! One job or a few by id: all or none, with the table's reason.

use super::{RULES, id, record, with_rule};
use crate::support::{A, B, Sandbox};

#[test]
fn create_says_why_the_table_refuses() {
    for (name, rule, why) in RULES {
        let sandbox = with_rule(rule);
        let args = "create --type idea2video --content 'A cat crosses the road' --title bad";
        sandbox
            .jobctl(args)
            .run()
            .fails(4)
            .no_stdout()
            .stderr_has(why);
        let several = format!("[{}, {}]", record(0, "good"), record(1, "bad"));
        sandbox
            .jobctl(["create", "--json", &several])
            .run()
            .fails(4)
            .no_stdout()
            .stderr_has(&format!("job {}: ", id(1)))
            .stderr_has(why);
        assert_eq!(sandbox.count(), 0, "{name}");
    }
}

#[test]
fn update_tells_the_job_as_the_table_s_own_triggers_leave_it() {
    let sandbox = Sandbox::report();
    sandbox.job(A, &[]);
    sandbox.sql(
        "CREATE TRIGGER styles AFTER UPDATE OF current_stage ON video_generation_jobs
         BEGIN UPDATE video_generation_jobs SET style = 'by rule' WHERE id = new.id; END",
    );
    let args = "update $A --stage mixing -o json";
    let job = sandbox.jobctl(args).run().ok().json();
    assert_eq!(job["style"], "by rule");
    assert_eq!(sandbox.cell(A, "style"), "text|by rule");
}

#[test]
fn update_and_delete_say_why_the_table_refuses_and_change_nothing() {
    for act in ["UPDATE", "DELETE"] {
        for (raise, why) in [
            (
                "ABORT, 'it stays'",
                "a trigger of the table refuses it: it stays",
            ),
            (
                "FAIL, 'it stays'",
                "a trigger of the table refuses it: it stays",
            ),
            (
                "ROLLBACK, 'it stays'",
                "a trigger of the table refuses it: it stays",
            ),
            ("IGNORE", "a rule of the table keeps it as it is"),
        ] {
            let sandbox = Sandbox::report();
            sandbox.job(A, &[]);
            sandbox.job(B, &[]);
            sandbox.sql(&format!(
                "CREATE TRIGGER guard BEFORE {act} ON video_generation_jobs WHEN old.id = '{B}'
                 BEGIN SELECT RAISE({raise}); END"
            ));
            let (a, b) = (sandbox.row(A), sandbox.row(B));
            let args = match act {
                "UPDATE" => "update $A $B --title new",
                _ => "delete $A $B",
            };
            sandbox
                .jobctl(args)
                .run()
                .fails(4)
                .no_stdout()
                .stderr_has(&format!("job {B}: {why}"))
                .stderr_has("none of the 2 jobs was changed");
            assert_eq!((sandbox.row(A), sandbox.row(B)), (a, b));
            let dry = sandbox.jobctl(args).arg("--dry-run").run().ok();
            dry.stderr_has("the table has rules of its own");
        }
    }
}

#[test]
fn update_tells_a_value_that_another_job_has() {
    let sandbox = Sandbox::report();
    sandbox.job(A, &[("project_title", &"one")]);
    sandbox.job(B, &[("project_title", &"two")]);
    sandbox.sql("CREATE UNIQUE INDEX titles ON video_generation_jobs (project_title)");
    sandbox
        .jobctl("update $B --title one -o json")
        .run()
        .fails(4)
        .stderr_has("another job of the table has this project_title (UNIQUE)");
    assert_eq!(sandbox.cell(B, "project_title"), "text|two");
}

#[test]
fn a_table_that_refers_to_a_job_keeps_it() {
    let sandbox = Sandbox::service();
    sandbox.job(A, &[]);
    sandbox.sql(&format!(
        "CREATE TABLE notes (job REFERENCES video_generation_jobs (id)); INSERT INTO notes VALUES ('{A}')"
    ));
    sandbox
        .jobctl("delete $A")
        .run()
        .fails(4)
        .stderr_has("(FOREIGN KEY)");
    assert_eq!(sandbox.ids(), [A]);
}
