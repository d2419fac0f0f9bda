//! The history on a server: rows of every type come back exactly, and rights, locks and lost connections cost the history or
//! the change as they should.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use jobctl::error::Kind;
use jobctl::job::{Changes, Column, ColumnSet, Job, JobId};
use jobctl::repository::{
    Access, HistoryChoice, Recorded, Repository, Result, RunId, RunTerms, TakeBack, TakenBack,
};
use jobctl::time;
use postgres::Client;

use super::cluster::{Cluster, cluster};
use super::errors::{fails, ran, role};
use super::{Database, SERVICE};
use crate::contract::job;

fn terms(keep: HistoryChoice) -> RunTerms {
    RunTerms {
        keep,
        command: "test",
        argv: "[]".to_owned(),
        user: "me".to_owned(),
        host: "here".to_owned(),
        version: "0",
        at: time::from_unix(1_768_000_000).unwrap(),
        recorded: Arc::default(),
    }
}

pub fn begin_as(
    database: &Database,
    user: &str,
    keep: HistoryChoice,
) -> (Box<dyn Repository>, RunTerms) {
    let mut repository = database.open_as(user, Access::Write).unwrap();
    let terms = terms(keep);
    repository.begin_run(terms.clone());
    (repository, terms)
}

pub fn begin(database: &Database) -> (Box<dyn Repository>, RunTerms) {
    begin_as(database, "jobctl", HistoryChoice::Required)
}

/// One that waits for what others hold.
pub fn begin_waiting(database: &Database) -> (Box<dyn Repository>, RunTerms) {
    let wait = Duration::from_secs(60);
    let mut repository = database
        .open_waiting("jobctl", Access::Write, wait)
        .unwrap();
    let terms = terms(HistoryChoice::Required);
    repository.begin_run(terms.clone());
    (repository, terms)
}

pub fn kept(terms: &RunTerms) -> RunId {
    match terms.recorded.get() {
        Some(Recorded::As(run)) => *run,
        other => panic!("{other:?}"),
    }
}

fn titled(repository: &mut dyn Repository, ids: &[JobId], title: &str) -> Result<()> {
    let mut changes = Changes::default();
    changes.set(Column::Title, title);
    let mut decide = |_: &Job| Ok(changes.clone());
    repository.update(ids, &mut decide).map(drop)
}

fn delete(repository: &mut dyn Repository, ids: &[JobId]) -> Result<Vec<JobId>> {
    repository.delete(ids, false, ColumnSet::NONE, &mut |_| Ok(()))
}

fn take_back(database: &Database, run: RunId) -> (TakenBack, Option<RunId>) {
    let (mut repository, terms) = begin(database);
    let all = TakeBack {
        run,
        dry_run: false,
        skip_conflicts: false,
    };
    let done = repository.history().unwrap().take_back(all).unwrap();
    let run = terms.recorded.get().map(|_| kept(&terms));
    (done, run)
}

/// Takes all of it back, and gives the run as which that is kept.
#[track_caller]
pub fn undo(database: &Database, run: RunId) -> RunId {
    let (done, run) = take_back(database, run);
    assert!(done.conflicts.is_empty(), "{done:?}");
    run.unwrap()
}

/// The one reason for which a run cannot be taken back.
#[track_caller]
fn refused(database: &Database, run: RunId) -> String {
    let (done, own) = take_back(database, run);
    assert_eq!((done.conflicts.len(), own), (1, None), "{done:?}");
    done.conflicts[0].1.clone()
}

pub fn ask(client: &mut Client, sql: &str) -> Vec<String> {
    let rows = client.query(sql, &[]).unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

pub const ROWS: &str = "SELECT t::text FROM video_generation_jobs t ORDER BY id COLLATE \"C\"";

/// A database of the service with these jobs.
fn with_jobs(cluster: &'static Cluster, count: u32) -> Database {
    let database = Database::new(cluster, SERVICE, false);
    let (mut repository, _) = begin_as(&database, "jobctl", HistoryChoice::Off);
    repository
        .insert(&(0..count).map(job).collect::<Vec<Job>>())
        .unwrap();
    database
}

fn ids(count: u32) -> Vec<JobId> {
    (0..count).map(|n| job(n).id()).collect()
}

#[test]
fn values_of_every_type_come_back_whatever_the_settings() {
    let Some(cluster) = cluster() else { return };
    let database = with_jobs(cluster, 4);
    let mut client = cluster.connect(&database.name);
    ran(client.batch_execute(&format!(
        "CREATE TYPE mood AS ENUM ('so', 'la la');
        CREATE DOMAIN code AS char(8);
        ALTER TABLE video_generation_jobs ADD price numeric, ADD seen timestamptz, ADD day date, ADD raw bytea, ADD tags text[],
            ADD span interval, ADD code code, ADD plain char(4), ADD bits bit(5), ADD big int8, ADD small real, ADD flag boolean,
            ADD extra jsonb, ADD mood mood, ADD moments timestamptz[], ADD odds float8[], ADD \"Odd \"\"name\" text,
            ADD net inet, ADD doubled int GENERATED ALWAYS AS (total_shots * 2) STORED;
        UPDATE video_generation_jobs SET price = 12345678901234567890.123456789000, seen = '2026-01-01 00:00:00.123456+05:30',
            day = 'infinity', raw = '\\x00ff', tags = '{{a,NULL,\"b c\"}}', span = '-1 mon 25:00:00.5', code = 'x', plain = 'ab',
            bits = B'10101', big = 9223372036854775807, small = 0.1, flag = true, extra = '{{\"b\": 1.50, \"a\": null}}',
            mood = 'la la', moments = ARRAY['2026-07-01 12:00:00+00'::timestamptz, 'infinity'], odds = '{{0.1,NaN,-0}}',
            \"Odd \"\"name\" = E'a\\tb', net = '::1/64', progress = 'NaN', total_shots = 3,
            context = '{{ \"a\": 1e400,  \"a\": \"\\u0000\" }}', result_data = 'null', started_at = '-infinity',
            completed_at = '4713-01-01 00:00:00 BC'
            WHERE id = '{}';
        UPDATE video_generation_jobs SET progress = '-0', started_at = 'infinity', completed_at = '294276-12-31 23:59:59.999999',
            updated_at = '12000-01-01 00:00:00.000001', day = '0044-03-15 BC', small = 'NaN', price = 'NaN', flag = false,
            content = '', style = ' trailing  ' WHERE id = '{}';
        ALTER DATABASE {} SET timezone = 'Asia/Tokyo'",
        job(0).id(),
        job(1).id(),
        database.name
    )));
    for setting in [
        "intervalstyle = 'sql_standard'",
        "datestyle = 'SQL, DMY'",
        "extra_float_digits = -5",
        "bytea_output = 'escape'",
    ] {
        let sql = format!("ALTER DATABASE {} SET {setting}", database.name);
        ran(client.batch_execute(&sql));
    }
    // In words that lose nothing.
    ran(client.batch_execute("SET extra_float_digits = 3; SET intervalstyle = 'postgres'"));
    let states = [ask(&mut client, ROWS)];
    let (mut repository, first) = begin(&database);
    titled(repository.as_mut(), &ids(4), "new").unwrap();
    drop(repository);
    let titled = ask(&mut client, ROWS);
    let (mut repository, second) = begin(&database);
    delete(repository.as_mut(), &ids(4)).unwrap();
    drop(repository);
    undo(&database, kept(&second));
    assert_eq!(ask(&mut client, ROWS), titled);
    let undone = undo(&database, kept(&first));
    assert_eq!(ask(&mut client, ROWS), states[0]);
    undo(&database, undone);
    assert_eq!(ask(&mut client, ROWS), titled);
}

#[test]
fn a_role_that_may_not_make_tables_changes_jobs_without_a_history() {
    let Some(cluster) = cluster() else { return };
    let database = with_jobs(cluster, 2);
    let rights = "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO $ROLE";
    let user = role(cluster, &database, rights);
    let mut client = cluster.connect(&database.name);
    ran(client.batch_execute("REVOKE CREATE ON SCHEMA public FROM public"));
    let before = ask(&mut client, ROWS);
    let (mut repository, terms) = begin_as(&database, &user, HistoryChoice::Required);
    let done = titled(repository.as_mut(), &ids(2), "new");
    fails(
        done,
        Kind::Refused,
        "the history cannot be kept, and is demanded",
    );
    assert_eq!(terms.recorded.get(), None);
    drop(repository);
    assert_eq!(ask(&mut client, ROWS), before);
    let (mut repository, terms) = begin_as(&database, &user, HistoryChoice::Auto);
    titled(repository.as_mut(), &ids(1), "new").unwrap();
    delete(repository.as_mut(), &ids(2)[1..]).unwrap();
    match terms.recorded.get() {
        Some(Recorded::Not(why)) => assert!(why.contains("permission denied"), "{why}"),
        other => panic!("{other:?}"),
    }
    assert!(
        repository
            .history()
            .unwrap()
            .runs(None, 9)
            .unwrap()
            .is_empty()
    );
    drop(repository);
    let now = ask(&mut client, ROWS);
    assert_eq!(now.len(), 1);
    assert!(now[0].contains("new"));
    // Where others keep one that it may not write or see, it changes jobs all the same.
    let (mut repository, _) = begin(&database);
    titled(repository.as_mut(), &ids(1), "newer").unwrap();
    drop(repository);
    let (mut repository, terms) = begin_as(&database, &user, HistoryChoice::Auto);
    titled(repository.as_mut(), &ids(1), "newest").unwrap();
    assert!(matches!(terms.recorded.get(), Some(Recorded::Not(_))));
    let history = repository.history().unwrap();
    fails(
        history.runs(None, 9),
        Kind::Denied,
        "may not read the history",
    );
    assert_eq!(history.newest_change(&job(0).id()).unwrap(), None);
    drop(repository);
    let sql =
        format!("GRANT SELECT, INSERT, UPDATE, DELETE ON jobctl_run, jobctl_change TO {user}");
    ran(client.batch_execute(&sql));
    let (mut repository, terms) = begin_as(&database, &user, HistoryChoice::Required);
    titled(repository.as_mut(), &ids(1), "last").unwrap();
    drop(repository);
    undo(&database, kept(&terms));
    assert!(ask(&mut client, ROWS)[0].contains("newest"));
}

#[test]
fn runs_at_once_have_numbers_of_their_own() {
    let Some(cluster) = cluster() else { return };
    let database = with_jobs(cluster, 6);
    let mut client = cluster.connect(&database.name);
    let before = ask(&mut client, ROWS);
    // The tables are there: who makes them keeps others waiting.
    let (mut repository, terms) = begin(&database);
    titled(repository.as_mut(), &ids(6), "zero").unwrap();
    drop(repository);
    let first = kept(&terms);
    let runs: Vec<RunId> = thread::scope(|scope| {
        let change = |n: u32| {
            let database = &database;
            scope.spawn(move || {
                let id = [job(n).id()];
                let titles = ["one", "two"];
                titles.map(|title| {
                    let (mut repository, terms) = begin(database);
                    titled(repository.as_mut(), &id, title).unwrap();
                    kept(&terms)
                })
            })
        };
        let threads: Vec<_> = (0..6).map(change).collect();
        threads
            .into_iter()
            .flat_map(|it| it.join().unwrap())
            .collect()
    });
    let mut numbers: Vec<RunId> = runs.clone();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), 12);
    for run in numbers.iter().rev().chain([&first]) {
        undo(&database, *run);
    }
    assert_eq!(ask(&mut client, ROWS), before);
}

#[test]
fn a_backend_that_is_ended_leaves_change_and_history_both_or_neither() {
    const JOBS: u32 = 2_500;
    const MOMENTS: u32 = 5;
    let Some(cluster) = cluster() else { return };
    for moment in 0..MOMENTS {
        let database = with_jobs(cluster, JOBS);
        let mut client = cluster.connect(&database.name);
        let before = ask(&mut client, ROWS);
        thread::scope(|scope| {
            let run = scope.spawn(|| {
                let (mut repository, _) = begin(&database);
                let ids = ids(JOBS);
                let mut rest = ids.as_slice();
                while !rest.is_empty() {
                    let goes = &mut |_: &Job| true;
                    match repository.purge(rest, ColumnSet::NONE, goes) {
                        Ok(done) => rest = &rest[done.checked..],
                        Err(_) => return,
                    }
                }
            });
            let left = i64::from(JOBS - moment * JOBS / MOMENTS);
            let count = "SELECT count(*) FROM video_generation_jobs";
            while !run.is_finished()
                && client.query_one(count, &[]).unwrap().get::<_, i64>(0) >= left
            {}
            let others = "SELECT pg_terminate_backend(pid)::text FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid()";
            while !ask(&mut client, others).is_empty() {}
            run.join().unwrap();
        });
        let gone = before.len() - ask(&mut client, ROWS).len();
        let there = ask(
            &mut client,
            "SELECT coalesce(to_regclass('jobctl_run')::text, '')",
        );
        if there[0].is_empty() {
            assert_eq!(gone, 0);
            continue;
        }
        for sql in [
            "SELECT coalesce(sum(deleted), 0)::text FROM jobctl_run",
            "SELECT coalesce(sum(count), 0)::text FROM jobctl_change",
        ] {
            assert_eq!(ask(&mut client, sql), [gone.to_string()], "{sql}");
        }
        let runs = begin(&database).0.history().unwrap().runs(None, 9).unwrap();
        assert_eq!(runs.len(), 1);
        undo(&database, runs[0].id);
        assert_eq!(ask(&mut client, ROWS), before);
    }
}

#[test]
fn what_cannot_be_restored_is_named_with_the_reason() {
    let Some(cluster) = cluster() else { return };
    let database = with_jobs(cluster, 3);
    let mut client = cluster.connect(&database.name);
    ran(client.batch_execute(&format!(
        "UPDATE video_generation_jobs SET series_id = 'series-1', project_title = 'a' WHERE id = '{}';
        CREATE UNIQUE INDEX one_title ON video_generation_jobs (project_title)",
        job(0).id()
    )));
    let (mut repository, terms) = begin(&database);
    delete(repository.as_mut(), &ids(1)).unwrap();
    drop(repository);
    let run = kept(&terms);
    ran(client.batch_execute("UPDATE video_generation_jobs SET series_id = NULL; DELETE FROM episodes; DELETE FROM series"));
    assert_eq!(refused(&database, run), "its series series-1 is gone");
    ran(client.batch_execute(&format!(
        "INSERT INTO series VALUES ('series-1', 'again');
        UPDATE video_generation_jobs SET project_title = 'a' WHERE id = '{}'",
        job(1).id()
    )));
    assert_eq!(
        refused(&database, run),
        "another job of the table has the same (UNIQUE one_title)"
    );
    ran(client.batch_execute("ALTER TABLE video_generation_jobs ADD owner text"));
    let (mut repository, terms) = begin(&database);
    titled(repository.as_mut(), &ids(3)[2..], "b").unwrap();
    drop(repository);
    ran(client.batch_execute("ALTER TABLE video_generation_jobs DROP owner"));
    assert_eq!(
        refused(&database, kept(&terms)),
        "the table has no column owner any more"
    );
    // A rule that stores another value than it is given.
    ran(client.batch_execute(&format!(
        "DROP INDEX one_title;
        CREATE FUNCTION loud() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.project_title := upper(NEW.project_title); RETURN NEW; END $$;
        CREATE TRIGGER loud BEFORE INSERT ON video_generation_jobs FOR EACH ROW EXECUTE FUNCTION loud();
        DELETE FROM video_generation_jobs WHERE id = '{}'",
        job(1).id()
    )));
    assert_eq!(
        refused(&database, run),
        "a rule of the table stores it otherwise"
    );
    ran(client.batch_execute("DROP TRIGGER loud ON video_generation_jobs"));
    undo(&database, run);
}

#[test]
fn a_row_that_named_no_parent_before_comes_back() {
    let Some(cluster) = cluster() else { return };
    let database = with_jobs(cluster, 1);
    let mut client = cluster.connect(&database.name);
    ran(client.batch_execute(
        "ALTER TABLE video_generation_jobs DROP CONSTRAINT video_generation_jobs_series_id_fkey;
        UPDATE video_generation_jobs SET series_id = 'gone'",
    ));
    let before = ask(&mut client, ROWS);
    let (mut repository, terms) = begin(&database);
    delete(repository.as_mut(), &ids(1)).unwrap();
    drop(repository);
    undo(&database, kept(&terms));
    assert_eq!(ask(&mut client, ROWS), before);
}

#[test]
fn a_run_of_many_pieces_comes_back_and_finds_its_jobs() {
    let Some(cluster) = cluster() else { return };
    let database = Database::new(cluster, SERVICE, false);
    let content = |n: u32| -> String {
        let letters = (0..9_000_u64).map(|at| {
            let mixed = (at + u64::from(n) * 1_000_003).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            char::from(b'!' + (mixed >> 58) as u8)
        });
        letters.collect()
    };
    let jobs: Vec<Job> = (0..400)
        .map(|n| job(n).with(Column::Content, content(n)))
        .collect();
    let (mut repository, made) = begin(&database);
    repository.insert(&jobs).unwrap();
    drop(repository);
    let mut client = cluster.connect(&database.name);
    let before = ask(&mut client, ROWS);
    let (mut repository, terms) = begin(&database);
    delete(repository.as_mut(), &ids(400)).unwrap();
    drop(repository);
    let sql = format!(
        "SELECT count(*)::text FROM jobctl_change WHERE id >> 24 = {}",
        kept(&terms).0
    );
    assert!(ask(&mut client, &sql)[0].parse::<u32>().unwrap() > 2);
    let mut reader = database.open_as("jobctl", Access::Read).unwrap();
    let history = reader.history().unwrap();
    let of_one = history.changes(&job(399).id(), 9).unwrap();
    assert_eq!(
        of_one.iter().map(|it| it.run).collect::<Vec<_>>(),
        [kept(&terms), kept(&made)]
    );
    assert_eq!(
        history.newest_change(&job(7).id()).unwrap().unwrap().run,
        kept(&terms)
    );
    assert_eq!(history.changes_of(kept(&terms), 1000).unwrap().len(), 400);
    assert_eq!(history.resolve("0000018f").unwrap(), [job(399).id()]);
    drop(reader);
    undo(&database, kept(&terms));
    assert_eq!(ask(&mut client, ROWS), before);
}

#[test]
fn nothing_of_what_was_redacted_is_left_in_the_files_that_are_written_anew() {
    const SECRET: &str = "Jane Doe of Elm Street";
    let Some(cluster) = cluster() else { return };
    let database = with_jobs(cluster, 3);
    let (mut repository, _) = begin(&database);
    titled(repository.as_mut(), &ids(3), SECRET).unwrap();
    drop(repository);
    let (mut repository, _) = begin(&database);
    delete(repository.as_mut(), &ids(1)).unwrap();
    drop(repository);
    let mut client = cluster.connect(&database.name);
    let holds = |client: &mut Client| {
        ran(client.batch_execute("CHECKPOINT"));
        let sql = "SELECT pg_read_binary_file(pg_relation_filepath(oid)) FROM pg_class
            WHERE relname IN ('video_generation_jobs', 'jobctl_change')";
        let files = client.query(sql, &[]).unwrap();
        files.iter().any(|row| {
            let bytes: Vec<u8> = row.get(0);
            bytes
                .windows(SECRET.len())
                .any(|it| it == SECRET.as_bytes())
        })
    };
    assert!(holds(&mut client));
    let (mut repository, _) = begin(&database);
    let history = repository.history().unwrap();
    let done = history.redact(&ids(3), &[Column::Title]).unwrap();
    assert_eq!(done.jobs.len(), 3);
    let left = history.wipe_log(false).unwrap().unwrap();
    assert!(left.contains("old versions"), "{left}");
    assert_eq!(history.wipe_log(true).unwrap(), None);
    assert!(!holds(&mut client));
    // Who does not own the table cannot clear it.
    let rights = "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO $ROLE";
    let user = role(cluster, &database, rights);
    let (mut repository, _) = begin_as(&database, &user, HistoryChoice::Auto);
    let left = repository
        .history()
        .unwrap()
        .wipe_log(true)
        .unwrap()
        .unwrap();
    assert!(left.contains("owner"), "{left}");
}
