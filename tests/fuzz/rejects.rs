//! The rejects file: whatever is written to it can be read again, and nothing of a record is lost on the way.

use jobctl::legacy::{self, rejects};
use jobctl::time::Zone;
use proptest::prelude::*;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::any_input::input;
use crate::cases;
use crate::reading::{Seen, read};

/// Whether a record came back. What is JSON may have other white space and other escapes; what is not is the same
/// byte by byte.
fn is_back(record: &[u8], back: &[u8]) -> bool {
    let sound = std::str::from_utf8(record)
        .ok()
        .filter(|text| serde_json::from_str::<&RawValue>(text).is_ok());
    let Some(text) = sound else {
        return record == back;
    };
    match serde_json::from_slice::<Value>(record) {
        Ok(value) => serde_json::from_slice::<Value>(back).is_ok_and(|back| back == value),
        // Numbers that are too large, half characters, too deep for a tree.
        Err(_) => packed(text) == packed(&String::from_utf8_lossy(back)),
    }
}

/// Without white space, and without what may be an escape in one and a character in the other.
fn packed(text: &str) -> String {
    let plain: String = text.chars().filter(|c| c.is_ascii_graphic()).collect();
    let mut parts = plain.split("\\u");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.get(4..).unwrap_or_default())
}

fn failed(why: String) -> TestCaseError {
    TestCaseError::fail(why)
}

fn check(record: &[u8], line: &str, key: Option<&str>) -> Result<(), TestCaseError> {
    prop_assert!(!line.contains(['\n', '\r']), "{line}");
    let seen = read(format!("{line}\n").as_bytes());
    let found = matches!(&seen[..], [Seen::Record { place, .. }] if place.bytes == line.as_bytes());
    prop_assert!(found, "{line}\n{seen:?}");
    let direct = legacy::convert(record, key, &Zone::UTC);
    let again = legacy::convert(line.as_bytes(), None, &Zone::UTC);
    match (direct, again) {
        (Ok(direct), Ok(again)) => prop_assert_eq!(direct.job.id(), again.job.id()),
        (Err(direct), Err(again)) => {
            let Some(inner) = again.unwrapped else {
                return Err(failed(format!("not unwrapped: {line}: {}", again.reason)));
            };
            // A rejects line within the line, which is unwrapped once more in both.
            let (record, key) = match &direct.unwrapped {
                Some(inner) => (inner.record.as_slice(), inner.key.as_deref()),
                None => (record, key),
            };
            prop_assert_eq!(inner.key.as_deref(), key);
            let back = String::from_utf8_lossy(&inner.record);
            prop_assert!(is_back(record, &inner.record), "{line}\n{back}");
        }
        (direct, again) => prop_assert!(false, "{line}\n{direct:?}\n{again:?}"),
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases(384))]

    #[test]
    fn a_rejects_line_gives_the_record_back(
        input in input(),
        source in "\\PC{0,12}",
        reason in "(?s).{0,12}",
        key in prop::option::of("(?s).{0,40}"),
        position in any::<u64>(),
    ) {
        let mut all: Vec<Vec<u8>> = read(&input.0).into_iter().map(|seen| seen.place().bytes.clone()).collect();
        all.push(input.0);
        for record in all {
            let line = rejects::line(&source, position, 1, key.as_deref(), &reason, &record);
            check(&record, &line, key.as_deref())?;
        }
    }
}
