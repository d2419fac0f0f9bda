//! Rules of the table (CREATE RULE), by which the server does something else than it is told: what they would make unreliable is refused
//! before anything is done.

use super::cluster::cluster;
use crate::support::Sandbox;

/// What changes jobs.
const CHANGES: [&str; 12] = [
    "create --type idea2video --content 'A fox learns to sail'",
    "update $A --title Rain",
    "delete $A",
    "delete --status queued --yes",
    "redact $A --yes",
    "undo",
    "redo",
    CLEANUPS[0],
    CLEANUPS[1],
    CLEANUPS[2],
    IMPORTS[0],
    IMPORTS[1],
];

const CLEANUPS: [&str; 3] = [
    "cleanup --older-than 1s --yes",
    "cleanup --older-than 1s --dry-run",
    "cleanup --older-than 1s",
];

const IMPORTS: [&str; 2] = ["migrate dump.jsonl", "migrate dump.jsonl --dry-run"];

/// The dry runs of those changes that only a rule `INSTEAD` has refused.
const DRY_RUNS: [&str; 5] = [
    "update $A --title Rain --dry-run",
    "delete $A --dry-run",
    "delete --status queued --dry-run",
    "redact $A --dry-run",
    "undo --dry-run",
];

#[test]
fn what_a_rule_would_leave_open_is_refused() {
    let Some(cluster) = cluster() else { return };
    for (rule, kind, refused) in [
        (
            "ON DELETE TO jobs DO INSTEAD NOTHING",
            "DO INSTEAD",
            &CHANGES[..],
        ),
        (
            "ON DELETE TO jobs DO INSTEAD UPDATE video_generation_jobs SET status = 'failed' WHERE id = OLD.id RETURNING OLD.*",
            "DO INSTEAD",
            &CHANGES,
        ),
        (
            "ON UPDATE TO jobs WHERE NEW.status = 'failed' DO INSTEAD NOTHING",
            "DO INSTEAD",
            &CHANGES,
        ),
        (
            "ON INSERT TO jobs DO INSTEAD NOTHING",
            "DO INSTEAD",
            &CHANGES,
        ),
        (
            "ON UPDATE TO jobs DO ALSO INSERT INTO noted VALUES (OLD.id)",
            "ON INSERT or ON UPDATE",
            &IMPORTS,
        ),
        (
            "ON INSERT TO jobs DO ALSO INSERT INTO noted VALUES (NEW.id)",
            "ON INSERT or ON UPDATE",
            &IMPORTS,
        ),
        (
            "ON DELETE TO jobs DO ALSO INSERT INTO noted VALUES (OLD.id)",
            "ON DELETE",
            &CLEANUPS,
        ),
    ] {
        let database = cluster.database("", false);
        let url = cluster.url("jobctl", &database);
        let sandbox = Sandbox::new();
        sandbox.write("dump.jsonl", crate::locks::line(7));
        let run = |words: &str| sandbox.jobctl(words).env("JOBCTL_DB", &url).run();
        run("create --id $A --type idea2video --content 'A fox learns to sail'").ok();
        let sql = format!("CREATE TABLE noted (id text); CREATE RULE other_way AS {rule}");
        let sql = sql.replace(" jobs ", " video_generation_jobs ");
        let mut client = cluster.connect(&database);
        client.batch_execute(&sql).unwrap();
        let rows = "SELECT coalesce(string_agg(j::text, ';'), '') FROM video_generation_jobs j";
        let before: String = client.query_one(rows, &[]).unwrap().get(0);
        let is_also = kind != "DO INSTEAD";
        let dry_runs = if is_also { &[] } else { &DRY_RUNS[..] };
        for words in refused.iter().chain(dry_runs) {
            let said = run(words).fails(4);
            let told = format!("has rules for video_generation_jobs ({kind}: other_way)");
            said.stderr_has(&told).stderr_has("DROP RULE");
            let after: String = client.query_one(rows, &[]).unwrap().get(0);
            assert_eq!(after, before, "{rule}: {words}");
        }
        for words in ["show $A", "list", "export", "doctor", "history"] {
            run(words).ok();
        }
        if is_also {
            for words in DRY_RUNS.iter().take(4).chain(&CHANGES[1..3]) {
                run(words).ok();
            }
            run("undo").ok();
            run("show $A").ok();
        }
        client
            .batch_execute("ALTER TABLE video_generation_jobs DISABLE RULE other_way")
            .unwrap();
        run("update $A --title Snow").ok();
        run("cleanup --older-than 1s --yes").ok();
        client
            .batch_execute("DROP RULE other_way ON video_generation_jobs")
            .unwrap();
        run("migrate dump.jsonl").ok();
        drop(client);
        cluster.drop_database(&database);
    }
}
