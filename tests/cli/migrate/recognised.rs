//! Files that are no dumps and are often given as one: each is named for what it is, with what makes a dump of it, and costs itself
//! alone.

use serde_json::json;

use super::{import, lines, manager, pipeline};
use crate::support::{A, B, Output, Sandbox, hash};

// An empty array.
const ZIP: &[u8] = b"PK\x03\x04\x14\x00\x00\x00\x00\x00\x00\x00!\\D\xd2hp\x03\x00\x00\x00\x03\x00\x00\x00\t\x00\x00\x00dump.json[]\nPK\x01\x02\x14\x03\x14\x00\x00\x00\x00\x00\x00\x00!\\D\xd2hp\x03\x00\x00\x00\x03\x00\x00\x00\t\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x80\x01\x00\x00\x00\x00dump.jsonPK\x05\x06\x00\x00\x00\x00\x01\x00\x01\x007\x00\x00\x00*\x00\x00\x00\x00\x00";

/// As `odd.json` between two others, it alone is not imported, and stderr has these parts.
#[track_caller]
fn costs_itself_alone(bytes: &[u8], parts: &[&str]) -> Output {
    let sandbox = Sandbox::new();
    sandbox.write("one.json", manager(A).to_string());
    sandbox.write("odd.json", bytes);
    sandbox.write("two.json", pipeline(B).to_string());
    let args = "migrate one.json odd.json two.json -o json";
    let run = sandbox.jobctl(args).run().fails(65);
    assert_eq!(run.json()["inserted"], 2, "{run}");
    assert_eq!(sandbox.ids(), [A, B]);
    for part in [&["odd.json"], parts].concat() {
        assert!(run.stderr.contains(part), "{part:?} expected{run}");
    }
    // From a pipe, it is known as well.
    let piped = sandbox.jobctl("migrate -").stdin(bytes);
    let piped = piped.run().fails(65).no_stdout();
    for part in [&["standard input"], parts].concat() {
        assert!(piped.stderr.contains(part), "{part:?} expected{piped}");
    }
    run
}

#[test]
fn a_zip_file_says_how_to_unpack_it() {
    costs_itself_alone(ZIP, &["zip", "unzip"]);
}

fn utf_16(text: &str, mark: bool, encode: fn(u16) -> [u8; 2]) -> Vec<u8> {
    let mark = mark.then_some(0xFEFF);
    mark.into_iter()
        .chain(text.encode_utf16())
        .flat_map(encode)
        .collect()
}

#[test]
fn a_file_in_utf_16_says_iconv() {
    for text in [
        json!({A: manager(A)}).to_string(),
        json!([manager(A)]).to_string(),
        lines(&[manager(A), manager(B)]),
    ] {
        for mark in [true, false] {
            costs_itself_alone(&utf_16(&text, mark, u16::to_le_bytes), &["UTF-16", "iconv"]);
            costs_itself_alone(&utf_16(&text, mark, u16::to_be_bytes), &["UTF-16", "iconv"]);
        }
    }
}

#[test]
fn a_database_is_no_dump() {
    let other = Sandbox::service();
    other.job(A, &[]);
    let bytes = std::fs::read(other.db()).unwrap();
    costs_itself_alone(&bytes, &["SQLite"]);
}

#[test]
fn the_database_itself_is_no_dump_and_stays_as_it_is() {
    let sandbox = Sandbox::service();
    sandbox.job(A, &[]);
    let before = hash(sandbox.db());
    let run = sandbox.jobctl("migrate jobs.db").run().fails(65);
    run.stderr_has("jobs.db").stderr_has("no dump");
    assert_eq!(hash(sandbox.db()), before);
}

#[test]
fn a_file_that_begins_like_one_of_them_and_is_none_is_no_dump_either() {
    for text in ["PK\n", "BZ", "BZh", "SQLite", "\u{1f}\u{8b}", "(\u{b5}"] {
        import(&Sandbox::new(), text, "")
            .fails(65)
            .stderr_has("dump.json");
    }
}
