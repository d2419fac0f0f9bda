//! Jobs that go by one statement, which tells what they were, go as if each had been looked at before.

use std::thread;

use jobctl::error::Kind;
use jobctl::job::{Column, ColumnSet, Job, JobId};
use jobctl::repository::{HistoryChoice, Purged};
use postgres::Client;

use super::cluster::cluster;
use super::errors::{fails, ran};
use super::history::{ROWS, ask, begin, begin_as, begin_waiting, kept, undo};
use super::{Database, SERVICE};
use crate::contract::{all, job};

const MANY: u32 = 30;

const STATUS: ColumnSet = ColumnSet::of(&[Column::Status]);

fn with_many(more: &str) -> Option<Database> {
    let cluster = cluster()?;
    let database = Database::new(cluster, SERVICE, true);
    let (mut repository, _) = begin_as(&database, "jobctl", HistoryChoice::Off);
    let jobs: Vec<Job> = (0..MANY).map(job).collect();
    repository.insert(&jobs).unwrap();
    ran(cluster.connect(&database.name).batch_execute(more));
    Some(database)
}

/// Ids that are not in the order of the table, with one among them that is not there.
fn ids() -> Vec<JobId> {
    let there = (0..MANY).rev().map(|n| job(n).id());
    there.chain([job(MANY).id()]).collect()
}

fn id(n: u32) -> String {
    job(n).id().to_string()
}

/// The sessions of the database that wait for a row.
pub const WAITING: &str = "SELECT pid::text FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";

fn until_one_waits(client: &mut Client) {
    while ask(client, WAITING).is_empty() {}
}

fn gone(purged: &Purged) -> Vec<JobId> {
    purged.jobs.iter().map(Job::id).collect()
}

#[test]
fn all_go_and_come_back() {
    let Some(database) = with_many(
        "ALTER TABLE video_generation_jobs ADD key text DEFAULT 'k', ADD n numeric DEFAULT 1.10",
    ) else {
        return;
    };
    let mut client = database.cluster.connect(&database.name);
    let before = ask(&mut client, ROWS);
    let (mut repository, terms) = begin(&database);
    let purged = repository.purge(&ids(), STATUS, &mut |_| true).unwrap();
    assert_eq!(purged.checked, ids().len());
    assert_eq!(gone(&purged), ids()[..MANY as usize]);
    for (it, n) in purged.jobs.iter().zip((0..MANY).rev()) {
        assert_eq!(it.get(Column::Status), job(n).get(Column::Status));
    }
    assert_eq!(ask(&mut client, ROWS), [""; 0]);
    drop(repository);
    undo(&database, kept(&terms));
    assert_eq!(ask(&mut client, ROWS), before);
}

#[test]
fn one_that_may_not_go_any_more_stays_alone() {
    let Some(database) = with_many("") else {
        return;
    };
    let mut client = database.cluster.connect(&database.name);
    let before = ask(&mut client, ROWS);
    let (mut repository, terms) = begin(&database);
    let mut goes = |seen: &Job| seen.id() != job(7).id();
    let purged = repository.purge(&ids(), STATUS, &mut goes).unwrap();
    assert_eq!(
        (purged.jobs.len(), purged.kept.len()),
        (MANY as usize - 1, 0)
    );
    assert_eq!(all(repository.as_mut()), [job(7)]);
    drop(repository);
    undo(&database, kept(&terms));
    assert_eq!(ask(&mut client, ROWS), before);
}

#[test]
fn one_that_a_trigger_keeps_without_a_word_is_told() {
    let Some(database) = with_many(&format!(
        "CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
         CREATE TRIGGER keep BEFORE DELETE ON video_generation_jobs FOR EACH ROW WHEN (old.id = '{}') EXECUTE FUNCTION keep()",
        job(4).id()
    )) else {
        return;
    };
    let (mut repository, _) = begin(&database);
    let purged = repository.purge(&ids(), STATUS, &mut |_| true).unwrap();
    let told: Vec<JobId> = purged.kept.iter().map(|it| it.id.clone()).collect();
    assert_eq!(told, [job(4).id()]);
    assert_eq!(purged.jobs.len(), MANY as usize - 1);
    assert_eq!(all(repository.as_mut()), [job(4)]);
}

#[test]
fn a_column_that_is_new_comes_back_with_them() {
    let Some(database) = with_many("") else {
        return;
    };
    let mut client = database.cluster.connect(&database.name);
    let (mut repository, terms) = begin(&database);
    ran(client.batch_execute(
        "ALTER TABLE video_generation_jobs ADD key text DEFAULT 'k'; UPDATE video_generation_jobs SET key = id",
    ));
    let before = ask(&mut client, ROWS);
    let purged = repository.purge(&ids(), STATUS, &mut |_| true).unwrap();
    assert_eq!(purged.jobs.len(), MANY as usize);
    drop(repository);
    undo(&database, kept(&terms));
    assert_eq!(ask(&mut client, ROWS), before);
}

/// It is judged as it is when whoever changes it is done.
#[test]
fn one_that_is_being_changed_is_judged_as_it_then_is() {
    for (status, stays) in [("processing", true), ("queued", false)] {
        let Some(database) = with_many("") else {
            return;
        };
        let mut client = database.cluster.connect(&database.name);
        let mut watching = database.cluster.connect(&database.name);
        let sql = format!(
            "BEGIN; UPDATE video_generation_jobs SET status = '{status}', working_dir = 'changed' WHERE id = '{}'",
            id(7)
        );
        ran(client.batch_execute(&sql));
        let purged = thread::scope(|scope| {
            let run = scope.spawn(|| {
                let (mut repository, terms) = begin_waiting(&database);
                let goes = &mut |seen: &Job| seen.get(Column::Status) != &"processing".into();
                let purged = repository.purge(&ids(), STATUS, goes).unwrap();
                (purged.jobs.len(), purged.kept.len(), kept(&terms))
            });
            until_one_waits(&mut watching);
            ran(client.batch_execute("COMMIT"));
            run.join().unwrap()
        });
        assert_eq!(
            (purged.0, purged.1),
            (MANY as usize - usize::from(stays), 0)
        );
        let left = "SELECT id || status || working_dir FROM video_generation_jobs";
        let stayed = format!("{}{status}changed", id(7));
        let stayed: Vec<String> = stays.then_some(stayed).into_iter().collect();
        assert_eq!(ask(&mut client, left), stayed);
        undo(&database, purged.2);
        let changed = format!(
            "SELECT working_dir FROM video_generation_jobs WHERE id = '{}'",
            id(7)
        );
        assert_eq!(ask(&mut client, &changed), ["changed"]);
    }
}

/// Somebody who locks rows in the order of their ids, in which the statement does not.
#[test]
fn nobody_is_broken_off_who_waits_for_one_and_holds_another() {
    let Some(database) = with_many("") else {
        return;
    };
    let mut client = database.cluster.connect(&database.name);
    let mut watching = database.cluster.connect(&database.name);
    // The rows are reached as they lie, and the first of the ids is made the last.
    ran(client.batch_execute(&format!(
        "ALTER DATABASE {} SET enable_indexscan = off; SET deadlock_timeout = '500ms';
         WITH gone AS (DELETE FROM video_generation_jobs WHERE id = '{}' RETURNING *) INSERT INTO video_generation_jobs SELECT * FROM gone",
        database.name,
        id(0)
    )));
    ran(client.batch_execute("BEGIN"));
    let lock = |n| {
        format!(
            "SELECT 1 FROM video_generation_jobs WHERE id = '{}' FOR UPDATE",
            id(n)
        )
    };
    ran(client.batch_execute(&lock(0)));
    let purged = thread::scope(|scope| {
        let run = scope.spawn(|| {
            let (mut repository, _) = begin_waiting(&database);
            repository.purge(&ids(), STATUS, &mut |_| true)
        });
        until_one_waits(&mut watching);
        ran(client.batch_execute(&lock(MANY - 1)));
        ran(client.batch_execute("COMMIT"));
        run.join().unwrap()
    });
    assert_eq!(gone(&purged.unwrap()), ids()[..MANY as usize]);
}

/// The statement is given up on soon, and what waits longer is done in its place.
#[test]
fn one_that_is_held_for_long_is_told_as_locked() {
    let Some(database) = with_many("") else {
        return;
    };
    let mut client = database.cluster.connect(&database.name);
    let before = ask(&mut client, ROWS);
    let sql = format!(
        "BEGIN; SELECT 1 FROM video_generation_jobs WHERE id = '{}' FOR UPDATE",
        id(7)
    );
    ran(client.batch_execute(&sql));
    let (mut repository, _) = begin(&database);
    fails(
        repository.purge(&ids(), STATUS, &mut |_| true),
        Kind::Locked,
        "locked",
    );
    assert_eq!(ask(&mut client, ROWS), before);
}
