//! A place that can be copied into one file.

use std::path::PathBuf;

use jobctl::repository::{Access, BackupCheck, Contents, Repository, begin_copy};
use jobctl::system::new_file::NewFile;
use tempfile::TempDir;

use super::{filled, job};
use crate::backend::{Backend, Capability};

fn target() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("copy");
    (folder, path)
}

fn copied(repository: &mut dyn Repository, into: &NewFile) -> Contents {
    let backup = repository.backup().unwrap();
    let mut last = None;
    let contents = backup.copy(into, false, &mut |copied, of| last = Some((copied, of)));
    let (copied, of) = last.unwrap();
    assert!(copied == of && of > 0);
    contents.unwrap()
}

pub fn a_copy_holds_what_was_there_when_it_was_begun(backend: &dyn Backend) {
    let place = backend.fresh();
    let mut repository = filled(place.as_ref(), 3);
    assert_eq!(
        repository.backup().is_some(),
        backend.has(Capability::Backup)
    );
    if !backend.has(Capability::Backup) {
        return;
    }
    let (_folder, path) = target();
    let copy = begin_copy(&path).unwrap();
    let contents = copied(repository.as_mut(), &copy);
    place.neighbour().insert(&job(3));
    for check in [BackupCheck::Full, BackupCheck::Quick, BackupCheck::None] {
        let jobs = repository.backup().unwrap().check(&copy, check, &contents);
        assert_eq!(jobs.unwrap(), 3);
    }
    assert!(!path.exists(), "it has no name yet");
}

pub fn a_copy_that_lacks_rows_is_told(backend: &dyn Backend) {
    if !backend.has(Capability::Backup) {
        return;
    }
    let place = backend.fresh();
    let mut repository = filled(place.as_ref(), 3);
    let (_folder, path) = target();
    let copy = begin_copy(&path).unwrap();
    copied(repository.as_mut(), &copy);
    place.neighbour().insert(&job(3));
    let later = begin_copy(&path).unwrap();
    let contents = copied(repository.as_mut(), &later);
    let backup = repository.backup().unwrap();
    let error = backup
        .check(&copy, BackupCheck::Quick, &contents)
        .unwrap_err();
    assert!(error.to_string().contains("3 of 4 rows"), "{error}");
    assert_eq!(
        backup.check(&copy, BackupCheck::None, &contents).unwrap(),
        3
    );
    assert_eq!(
        backup.check(&later, BackupCheck::Quick, &contents).unwrap(),
        4
    );
}

pub fn a_copy_keeps_neighbours_from_nothing_afterwards(backend: &dyn Backend) {
    if !backend.has(Capability::Backup) {
        return;
    }
    let place = backend.fresh();
    drop(filled(place.as_ref(), 3));
    let mut repository = place.open(Access::Read);
    let (_folder, path) = target();
    let copy = begin_copy(&path).unwrap();
    let backup = repository.backup().unwrap();
    backup.copy(&copy, true, &mut |_, _| {}).unwrap();
    assert!(place.neighbour().can_write());
}
