//! Tests of the fitting: by example, and over arbitrary rows.

use proptest::prelude::*;
use serde_json::Value as Json;

use super::*;
use crate::job::row::read;
use crate::job::{Column, Job, Value, originals};
use crate::text::json::Members;

fn ordinary() -> Job {
    Job::default()
        .with(Column::Id, "a1111111-1111-4111-8111-111111111111")
        .with(Column::JobType, "idea2video")
}

/// The job after fitting, with the kinds by name.
fn fitted(job: &Job, orphans: &[Column]) -> (Job, Vec<&'static str>) {
    let mut job = job.clone();
    let misfits = fit(&mut job, &Limits::default(), orphans, "jobctl").unwrap();
    (job, misfits.iter().map(Misfit::name).collect())
}

fn context(job: &Job) -> Json {
    serde_json::from_str(job.get(Column::Context).as_str().unwrap()).unwrap()
}

#[test]
fn what_fits_stays_as_it_is() {
    let job = ordinary()
        .with(Column::Title, "\u{1f98a}".repeat(255))
        .with(Column::Style, "a  ")
        .with(
            Column::RequestData,
            "{\"a\":  1e400, \"a\": \"\\u0000\\ud800\"}",
        )
        .with(Column::Context, "null")
        .with(Column::Progress, -5.5)
        .with(Column::TotalShots, i64::from(i32::MAX))
        .with(Column::CreatedAt, "2026-01-02 03:04:05.000006");
    assert_eq!(fitted(&job, &[]), (job.clone(), Vec::new()));
    assert_eq!(refusal(&job, &Limits::default()), None);
}

#[test]
fn numbers_and_times_get_the_form_in_which_they_come_back() {
    let job = ordinary()
        .with(Column::Style, 3_i64)
        .with(Column::Result, 3_i64)
        .with(Column::Progress, 50_i64)
        .with(Column::TotalShots, 3.0)
        .with(Column::StartedAt, "2026-01-02T08:04+05:00");
    let (job, kinds) = fitted(&job, &[]);
    assert_eq!(kinds, ["respelled"]);
    assert_eq!(job.get(Column::Style), &"3".into());
    assert_eq!(job.get(Column::Result), &"3".into());
    assert_eq!(job.get(Column::Progress), &Value::Real(50.0));
    assert_eq!(job.get(Column::TotalShots), &Value::Integer(3));
    assert_eq!(
        job.get(Column::StartedAt),
        &"2026-01-02 03:04:00.000000".into()
    );
    assert_eq!(job.get(Column::Context), &Value::Null);
}

#[test]
fn an_original_stands_in_the_context_by_the_name_of_its_column() {
    let job = ordinary()
        .with(Column::Title, "x".repeat(256))
        .with(Column::Content, "a\0b")
        .with(Column::Error, Value::BrokenText(vec![b'a', 0xff]))
        .with(Column::Progress, f64::INFINITY)
        .with(Column::TotalShots, 3.7)
        .with(Column::SeriesId, "gone")
        .with(Column::Context, "{\"a\":  1}");
    let (job, kinds) = fitted(&job, &[Column::SeriesId]);
    assert_eq!(
        kinds,
        [
            "too_long",
            "nul",
            "not_utf8",
            "not_whole",
            "no_parent",
            "not_finite"
        ]
    );
    assert_eq!(job.get(Column::Title), &"x".repeat(255).into());
    assert_eq!(job.get(Column::Content), &"a\u{fffd}b".into());
    assert_eq!(job.get(Column::Error), &"a\u{fffd}".into());
    for column in [Column::Progress, Column::TotalShots, Column::SeriesId] {
        assert_eq!(job.get(column), &Value::Null);
    }
    let expected = serde_json::json!({"a": 1, "legacy": {
        "store": "jobctl",
        "content": "a\0b",
        "project_title": "x".repeat(256),
        "progress": {"$real": "inf"},
        "error_message": {"$blob": "Yf8=", "$type": "text"},
        "total_shots": 3.7,
        "series_id": "gone",
    }});
    assert_eq!(context(&job), expected);
}

#[test]
fn a_context_that_does_not_fit_is_kept_in_the_new_one() {
    for (context, kinds, own) in [
        (Value::from("{"), &["not_json"][..], Json::Null),
        (
            "{\"a\": \"\0\"}".into(),
            &["nul"],
            serde_json::json!({"a": "\u{fffd}", "legacy": 1}),
        ),
        (Value::Blob(b"{}".to_vec()), &["not_json"], Json::Null),
        (f64::NEG_INFINITY.into(), &["not_finite"], Json::Null),
    ] {
        let mut original = String::new();
        crate::job::row::write::value(&mut original, &context);
        let (job, told) = fitted(&ordinary().with(Column::Context, context), &[]);
        assert_eq!(told, kinds);
        let made = self::context(&job);
        let original: Json = serde_json::from_str(&original).unwrap();
        assert_eq!(made["legacy"]["context"], original);
        assert_eq!(made["a"], own["a"]);
    }
}

#[test]
fn an_id_is_never_altered_and_a_job_has_a_type() {
    let limits = Limits::default();
    for (job, said) in [
        (ordinary().with(Column::Id, Value::Null), "it has no id"),
        (
            ordinary().with(Column::JobType, Value::Null),
            "it has no job_type",
        ),
        (
            ordinary().with(Column::Id, "x".repeat(37)),
            "its id has 37 characters; at most 36 are stored",
        ),
        (
            ordinary().with(Column::Id, "a\0b"),
            "its id holds a NUL character",
        ),
        (
            ordinary().with(Column::Id, Value::Blob(b"a".to_vec())),
            "its id is no text (not UTF-8)",
        ),
        (ordinary().with(Column::Id, 7_i64), "its id is no text"),
    ] {
        let mut job = job.with(Column::Title, "x".repeat(300));
        let before = job.clone();
        assert_eq!(fit(&mut job, &limits, &[], "jobctl"), Err(said.to_owned()));
        assert_eq!(refusal(&job, &limits), Some(said.to_owned()));
        assert_eq!(job, before);
    }
}

#[test]
fn the_limits_of_the_table_count() {
    let others = vec![
        ("owner".into(), Holds::Text(2)),
        ("due".into(), Holds::Time),
    ];
    let known = |column| match column {
        Column::Style => Holds::Text(3),
        Column::TotalShots => Holds::Integer(i64::MIN, i64::MAX),
        column => Holds::usual(column),
    };
    let limits = Limits::of_table(known, others);
    let mut job = ordinary()
        .with(Column::Style, "four")
        .with(Column::TotalShots, 1_i64 << 40);
    job.set_others(vec![
        ("owner".into(), "abc".into()),
        ("due".into(), "yesterday".into()),
        ("more".into(), Value::Blob(vec![0xff])),
    ]);
    let misfits = fit(&mut job, &limits, &[], "jobctl").unwrap();
    let kinds: Vec<_> = misfits.iter().map(Misfit::name).collect();
    assert_eq!(kinds, ["too_long", "bad_time"]);
    assert_eq!(job.get(Column::Style), &"fou".into());
    assert_eq!(job.other("owner"), Some(&"ab".into()));
    assert_eq!(job.other("due"), Some(&Value::Null));
    assert_eq!(job.other("more"), Some(&Value::Blob(vec![0xff])));
    let legacy = &context(&job)["legacy"];
    assert_eq!(
        [&legacy["style"], &legacy["owner"], &legacy["due"]],
        ["four", "abc", "yesterday"]
    );
}

#[test]
fn a_row_without_the_column_that_keeps_originals_is_not_altered() {
    let mut job = ordinary().with(Column::Title, "x".repeat(256));
    job.set_lacking(crate::job::ColumnSet::of(&[Column::Context]));
    let before = job.clone();
    assert!(fit(&mut job, &Limits::default(), &[], "jobctl").is_err());
    assert_eq!(job, before);
}

const ODD: [&str; 7] = [
    "",
    "{",
    "{}",
    "[1]",
    "{\"legacy\": {\"store\": \"api_server\", \"style\": 1}}",
    "{\"a\": \"\0\"}",
    "soon",
];

const TIMES: [&str; 4] = [
    "2026-01-02",
    "2026-01-02T03:04:05.1234567Z",
    "2026-01-02 24:00:00",
    "2026-01-02 03:04:05.000000",
];

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        proptest::sample::select(&[0.0, 3.7, 1e300, f64::INFINITY, f64::NAN][..])
            .prop_map(Value::Real),
        any::<i64>().prop_map(Value::Integer),
        (0_i64..9).prop_map(Value::Integer),
        proptest::sample::select(&ODD[..]).prop_map(Value::from),
        proptest::sample::select(&TIMES[..]).prop_map(Value::from),
        ".{0,3}".prop_map(|text| Value::Text(text.repeat(200))),
        proptest::collection::vec(any::<u8>(), 0..6).prop_map(Value::Blob),
        proptest::collection::vec(0x7f_u8..=0xff, 1..4).prop_map(Value::BrokenText),
    ]
}

proptest! {
    /// Whatever a row holds, it fits afterwards, once and for all; what was no misfit stays, and what was one is kept.
    #[test]
    fn a_job_that_was_made_to_fit_fits_and_has_lost_nothing(
        values in proptest::collection::vec(value(), Column::COUNT - 2),
        is_orphan: bool,
    ) {
        let mut job = ordinary();
        for (column, value) in Column::ALL.iter().skip(2).zip(values) {
            job.set(*column, value);
        }
        let limits = Limits::default();
        let orphans = if is_orphan { &[Column::EpisodeId][..] } else { &[] };
        let (made, kinds) = fitted(&job, orphans);
        prop_assert_eq!(refusal(&made, &limits), None);
        prop_assert_eq!(fitted(&made, &[]), (made.clone(), Vec::new()));
        for column in Column::ALL.iter().copied().filter(|column| *column != Column::Context) {
            let misfits = fit_value(limits.of(column), job.get(column)).misfits;
            if misfits.worst().is_none() && !orphans.contains(&column) {
                let stored = fit_value(limits.of(column), job.get(column)).value.into_owned();
                prop_assert_eq!(made.get(column), &stored);
                continue;
            }
            prop_assert!(!kinds.is_empty());
            let text = made.get(Column::Context).as_str().unwrap();
            let members = Members::parse_text(text).unwrap();
            let legacy = Members::parse_text(members.peek("legacy").unwrap().get()).unwrap();
            let kept = read::value(column.name(), legacy.peek(column.name()).unwrap()).unwrap();
            match (&kept, job.get(column)) {
                (Value::Real(kept), Value::Real(value)) if value.is_nan() => prop_assert!(kept.is_nan()),
                (kept, value) => prop_assert_eq!(kept, value),
            }
        }
    }
}

#[test]
fn an_older_original_of_the_same_name_is_not_lost() {
    let mut job = ordinary().with(Column::Style, "x".repeat(256));
    originals::add(&mut job, "api_server", &[("style", "\"older\"".into())]);
    let (job, _) = fitted(&job, &[]);
    let legacy = &context(&job)["legacy"];
    assert_eq!(legacy["style"], "x".repeat(256));
    assert_eq!(legacy["legacy"]["style"], "older");
}
