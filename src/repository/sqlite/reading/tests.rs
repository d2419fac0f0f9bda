//! Reads that are taken up again behind nearly every row, beside what the filter says of each job.

use std::path::Path;
use std::sync::atomic::Ordering;

use proptest::prelude::*;

use super::stream;
use crate::job::filter::Needle;
use crate::job::order::{Cursor, Order};
use crate::job::{Column, ColumnSet, Filter, Job, Value};
use crate::repository::sqlite::connection::database::Sqlite;
use crate::repository::sqlite::connection::deadline::Deadline;
use crate::repository::sqlite::connection::open::open;
use crate::repository::sqlite::connection::turns::Turns;
use crate::repository::{Access, Patience, Query, Repository, Sink};
use crate::time;

const STATES: [&str; 4] = ["queued", "processing", "completed", "failed"];

/// Few different values, so that many rows have one and the same.
fn values(all: &'static [&'static str]) -> impl Strategy<Value = Value> {
    prop_oneof![
        1 => Just(Value::Null),
        8 => proptest::sample::select(all).prop_map(Value::from),
        1 => (0_i64..3).prop_map(Value::Integer),
    ]
}

fn jobs() -> impl Strategy<Value = Vec<Job>> {
    let times: &[&str] = &[
        "2026-01-01 00:00:00.000000",
        "2026-01-02T00:00:00Z",
        "2026-01-03",
        "2026-01-03 12:00:00.000000",
        "soon",
    ];
    let job = (values(&STATES), values(times), values(&["a", "b"]));
    let job = job.prop_map(|(status, created, title)| {
        Job::default()
            .with(Column::JobType, "idea2video")
            .with(Column::Status, status)
            .with(Column::CreatedAt, created)
            .with(Column::Title, title)
    });
    proptest::collection::vec((job, any::<u16>()), 0..40).prop_map(|jobs| {
        let mut named = std::collections::BTreeMap::new();
        for (job, id) in jobs {
            let name = match id % 2 {
                0 => format!("job-{id:05}"),
                _ => uuid::Uuid::from_u128(u128::from(id) << 96).to_string(),
            };
            named.insert(id, job.with(Column::Id, name));
        }
        // Row numbers are in another order than ids.
        let mut jobs: Vec<Job> = named.into_values().collect();
        jobs.sort_by_key(|job| {
            job.get(Column::Id)
                .display()
                .chars()
                .rev()
                .collect::<String>()
        });
        jobs
    })
}

fn filters() -> impl Strategy<Value = Filter> {
    let words = || proptest::collection::vec(proptest::sample::select(&STATES[..]), 0..3);
    let point = || {
        proptest::option::of(
            (0_i64..4).prop_map(|day| time::from_unix(1_767_225_600 + day * 86_400 / 2).unwrap()),
        )
    };
    let searched = proptest::option::weighted(0.3, Just(Needle::new("A")));
    let asked = (words(), words(), point(), point(), any::<bool>(), searched);
    asked.prop_map(|(any, not, since, until, stuck, search)| {
        let worded = |words: Vec<&str>| -> Vec<_> {
            words
                .into_iter()
                .map(|word| Some(word.to_owned()))
                .collect()
        };
        let any = worded(any);
        Filter {
            any_of: if any.is_empty() {
                Vec::new()
            } else {
                vec![(Column::Status, any)]
            },
            not_status: worded(not),
            since,
            until,
            stuck_before: stuck.then(|| time::from_unix(1_767_400_000).unwrap()),
            search,
            ..Filter::default()
        }
    })
}

fn orders() -> impl Strategy<Value = Order> {
    let columns = [Column::CreatedAt, Column::Title, Column::Id, Column::Status];
    (proptest::sample::select(columns.to_vec()), any::<bool>())
        .prop_map(|(column, descending)| Order { column, descending })
}

/// A file with these jobs, opened to be read in the shortest turns.
pub(super) fn opened(
    folder: &Path,
    jobs: &[Job],
    indexed: bool,
    wal: bool,
    turns: Turns,
) -> Sqlite {
    let path = folder.join("jobs.db");
    let patience = Patience::from(std::time::Duration::ZERO);
    let mut sqlite = open(&path, "", Access::Create, &patience).unwrap();
    sqlite.insert(jobs).unwrap();
    let mode = if wal { "wal" } else { "delete" };
    sqlite
        .connection
        .pragma_update(None, "journal_mode", mode)
        .unwrap();
    if !indexed {
        let drop = "DROP INDEX IF EXISTS idx_job_status; DROP INDEX IF EXISTS idx_job_type; DROP INDEX IF EXISTS idx_job_created";
        sqlite.connection.execute_batch(drop).unwrap();
    }
    drop(sqlite);
    let mut sqlite = open(&path, "", Access::Read, &patience).unwrap();
    sqlite.turns = turns;
    sqlite.deadline = Deadline::watch_each(&mut sqlite.connection, 1).unwrap();
    sqlite.get_ready_to_scan().unwrap();
    sqlite
}

/// Wants to pass on each row at once.
#[derive(Default)]
pub(super) struct Narrow {
    pub ids: Vec<Value>,
    waiting: usize,
}

impl Sink for Narrow {
    fn row(&mut self, job: &mut Job) -> anyhow::Result<()> {
        self.ids.push(job.get(Column::Id).clone());
        self.waiting += 1;
        Ok(())
    }

    fn is_full(&self) -> bool {
        self.waiting > 0
    }

    fn pass_on(&mut self) -> anyhow::Result<()> {
        self.waiting = 0;
        Ok(())
    }
}

pub(super) fn ids<'a>(jobs: impl IntoIterator<Item = &'a Job>) -> Vec<Value> {
    jobs.into_iter()
        .map(|job| job.get(Column::Id).clone())
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_read_in_many_turns_gives_each_matching_job_once_and_in_order(
        jobs in jobs(),
        filter in filters(),
        order in orders(),
        indexed: bool,
        wal: bool,
        grows: bool,
        (narrow, whole) in any::<(bool, bool)>(),
        (skip, limit) in (0_u64..6, 1_u64..8),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let turns = if grows { Turns::growing() } else { Turns::shortest() };
        let sqlite = opened(folder.path(), &jobs, indexed, wal, turns);
        let mut matching: Vec<&Job> = jobs.iter().filter(|job| filter.matches(job)).collect();
        matching.sort_by(|a, b| {
            let by = |column| a.get(column).sort_cmp(b.get(column));
            let ascending = by(order.column).then_with(|| by(Column::Id));
            if order.descending { ascending.reverse() } else { ascending }
        });
        prop_assert_eq!(stream::count(&sqlite, &filter).unwrap(), matching.len() as u64);
        let streamed = |order| {
            let mut narrow_sink = Narrow::default();
            let mut all = Vec::new();
            let mut wide_sink = |job: &mut Job| {
                all.push(job.get(Column::Id).clone());
                Ok(())
            };
            let sink: &mut dyn Sink = if narrow { &mut narrow_sink } else { &mut wide_sink };
            let columns = if whole { ColumnSet::ALL } else { ColumnSet::NONE };
            stream::stream(&sqlite, &filter, order, columns, sink).unwrap();
            if narrow { narrow_sink.ids } else { all }
        };
        prop_assert_eq!(streamed(Some(order)), ids(matching.iter().copied()));
        let sorted = |mut ids: Vec<Value>| {
            ids.sort_by(Value::sort_cmp);
            ids
        };
        prop_assert_eq!(sorted(streamed(None)), sorted(ids(matching.iter().copied())));
        let mut query = Query {
            filter: &filter,
            order,
            after: None,
            offset: skip,
            limit,
            columns: if whole { ColumnSet::ALL } else { ColumnSet::NONE },
        };
        let page = stream::list(&sqlite, &query).unwrap();
        let expected: Vec<&Job> = matching.iter().copied().skip(skip as usize).take(limit as usize).collect();
        prop_assert_eq!(ids(&page), ids(expected.iter().copied()));
        let stored = |jobs: &[Job]| -> Vec<Value> {
            jobs.iter().map(|job| job.get(Column::JobType).clone()).collect()
        };
        let expected_types = vec![if whole { "idea2video".into() } else { Value::Null }; page.len()];
        prop_assert_eq!(stored(&page), expected_types);
        let (counted, count) = stream::list_counted(&sqlite, &query).unwrap();
        prop_assert_eq!(ids(&counted), ids(expected.iter().copied()));
        let looks_at_all = filter.search.is_some() || filter.stuck_before.is_some();
        prop_assert_eq!(count, (looks_at_all || count.is_some()).then_some(matching.len() as u64));
        if let Some(last) = page.last() {
            query.after = Some(Cursor::at(last, order));
            query.offset = 0;
            let next = stream::list(&sqlite, &query).unwrap();
            let behind = matching.iter().copied().skip(skip as usize + expected.len()).take(limit as usize);
            prop_assert_eq!(ids(&next), ids(behind));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn rows_are_passed_over_in_their_order(
        jobs in jobs(),
        order in orders(),
        (indexed, wal) in (any::<bool>(), any::<bool>()),
        (skip, limit) in (0_u64..45, 1_u64..12),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let sqlite = opened(folder.path(), &jobs, indexed, wal, Turns::shortest());
        let mut sorted: Vec<&Job> = jobs.iter().collect();
        sorted.sort_by(|a, b| {
            let by = |column| a.get(column).sort_cmp(b.get(column));
            order.directed(by(order.column).then_with(|| by(Column::Id)))
        });
        let filter = Filter::default();
        let query = Query {
            filter: &filter,
            order,
            after: None,
            offset: skip,
            limit,
            columns: ColumnSet::NONE,
        };
        let page = stream::list(&sqlite, &query).unwrap();
        let expected = sorted.iter().copied().skip(skip as usize).take(limit as usize);
        prop_assert_eq!(ids(&page), ids(expected));
    }
}

#[test]
fn a_slice_is_sought_by_its_own_bound_and_not_by_the_filters() {
    let folder = tempfile::tempdir().unwrap();
    let job = |number: usize| {
        let created = format!("2026-01-01 00:{:02}:{:02}.000000", number / 60, number % 60);
        Job::default()
            .with(Column::Id, format!("job-{number:05}"))
            .with(Column::JobType, "idea2video")
            .with(Column::CreatedAt, created)
    };
    let jobs: Vec<Job> = (0..2000).map(job).collect();
    let sqlite = opened(folder.path(), &jobs, true, false, Turns::shortest());
    let at = |text| time::parse_stored(text).unwrap();
    for filter in [
        Filter {
            since: Some(at("2026-01-01")),
            ..Filter::default()
        },
        Filter {
            since: Some(at("2026-01-01")),
            until: Some(at("2026-01-02")),
            ..Filter::default()
        },
    ] {
        let before = sqlite.deadline.checks.load(Ordering::Relaxed);
        assert_eq!(stream::count(&sqlite, &filter).unwrap(), 2000);
        // Sought by the filter's bound, each slice goes through all before it: 2,000 * 2,000 / 6 rows.
        let checks = sqlite.deadline.checks.load(Ordering::Relaxed) - before;
        assert!(checks < 300_000, "{checks} instructions for 2,000 rows");
    }
}

#[test]
fn a_slice_that_grows_and_grows_stays_a_number() {
    let folder = tempfile::tempdir().unwrap();
    let job = |number: usize| {
        Job::default()
            .with(Column::Id, format!("job-{number:05}"))
            .with(Column::JobType, "idea2video")
            .with(
                Column::CreatedAt,
                format!("2026-01-01 00:00:00.{number:06}"),
            )
    };
    let jobs: Vec<Job> = (0..200).map(job).collect();
    let sqlite = opened(folder.path(), &jobs, true, false, Turns::growing());
    // Behind each row stands a slice without any, which is over at once.
    let mut sink = Narrow::default();
    let order = Some(Order::NEWEST_FIRST);
    stream::stream(
        &sqlite,
        &Filter::default(),
        order,
        ColumnSet::NONE,
        &mut sink,
    )
    .unwrap();
    assert_eq!(sink.ids.len(), 200);
}
