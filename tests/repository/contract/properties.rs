//! Properties over arbitrary rows: the values are those that a place may hold, not those that it should.

use jobctl::job::filter::Needle;
use jobctl::job::order::Order;
use jobctl::job::{Changes, Column, ColumnSet, Filter, Job, JobId, Value};
use jobctl::repository::{Access, Query, Repository};
use jobctl::time;
use proptest::prelude::*;

use crate::backend::{Backend, Place};

/// A value of any kind; no text that a column of numbers would take for one.
fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        "[ -~]{0,12}"
            .prop_filter("numeric text changes its type", |text| {
                text.trim().parse::<f64>().is_err() && !text.trim().starts_with("0x")
            })
            .prop_map(Value::Text),
        "\\PC{1,6}x".prop_map(Value::Text),
        proptest::collection::vec(any::<u8>(), 0..6).prop_map(Value::Blob),
    ]
}

/// A time in one of the spellings that files hold, or something that is none.
fn time_value() -> impl Strategy<Value = Value> {
    let seconds = prop_oneof![
        5 => 0_i64..4_000_000_000,
        1 => -62_000_000_000_i64..253_000_000_000,
    ];
    let stamp = (seconds, 0_u32..1_000_000).prop_map(|(seconds, micros)| {
        let at = time::from_unix(seconds).unwrap();
        (at, micros)
    });
    prop_oneof![
        1 => Just(Value::Null),
        1 => Just(Value::from("soon")),
        1 => Just(Value::from("2026-02-30 00:00:00")),
        6 => (stamp, 0..6).prop_map(|((at, micros), form)| {
            Value::Text(match form {
                0 => at.format("%Y-%m-%d %H:%M:%S").to_string() + &format!(".{micros:06}"),
                1 => at.format("%Y-%m-%dT%H:%M:%S").to_string() + &format!(".{micros:06}Z"),
                2 => at.format("%Y-%m-%d %H:%M:%S").to_string(),
                3 => at.format("%Y-%m-%dT%H:%M:%S+08:00").to_string(),
                4 => at.format("%Y-%m-%dT%H:%M:%S-11:30").to_string(),
                _ => at.format("%Y-%m-%d").to_string(),
            })
        }),
    ]
}

fn word(words: &'static [&'static str]) -> impl Strategy<Value = Value> {
    prop_oneof![
        8 => proptest::sample::select(words).prop_map(Value::from),
        1 => Just(Value::Null),
        1 => Just(Value::Blob(b"failed".to_vec())),
    ]
}

const STATUSES: &[&str] = &[
    "queued",
    "processing",
    "completed",
    "failed",
    "cancelled",
    "weird",
];
const TYPES: &[&str] = &["idea2video", "script2video", "other"];
const TITLES: &[&str] = &[
    "The Keeper",
    "the keeper of İstanbul",
    "STRASSE",
    "海 und Meer",
    "ΟΔΟΣ 300 \u{212a}",
    "",
];

fn any_job() -> impl Strategy<Value = Job> {
    (
        any::<u128>(),
        proptest::collection::vec(value(), Column::COUNT),
        proptest::collection::vec(time_value(), 4),
        word(STATUSES),
        proptest::sample::select(TYPES),
        word(TITLES),
        -10.0_f64..200.0,
    )
        .prop_map(|(id, values, times, status, job_type, title, progress)| {
            let mut job = Job::default();
            for (column, value) in Column::ALL.iter().zip(values) {
                job.set(*column, value);
            }
            for (column, value) in Column::ALL
                .iter()
                .filter(|column| column.is_time())
                .zip(times)
            {
                job.set(*column, value);
            }
            job.set(Column::Id, uuid::Uuid::from_u128(id).to_string());
            job.set(Column::JobType, job_type);
            job.set(Column::Status, status);
            job.set(Column::Title, title);
            job.set(Column::Progress, progress);
            job
        })
}

fn any_filter() -> impl Strategy<Value = Filter> {
    let words = |all: &'static [&'static str]| {
        let one = prop_oneof![
            6 => proptest::sample::select(all).prop_map(|word| Some(word.to_owned())),
            1 => Just(None),
        ];
        proptest::collection::vec(one, 0..3)
    };
    let point = || {
        proptest::option::weighted(
            0.3,
            (0_i64..4_000_000_000).prop_map(|seconds| time::from_unix(seconds).unwrap()),
        )
    };
    (
        words(STATUSES),
        words(TYPES),
        words(STATUSES),
        point(),
        point(),
        point(),
        point(),
        point(),
        proptest::option::weighted(
            0.3,
            proptest::sample::select(
                &[
                    "keeper", "i̇stan", "istan", "strasse", "海", "οδος", "300 K", "E", "",
                ][..],
            ),
        ),
    )
        .prop_map(
            |(statuses, types, not, since, until, aged, stuck, now, search)| Filter {
                any_of: [(Column::Status, statuses), (Column::JobType, types)]
                    .into_iter()
                    .filter(|(_, words)| !words.is_empty())
                    .collect(),
                not_status: not,
                since,
                until,
                aged_before: aged,
                stuck_before: stuck,
                now,
                search: search.map(Needle::new),
            },
        )
}

pub(super) fn check_filter(
    repository: &mut dyn Repository,
    filter: &Filter,
    jobs: &[Job],
) -> Result<(), TestCaseError> {
    let matching = || jobs.iter().filter(|job| filter.matches(job));
    let mut expected: Vec<JobId> = matching().map(Job::id).collect();
    expected.sort();
    prop_assert_eq!(repository.count(filter).unwrap(), expected.len() as u64);
    let title = Order {
        column: Column::Title,
        descending: false,
    };
    for order in [None, Some(Order::NEWEST_FIRST), Some(title)] {
        let mut streamed = Vec::new();
        repository
            .stream(filter, order, filter.columns(), &mut |job: &mut Job| {
                assert!(
                    filter.matches(job),
                    "columns() leaves out what matches() reads"
                );
                streamed.push(job.id());
                Ok(())
            })
            .unwrap();
        if let Some(order) = order {
            let query = Query {
                filter,
                order,
                after: None,
                offset: 0,
                limit: 1000,
                columns: ColumnSet::NONE,
            };
            let listed = repository.list(&query).unwrap();
            let listed: Vec<JobId> = listed.iter().map(Job::id).collect();
            prop_assert_eq!(&listed, &streamed, "list and stream differ by {:?}", order);
        }
        streamed.sort();
        prop_assert_eq!(&streamed, &expected);
    }
    Ok(())
}

/// A place of those of these jobs that this backend holds: where it does not take a value, there is none.
pub(super) fn filled(
    backend: &dyn Backend,
    mut jobs: Vec<Job>,
) -> (Vec<Job>, Box<dyn Place>, Box<dyn Repository>) {
    for job in &mut jobs {
        for column in Column::ALL {
            if !backend.holds(*column, job.get(*column)) {
                job.set(*column, Value::Null);
            }
        }
    }
    let place = backend.fresh();
    let mut repository = place.open(Access::Write);
    repository.insert(&jobs).unwrap();
    (jobs, place, repository)
}

const CASES: u32 = 10;

pub fn what_is_written_is_read(backend: &dyn Backend) {
    let some = proptest::collection::vec(any_job(), 1..8);
    proptest!(ProptestConfig::with_cases(CASES), |(jobs in some)| {
        let (jobs, _place, mut repository) = filled(backend, jobs);
        let ids: Vec<JobId> = jobs.iter().map(Job::id).collect();
        let found = repository.find(&ids, ColumnSet::ALL).unwrap();
        for (job, found) in jobs.iter().zip(found) {
            prop_assert_eq!(Some(job), found.as_ref());
        }
    });
}

pub fn a_filter_of_the_place_equals_the_same_filter_in_memory(backend: &dyn Backend) {
    let some = proptest::collection::vec(any_job(), 1..40);
    let filters = proptest::collection::vec(any_filter(), 8);
    proptest!(ProptestConfig::with_cases(CASES), |(jobs in some, filters in filters)| {
        let (jobs, _place, mut repository) = filled(backend, jobs);
        for filter in &filters {
            check_filter(repository.as_mut(), filter, &jobs)?;
        }
    });
}

pub fn an_update_touches_only_its_columns(backend: &dyn Backend) {
    let some = proptest::collection::vec(any_job(), 2..5);
    let values = proptest::collection::vec((0..Column::COUNT, value()), 1..5);
    proptest!(ProptestConfig::with_cases(CASES), |(jobs in some, values in values)| {
        let (jobs, _place, mut repository) = filled(backend, jobs);
        let mut changes = Changes::default();
        for (number, value) in values {
            let column = Column::ALL[number];
            let is_fixed = matches!(column, Column::Id | Column::JobType);
            if !is_fixed && backend.holds(column, &value) {
                changes.set(column, value);
            }
        }
        let target = jobs[0].id();
        repository.update(&[target], &mut |_| Ok(changes.clone())).unwrap();
        let mut expected = jobs[0].clone();
        expected.apply(&changes);
        let ids: Vec<JobId> = jobs.iter().map(Job::id).collect();
        let found = repository.find(&ids, ColumnSet::ALL).unwrap();
        prop_assert_eq!(found[0].as_ref(), Some(&expected));
        for (job, found) in jobs.iter().zip(found).skip(1) {
            prop_assert_eq!(Some(job), found.as_ref());
        }
    });
}
