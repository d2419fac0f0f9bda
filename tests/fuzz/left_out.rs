//! A dump that is imported again: of a record whose job is there already no job is made, and yet what is rejected, and
//! why, is what it was the first time.

use std::sync::Arc;

use jobctl::job::IdSet;
use jobctl::legacy::{self, Conversion};
use jobctl::time::Zone;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::any_input::input;
use crate::cases;
use crate::json::{Node, SPACED, quoted, value};
use crate::reading::read;
use crate::records::{Record, usual_record};

fn check(text: &[u8], key: Option<&str>) -> Result<(), TestCaseError> {
    let zone =
        Zone::parse("Europe/Berlin", &Zone::UTC, jobctl::system::open::read).expect("a known zone");
    let again = |ids: IdSet| legacy::convert_others(text, key, &zone, &ids);
    let shown = || format!("{} of {key:?}", text.escape_ascii());
    match legacy::convert(text, key, &zone) {
        Ok(first) => {
            let id = first.job.id();
            let made = again(Arc::new(move |other| *other == id));
            prop_assert!(
                matches!(&made, Ok(Conversion::LeftOut(store)) if *store == first.store),
                "{}: {made:?}",
                shown()
            );
            let id = first.job.id();
            let Ok(Conversion::Job(second)) = again(Arc::new(move |other| *other != id)) else {
                return Err(TestCaseError::fail(shown()));
            };
            prop_assert_eq!(second.job, first.job);
            prop_assert_eq!((second.store, second.fits), (first.store, first.fits));
        }
        Err(first) => {
            for all in [true, false] {
                let made = again(Arc::new(move |_| all));
                let Err(second) = made else {
                    return Err(TestCaseError::fail(format!("{}: {first:?}", shown())));
                };
                prop_assert_eq!(format!("{second:?}"), format!("{first:?}"));
            }
        }
    }
    Ok(())
}

/// Names to which some store gives a meaning.
const NAMES: [&str; 37] = [
    "id",
    "job_id",
    "type",
    "pipeline_type",
    "job_type",
    "mode",
    "status",
    "created_at",
    "updated_at",
    "started_at",
    "completed_at",
    "progress",
    "total_shots",
    "completed_shots",
    "shots",
    "request",
    "request_data",
    "context",
    "result",
    "result_data",
    "error",
    "error_message",
    "error_details",
    "content",
    "user_requirement",
    "style",
    "project_title",
    "title",
    "idea",
    "script",
    "video_path",
    "working_dir",
    "current_stage",
    "series_id",
    "episode_id",
    "$blob",
    "jobs",
];

/// Values that are right in one place and wrong in another, and such as are wrong everywhere.
const VALUES: [&str; 47] = [
    "null",
    "true",
    "0",
    "-0",
    "1",
    "-1",
    "0.5",
    "1.5",
    "100",
    "101",
    "1e400",
    "3.0",
    "9223372036854775808",
    "\"\"",
    "\"null\"",
    "\"{}\"",
    "\"[1]\"",
    "\"{\\\"a\\\": 1}\"",
    "\"{\\\"a\\\": \\\"\\\\ud83c\\\"}\"",
    "\"completed\"",
    "\"idea\"",
    "\"idea2video\"",
    "\"\\ud83c\\udfac\"",
    "\"\\ud83c\"",
    "\"\\udfac\"",
    "\"\\\\ud83c\"",
    "{\"\\ud83c\": 1}",
    "\"2025-12-28 11:30:14\"",
    "\"2025-12\\u002d28 11:30:14\"",
    "\"2025-02-30T00:00:00\"",
    "\"2025-10-26T02:30:00\"",
    "\"0001-01-01T00:00:00\"",
    "\"0001-01-01T00:00:00+14:00\"",
    "\"9999-12-31T23:59:59\"",
    "\"9999-12-31T23:59:59-12:00\"",
    "\"10000-01-01\"",
    "{}",
    "[]",
    "[null]",
    "[1]",
    "[{\"status\": 1}]",
    "[{\"status\": \"completed\"}, {}]",
    "{\"idea\": 1, \"script\": \"x\"}",
    "{\"$real\": \"inf\"}",
    "{\"message\": 1e400}",
    "{\"a\": \"\\ud83c\"}",
    "{\"idea\": null, \"idea\": []}",
];

fn deep() -> impl Strategy<Value = String> {
    (500..530_usize).prop_map(|levels| "[".repeat(levels) + &"]".repeat(levels))
}

fn any_value() -> impl Strategy<Value = Node> {
    prop_oneof![
        20 => select(&VALUES[..]).prop_map(|text| Node::Plain(text.to_owned())),
        1 => deep().prop_map(Node::Plain),
        3 => value(),
    ]
}

/// Puts the value in the place of one that is there, somewhere, or beside it under this name.
fn change(node: &mut Node, place: Index, inside: bool, name: Option<&str>, value: Node) {
    match node {
        Node::Object(members) if !members.is_empty() => {
            let at = place.index(members.len());
            match (&mut members[at].1, name) {
                (inner @ (Node::Object(_) | Node::Array(_)), _) if inside => {
                    change(inner, place, inside, name, value);
                }
                (_, Some(name)) => members.insert(at, (quoted(name), value)),
                (old, None) => *old = value,
            }
        }
        Node::Array(values) if !values.is_empty() => {
            let at = place.index(values.len());
            match &mut values[at] {
                inner @ Node::Object(_) if inside => change(inner, place, inside, name, value),
                old => *old = value,
            }
        }
        other => *other = value,
    }
}

fn changed_record() -> impl Strategy<Value = Record> {
    let name = prop::option::of(select(&NAMES[..]));
    let one = (any::<Index>(), any::<bool>(), name, any_value());
    (usual_record(), prop::collection::vec(one, 0..4)).prop_map(|(mut record, all)| {
        for (place, inside, name, value) in all {
            change(&mut record.node, place, inside, name, value);
        }
        record
    })
}

/// One record of each store, with and without what tells it in the first place.
fn members() -> Vec<Vec<(&'static str, &'static str)>> {
    let id = ("job_id", "\"d1111111-1111-4111-8111-111111111111\"");
    [
        vec![id, ("type", "\"idea2video\"")],
        vec![id, ("request", "{}")],
        vec![id, ("pipeline_type", "\"idea2video\"")],
        vec![id, ("job_type", "\"idea2video\"")],
        vec![id, ("mode", "\"idea\"")],
    ]
    .to_vec()
}

#[test]
fn every_member_with_every_value_is_judged_alike() {
    for members in members() {
        for name in NAMES {
            for value in VALUES {
                let with = |replaces: bool| {
                    let mut all = members.clone();
                    all.retain(|(old, _)| !replaces || *old != name);
                    all.push((name, value));
                    let all = all
                        .iter()
                        .map(|(name, value)| format!("\"{name}\": {value}"));
                    format!("{{{}}}", all.collect::<Vec<_>>().join(", "))
                };
                for text in [with(true), with(false)] {
                    check(text.as_bytes(), None).unwrap();
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(cases(4096))]

    #[test]
    fn a_record_with_other_values_is_judged_alike(record in changed_record(), with_key in any::<bool>()) {
        let text = record.node.text(SPACED);
        check(text.as_bytes(), with_key.then_some(record.id.as_str()))?;
    }
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn damaged_records_are_judged_alike(input in input(), key in prop::option::of("\\PC{0,40}")) {
        check(&input.0, key.as_deref())?;
        for seen in read(&input.0) {
            check(&seen.place().bytes, key.as_deref())?;
        }
    }
}
