//! Imports of many rows at once: those that come in by COPY or are overwritten together are as if each had come by itself.

use std::thread;
use std::time::Duration;

use jobctl::job::{Column, ColumnSet, Job};
use jobctl::repository::location::Sources;
use jobctl::repository::{self, Access, HistoryChoice, Imported, Location, OnConflict, RunId};
use postgres::Client;

use super::cluster::cluster;
use super::errors::ran;
use super::history::{ROWS, ask, begin, begin_as, kept, undo};
use super::{Database, SERVICE};
use crate::backend::{Neighbour as _, Place as _};
use crate::contract::imports::{import, terms, write_all};
use crate::contract::{all, job};

const MANY: u32 = 60;

fn database() -> Option<Database> {
    Some(Database::new(cluster()?, SERVICE, true))
}

fn connect(database: &Database) -> Client {
    database.cluster.connect(&database.name)
}

/// Jobs of every kind of value, NULL among them.
fn many() -> Vec<Job> {
    let texts = ["", "\u{1f600} ä\t\\N\n\"", " blanks "];
    let times = [
        "0001-01-01 00:00:00.000000",
        "1999-12-31 23:59:59.999999",
        "9999-12-31 23:59:59.999999",
    ];
    let various = |n: u32| {
        let at = n as usize % 3;
        let job = job(n)
            .with(Column::Title, texts[at])
            .with(Column::StartedAt, times[at])
            .with(Column::Context, "{\"a\": 1e400,  \"a\": [\"\\u00e4\"]}")
            .with(Column::Progress, f64::from(n) - 0.1)
            .with(Column::TotalShots, i64::from(i32::MAX) - i64::from(n))
            .with(Column::CompletedShots, i64::from(i32::MIN));
        if n.is_multiple_of(4) {
            job.with(Column::EpisodeId, "episode-1")
        } else {
            job
        }
    };
    (0..MANY).map(various).collect()
}

fn imported(database: &Database, jobs: &[Job], policy: OnConflict) -> (Vec<Imported>, RunId) {
    let (mut repository, terms) = begin(database);
    let outcomes = import(repository.as_mut(), jobs, policy);
    drop(repository);
    (outcomes, kept(&terms))
}

fn stored(database: &Database) -> Vec<Job> {
    all(database.open(Access::Read).as_mut())
}

#[test]
fn new_rows_are_as_they_were_given_and_are_taken_back() {
    let Some(database) = database() else { return };
    let (outcomes, run) = imported(&database, &many(), OnConflict::Skip);
    assert_eq!(outcomes, vec![Imported::Inserted; MANY as usize]);
    assert_eq!(stored(&database), many());
    // What is undone is what the history says of each row.
    let undone = undo(&database, run);
    assert_eq!(stored(&database), []);
    undo(&database, undone);
    assert_eq!(stored(&database), many());
}

#[test]
fn rows_that_are_overwritten_together_keep_what_a_job_lacks_and_come_back() {
    let Some(database) = database() else { return };
    imported(&database, &many(), OnConflict::Skip);
    let mut client = connect(&database);
    let before = ask(&mut client, ROWS);
    let newer = |(n, job): (usize, Job)| {
        let mut job = job
            .with(Column::Title, "new")
            .with(Column::Progress, 5.5)
            .with(Column::UpdatedAt, "2027-01-01 00:00:00.000000");
        if n % 2 == 0 {
            job.set_lacking(ColumnSet::of(&[Column::Title, Column::Context]));
        }
        job
    };
    let jobs: Vec<Job> = many().into_iter().enumerate().map(newer).collect();
    let (outcomes, run) = imported(&database, &jobs, OnConflict::Newer);
    assert_eq!(outcomes, vec![Imported::Updated; MANY as usize]);
    for (n, (now, old)) in stored(&database).iter().zip(many()).enumerate() {
        let title = if n % 2 == 0 {
            old.get(Column::Title).clone()
        } else {
            "new".into()
        };
        assert_eq!(now.get(Column::Title), &title, "{n}");
        assert_eq!(now.get(Column::Context), old.get(Column::Context), "{n}");
        assert_eq!(now.get(Column::Progress), &5.5.into(), "{n}");
    }
    undo(&database, run);
    assert_eq!(ask(&mut client, ROWS), before);
}

#[test]
fn a_rule_of_the_table_refuses_its_job_alone_among_many() {
    let Some(database) = database() else { return };
    let mut client = connect(&database);
    ran(client.batch_execute(
        "ALTER TABLE video_generation_jobs ADD CONSTRAINT no_style CHECK (style <> 'none')",
    ));
    let mut jobs = many();
    jobs[7] = jobs[7].clone().with(Column::Style, "none");
    let (outcomes, _) = imported(&database, &jobs, OnConflict::Skip);
    for (n, outcome) in outcomes.iter().enumerate() {
        match outcome {
            Imported::Refused(why) => assert!(n == 7 && why.contains("no_style"), "{n}: {why}"),
            other => assert!(n != 7 && *other == Imported::Inserted, "{n}: {other:?}"),
        }
    }
    let replaced = |job: Job| job.with(Column::Title, "new");
    let mut jobs: Vec<Job> = many().into_iter().map(replaced).collect();
    jobs[9] = jobs[9].clone().with(Column::Style, "none");
    let before = stored(&database);
    let (outcomes, run) = imported(&database, &jobs, OnConflict::Replace);
    for (n, outcome) in outcomes.iter().enumerate() {
        match (n, outcome) {
            (7, Imported::Inserted) => {}
            (9, Imported::Refused(why)) => assert!(why.contains("no_style"), "{why}"),
            (n, other) => assert!(n != 9 && *other == Imported::Updated, "{n}: {other:?}"),
        }
    }
    undo(&database, run);
    assert_eq!(stored(&database), before);
}

#[test]
fn what_triggers_make_of_rows_is_what_is_told_and_kept() {
    let Some(database) = database() else { return };
    let mut client = connect(&database);
    ran(client.batch_execute(
        "CREATE FUNCTION other() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF NEW.total_shots = 2147483644 THEN RETURN NULL; END IF;
            NEW.style := 'by a trigger'; RETURN NEW; END $$;
        CREATE TRIGGER other BEFORE INSERT OR UPDATE ON video_generation_jobs FOR EACH ROW EXECUTE FUNCTION other()",
    ));
    let (outcomes, first) = imported(&database, &many(), OnConflict::Skip);
    let left_out = |outcome: &Imported| matches!(outcome, Imported::Refused(_));
    assert_eq!(outcomes.iter().position(left_out), Some(3));
    let before = ask(&mut client, ROWS);
    assert_eq!(before.len(), MANY as usize - 1);
    assert!(before.iter().all(|row| row.contains("by a trigger")));
    let replaced = |job: Job| job.with(Column::Title, "new");
    let jobs: Vec<Job> = many().into_iter().map(replaced).collect();
    let (outcomes, second) = imported(&database, &jobs, OnConflict::Replace);
    let updated = outcomes.iter().filter(|it| **it == Imported::Updated);
    assert_eq!(updated.count(), MANY as usize - 1);
    undo(&database, second);
    assert_eq!(ask(&mut client, ROWS), before);
    undo(&database, first);
    assert_eq!(stored(&database), []);
}

#[test]
fn columns_of_the_table_alone_have_their_defaults() {
    let Some(database) = database() else { return };
    let mut client = connect(&database);
    ran(client.batch_execute(
        "ALTER TABLE video_generation_jobs ADD later text DEFAULT 'as ever', ADD number serial",
    ));
    for keep in [HistoryChoice::Off, HistoryChoice::Required] {
        let (mut repository, run) = begin_as(&database, "jobctl", keep);
        let outcomes = import(repository.as_mut(), &many(), OnConflict::Skip);
        drop(repository);
        assert_eq!(outcomes, vec![Imported::Inserted; MANY as usize]);
        let found = "SELECT DISTINCT later FROM video_generation_jobs";
        assert_eq!(ask(&mut client, found), ["as ever"], "{keep:?}");
        if keep == HistoryChoice::Required {
            undo(&database, kept(&run));
            assert_eq!(stored(&database), []);
        }
        ran(client.batch_execute("DELETE FROM video_generation_jobs"));
    }
}

#[test]
fn columns_of_the_table_may_have_any_name() {
    let Some(database) = database() else { return };
    imported(&database, &many(), OnConflict::Skip);
    let mut client = connect(&database);
    ran(client.batch_execute(
        "ALTER TABLE video_generation_jobs ADD key text DEFAULT 'k', ADD given text, ADD new_2 text, ADD r text",
    ));
    let before = ask(&mut client, ROWS);
    let replaced = |job: Job| job.with(Column::Title, "new");
    let jobs: Vec<Job> = many().into_iter().map(replaced).collect();
    let (outcomes, run) = imported(&database, &jobs, OnConflict::Replace);
    assert_eq!(outcomes, vec![Imported::Updated; MANY as usize]);
    undo(&database, run);
    assert_eq!(ask(&mut client, ROWS), before);
}

#[test]
fn an_id_that_somebody_takes_meanwhile_is_skipped_and_the_others_come_in() {
    let Some(database) = database() else { return };
    let url = database.cluster.url("jobctl", &database.name);
    let sources = Sources {
        flag: Some(url.into()),
        ..Sources::default()
    };
    let location = Location::find(&sources).unwrap();
    let patience = Duration::from_secs(60);
    let mut repository = repository::open(&location, Access::Write, patience).unwrap();
    let mut client = connect(&database);
    ran(client.batch_execute("BEGIN"));
    client.insert(&many()[3]);
    let mut observer = connect(&database);
    let neighbour = thread::spawn(move || {
        let waiting = "SELECT count(*)::text FROM pg_locks WHERE NOT granted";
        while ask(&mut observer, waiting) == ["0"] {
            thread::yield_now();
        }
        ran(client.batch_execute("COMMIT"));
    });
    let outcomes = import(repository.as_mut(), &many(), OnConflict::Skip);
    neighbour.join().unwrap();
    for (n, outcome) in outcomes.iter().enumerate() {
        let expected = if n == 3 {
            Imported::Skipped
        } else {
            Imported::Inserted
        };
        assert_eq!(*outcome, expected, "{n}");
    }
    assert_eq!(stored(&database), many());
}

/// Records of one run may name a job twice; that somebody has deleted in between is no rule of the table.
#[test]
fn a_job_of_the_run_that_somebody_deletes_meanwhile_comes_in_again() {
    let Some(database) = database() else { return };
    let mut repository = database.open(Access::Write);
    let mut import = repository.begin_import(terms(OnConflict::Newer)).unwrap();
    let at = |time: &str| job(1).with(Column::UpdatedAt, time);
    let first = at("2026-01-02 00:00:00.000000");
    assert_eq!(write_all(import.as_mut(), &[first]), [Imported::Inserted]);
    while import.is_pending() {
        import.yield_lock().unwrap();
    }
    connect(&database).delete(&job(1).id());
    let second = at("2026-01-03 00:00:00.000000");
    assert_eq!(
        write_all(import.as_mut(), std::slice::from_ref(&second)),
        [Imported::Inserted]
    );
    import.end().unwrap();
    assert_eq!(stored(&database), [second]);
}
