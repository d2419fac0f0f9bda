//! Indexes that are made beside those who write: who is in their way is waited for as long as may be, and what is left by half is told and
//! finished.

use postgres::Client;

use super::cluster::{Cluster, cluster};
use super::partitioned::{ask, partitioned};
use crate::migrate::running::Running;
use crate::support::Sandbox;

const FIX: &str = "doctor --fix missing-index --yes --busy-timeout 50ms";
const LOOK: &str = "doctor missing-index invalid-index -q";

/// A table that lacks an index, and a session beside it.
fn lacking(cluster: &Cluster) -> (String, Sandbox, String, Client) {
    let database = cluster.database("", false);
    let (sandbox, url) = (Sandbox::new(), cluster.url("jobctl", &database));
    let run = |words: &str| sandbox.jobctl(words).env("JOBCTL_DB", &url).run().ok();
    run("create --id $A --type idea2video --content 'A fox learns to sail'");
    run("doctor --fix missing-index --yes");
    let mut client = cluster.connect(&database);
    client.batch_execute("DROP INDEX idx_job_type").unwrap();
    (database, sandbox, url, client)
}

#[test]
fn who_has_changed_jobs_is_waited_for_no_longer_than_may_be() {
    let Some(cluster) = cluster() else { return };
    let (database, sandbox, url, mut client) = lacking(cluster);
    let run = |words: &str| sandbox.jobctl(words).env("JOBCTL_DB", &url).run();
    let mut held = client.transaction().unwrap();
    held.batch_execute("UPDATE video_generation_jobs SET style = 'one'")
        .unwrap();
    let refused = run(FIX).fails(75);
    refused.stderr_has("is locked by another process (waited 50ms)");
    // What is there of it cannot be taken away beside that one either.
    let told = run("doctor invalid-index").ok();
    told.stdout_has("idx_job_type").stdout_has("REINDEX INDEX");
    held.rollback().unwrap();
    run(FIX).ok().stderr_has("fixed missing-index (1 index)");
    run(LOOK).ok().no_stdout();
    drop(client);
    cluster.drop_database(&database);
}

/// One that only sees an earlier state has no lock on the table.
#[test]
fn who_sees_an_earlier_state_is_waited_for_no_longer_and_nothing_is_left() {
    let Some(cluster) = cluster() else { return };
    let (database, sandbox, url, mut client) = lacking(cluster);
    let run = |words: &str| sandbox.jobctl(words).env("JOBCTL_DB", &url).run();
    let mut held = client
        .build_transaction()
        .isolation_level(postgres::IsolationLevel::RepeatableRead)
        .start()
        .unwrap();
    held.query_one("SELECT 1", &[]).unwrap();
    // Long enough for a busy machine to take away what was begun.
    run("doctor --fix missing-index --yes --busy-timeout 2s")
        .fails(75)
        .stderr_has("is locked by another process");
    run("doctor invalid-index -q").ok().no_stdout();
    held.rollback().unwrap();
    run(FIX).ok();
    run(LOOK).ok().no_stdout();
    drop(client);
    cluster.drop_database(&database);
}

/// One that somebody is at work on is no half of one, and is left to them.
#[test]
fn an_index_that_is_being_made_is_left_alone() {
    let Some(cluster) = cluster() else { return };
    let (database, sandbox, url, mut client) = lacking(cluster);
    let run = |words: &str| sandbox.jobctl(words).env("JOBCTL_DB", &url);
    let mut held = client.transaction().unwrap();
    held.batch_execute("UPDATE video_generation_jobs SET style = 'one'")
        .unwrap();
    let making = run("doctor --fix missing-index --yes --busy-timeout 1m");
    let mut making = Running::start(making);
    let mut observer = cluster.connect(&database);
    let waits = "SELECT 1 FROM pg_stat_progress_create_index WHERE datname = current_database() AND phase LIKE 'waiting%'";
    making.until("it waits", || {
        observer.query_opt(waits, &[]).unwrap().is_some()
    });
    run("doctor invalid-index -q").run().ok().no_stdout();
    run(FIX).run().fails(75);
    held.rollback().unwrap();
    making.end().ok();
    run(LOOK).run().ok().no_stdout();
    drop((client, observer));
    cluster.drop_database(&database);
}

/// An index of some jobs alone, or of their columns in another order, helps no question about all of them.
#[test]
fn an_index_of_some_jobs_does_not_stand_for_one_of_all() {
    let Some(cluster) = cluster() else { return };
    let (database, sandbox, url, mut client) = lacking(cluster);
    let run = |words: &str| sandbox.jobctl(words).env("JOBCTL_DB", &url).run();
    for other in [
        "(job_type) WHERE status = 'queued'",
        "(style, job_type)",
        "(upper(job_type))",
        "USING hash (job_type)",
    ] {
        let made = format!("CREATE INDEX other ON video_generation_jobs {other}");
        client.batch_execute(&made).unwrap();
        run("doctor missing-index")
            .ok()
            .stdout_has("idx_job_type on (job_type)");
        client.batch_execute("DROP INDEX other").unwrap();
    }
    drop(client);
    cluster.drop_database(&database);
}

/// The limit is beside what the address asks for itself.
#[test]
fn options_of_the_address_hold_for_it_too() {
    let Some(cluster) = cluster() else { return };
    let (database, sandbox, url, mut client) = lacking(cluster);
    client
        .batch_execute("CREATE SCHEMA video; ALTER TABLE video_generation_jobs SET SCHEMA video; ALTER TABLE jobctl_run SET SCHEMA video;
            ALTER TABLE jobctl_change SET SCHEMA video")
        .unwrap();
    let mark = if url.contains('?') { '&' } else { '?' };
    let url = format!("{url}{mark}options=-c%20search_path%3Dvideo");
    let run = |words: &str| sandbox.jobctl(words).env("JOBCTL_DB", &url).run();
    run(FIX).ok().stderr_has("fixed missing-index (1 index)");
    run(LOOK).ok().no_stdout();
    drop(client);
    cluster.drop_database(&database);
}

const INDEXES: &str = "SELECT count(*) FILTER (WHERE i.indisvalid) * 100 + count(*) FROM pg_index i
    WHERE pg_get_indexdef(i.indexrelid) LIKE '%(job_type)'";

/// No REINDEX makes an index of a table in partitions whole.
#[test]
fn an_index_of_some_partitions_alone_is_finished() {
    let Some(cluster) = cluster() else { return };
    let deeper = "DROP TABLE part_2; CREATE TABLE part_2 PARTITION OF video_generation_jobs
            FOR VALUES WITH (MODULUS 3, REMAINDER 2) PARTITION BY HASH (id);
        CREATE TABLE part_2_0 PARTITION OF part_2 FOR VALUES WITH (MODULUS 1, REMAINDER 0);";
    for (before, name, indexes) in [
        ("", "begun", 4),
        ("", "idx_job_type", 4),
        (deeper, "idx_job_type", 5),
    ] {
        let (database, sandbox, url) = partitioned(
            cluster,
            &format!(
                "{before} CREATE INDEX {name} ON ONLY video_generation_jobs (job_type);
                CREATE INDEX of_somebody ON part_0 (job_type);
                ALTER INDEX {name} ATTACH PARTITION of_somebody; CREATE INDEX alone ON part_1 (job_type)"
            ),
        );
        let run = |words: &str| sandbox.jobctl(words).env("JOBCTL_DB", &url).run();
        assert_eq!(ask(cluster, &database, INDEXES), 203);
        let told = run("doctor invalid-index").ok();
        let told = told.stdout_has(name).stdout_lacks("REINDEX");
        told.stdout_has("jobctl doctor --fix missing-index finishes that of all partitions");
        run(FIX).ok();
        run(LOOK).ok().no_stdout();
        assert_eq!(ask(cluster, &database, INDEXES), indexes * 101, "{name}");
        cluster.drop_database(&database);
    }
}

#[test]
fn an_index_whose_part_is_there_by_half_is_finished() {
    let Some(cluster) = cluster() else { return };
    let (database, sandbox, url) = partitioned(
        cluster,
        "CREATE INDEX begun ON video_generation_jobs (job_type);
        UPDATE pg_index SET indisvalid = false WHERE indexrelid IN ('begun'::regclass, 'part_1_job_type_idx'::regclass)",
    );
    let run = |words: &str| sandbox.jobctl(words).env("JOBCTL_DB", &url).run();
    let told = run("doctor invalid-index").ok();
    let told = told.stdout_has("'REINDEX INDEX CONCURRENTLY part_1_job_type_idx'");
    told.stdout_has("; then jobctl doctor --fix missing-index");
    run(FIX).ok();
    run(LOOK).ok().no_stdout();
    assert_eq!(ask(cluster, &database, INDEXES), 404);
    cluster.drop_database(&database);
}

/// One that jobctl does not ask for is its owner's to finish, by the lines that are told.
#[test]
fn an_index_of_somebody_else_on_some_partitions_has_its_line() {
    let Some(cluster) = cluster() else { return };
    let (database, sandbox, url) = partitioned(
        cluster,
        "CREATE INDEX theirs ON ONLY video_generation_jobs (style)",
    );
    let run = |words: &str| sandbox.jobctl(words).env("JOBCTL_DB", &url).run();
    let told = run("doctor invalid-index").ok();
    let told = told.stdout_has("ALTER INDEX theirs ATTACH PARTITION");
    told.stdout_lacks("REINDEX");
    let mut client = cluster.connect(&database);
    for part in 0..3 {
        let made = format!("CREATE INDEX CONCURRENTLY style_{part} ON part_{part} (style)");
        client.batch_execute(&made).unwrap();
        let taken = format!("ALTER INDEX theirs ATTACH PARTITION style_{part}");
        client.batch_execute(&taken).unwrap();
    }
    run("doctor invalid-index -q").ok().no_stdout();
    drop(client);
    cluster.drop_database(&database);
}
