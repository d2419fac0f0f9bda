//! Counts of ranges of times, of texts that are none and of indexes of all kinds, beside what the filter says of each job.

use proptest::prelude::*;

use super::stream;
use super::tests::opened;
use super::time_count::count;
use crate::job::{Column, Filter, Job, Value};
use crate::repository::sqlite::connection::database::Sqlite;
use crate::repository::sqlite::connection::turns::Turns;
use crate::time;

/// Seconds from the first of January 2026 on.
const DAY: i64 = 86_400;

pub(super) fn at(seconds: i64) -> time::Instant {
    time::from_unix(1_767_225_600 + seconds).unwrap()
}

/// Most are in the stored form, and the others are met within them.
pub(super) fn values() -> impl Strategy<Value = Value> {
    let odd = prop_oneof![
        Just("2026-01-02"),
        Just("2026-01-02T03:04Z"),
        // As long as the stored form.
        Just("2026-01-02 10:00:00.5+2300"),
        Just("2026-01-03 00:30:00.000000+08:00"),
        Just("2026-01-02 23:30:00-23:00"),
        Just("2026-01-02 10:61:00.000000"),
        Just("2026-01-02 10:00:00.00000x"),
        Just("2026-01-32 10:00:00.000000"),
        Just("0001-01-01 00:00:00.000000"),
        Just("9999-12-31 23:59:59.999999"),
        Just("soon"),
        Just(""),
    ];
    prop_oneof![
        60 => (0..5 * DAY).prop_map(|seconds| time::stored(at(seconds)).into()),
        3 => odd.prop_map(Value::from),
        1 => Just(Value::Null),
        1 => (0_i64..3000).prop_map(Value::Integer),
        1 => Just(Value::Real(2.5)),
        1 => proptest::collection::vec(any::<u8>(), 0..30).prop_map(Value::Blob),
        1 => proptest::collection::vec(any::<u8>(), 0..30).prop_map(Value::BrokenText),
    ]
}

pub(super) fn point() -> impl Strategy<Value = Option<time::Instant>> {
    let points = prop_oneof![
        6 => (-DAY..6 * DAY).prop_map(at),
        1 => Just(time::Instant::MIN),
        1 => Just(time::Instant::MAX),
    ];
    proptest::option::of(points)
}

fn job(number: usize, value: &Value) -> Job {
    Job::default()
        .with(Column::Id, format!("job-{number:05}"))
        .with(Column::JobType, "idea2video")
        .with(Column::CreatedAt, value.clone())
}

/// The same file with pages so small that the index has three levels.
pub(super) fn with_small_pages(sqlite: Sqlite) -> rusqlite::Connection {
    let path = sqlite.path.clone();
    drop(sqlite);
    let connection = rusqlite::Connection::open(path).unwrap();
    let sql =
        "PRAGMA foreign_keys = off; PRAGMA journal_mode = delete; PRAGMA page_size = 512; VACUUM";
    connection.execute_batch(sql).unwrap();
    connection
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn each_is_counted_as_the_filter_says(
        values in proptest::collection::vec(values(), 0..1500),
        ranges in proptest::collection::vec((point(), point()), 1..8),
        long in 0_usize..6,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let jobs: Vec<Job> = values.iter().enumerate().map(|(number, value)| job(number, value)).collect();
        let mut sqlite = opened(folder.path(), &jobs, true, false, Turns::shortest());
        drop(with_small_pages(sqlite));
        sqlite = opened(folder.path(), &[], true, false, if long == 0 { Turns::default() } else { Turns::shortest() });
        for (since, until) in ranges {
            let filter = Filter { since, until, ..Filter::default() };
            let expected = jobs.iter().filter(|job| filter.matches(job)).count() as u64;
            prop_assert_eq!(stream::count(&sqlite, &filter).unwrap(), expected);
            let counted = count(&sqlite, &filter, false).unwrap();
            let asked = since.is_some() || until.is_some();
            prop_assert_eq!(counted, asked.then_some(expected));
        }
    }
}

#[test]
fn what_is_not_as_expected_is_left_to_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let long = format!("2026-01-02 {}", "x".repeat(5000));
    let texts = ["2026-01-02 00:00:00.000000", &long, "2026-01-03"];
    let jobs: Vec<Job> = texts
        .iter()
        .enumerate()
        .map(|(number, text)| job(number, &Value::from(*text)))
        .collect();
    let filter = Filter {
        since: Some(at(0)),
        ..Filter::default()
    };
    let sqlite = opened(folder.path(), &jobs, true, false, Turns::default());
    assert_eq!(count(&sqlite, &filter, false).unwrap(), None);
    assert_eq!(stream::count(&sqlite, &filter).unwrap(), 2);
    let connection = with_small_pages(sqlite);
    let index =
        "DROP INDEX idx_job_created; DELETE FROM video_generation_jobs WHERE id = 'job-00001';";
    for create in [
        "CREATE INDEX i ON video_generation_jobs (created_at DESC)",
        "CREATE INDEX i ON video_generation_jobs (created_at COLLATE NOCASE)",
        "CREATE INDEX i ON video_generation_jobs (created_at, status)",
        "CREATE INDEX i ON video_generation_jobs (created_at) WHERE status IS NULL",
        "CREATE INDEX i ON video_generation_jobs (lower(created_at))",
        "SELECT 1",
    ] {
        let sql = format!("BEGIN; {index} {create}; COMMIT");
        connection.execute_batch(&sql).unwrap();
        let sqlite = opened(folder.path(), &[], true, false, Turns::default());
        assert_eq!(count(&sqlite, &filter, false).unwrap(), None, "{create}");
        assert_eq!(stream::count(&sqlite, &filter).unwrap(), 2, "{create}");
        drop(sqlite);
        let sql = "DROP INDEX IF EXISTS i; CREATE INDEX idx_job_created ON video_generation_jobs (created_at)";
        connection.execute_batch(sql).unwrap();
    }
    let sqlite = opened(folder.path(), &[], true, false, Turns::default());
    assert_eq!(count(&sqlite, &filter, false).unwrap(), Some(2));
}
