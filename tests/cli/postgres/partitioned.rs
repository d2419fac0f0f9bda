//! A job table in partitions: a place in one is not a place in another, and a trigger of one counts.

use super::cluster::{Cluster, cluster};
use crate::support::Sandbox;

/// The service's columns, in three partitions, with thirty jobs: the even ones are done.
const TABLE: &str = "
CREATE TABLE video_generation_jobs (
    id VARCHAR(36) NOT NULL, job_type VARCHAR(50) NOT NULL, mode VARCHAR(20), status VARCHAR(50), content TEXT, user_requirement TEXT,
    style VARCHAR(255), project_title VARCHAR(255), request_data JSON, context JSON, progress DOUBLE PRECISION, current_stage VARCHAR(255),
    working_dir VARCHAR(500), result_data JSON, error_message TEXT, total_shots INTEGER, completed_shots INTEGER, episode_id VARCHAR(36),
    series_id VARCHAR(36), created_at TIMESTAMP, updated_at TIMESTAMP, started_at TIMESTAMP, completed_at TIMESTAMP, PRIMARY KEY (id)
) PARTITION BY HASH (id);
CREATE TABLE part_0 PARTITION OF video_generation_jobs FOR VALUES WITH (MODULUS 3, REMAINDER 0);
CREATE TABLE part_1 PARTITION OF video_generation_jobs FOR VALUES WITH (MODULUS 3, REMAINDER 1);
CREATE TABLE part_2 PARTITION OF video_generation_jobs FOR VALUES WITH (MODULUS 3, REMAINDER 2);
INSERT INTO video_generation_jobs (id, job_type, status, project_title, created_at, updated_at, completed_at)
    SELECT format('7c1f0000-0000-4000-8000-%s', lpad(n::text, 12, '0')), 'idea2video',
        CASE WHEN n % 2 = 0 THEN 'completed' ELSE 'queued' END, 'Rain', '2026-01-02', '2026-01-02',
        CASE WHEN n % 2 = 0 THEN '2026-01-02'::timestamp END
    FROM generate_series(1, 30) n;
";

pub(super) fn partitioned(cluster: &Cluster, sql: &str) -> (String, Sandbox, String) {
    let database = cluster.database(TABLE, false);
    cluster.connect(&database).batch_execute(sql).unwrap();
    let url = cluster.url("jobctl", &database);
    (database, Sandbox::new(), url)
}

pub(super) fn ask(cluster: &Cluster, database: &str, sql: &str) -> i64 {
    let row = cluster.connect(database).query_one(sql, &[]).unwrap();
    row.get(0)
}

/// Rows of different partitions have the same place in their files.
#[test]
fn cleanup_removes_the_jobs_that_go_and_no_others() {
    let Some(cluster) = cluster() else { return };
    for more in ["", " --exclusive", " --archive gone.jsonl"] {
        let (database, sandbox, url) = partitioned(cluster, "");
        let words = format!("cleanup --older-than 1d --yes{more}");
        let cleaned = sandbox.jobctl(&words).env("JOBCTL_DB", &url).run().ok();
        cleaned
            .stderr_has("removed 15 jobs (15 completed)")
            .stderr_lacks("stayed");
        let left = "SELECT count(*) FILTER (WHERE status = 'queued') * 100 + count(*) FROM video_generation_jobs";
        assert_eq!(ask(cluster, &database, left), 1515, "{more}");
        cluster.drop_database(&database);
    }
}

#[test]
fn what_a_trigger_of_one_partition_keeps_is_not_archived() {
    let Some(cluster) = cluster() else { return };
    let (database, sandbox, url) = partitioned(
        cluster,
        "CREATE FUNCTION keeps() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
        CREATE TRIGGER keeps BEFORE DELETE ON part_1 FOR EACH ROW EXECUTE FUNCTION keeps()",
    );
    let kept = "SELECT count(*) FROM part_1 WHERE status = 'completed'";
    let kept = ask(cluster, &database, kept);
    assert!(0 < kept && kept < 15);
    let words = "cleanup --older-than 1d --yes --archive gone.jsonl -o json";
    let cleaned = sandbox.jobctl(words).env("JOBCTL_DB", &url).run().fails(1);
    cleaned.stderr_has("a rule of the table keeps it as it is");
    let archived = std::fs::read_to_string(sandbox.path("gone.jsonl")).unwrap();
    assert_eq!(archived.lines().count() as i64, 15 - kept);
    let left = "SELECT count(*) FROM video_generation_jobs";
    assert_eq!(ask(cluster, &database, left), 15 + kept);
    cluster.drop_database(&database);
}

/// COPY would not tell what the trigger has made of the rows, and so they could not be taken back.
#[test]
fn what_a_trigger_of_one_partition_makes_of_rows_is_known_to_the_history() {
    let Some(cluster) = cluster() else { return };
    let (database, sandbox, url) = partitioned(
        cluster,
        "CREATE FUNCTION alters() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF NEW.style = 'none' THEN RETURN NULL; END IF; NEW.style := 'altered'; RETURN NEW; END $$;
        CREATE TRIGGER alters BEFORE INSERT OR UPDATE ON part_1 FOR EACH ROW EXECUTE FUNCTION alters()",
    );
    let run = |words: &str| sandbox.jobctl(words).env("JOBCTL_DB", &url);
    let exported = run("export").run().ok().stdout;
    run("delete --type idea2video --yes").run().ok();
    let imported = run("migrate -").stdin(exported.clone()).run().ok();
    imported.stderr_has("inserted 30,");
    let altered = "SELECT count(*) FROM video_generation_jobs WHERE style = 'altered'";
    assert!(ask(cluster, &database, altered) > 0);
    run("undo").run().ok().stderr_has("deleted 30 jobs");
    run("redo").run().ok().stderr_has("restored 30 jobs");
    run("undo").run().ok().stderr_has("deleted 30 jobs");
    // What it drops is told, row by row, and the others are in.
    let dropped = exported.replace("\"style\": null", "\"style\": \"none\"");
    let imported = run("migrate -").stdin(dropped).run().fails(65);
    let left = ask(
        cluster,
        &database,
        "SELECT count(*) FROM video_generation_jobs",
    );
    let imported = imported.stderr_has(&format!("inserted {left},"));
    imported.stderr_has("a rule of the table leaves it out");
    run("undo").run().ok();
    cluster.drop_database(&database);
}

#[test]
fn every_command_works_on_partitions() {
    let Some(cluster) = cluster() else { return };
    let (database, sandbox, url) = partitioned(cluster, "");
    let run = |words: &str| sandbox.jobctl(words).env("JOBCTL_DB", &url).run();
    let first = "7c1f0000-0000-4000-8000-000000000001";
    run(&format!("update {first} --title Snow")).ok();
    run("undo").ok();
    run(&format!("delete {first}")).ok();
    run("undo").ok();
    run("create --id $A --type idea2video --content 'A fox learns to sail'").ok();
    assert_eq!(run("list --all -o ids").ok().stdout.lines().count(), 31);
    assert_eq!(run("export").ok().stdout.lines().count(), 31);
    run("stats").ok();
    run("doctor").ok();
    run("redact $A --yes").ok();
    run("cleanup --older-than 1d --yes --reclaim")
        .ok()
        .stderr_has("removed 15 jobs");
    run(&format!("--db copy.db migrate {url} --verify")).ok();
    cluster.drop_database(&database);
}

/// No index is made beside those who write in all partitions at once: each gets its own, and the table's takes them over.
#[test]
fn missing_indexes_are_made_part_by_part() {
    let Some(cluster) = cluster() else { return };
    let long = "p".repeat(60);
    let (database, sandbox, url) = partitioned(
        cluster,
        &format!(
            "ALTER TABLE part_1 RENAME TO {long};
            CREATE SCHEMA \"Old Jobs\"; ALTER TABLE part_2 SET SCHEMA \"Old Jobs\";
            CREATE INDEX of_somebody ON part_0 (status);
            CREATE INDEX wider ON part_0 (job_type, status)"
        ),
    );
    let run = |words: &str| sandbox.jobctl(words).env("JOBCTL_DB", &url).run();
    run("doctor missing-index").ok().stdout_has("missing-index");
    run("doctor --fix missing-index --dry-run").ok();
    run("doctor --fix missing-index --yes").ok();
    run("doctor missing-index invalid-index -q")
        .ok()
        .no_stdout();
    // One for each of three partitions and the table, but for the one that is there.
    let own = "SELECT count(*) FROM pg_class c JOIN pg_index i ON i.indexrelid = c.oid
        WHERE (c.relname LIKE 'idx_job%' OR c.relname LIKE 'jobctl_%') AND i.indisvalid AND c.relkind = $$";
    let of = |kind: &str| ask(cluster, &database, &own.replace("$$", &format!("'{kind}'")));
    let tables = of("I");
    assert!(tables >= 3, "{tables}");
    assert_eq!(of("i"), tables * 3 - 1);
    let alone = "SELECT count(*) FROM pg_class c WHERE c.relkind = 'i' AND NOT c.relispartition
        AND (c.relname LIKE 'idx_job%' OR c.relname LIKE 'jobctl_%')";
    assert_eq!(ask(cluster, &database, alone), 0);
    // What was begun and broken off is done again.
    let mut client = cluster.connect(&database);
    client
        .batch_execute(
            "DROP INDEX idx_job_type; CREATE INDEX idx_job_type_part_0 ON part_0 (job_type);
            UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'idx_job_type_part_0'::regclass",
        )
        .unwrap();
    run("doctor --fix missing-index --yes")
        .ok()
        .stderr_has("fixed missing-index (1 index)");
    run("doctor missing-index invalid-index -q")
        .ok()
        .no_stdout();
    assert_eq!(ask(cluster, &database, alone), 0);
    drop(client);
    cluster.drop_database(&database);
}

/// A partition that somebody locks keeps the others' indexes; the same line finishes it.
#[test]
fn an_index_that_a_lock_breaks_off_is_finished_by_the_same_line() {
    let Some(cluster) = cluster() else { return };
    let (database, sandbox, url) = partitioned(cluster, "");
    let run = |words: &str| sandbox.jobctl(words).env("JOBCTL_DB", &url).run();
    run("doctor --fix missing-index --yes").ok();
    let mut client = cluster.connect(&database);
    client.batch_execute("DROP INDEX idx_job_type").unwrap();
    client
        .batch_execute("CREATE INDEX idx_job_type_part_0 ON part_0 (job_type)")
        .unwrap();
    let mut held = client.transaction().unwrap();
    held.batch_execute("LOCK TABLE ONLY video_generation_jobs IN ROW EXCLUSIVE MODE")
        .unwrap();
    let refused = run("doctor --fix missing-index --yes --busy-timeout 20ms").fails(75);
    refused.stderr_has("is locked");
    held.rollback().unwrap();
    run("doctor --fix missing-index --yes")
        .ok()
        .stderr_has("fixed missing-index (1 index)");
    run("doctor missing-index invalid-index -q")
        .ok()
        .no_stdout();
    drop(client);
    cluster.drop_database(&database);
}
