//! Dumps that are whole: each record comes out once, with its key and its store, and becomes a job.

use jobctl::job::{Column, Job, Value};
use jobctl::legacy;
use jobctl::time::Zone;
use proptest::prelude::*;

use crate::cases;
use crate::dump::{Dump, ONE_VALUE, Shape, dump, dump_of, plan};
use crate::json::{COMPACT, pretty};
use crate::reading::{Place, Seen, read};
use crate::records::record;

/// The items that a reader has to find.
pub fn expected(dump: &Dump) -> Vec<Seen> {
    let lines = |to: usize| dump.text.as_bytes()[..to].iter().filter(|b| **b == b'\n');
    let record = |placed: &crate::dump::Placed| Seen::Record {
        store: placed.store.clone(),
        key: placed.key.clone(),
        place: Place {
            bytes: dump.text.as_bytes()[placed.at.clone()].to_vec(),
            position: placed.at.start,
            line: 1 + lines(placed.at.start).count() as u64,
        },
    };
    dump.placed.iter().map(record).collect()
}

/// JSON columns without the white space between their tokens.
fn packed(mut job: Job) -> Job {
    for column in Column::ALL
        .iter()
        .copied()
        .filter(|column| column.is_json())
    {
        let Value::Text(json) = job.get(column) else {
            continue;
        };
        let (mut in_string, mut escaped) = (false, false);
        let keep = |c: &char| {
            (in_string, escaped) = match (escaped, c) {
                (true, _) => (in_string, false),
                (false, '\\') => (in_string, in_string),
                (false, '"') => (!in_string, false),
                _ => (in_string, false),
            };
            in_string || !c.is_ascii_whitespace()
        };
        let packed: String = json.chars().filter(keep).collect();
        job.set(column, packed);
    }
    job
}

const BLANKS: [&str; 8] = ["", "", " ", "\n", "\n  ", "\r\n", "\t", "\n\n    "];

proptest! {
    #![proptest_config(cases(768))]

    #[test]
    fn every_record_is_found_once(dump in dump()) {
        prop_assert_eq!(read(dump.text.as_bytes()), expected(&dump));
    }

    #[test]
    fn white_space_between_tokens_hides_no_record(
        dump in dump_of(plan(&ONE_VALUE, Just(COMPACT)), record(), 0..6),
        blanks in prop::collection::vec(prop::sample::select(&BLANKS[..]), 1..6),
    ) {
        let dump = dump.spread(&blanks);
        prop_assert_eq!(read(dump.text.as_bytes()), expected(&dump));
    }

    #[test]
    fn every_record_becomes_a_job_of_its_store(dump in dump()) {
        for placed in dump.placed.iter().filter(|_| dump.plan.shape != Shape::Named) {
            let bytes = &dump.text.as_bytes()[placed.at.clone()];
            let made = legacy::convert(bytes, placed.key.as_deref(), &Zone::UTC);
            let made = made.map_err(|reject| TestCaseError::fail(format!("{reject:?}")))?;
            prop_assert_eq!(made.job.id().to_string(), placed.record.id.as_str());
            prop_assert_eq!(made.store, placed.record.store);
        }
    }

    #[test]
    fn the_white_space_of_a_record_means_nothing(record in record(), style in pretty()) {
        let job = |text: String| {
            let made = legacy::convert(text.as_bytes(), Some(&record.id), &Zone::UTC);
            made.map(|made| packed(made.job)).map_err(|reject| TestCaseError::fail(format!("{reject:?}")))
        };
        prop_assert_eq!(job(record.node.text(style))?, job(record.node.text(COMPACT))?);
    }
}
