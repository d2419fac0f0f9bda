//! Tests of the archive through its public items, and what they share.

mod appending;
mod foreign;
mod frames;
mod holes;
mod paths;
mod torn;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;

use super::Archive;
use crate::error::{Failure, Kind};
use crate::job::{Column, Value};
use crate::legacy::Source;
use crate::legacy::reader::MAX_RECORD;
use crate::legacy::threads::decode::{DumpDecoder, NextEvent};
use crate::legacy::threads::messages::DecodeEvent;
use crate::time::Zone;

const NAMES: [&str; 3] = ["jobs.jsonl", "jobs.jsonl.gz", "jobs.jsonl.zst"];

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// Opens an archive, and waits a little for its lock: a program that another test starts has this process's locks until it
/// is another program.
fn open(path: &Path) -> anyhow::Result<Archive> {
    Archive::open(path, Duration::from_millis(500), &|| false)
}

/// A row in the row form, with this content.
fn row_with(id: &str, content: &str) -> String {
    let members = Column::ALL.iter().map(|column| {
        let value = match column {
            Column::Id => format!("\"{id}\""),
            Column::JobType => "\"idea2video\"".to_owned(),
            Column::Content => serde_json::to_string(content).unwrap(),
            Column::Context => "\"{\\\"a\\\": [1]}\"".to_owned(),
            Column::Progress => "12.5".to_owned(),
            Column::Stage => "{\"$blob\": \"AP8=\"}".to_owned(),
            _ => "null".to_owned(),
        };
        format!("\"{}\": {value}", column.name())
    });
    format!(
        "{{\"$row\": 1, {}}}\n",
        members.collect::<Vec<_>>().join(", ")
    )
}

fn row(id: &str) -> String {
    row_with(id, "a cat \"walks\" home, größer")
}

/// Bytes that cannot be packed, the same in every run.
fn noise(count: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    std::iter::repeat_with(next).take(count).collect()
}

/// Text that packs badly.
fn long_text(count: usize) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(noise(count))
}

/// An archive of these batches, and where each of them ends.
fn archive(path: &Path, batches: &[String]) -> Vec<u64> {
    let mut archive = open(path).unwrap();
    let mut ends = vec![fs::metadata(path).unwrap().len()];
    for batch in batches {
        archive.append(batch.as_bytes()).unwrap();
        ends.push(fs::metadata(path).unwrap().len());
    }
    ends
}

/// The bytes of its end that were moved away when it was opened.
fn moved_bytes(archive: &Archive) -> u64 {
    archive.moved().iter().map(|moved| moved.bytes).sum()
}

/// The ids that `jobctl migrate` finds, and what it complains of.
fn read_back(path: &Path) -> (Vec<String>, Option<String>) {
    let size = fs::metadata(path).unwrap().len();
    let source = Source::new("archive".into(), fs::File::open(path).unwrap(), Some(size));
    let mut decoder = DumpDecoder::start(vec![source], &Zone::UTC, MAX_RECORD);
    let (mut ids, mut problem) = (Vec::new(), None);
    loop {
        match decoder.next(Duration::from_secs(60)) {
            NextEvent::Event(DecodeEvent::Decoded(piece)) => {
                for record in piece.records {
                    let record = record.map_err(|refused| refused.reason).unwrap();
                    assert_eq!(record.store.name(), "jobctl");
                    assert_eq!(record.job.get(Column::Stage), &Value::Blob(vec![0, 255]));
                    ids.push(record.job.id().to_string());
                }
            }
            NextEvent::Event(DecodeEvent::Ended(ended)) => {
                problem = ended.problems.into_iter().next().map(|one| one.what);
            }
            NextEvent::Waiting => panic!("the reader stands still"),
            NextEvent::Finished => return (ids, problem),
        }
    }
}

fn failure(result: anyhow::Result<Archive>) -> Failure {
    match result {
        Ok(_) => panic!("it was opened"),
        Err(error) => error.downcast().unwrap(),
    }
}

/// Opening is refused with these words, and the file stays as it was.
fn refused(path: &Path, words: &str) {
    let before = fs::read(path).unwrap();
    let failure = failure(open(path));
    assert_eq!(failure.kind, Kind::Refused, "{failure}");
    assert!(failure.message.contains(words), "{failure}");
    assert!(failure.hint.is_some());
    assert!(
        fs::read(path).unwrap() == before,
        "the refused file was changed"
    );
}

fn written(folder: &TempDir, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    path
}
