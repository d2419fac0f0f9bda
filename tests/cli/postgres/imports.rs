//! Imports of many rows, which go by COPY: what keeps it from its very start, and a mirror that is taken back.

use super::cluster::{Cluster, cluster};
use crate::migrate::running::Running;
use crate::support::Sandbox;

/// As many as make COPY worth it.
const JOBS: usize = 20;

/// An empty job table, and a dump of jobs.
fn empty(cluster: &Cluster) -> (String, Sandbox, String) {
    let database = cluster.database("", false);
    let url = cluster.url("jobctl", &database);
    let sandbox = Sandbox::new();
    let dump: String = (0..JOBS).map(crate::locks::line).collect();
    sandbox.write("dump.jsonl", dump);
    let run = |words: &str| sandbox.jobctl(words).env("JOBCTL_DB", &url).run();
    run("create --id $A --type idea2video --content 'A fox learns to sail'").ok();
    run("delete $A").ok();
    (database, sandbox, url)
}

fn count(cluster: &Cluster, database: &str) -> i64 {
    let sql = "SELECT count(*) FROM video_generation_jobs";
    let row = cluster.connect(database).query_one(sql, &[]).unwrap();
    row.get(0)
}

#[test]
fn a_copy_that_its_user_may_not_begin_is_77() {
    let Some(cluster) = cluster() else { return };
    let (database, sandbox, _) = empty(cluster);
    let role = format!("copies_{database}");
    let sql = format!(
        "CREATE ROLE {role} LOGIN; GRANT ALL ON ALL TABLES IN SCHEMA public TO {role};
        REVOKE INSERT ON video_generation_jobs FROM {role}"
    );
    cluster.connect(&database).batch_execute(&sql).unwrap();
    let url = cluster.url(&role, &database);
    for words in [
        "migrate dump.jsonl",
        "migrate dump.jsonl --atomic",
        "migrate dump.jsonl --no-history",
    ] {
        let denied = sandbox.jobctl(words).env("JOBCTL_DB", &url).run().fails(77);
        denied
            .stderr_has("importing jobs: ")
            .stderr_has("GRANT that right");
        assert_eq!(count(cluster, &database), 0, "{words}");
    }
    cluster.drop_database(&database);
}

/// Somebody takes a column away while the import waits for the table.
#[test]
fn a_copy_into_a_column_that_has_gone_changes_nothing_and_says_which() {
    let Some(cluster) = cluster() else { return };
    let (database, sandbox, url) = empty(cluster);
    let mut other = cluster.connect(&database);
    let mut change = other.transaction().unwrap();
    change
        .batch_execute("ALTER TABLE video_generation_jobs DROP COLUMN style")
        .unwrap();
    let run = sandbox.jobctl("migrate dump.jsonl --busy-timeout 1m");
    let mut running = Running::start(run.env("JOBCTL_DB", &url));
    let waits = "SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'video_generation_jobs'::regclass LIMIT 1";
    running.until("it waits", || {
        change.query_opt(waits, &[]).unwrap().is_some()
    });
    change.commit().unwrap();
    let failed = running.end();
    assert_ne!(failed.status, 0, "{failed}");
    failed.stderr_has("style");
    assert_eq!(count(cluster, &database), 0);
    let again = sandbox.jobctl("migrate dump.jsonl").env("JOBCTL_DB", &url);
    again.run().fails(66).stderr_has("lacks the column style");
    drop(other);
    cluster.drop_database(&database);
}

#[test]
fn an_import_and_its_mirror_are_taken_back_row_by_row() {
    let Some(cluster) = cluster() else { return };
    let (database, sandbox, url) = empty(cluster);
    let rows = || {
        let sql = "SELECT string_agg(j::text, E'\\n' ORDER BY id) FROM video_generation_jobs j";
        let row = cluster.connect(&database).query_one(sql, &[]).unwrap();
        row.get::<_, Option<String>>(0).unwrap_or_default()
    };
    let run = |words: &str| sandbox.jobctl(words).env("JOBCTL_DB", &url).run();
    run("--db jobs.db migrate dump.jsonl").ok();
    run("migrate jobs.db").ok().stderr_has("inserted 20,");
    let before = rows();
    let gone = run("list --all -o ids").ok().stdout;
    let gone: Vec<&str> = gone.lines().take(12).collect();
    run(&format!("--db jobs.db delete {} --yes", gone.join(" "))).ok();
    run("--db jobs.db create --id $B --type idea2video --content 'A fox learns to sail'").ok();
    let mirrored = run("migrate jobs.db --mirror --yes --verify").ok();
    mirrored
        .stderr_has("deleted 12 jobs that are gone")
        .stderr_has("verified: equal: 9 jobs");
    let after = rows();
    let undone = run("undo").ok();
    undone
        .stderr_has("restored 12 jobs")
        .stderr_has("deleted 1 job");
    assert_eq!(rows(), before);
    run("redo").ok();
    assert_eq!(rows(), after);
    run("undo").ok();
    assert_eq!(rows(), before);
    cluster.drop_database(&database);
}

#[test]
fn a_redaction_waits_for_a_row_that_somebody_holds_as_long_as_it_may() {
    let Some(cluster) = cluster() else { return };
    let (database, sandbox, url) = empty(cluster);
    let run = |words: &str| sandbox.jobctl(words).env("JOBCTL_DB", &url).run();
    run("create --id $A --type idea2video --content 'A fox learns to sail'").ok();
    let mut holder = cluster.connect(&database);
    let mut held = holder.transaction().unwrap();
    held.query("SELECT FROM video_generation_jobs FOR UPDATE", &[])
        .unwrap();
    let refused = run("redact $A --yes --busy-timeout 20ms").fails(75);
    refused.stderr_has("is locked");
    held.rollback().unwrap();
    run("show $A").ok().stdout_has("A fox learns");
    run("redact $A --yes --busy-timeout 20ms").ok();
    assert!(!run("show $A").ok().stdout.contains("A fox learns"));
    drop(holder);
    cluster.drop_database(&database);
}

/// The tables of the history are found, told and put right where somebody has touched them.
#[test]
fn its_own_tables_are_put_right() {
    let Some(cluster) = cluster() else { return };
    let (database, sandbox, url) = empty(cluster);
    let run = |words: &str| sandbox.jobctl(words).env("JOBCTL_DB", &url).run();
    let sql = |sql: &str| cluster.connect(&database).batch_execute(sql).unwrap();
    let clean = || run("doctor own-tables -q").ok().no_stdout();
    clean();
    sql("DROP INDEX jobctl_change_job; INSERT INTO jobctl_change (id, count) VALUES (99 << 20, 1), ((98 << 20) + 1, 1);
        CREATE TABLE jobctl_setting (name text PRIMARY KEY, value text); INSERT INTO jobctl_setting VALUES ('history_keep_ms', 'long')");
    let found = run("doctor own-tables").ok();
    found
        .stdout_has("warning own-tables (3)")
        .stdout_has("the index jobctl_change_job is missing")
        .stdout_has("jobctl_setting says no age, so that runs are kept for 7 days")
        .stdout_has("2 kept changes of no run");
    run("doctor --fix own-tables --dry-run").ok();
    run("doctor --fix own-tables --yes")
        .ok()
        .stderr_has("fixed own-tables");
    clean();
    run("undo").ok().stderr_has("restored 1 job");
    sql("ALTER TABLE jobctl_run DROP COLUMN argv");
    let found = run("doctor own-tables").ok();
    found
        .stdout_has("jobctl_run has other columns")
        .stdout_has("psql -c '\\d jobctl_*'");
    sql("DROP TABLE jobctl_run");
    run("doctor own-tables")
        .ok()
        .stdout_has("jobctl_run is missing");
    sql("DROP TABLE jobctl_change");
    clean();
    cluster.drop_database(&database);
}

/// A number that the server keeps is no difference: an UPDATE cannot set it.
#[test]
fn a_number_that_the_server_keeps_makes_no_job_different() {
    let Some(cluster) = cluster() else { return };
    let (database, sandbox, url) = empty(cluster);
    let run = |words: &str| sandbox.jobctl(words).env("JOBCTL_DB", &url).run();
    run("create --id $A --type idea2video --content 'A fox learns to sail'").ok();
    let sql = "ALTER TABLE video_generation_jobs ADD number bigint GENERATED ALWAYS AS IDENTITY";
    cluster.connect(&database).batch_execute(sql).unwrap();
    let row = run("export").ok().stdout;
    let other = row.replace("\"number\": 1", "\"number\": 7");
    assert_ne!(row, other);
    sandbox.write("other.jsonl", &other);
    for more in ["", " --dry-run", " --no-history"] {
        let again = run(&format!("migrate other.jsonl --on-conflict replace{more}"));
        again.ok().stderr_has("updated 0, skipped 1,");
    }
    let retold = other.replace("A fox", "An owl");
    sandbox.write("other.jsonl", retold);
    let told = run("migrate other.jsonl --on-conflict replace").ok();
    told.stderr_has("updated 1, skipped 0,");
    assert!(run("export").ok().stdout.contains("\"number\": 1"));
    cluster.drop_database(&database);
}

/// The server spells a UUID its own way: under another one nobody would find the job again.
#[test]
fn an_id_that_its_column_spells_otherwise_is_rejected_and_no_row_is_written() {
    let Some(cluster) = cluster() else { return };
    let (database, sandbox, url) = empty(cluster);
    let run = |words: &str| sandbox.jobctl(words).env("JOBCTL_DB", &url).run();
    let sql = "ALTER TABLE video_generation_jobs ALTER id TYPE uuid USING id::uuid, ADD other uuid";
    cluster.connect(&database).batch_execute(sql).unwrap();
    let id = "7c1fabcd-0000-4000-8000-00000000000a";
    let upper = id.to_uppercase();
    run(&format!(
        "create --id {id} --type idea2video --content 'A fox learns to sail'"
    ))
    .ok();
    for words in [
        "show $U",
        "update $U --title Rain",
        "show 7C1FABCD",
        "history $U",
    ] {
        run(&words.replace("$U", &upper)).ok();
    }
    let row = run("export").ok().stdout;
    let told = format!("the column of its id spells it {id}");
    let braced = format!("{{{id}}}");
    for (given, told) in [
        (upper.as_str(), told.as_str()),
        (&braced, &told),
        ("job-1", "its id is no UUID"),
    ] {
        sandbox.write("dump.jsonl", row.replace(id, given));
        for more in ["", " --dry-run", " --fit", " --on-conflict replace"] {
            let refused = run(&format!("migrate dump.jsonl{more}"));
            let refused = refused.fails(65).stderr_has(told);
            refused.stderr_has("rejected 1").stderr_lacks("--fit makes");
        }
        run("delete $U --dry-run".replace("$U", &upper).as_str()).ok();
        assert_eq!(count(cluster, &database), 1, "{given}");
    }
    // Of another column it is the same value.
    sandbox.write(
        "dump.jsonl",
        row.replace("\"other\": null", &format!("\"other\": \"{upper}\"")),
    );
    for (policy, counts) in [
        ("replace", "updated 1, skipped 0,"),
        ("replace", "updated 0, skipped 1,"),
    ] {
        let run = run(&format!("migrate dump.jsonl --on-conflict {policy}"));
        run.ok().stderr_has(counts);
    }
    run(&format!("delete {upper}")).ok();
    assert_eq!(count(cluster, &database), 0);
    run("undo").ok();
    assert_eq!(count(cluster, &database), 1);
    cluster.drop_database(&database);
}
