//! Sweeps of tables as only a server has them: in parts, and written anew while a sweep goes on.

use std::thread;
use std::time::Duration;

use jobctl::job::{Column, Job};
use jobctl::repository::Access;

use super::cluster::{Cluster, cluster};
use super::errors::ran;
use super::history::ask;
use super::purges::WAITING;
use super::{Database, SERVICE};
use crate::backend::Place;
use crate::contract::sweeps::{TERMS, end, has_failed, look_on, remove, removed};
use crate::contract::{ids, job};

/// Every second one has failed.
fn jobs(count: u32) -> Vec<Job> {
    let status = |n: u32| ["queued", "failed"][n as usize % 2];
    let jobs = (0..count).map(|n| job(n).with(Column::Status, status(n)));
    jobs.collect()
}

fn numbered(all: impl Iterator<Item = u32>) -> Vec<String> {
    all.map(|n| job(n).id().to_string()).collect()
}

/// A table in three parts.
fn in_parts(cluster: &'static Cluster) -> Database {
    let table = SERVICE.trim_end().trim_end_matches(';');
    let part = |n| {
        format!(
            "CREATE TABLE part_{n} PARTITION OF video_generation_jobs FOR VALUES WITH (MODULUS 3, REMAINDER {n});"
        )
    };
    let parts: String = (0..3).map(part).collect();
    let sql = format!("{table} PARTITION BY HASH (id);{parts}");
    Database::new(cluster, &sql, true)
}

/// Rows of different parts lie in equal places.
#[test]
fn of_a_table_in_parts_go_those_that_were_judged() {
    let Some(cluster) = cluster() else { return };
    let database = in_parts(cluster);
    let mut repository = database.open(Access::Write);
    repository.insert(&jobs(40)).unwrap();
    let mut sweep = repository.begin_sweep(TERMS).unwrap();
    let mut swept = look_on(sweep.as_mut());
    assert_eq!(sweep.still_stand(&mut swept).unwrap(), 0);
    assert_eq!(remove(sweep.as_mut(), &mut swept), 0);
    let failed = numbered((0..40).filter(|n| n % 2 == 1));
    assert_eq!(removed(&end(sweep)), failed);
    let queued = numbered((0..40).filter(|n| n % 2 == 0));
    assert_eq!(ids(&database), queued);
}

/// They are sought by their ids there, so that nothing but its version tells a changed row.
#[test]
fn of_a_table_in_parts_those_stay_that_were_changed_since() {
    let Some(cluster) = cluster() else { return };
    let database = in_parts(cluster);
    let mut repository = database.open(Access::Write);
    repository.insert(&jobs(8)).unwrap();
    let mut sweep = repository.begin_sweep(TERMS).unwrap();
    let mut swept = look_on(sweep.as_mut());
    let sql = format!(
        "UPDATE video_generation_jobs SET progress = 1 WHERE id IN ('{}', '{}')",
        job(3).id(),
        job(7).id()
    );
    let mut client = cluster.connect(&database.name);
    client.batch_execute(&sql).unwrap();
    assert_eq!(remove(sweep.as_mut(), &mut swept), 2);
    assert_eq!(removed(&end(sweep)), numbered([1, 5].into_iter()));
    assert_eq!(ids(&database), numbered([0, 2, 3, 4, 6, 7].into_iter()));
}

/// All are of one version, and each then lies in the place of another.
#[test]
fn rows_that_were_moved_stay_and_so_do_those_in_their_places() {
    let Some(cluster) = cluster() else { return };
    let database = Database::new(cluster, SERVICE, true);
    let mut repository = database.open(Access::Write);
    repository.insert(&jobs(8)).unwrap();
    let mut sweep = repository.begin_sweep(TERMS).unwrap();
    let mut swept = look_on(sweep.as_mut());
    let mut client = cluster.connect(&database.name);
    database.neighbour().delete(&job(0).id());
    // Sessions that are just beginning, of other tests, keep what was deleted a moment longer; a busy machine has one at most moments.
    let moved = (0..5_000).any(|_| {
        let vacuum = client.batch_execute("VACUUM FULL video_generation_jobs");
        vacuum.unwrap();
        let sql = "SELECT 1 FROM video_generation_jobs WHERE ctid = '(0,8)'";
        client.query(sql, &[]).unwrap().is_empty()
    });
    assert!(moved);
    assert_eq!(remove(sweep.as_mut(), &mut swept), 4);
    end(sweep);
    assert_eq!(ids(&database), numbered(1..8));
    let mut sweep = repository.begin_sweep(TERMS).unwrap();
    let mut swept = look_on(sweep.as_mut());
    assert_eq!(remove(sweep.as_mut(), &mut swept), 0);
    end(sweep);
    assert_eq!(ids(&database), numbered((1..4).map(|n| n * 2)));
}

/// Somebody holds the last of the rows, and then waits for the first.
#[test]
fn what_somebody_holds_stays_and_nobody_is_broken_off() {
    let Some(cluster) = cluster() else { return };
    let database = Database::new(cluster, SERVICE, true);
    database.open(Access::Write).insert(&jobs(8)).unwrap();
    let mut client = cluster.connect(&database.name);
    let mut watching = cluster.connect(&database.name);
    let lock = |n| {
        let id = job(n).id();
        format!("SELECT 1 FROM video_generation_jobs WHERE id = '{id}' FOR UPDATE")
    };
    ran(client.batch_execute("SET deadlock_timeout = '500ms'"));
    ran(client.batch_execute(&format!("BEGIN; {}", lock(7))));
    let changed = thread::scope(|scope| {
        let run = scope.spawn(|| {
            let wait = Duration::from_secs(60);
            let repository = database.open_waiting("jobctl", Access::Write, wait);
            let mut repository = repository.unwrap();
            let mut sweep = repository.begin_sweep(TERMS).unwrap();
            let mut swept = look_on(sweep.as_mut());
            let changed = remove(sweep.as_mut(), &mut swept);
            end(sweep);
            changed
        });
        while !run.is_finished() && ask(&mut watching, WAITING).is_empty() {}
        ran(client.batch_execute(&lock(1)));
        run.join().unwrap()
    });
    ran(client.batch_execute("COMMIT"));
    let left = ids(&database);
    assert!(left.contains(&job(7).id().to_string()), "{left:?}");
    // The first one went where it was asked for too late.
    let first = u64::from(left.contains(&job(1).id().to_string()));
    assert_eq!((changed, left.len() as u64), (1 + first, 5 + first));
}

/// The parts of a table that are read at once end nowhere but at its end.
#[test]
fn every_row_of_a_large_table_is_judged_once() {
    let Some(cluster) = cluster() else { return };
    let database = Database::new(cluster, SERVICE, true);
    let sql = "ALTER TABLE video_generation_jobs ALTER content SET STORAGE PLAIN;
        INSERT INTO video_generation_jobs (id, job_type, status, content)
        SELECT 'job-' || n, 'idea2video', CASE WHEN n % 3 = 0 THEN 'failed' ELSE 'queued' END, repeat('x', 3 * (n % 2500))
        FROM generate_series(1, 3000) n";
    let mut client = cluster.connect(&database.name);
    client.batch_execute(sql).unwrap();
    let mut repository = database.open(Access::Write);
    let mut sweep = repository.begin_sweep(TERMS).unwrap();
    let (mut judged, mut changed) = (Vec::new(), 0);
    let mut goes = |job: &Job| {
        judged.push(job.id().to_string());
        has_failed(job)
    };
    while let Some(mut swept) = sweep.next_batch(1 << 20, &mut goes).unwrap() {
        changed += remove(sweep.as_mut(), &mut swept);
    }
    assert_eq!((changed, removed(&end(sweep)).len()), (0, 1000));
    assert_eq!(judged.len(), 3000);
    judged.sort();
    judged.dedup();
    assert_eq!(judged.len(), 3000);
    assert_eq!(ids(&database).len(), 2000);
}

/// An archive of it would lack that column.
#[test]
fn what_was_read_without_a_new_column_stands_no_more() {
    let Some(cluster) = cluster() else { return };
    let database = Database::new(cluster, SERVICE, true);
    let mut repository = database.open(Access::Write);
    repository.insert(&jobs(6)).unwrap();
    let mut sweep = repository.begin_sweep(TERMS).unwrap();
    let mut swept = look_on(sweep.as_mut());
    database.neighbour().add_column("owner");
    assert_eq!(sweep.still_stand(&mut swept).unwrap(), 3);
    assert!(swept.is_empty());
    end(sweep);
}

/// What is archived is what was judged. In a table in parts rows are read by their ids, and in another one by their places.
#[test]
fn what_changes_between_its_judging_and_its_reading_is_left() {
    let Some(cluster) = cluster() else { return };
    left(&in_parts(cluster));
    left(&Database::new(cluster, SERVICE, true));
}

#[track_caller]
fn left(database: &Database) {
    let mut repository = database.open(Access::Write);
    repository.insert(&jobs(6)).unwrap();
    let mut neighbour = database.neighbour();
    let mut sweep = repository.begin_sweep(TERMS).unwrap();
    let mut judged = 0;
    let mut goes = |seen: &Job| {
        judged += 1;
        if judged == 6 {
            neighbour.set(&job(5).id(), Column::Title, &"new".into());
        }
        has_failed(seen)
    };
    let swept = sweep.next_batch(1 << 20, &mut goes).unwrap().unwrap();
    let mut found: Vec<String> = swept.jobs().map(|job| job.id().to_string()).collect();
    found.sort();
    assert_eq!(found, numbered([1, 3].into_iter()));
    drop(swept);
    end(sweep);
}
