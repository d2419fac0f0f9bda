//! What others change while a command waits for them: it decides on the jobs as they then are.

use super::cluster::{Cluster, cluster};
use crate::locks::{line, until};
use crate::migrate::running::Running;
use crate::support::{A, Output, Run, Sandbox};

/// A database with one job, which is queued, and has been given another title.
struct Job {
    cluster: &'static Cluster,
    database: String,
    sandbox: Sandbox,
}

impl Drop for Job {
    fn drop(&mut self) {
        self.cluster.drop_database(&self.database);
    }
}

impl Job {
    fn new(cluster: &'static Cluster) -> Job {
        let job = Job {
            cluster,
            database: cluster.database("", false),
            sandbox: Sandbox::new(),
        };
        job.ok("create --id $A --type idea2video --content 'A fox learns to sail'");
        job.ok("update $A --title Rain");
        job
    }

    fn run(&self, words: &str) -> Run {
        let url = self.cluster.url("jobctl", &self.database);
        self.sandbox.jobctl(words).env("JOBCTL_DB", url)
    }

    fn ok(&self, words: &str) -> Output {
        self.run(words).run().ok()
    }

    /// Begins with these words while somebody else changes the job, which is final when they wait for it.
    fn beside(&self, change: &str, words: &str) -> Output {
        let mut neighbour = self.cluster.connect(&self.database);
        let mut changing = neighbour.transaction().unwrap();
        changing.batch_execute(change).unwrap();
        let mut running = Running::start(self.run(&format!("{words} --busy-timeout 1m")));
        let mut observer = self.cluster.connect(&self.database);
        let waits = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        running.until("it waits", || {
            observer.query_opt(waits, &[]).unwrap().is_some()
        });
        changing.commit().unwrap();
        running.end()
    }

    fn row(&self) -> String {
        let sql = "SELECT j::text FROM video_generation_jobs j";
        let row = self.cluster.connect(&self.database).query_one(sql, &[]);
        row.unwrap().get(0)
    }
}

#[test]
fn what_is_decided_on_is_the_job_as_it_is_then() {
    let Some(cluster) = cluster() else { return };
    let processing = "UPDATE video_generation_jobs SET status = 'processing'";
    let titled = "UPDATE video_generation_jobs SET project_title = 'Snow'";
    let newer = "UPDATE video_generation_jobs SET updated_at = '2061-01-01'";
    for (change, words, status, told) in [
        (
            processing,
            "update $A --title Hail --if-status queued",
            4,
            "processing",
        ),
        (processing, "delete $A", 4, "it is processing"),
        (titled, "undo", 4, "changed"),
        (
            newer,
            "migrate newer.jsonl --on-conflict newer",
            0,
            "skipped 1,",
        ),
    ] {
        let job = Job::new(cluster);
        let newer = line(0).replace(&line(0)[12..48], A);
        job.sandbox.write(
            "newer.jsonl",
            newer.replace("2025-12-28T11:52", "2060-12-28T11:52"),
        );
        let said = job.beside(change, words).fails(status);
        said.stderr_has(told);
        let row = job.row();
        let wanted = change.rsplit('\'').nth(1).unwrap();
        assert!(row.contains(wanted), "{words}: {row}");
        assert!(!row.contains("Hail") && row.contains("A fox"), "{row}");
    }
}

/// Two that take the same run back at once: one does it, and the other finds it done.
#[test]
fn a_run_is_taken_back_once() {
    let Some(cluster) = cluster() else { return };
    let job = Job::new(cluster);
    let mut holder = cluster.connect(&job.database);
    let mut held = holder.transaction().unwrap();
    held.batch_execute("SELECT 1 FROM video_generation_jobs FOR UPDATE")
        .unwrap();
    let begin = || Running::start(job.run("undo --busy-timeout 1m"));
    let (first, second) = (begin(), begin());
    let mut observer = cluster.connect(&job.database);
    let waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    until("both wait", || {
        observer.query_one(waiting, &[]).unwrap().get::<_, i64>(0) == 2
    });
    held.rollback().unwrap();
    let ends = [first.end(), second.end()];
    let restored = ends
        .iter()
        .filter(|end| end.status == 0 && end.stderr.contains("restored 1 job"));
    assert_eq!(restored.count(), 1, "{}{}", ends[0], ends[1]);
    let kept = "SELECT count(*) FROM jobctl_run WHERE undoes IS NOT NULL";
    let kept: i64 = observer.query_one(kept, &[]).unwrap().get(0);
    assert_eq!(kept, 1);
}

/// The removal of a job to which another table refers is refused by that table, and costs that job alone.
#[test]
fn a_job_to_which_another_table_refers_stays() {
    let Some(cluster) = cluster() else { return };
    for words in [
        "cleanup --older-than 1d --yes",
        "delete --status failed --yes",
    ] {
        let job = Job::new(cluster);
        job.sandbox.write("dump.jsonl", crate::locks::dump(20));
        job.ok("migrate dump.jsonl");
        let refers = "CREATE TABLE uses (job varchar(36) REFERENCES video_generation_jobs);
            INSERT INTO uses SELECT id FROM video_generation_jobs WHERE id LIKE '00000007%'";
        let mut client = cluster.connect(&job.database);
        client.batch_execute(refers).unwrap();
        let said = job.run(words).run().fails(1);
        said.stderr_has("00000007").stderr_has("FOREIGN KEY");
        let left = "SELECT count(*) FROM video_generation_jobs";
        let left: i64 = client.query_one(left, &[]).unwrap().get(0);
        assert_eq!(left, 2, "{words}");
        drop(client);
    }
}

/// A session that has read jobs, and does nothing, is in nobody's way but that of the table's owner.
#[test]
fn a_session_that_only_reads_is_no_finding() {
    let Some(cluster) = cluster() else { return };
    let job = Job::new(cluster);
    let mut reader = cluster.connect(&job.database);
    let mut reading = reader.transaction().unwrap();
    let sql = "SELECT 1 FROM video_generation_jobs";
    assert_eq!(reading.query(sql, &[]).unwrap().len(), 1);
    job.ok("doctor locks -q").no_stdout();
    reading.rollback().unwrap();
}

/// An import of all or nothing may take long, and keeps nobody else from beginning a history.
#[test]
fn a_history_can_begin_beside_an_import_of_all_or_nothing() {
    let Some(cluster) = cluster() else { return };
    let job = Job::new(cluster);
    let mut client = cluster.connect(&job.database);
    let none = "DROP TABLE jobctl_run, jobctl_change";
    client.batch_execute(none).unwrap();
    let mut import = Running::start(job.run("migrate - --atomic"));
    // So many that a part of its history is written before the end.
    let short = |n| line(n).replace(&"A cat crosses the road at night. ".repeat(59), "");
    let dump: String = (0..10_000).map(short).collect();
    import.feed(dump);
    let writes = "SELECT 1 FROM pg_locks l WHERE l.mode = 'RowExclusiveLock' AND l.database =
            (SELECT oid FROM pg_database WHERE datname = current_database())
        AND (l.relation = to_regclass('jobctl_change') OR NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = l.relation))";
    import.until("it writes its history", || {
        client.query_opt(writes, &[]).unwrap().is_some()
    });
    job.ok("update $A --title Snow --history required --busy-timeout 2s");
    import.close();
    import.end().ok().stderr_has("inserted 10,000,");
}

/// A history that others hold for a moment is no reason to change jobs without one.
#[test]
fn a_history_that_others_hold_is_waited_for_and_not_left_out() {
    let Some(cluster) = cluster() else { return };
    let job = Job::new(cluster);
    let before = job.row();
    let mut holder = cluster.connect(&job.database);
    let mut held = holder.transaction().unwrap();
    held.batch_execute("LOCK TABLE jobctl_run IN EXCLUSIVE MODE")
        .unwrap();
    let run = job.run("update $A --title Snow --busy-timeout 50ms").run();
    run.fails(75).stderr_has("is locked");
    held.rollback().unwrap();
    assert_eq!(job.row(), before);
}
