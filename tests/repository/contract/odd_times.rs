//! Filters by time over spellings that stand at the ends of days and years, in other zones, or are no times: each finds the
//! jobs that it finds in memory.

use chrono::{NaiveDate, NaiveTime, TimeDelta};
use jobctl::job::{Column, Filter, Job, Value};
use jobctl::time::Instant;
use proptest::prelude::*;
use proptest::sample::select;

use super::properties::{check_filter, filled};
use crate::backend::Backend;

const DAYS: &[&str] = &[
    "0000-12-31",
    "0001-01-01",
    "0001-01-02",
    "1999-12-31",
    "2000-01-01",
    "2024-02-28",
    "2024-02-29",
    "2024-03-01",
    "2026-01-01",
    "2026-01-02",
    "2026-01-03",
    "2026-01-04",
    "9999-12-30",
    "9999-12-31",
];

const CLOCKS: &[&str] = &[
    "",
    " 00:00:00.000000",
    " 00:00:00.000001",
    " 12:00:00.000000",
    " 23:59:59.999999",
    " 00:00",
    "T00:00:00",
    "t23:59:59,9999999",
    " 23:59:59.9",
    "T23:59",
    " 00:01:00.000000",
    " 24:00:00.000000",
    " 23:59:60.000000",
    " 00:00:00.",
    "x",
    " 00:00:00.0000000",
];

const ZONES: &[&str] = &[
    "", "", "", "Z", "z", "+00:00", "+23:59", "-23:59", "+2300", "-23", " +12:00", "+08:00",
    "+24:00", "é", " ",
];

const GARBAGE: &[&str] = &[
    "zzz",
    "",
    "soon",
    "~",
    "2026-13-45",
    "2026-01-00",
    "2026-02-29 00:00:00.000000",
    "2026-1-1",
    "10000-01-01 00:00:00",
    "+12026-01-01",
    "-0001-01-01 00:00:00.0000",
    "2026-01-02 00:00:00.00000０",
    "２０２６-01-02",
];

fn odd_time() -> impl Strategy<Value = Value> {
    let spelled = (select(DAYS), select(CLOCKS), select(ZONES))
        .prop_map(|(day, clock, zone)| Value::Text([day, clock, zone].concat()));
    prop_oneof![
        20 => spelled,
        2 => select(GARBAGE).prop_map(Value::from),
        2 => Just(Value::Null),
        1 => select(&[0_i64, 2026, 20_260_102, 1_767_312_000][..]).prop_map(Value::from),
        1 => Just(Value::Real(1_767_312_000.5)),
        1 => Just(Value::Blob(b"2026-01-02 00:00:00.000000".to_vec())),
        1 => Just(Value::BrokenText(b"2026-01-02 00:00:00.00000\xff".to_vec())),
    ]
}

fn odd_job() -> impl Strategy<Value = Job> {
    let status = select(&["processing", "processing", "completed"][..]);
    let times = proptest::collection::vec(odd_time(), 4);
    (any::<u128>(), status, times).prop_map(|(id, status, times)| {
        let mut job = Job::default()
            .with(Column::Id, uuid::Uuid::from_u128(id).to_string())
            .with(Column::JobType, "idea2video")
            .with(Column::Status, status);
        let columns = Column::ALL.iter().filter(|column| column.is_time());
        for (column, time) in columns.zip(times) {
            job.set(*column, time);
        }
        job
    })
}

fn point() -> impl Strategy<Value = Instant> {
    let day = select(DAYS).prop_map(|day| {
        day.parse::<NaiveDate>()
            .unwrap_or_default()
            .and_time(NaiveTime::MIN)
    });
    let minute = 60_000_000;
    let off = select(vec![
        0,
        1,
        -1,
        minute,
        24 * 60 * minute - 1,
        12 * 60 * minute,
        -minute,
    ]);
    (day, off).prop_map(|(day, off)| day + TimeDelta::microseconds(off))
}

fn filter() -> impl Strategy<Value = Filter> {
    let now = proptest::option::weighted(0.8, point());
    (0..5, point(), point(), now).prop_map(|(kind, at, other, now)| {
        let mut filter = Filter {
            now,
            ..Filter::default()
        };
        match kind {
            0 => filter.since = Some(at),
            1 => filter.until = Some(at),
            2 => (filter.since, filter.until) = (Some(at), Some(other)),
            3 => filter.aged_before = Some(at),
            _ => filter.stuck_before = Some(at),
        }
        filter
    })
}

pub fn times_of_any_spelling_are_filtered_as_in_memory(backend: &dyn Backend) {
    let jobs = proptest::collection::vec(odd_job(), 60);
    let filters = proptest::collection::vec(filter(), 40);
    proptest!(ProptestConfig::with_cases(10), |(jobs in jobs, filters in filters)| {
        let (jobs, _place, mut repository) = filled(backend, jobs);
        for filter in &filters {
            check_filter(repository.as_mut(), filter, &jobs)?;
        }
    });
}
