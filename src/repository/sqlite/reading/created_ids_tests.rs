//! Ids by way of the indexes, beside the jobs sorted here: odd ids and times, and rows that move meanwhile.

use std::sync::atomic::{AtomicBool, Ordering};

use proptest::prelude::*;
use rusqlite::hooks::{AuthAction, Authorization};
use uuid::Uuid;

use super::created_ids::CreatedIds;
use super::outlet::Outlet;
use super::plan::plan;
use super::stream;
use super::tests::{Narrow, ids, opened};
use super::time_tests::{at, point, values, with_small_pages};
use crate::job::order::Order;
use crate::job::{Column, ColumnSet, Filter, Job, Value};
use crate::repository::sqlite::connection::database::Sqlite;
use crate::repository::sqlite::connection::turns::Turns;

const WAYS: [bool; 2] = [false, true];

fn order(descending: bool) -> Order {
    Order {
        column: Column::CreatedAt,
        descending,
    }
}

/// Most are UUIDs.
fn named(number: usize, kind: u8) -> Value {
    let uuid = Uuid::from_u128((number as u128 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15 << 61));
    match kind {
        0 => format!("job-{number:05}").into(),
        1 => uuid.to_string().to_uppercase().into(),
        // As long as a UUID.
        2 => format!("{number:036}").into(),
        3 => format!("{number:05}-{}", "x".repeat(1500)).into(),
        4 => format!("{number:035}\u{0}").into(),
        5 => Value::BrokenText([&[0xff; 31], format!("{number:05}").as_bytes()].concat()),
        6 => Value::Blob(uuid.to_string().into_bytes()),
        _ => uuid.to_string().into(),
    }
}

fn job(id: Value, created: Value) -> Job {
    Job::default()
        .with(Column::Id, id)
        .with(Column::JobType, "idea2video")
        .with(Column::CreatedAt, created)
}

fn sorted<'a>(jobs: &'a [Job], filter: &Filter, order: Order) -> Vec<&'a Job> {
    let mut matching: Vec<&Job> = jobs.iter().filter(|job| filter.matches(job)).collect();
    matching.sort_by(|a, b| {
        let by = |column| a.get(column).sort_cmp(b.get(column));
        order.directed(by(Column::CreatedAt).then_with(|| by(Column::Id)))
    });
    matching
}

fn streamed(sqlite: &Sqlite, filter: &Filter, order: Option<Order>) -> Vec<Value> {
    let mut sink = Narrow::default();
    stream::stream(sqlite, filter, order, ColumnSet::NONE, &mut sink).unwrap();
    sink.ids
}

/// The same by way of the rows, which no index has whole.
fn by_rows(sqlite: &Sqlite, filter: &Filter, order: Order) -> Vec<Value> {
    let mut found = Vec::new();
    let mut take = |job: &mut Job| {
        found.push(job.get(Column::Id).clone());
        Ok(())
    };
    let columns = ColumnSet::of(&[Column::Status]);
    stream::stream(sqlite, filter, Some(order), columns, &mut take).unwrap();
    found
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn they_come_in_the_order_of_creation_whatever_they_are(
        rows in proptest::collection::vec((values(), 0_u8..60, any::<bool>()), 0..400),
        ranges in proptest::collection::vec((point(), point()), 1..4),
        (wal, patient, long) in any::<(bool, bool, bool)>(),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let mut last = Value::Null;
        let jobs: Vec<Job> = rows.iter().enumerate().map(|(number, (value, kind, is_same))| {
            if !is_same {
                last = value.clone();
            }
            // A long id leaves all ids of the file to SQLite.
            let kind = if long || *kind != 3 { *kind } else { 7 };
            job(named(number, kind), last.clone())
        }).collect();
        let mut turns = if patient { Turns::default() } else { Turns::shortest() };
        turns.ties = if patient { 2000 } else { 0 };
        drop(with_small_pages(opened(folder.path(), &jobs, true, false, Turns::default())));
        let sqlite = opened(folder.path(), &[], true, wal, turns);
        for (since, until) in ranges {
            let filter = Filter { since, until, ..Filter::default() };
            for descending in WAYS {
                let order = order(descending);
                let expected = by_rows(&sqlite, &filter, order);
                prop_assert!(streamed(&sqlite, &filter, Some(order)) == expected, "{:?}", order);
            }
            let mut found = streamed(&sqlite, &filter, None);
            found.sort_by(Value::sort_cmp);
            let mut expected = ids(sorted(&jobs, &filter, order(false)));
            expected.sort_by(Value::sort_cmp);
            prop_assert!(found == expected);
        }
    }
}

/// Jobs of two to each time, with ids against the order of the times, and row numbers in another order.
fn of_uuids(count: usize) -> Vec<Job> {
    let numbers = (0..count).map(|number| number * 7 % count);
    let one = |number: usize| {
        let created = crate::time::stored(at(number as i64 / 2 * 60));
        let id = Uuid::from_u128(((count - number) as u128) << 96);
        job(id.to_string().into(), created.into())
    };
    numbers.map(one).collect()
}

/// How many rows are looked at for the ids of all jobs.
fn looked_at(sqlite: &Sqlite) -> u64 {
    let filter = Filter::default();
    let order = Some(order(true));
    let mut sink = Narrow::default();
    let ids = CreatedIds {
        sqlite,
        filter: &filter,
        order,
        at_ease: false,
    };
    let plan = plan(sqlite, &filter, order, None).unwrap();
    let mut outlet = Outlet::new(&mut sink, false);
    ids.go(&plan, &mut outlet).unwrap().unwrap()
}

#[test]
fn no_row_is_looked_at_for_a_uuid() {
    let folder = tempfile::tempdir().unwrap();
    let mut jobs = of_uuids(33);
    let sqlite = opened(folder.path(), &jobs, true, false, Turns::default());
    assert_eq!(looked_at(&sqlite), 0);
    drop(sqlite);
    jobs.clear();
    jobs.push(job("no-uuid".into(), "2026-01-02".into()));
    let sqlite = opened(folder.path(), &jobs, true, false, Turns::default());
    assert_eq!(looked_at(&sqlite), 1);
    assert_eq!(
        streamed(&sqlite, &Filter::default(), Some(order(true))).len(),
        34
    );
}

/// Does this to the file when the pass over the ids is about to begin for the first time.
fn meanwhile(sqlite: &mut Sqlite, sql: &'static str) {
    let path = sqlite.path.clone();
    let is_done = AtomicBool::new(false);
    let hook = move |context: rusqlite::hooks::AuthContext<'_>| {
        let begins = matches!(context.action, AuthAction::Transaction { .. });
        if begins && !is_done.swap(true, Ordering::Relaxed) {
            let other = rusqlite::Connection::open(&path).unwrap();
            let sql = format!("PRAGMA foreign_keys = off; {sql}");
            other.execute_batch(&sql).unwrap();
        }
        Authorization::Allow
    };
    sqlite.connection.authorizer(Some(hook)).unwrap();
}

#[test]
fn rows_that_move_meanwhile_are_read_once_more() {
    for descending in WAYS {
        let folder = tempfile::tempdir().unwrap();
        let jobs = of_uuids(30);
        let mut sqlite = opened(folder.path(), &jobs, true, false, Turns::default());
        // As VACUUM may move them, which counts the schema up too.
        meanwhile(
            &mut sqlite,
            "BEGIN; CREATE TABLE moved (a); UPDATE video_generation_jobs SET rowid = 1000 - rowid; COMMIT",
        );
        let order = order(descending);
        let expected = ids(sorted(&jobs, &Filter::default(), order));
        let found = streamed(&sqlite, &Filter::default(), Some(order));
        assert_eq!(found, expected);
    }
}

#[test]
fn a_job_that_goes_meanwhile_is_left_out_and_those_of_its_time_stay_in_order() {
    for descending in WAYS {
        let folder = tempfile::tempdir().unwrap();
        let mut jobs = of_uuids(30);
        let mut sqlite = opened(folder.path(), &jobs, true, false, Turns::default());
        let firsts = [
            "DELETE FROM video_generation_jobs WHERE rowid IN (SELECT min(rowid) FROM video_generation_jobs GROUP BY created_at)",
            "DELETE FROM video_generation_jobs WHERE rowid IN (SELECT max(rowid) FROM video_generation_jobs GROUP BY created_at)",
        ];
        meanwhile(&mut sqlite, firsts[usize::from(descending)]);
        let found = streamed(&sqlite, &Filter::default(), Some(order(descending)));
        let is_left = |job: &Job| {
            let id = job.get(Column::Id).as_str().unwrap();
            let sql = "SELECT 1 FROM video_generation_jobs WHERE id = ?";
            let mut statement = sqlite.connection.prepare(sql).unwrap();
            statement.exists([id]).unwrap()
        };
        jobs.retain(is_left);
        assert_eq!(jobs.len(), 15);
        let expected = ids(sorted(&jobs, &Filter::default(), order(descending)));
        assert_eq!(found, expected);
    }
}
