//! Many jobs that are changed by one statement are as if each had been changed by itself.

use jobctl::error::Kind;
use jobctl::job::{Changes, Column, Job, JobId};
use jobctl::repository::{Access, Error, HistoryChoice};
use postgres::Client;

use super::cluster::cluster;
use super::errors::{fails, ran};
use super::history::{ROWS, ask, begin, begin_as, kept, undo};
use super::{Database, SERVICE};
use crate::backend::Place as _;
use crate::contract::{all, job};

const MANY: u32 = 40;

/// A table that stores nothing of these as it is given, and has columns with names that a statement could trip over.
const OTHER_TYPES: &str = "ALTER TABLE video_generation_jobs ALTER progress TYPE numeric(9, 3), ALTER context TYPE jsonb,
    ALTER created_at TYPE timestamptz USING created_at AT TIME ZONE 'UTC', ALTER updated_at TYPE timestamptz USING updated_at AT TIME ZONE 'UTC',
    ALTER total_shots TYPE bigint, ADD key text DEFAULT 'k', ADD given numeric DEFAULT 1.10, ADD jobctl_given text DEFAULT 'g'";

fn with_many(more: &str) -> Option<(Database, Client)> {
    let cluster = cluster()?;
    let database = Database::new(cluster, SERVICE, true);
    let (mut repository, _) = begin_as(&database, "jobctl", HistoryChoice::Off);
    let jobs: Vec<Job> = (0..MANY).map(job).collect();
    repository.insert(&jobs).unwrap();
    let mut client = cluster.connect(&database.name);
    ran(client.batch_execute(more));
    Some((database, client))
}

fn ids() -> Vec<JobId> {
    // Not in the order of the table.
    (0..MANY).rev().map(|n| job(n).id()).collect()
}

/// What is written into a job: some get the same and some their own, in different columns; one gets nothing.
fn changes(seen: &Job) -> Changes {
    let n = ids().iter().position(|id| *id == seen.id()).unwrap();
    let mut changes = Changes::default();
    changes.set(Column::UpdatedAt, "2026-01-02 03:04:05.678901");
    match n % 4 {
        0 => {
            changes.set(Column::Title, format!("{n} \u{1f600}'\\"));
            changes.set(Column::Context, format!("{{\"n\": {n}}}"));
            changes.set(Column::TotalShots, n as i64);
        }
        1 => {
            changes.set(Column::Progress, n as f64 / 8.0);
            changes.set(
                Column::CompletedAt,
                format!("2026-01-01 00:00:{n:02}.000000"),
            );
            changes.set(Column::CreatedAt, format!("2025-01-01 00:00:{n:02}.000000"));
        }
        // NULL for some of a column.
        2 if n.is_multiple_of(8) => changes.set(Column::Style, jobctl::job::Value::Null),
        2 => changes.set(Column::Style, "noir"),
        _ => changes = Changes::default(),
    }
    changes
}

fn are_as_decided(more: &str) {
    let Some((database, mut client)) = with_many(more) else {
        return;
    };
    let rows = ask(&mut client, ROWS);
    let (mut repository, terms) = begin(&database);
    let ids = ids();
    let updated = repository
        .update(&ids, &mut |seen| Ok(changes(seen)))
        .unwrap();
    let told: Vec<JobId> = updated.iter().map(|it| it.before.id()).collect();
    assert_eq!(told, ids);
    let stored = repository
        .find(&ids, jobctl::job::ColumnSet::WHOLE)
        .unwrap();
    for (it, stored) in updated.iter().zip(stored) {
        let changes = changes(&it.before);
        assert_eq!(Some(&it.after), stored.as_ref());
        assert_eq!(it.changed, !changes.is_empty());
        let mut expected = it.before.clone();
        expected.apply(&changes);
        for column in Column::ALL.iter().filter(|it| !it.is_json()) {
            assert_eq!(it.after.get(*column), expected.get(*column), "{column:?}");
        }
        assert_eq!(
            it.after.get(Column::Context).json(),
            expected.get(Column::Context).json()
        );
    }
    drop(repository);
    let now = ask(&mut client, ROWS);
    assert_ne!(now, rows);
    let undone = undo(&database, kept(&terms));
    assert_eq!(ask(&mut client, ROWS), rows);
    undo(&database, undone);
    assert_eq!(ask(&mut client, ROWS), now);
}

#[test]
fn many_jobs_are_changed_as_each_is_decided_on() {
    are_as_decided("");
}

#[test]
fn many_jobs_of_other_types_are_changed_as_each_is_decided_on() {
    are_as_decided(OTHER_TYPES);
}

#[test]
fn many_jobs_are_changed_beside_a_trigger() {
    are_as_decided(
        "CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN new.working_dir = old.working_dir; RETURN new; END $$;
         CREATE TRIGGER stamp BEFORE UPDATE ON video_generation_jobs FOR EACH ROW EXECUTE FUNCTION stamp()",
    );
}

fn titled(seen: &Job) -> Changes {
    let mut changes = Changes::default();
    changes.set(Column::Title, format!("new {}", seen.id()));
    changes
}

#[test]
fn one_of_many_that_the_table_refuses_is_named_and_none_is_changed() {
    let refused = job(20).id();
    let rule = format!(
        "ALTER TABLE video_generation_jobs ADD CONSTRAINT never CHECK (project_title <> 'new {refused}')"
    );
    let Some((database, mut client)) = with_many(&rule) else {
        return;
    };
    let rows = ask(&mut client, ROWS);
    for keep in [HistoryChoice::Off, HistoryChoice::Required] {
        let (mut repository, terms) = begin_as(&database, "jobctl", keep);
        let error = repository.update(&ids(), &mut |seen| Ok(titled(seen)));
        let error = error.unwrap_err();
        let Error::AgainstRule { job, why, of, .. } = &error else {
            panic!("{error:?}");
        };
        assert_eq!((job, *of), (&refused, MANY as usize));
        assert!(why.contains("never"), "{why}");
        assert!(terms.recorded.get().is_none());
        assert_eq!(ask(&mut client, ROWS), rows);
    }
    // One that may not be changed comes behind those before it, which are told first.
    let (mut repository, _) = begin(&database);
    let error = repository.update(&ids(), &mut |seen| {
        if seen.id() == job(19).id() {
            Err("no".to_owned())
        } else {
            Ok(titled(seen))
        }
    });
    assert!(matches!(error, Err(Error::AgainstRule { .. })), "{error:?}");
    let error = repository.update(&ids(), &mut |seen| {
        if seen.id() == job(21).id() {
            Err("no".to_owned())
        } else {
            Ok(titled(seen))
        }
    });
    assert!(matches!(error, Err(Error::Refused { .. })), "{error:?}");
}

#[test]
fn one_of_many_with_a_value_that_no_column_takes_is_named() {
    let Some((database, mut client)) = with_many("") else {
        return;
    };
    let rows = ask(&mut client, ROWS);
    let (mut repository, _) = begin(&database);
    let long = |n: u32, column| {
        move |seen: &Job| {
            let mut changes = titled(seen);
            if seen.id() == job(n).id() {
                changes.set(column, "x".repeat(256));
            }
            Ok(changes)
        }
    };
    let error = repository.update(&ids(), &mut long(7, Column::Style));
    assert!(matches!(&error, Err(Error::AgainstRule { job: id, .. }) if *id == job(7).id()));
    let error = repository.update(&ids(), &mut long(8, Column::SeriesId));
    assert!(matches!(&error, Err(Error::NoParent { job: id, .. }) if *id == job(8).id()));
    fails(error, Kind::Refused, "series");
    assert_eq!(ask(&mut client, ROWS), rows);
}

#[test]
fn a_trigger_may_change_others_of_those_that_are_changed() {
    let second = job(2).id();
    let Some((database, _)) = with_many(&format!(
        "CREATE FUNCTION other() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
             UPDATE video_generation_jobs SET style = 'by the trigger' WHERE id = '{second}'; RETURN new; END $$;
         CREATE TRIGGER other BEFORE UPDATE ON video_generation_jobs FOR EACH ROW WHEN (old.id <> '{second}') EXECUTE FUNCTION other()"
    )) else {
        return;
    };
    let (mut repository, _) = begin(&database);
    let updated = repository.update(&ids(), &mut |seen| Ok(titled(seen)));
    assert_eq!(updated.unwrap().len(), MANY as usize);
    for seen in all(repository.as_mut()) {
        let title = format!("new {}", seen.id());
        assert_eq!(seen.get(Column::Title), &title.into());
    }
}

#[test]
fn one_that_a_rule_of_the_table_leaves_as_it_is_is_named() {
    let kept = job(3).id();
    let Some((database, mut client)) = with_many(&format!(
        "CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
         CREATE TRIGGER keep BEFORE UPDATE ON video_generation_jobs FOR EACH ROW WHEN (old.id = '{kept}') EXECUTE FUNCTION keep()"
    )) else {
        return;
    };
    let rows = ask(&mut client, ROWS);
    let (mut repository, _) = begin(&database);
    let error = repository.update(&ids(), &mut |seen| Ok(titled(seen)));
    let error = error.unwrap_err();
    assert!(
        matches!(&error, Error::AgainstRule { job, why, .. } if *job == kept && why.contains("keeps it")),
        "{error:?}"
    );
    assert_eq!(ask(&mut client, ROWS), rows);
}

#[test]
fn one_that_is_named_twice_is_decided_on_as_it_then_is() {
    let Some((database, mut client)) = with_many("") else {
        return;
    };
    let rows = ask(&mut client, ROWS);
    let (mut repository, terms) = begin(&database);
    let twice = [job(1).id(), job(2).id(), job(1).id()];
    let mut seen = Vec::new();
    let updated = repository.update(&twice, &mut |it| {
        seen.push(it.get(Column::Title).display().into_owned());
        let mut changes = Changes::default();
        changes.set(
            Column::Title,
            format!("{}!", it.get(Column::Title).display()),
        );
        Ok(changes)
    });
    let updated = updated.unwrap();
    assert_eq!(seen[2], format!("{}!", seen[0]));
    assert_eq!(updated[0].after, updated[2].before);
    let stored = repository
        .find(&twice, jobctl::job::ColumnSet::WHOLE)
        .unwrap();
    assert_eq!(stored[2].as_ref(), Some(&updated[2].after));
    drop(repository);
    undo(&database, kept(&terms));
    assert_eq!(ask(&mut client, ROWS), rows);
}

#[test]
fn new_values_of_many_megabytes_come_in_parts() {
    let Some((database, mut client)) = with_many("") else {
        return;
    };
    let rows = ask(&mut client, ROWS);
    let (mut repository, terms) = begin(&database);
    let content = |id: &JobId| format!("{id}{}", "x".repeat(200_000));
    let updated = repository.update(&ids(), &mut |seen| {
        let mut changes = Changes::default();
        changes.set(Column::Content, content(&seen.id()));
        Ok(changes)
    });
    assert_eq!(updated.unwrap().len(), MANY as usize);
    for seen in all(database.open(Access::Read).as_mut()) {
        assert_eq!(seen.get(Column::Content), &content(&seen.id()).into());
    }
    drop(repository);
    undo(&database, kept(&terms));
    assert_eq!(ask(&mut client, ROWS), rows);
}

/// As if each had been changed by itself.
#[test]
fn of_several_that_name_no_series_the_first_is_told() {
    let Some((database, mut client)) = with_many("") else {
        return;
    };
    let rows = ask(&mut client, ROWS);
    let (mut repository, _) = begin(&database);
    let lost = [job(7).id(), job(5).id(), job(3).id()];
    let error = repository.update(&ids(), &mut |seen| {
        let mut changes = titled(seen);
        if lost.contains(&seen.id()) {
            changes.set(Column::SeriesId, format!("none of {}", seen.id()));
        }
        Ok(changes)
    });
    let error = error.unwrap_err();
    assert!(
        matches!(&error, Error::NoParent { job, column: Column::SeriesId, id } if *job == lost[0] && *id == format!("none of {job}")),
        "{error:?}"
    );
    assert_eq!(ask(&mut client, ROWS), rows);
}
