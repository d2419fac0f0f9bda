//! The paths that an archive may have, and the lock.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::super::Archive;
use super::{NAMES, archive, failure, folder, open, read_back, row, written};
use crate::error::Kind;

#[test]
fn a_new_archive_is_for_its_owner_alone() {
    for name in NAMES {
        let folder = folder();
        let path = folder.path().join(name);
        archive(&path, &[row("a")]);
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0);
    }
}

#[test]
fn a_file_made_for_nothing_goes_again() {
    let folder = folder();
    let path = folder.path().join("jobs.jsonl.zst");
    drop(open(&path).unwrap());
    assert!(!path.exists());
    // An archive that was there stays, and so does one that somebody put there instead.
    let path = written(&folder, "empty", b"");
    drop(open(&path).unwrap());
    assert!(path.exists());
    let path = folder.path().join("exchanged");
    let archive = open(&path).unwrap();
    fs::rename(&path, folder.path().join("elsewhere")).unwrap();
    fs::write(&path, b"").unwrap();
    drop(archive);
    assert!(path.exists() && folder.path().join("elsewhere").exists());
}

#[test]
fn a_link_to_a_file_is_followed() {
    let folder = folder();
    let path = written(&folder, "real.zst", b"");
    let link = folder.path().join("link.zst");
    symlink(&path, &link).unwrap();
    archive(&link, &[row("a")]);
    assert_eq!(read_back(&path).0, ["a"]);
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    fs::remove_file(&path).unwrap();
    let failure = failure(open(&link));
    assert_eq!(failure.kind, Kind::NoInput);
    assert!(failure.message.contains("link to nothing"), "{failure}");
}

#[test]
fn a_missing_folder_is_not_made() {
    let folder = folder();
    written(&folder, "file", b"");
    for name in ["missing/jobs.jsonl", "file/jobs.jsonl"] {
        let failure = failure(open(&folder.path().join(name)));
        assert_eq!(failure.kind, Kind::NoInput, "{failure}");
        assert!(failure.message.contains(name), "{failure}");
    }
    assert!(!folder.path().join("missing").exists());
    assert_eq!(failure(open(Path::new(""))).kind, Kind::NoInput);
}

#[test]
fn only_a_file_will_do() {
    let folder = folder();
    let socket = folder.path().join("socket");
    let _listener = UnixListener::bind(&socket).unwrap();
    for (path, words) in [
        (folder.path(), "is a folder"),
        (&folder.path().join("new/"), "is a folder"),
        (&socket, "a device or a pipe"),
        (Path::new("/dev/null"), "a device or a pipe"),
    ] {
        let failure = failure(open(path));
        assert_eq!(failure.kind, Kind::Refused, "{failure}");
        assert!(failure.message.contains(words), "{failure}");
    }
}

#[test]
fn a_second_run_is_told_at_once() {
    for name in NAMES {
        let folder = folder();
        let path = folder.path().join(name);
        let first = open(&path).unwrap();
        let failure = failure(open(&path));
        assert_eq!(failure.kind, Kind::Locked);
        assert!(failure.message.contains(name), "{failure}");
        drop(first);
        assert!(open(&path).is_ok());
    }
}

/// Opens in another thread, which tells when it begins to wait.
fn waiting(
    path: &Path,
) -> (
    mpsc::Receiver<()>,
    thread::JoinHandle<anyhow::Result<Archive>>,
) {
    let (tell, told) = mpsc::channel();
    let path = path.to_owned();
    let second = thread::spawn(move || {
        let tries = AtomicU32::new(0);
        Archive::open(&path, Duration::from_secs(60), &|| {
            if tries.fetch_add(1, Ordering::Relaxed) == 0 {
                tell.send(()).unwrap();
            }
            false
        })
    });
    (told, second)
}

#[test]
fn a_second_run_waits_for_the_first() {
    for name in NAMES {
        let folder = folder();
        let path = folder.path().join(name);
        let mut first = open(&path).unwrap();
        let (told, second) = waiting(&path);
        told.recv().unwrap();
        first.append(row("a").as_bytes()).unwrap();
        drop(first);
        let mut second = second.join().unwrap().unwrap();
        second.append(row("b").as_bytes()).unwrap();
        drop(second);
        assert_eq!(read_back(&path).0, ["a", "b"], "{name}");
    }
}

/// The first one removes its empty file, or the file is rotated away: the second must not write to what has no name.
#[test]
fn a_file_that_was_moved_while_it_was_waited_for_is_opened_anew() {
    let folder = folder();
    let path = folder.path().join("jobs.jsonl.gz");
    let first = open(&path).unwrap();
    let (told, second) = waiting(&path);
    told.recv().unwrap();
    drop(first);
    let mut second = second.join().unwrap().unwrap();
    second.append(row("a").as_bytes()).unwrap();
    let (told, third) = waiting(&path);
    told.recv().unwrap();
    fs::rename(&path, folder.path().join("old.gz")).unwrap();
    drop(second);
    let mut third = third.join().unwrap().unwrap();
    third.append(row("b").as_bytes()).unwrap();
    assert_eq!(
        fs::metadata(&path).unwrap().ino(),
        third.file.metadata().unwrap().ino()
    );
    drop(third);
    assert_eq!(read_back(&folder.path().join("old.gz")).0, ["a"]);
    assert_eq!(read_back(&path).0, ["b"]);
}

#[test]
fn waiting_ends_when_it_is_interrupted() {
    let folder = folder();
    let path = folder.path().join("jobs.jsonl");
    let _first = open(&path).unwrap();
    let failure = failure(Archive::open(&path, Duration::from_secs(600), &|| true));
    assert_eq!(failure.kind, Kind::Interrupted);
}
