//! A place that has room of its own.

use jobctl::job::{Column, ColumnSet, Job};
use jobctl::repository::{GiveBack, ImportTerms, OnConflict, Repository, Space};

use super::{all, filled, job};
use crate::backend::{Backend, Capability};

fn space(repository: &mut dyn Repository) -> Space {
    repository.storage().unwrap().space().unwrap()
}

pub fn the_size_grows_and_its_free_part_too(backend: &dyn Backend) {
    let place = backend.fresh();
    let mut repository = filled(place.as_ref(), 2);
    assert_eq!(
        repository.storage().is_some(),
        backend.has(Capability::Storage)
    );
    if !backend.has(Capability::Storage) {
        return;
    }
    let small = space(repository.as_mut());
    let long = job(2).with(Column::Content, "x".repeat(1_000_000));
    repository.insert(&[long]).unwrap();
    let large = space(repository.as_mut());
    assert!(large.bytes > small.bytes + 900_000, "{large:?}");
    let ids = [job(2).id()];
    repository
        .delete(&ids, false, ColumnSet::NONE, &mut |_| Ok(()))
        .unwrap();
    let free = space(repository.as_mut());
    assert!(
        free.give_back == GiveBack::Always || free.free > small.free + 900_000,
        "{free:?}"
    );
}

pub fn room_that_is_given_back_takes_no_job_with_it(backend: &dyn Backend) {
    if !backend.has(Capability::Storage) {
        return;
    }
    let place = backend.fresh();
    let mut repository = filled(place.as_ref(), 3);
    let long = |number| job(number).with(Column::Content, "x".repeat(100_000));
    let jobs: Vec<Job> = (3..30).map(long).collect();
    repository.insert(&jobs).unwrap();
    let large = space(repository.as_mut());
    let ids: Vec<_> = jobs.iter().map(Job::id).collect();
    repository
        .delete(&ids, false, ColumnSet::NONE, &mut |_| Ok(()))
        .unwrap();
    let storage = repository.storage().unwrap();
    match large.give_back {
        GiveBack::Always => {}
        GiveBack::Stepwise => assert!(storage.give_back(&mut || true).unwrap()),
        GiveBack::Rewritten => storage.rewrite().unwrap(),
    }
    let small = space(repository.as_mut());
    assert!(small.bytes + 2_000_000 < large.bytes, "{small:?} {large:?}");
    assert_eq!(all(repository.as_mut()), [job(0), job(1), job(2)]);
}

pub fn a_place_that_is_used_alone_keeps_neighbours_from_writing(backend: &dyn Backend) {
    if !backend.has(Capability::Storage) {
        return;
    }
    let place = backend.fresh();
    let mut neighbour = place.neighbour();
    let mut repository = filled(place.as_ref(), 2);
    assert!(neighbour.can_write());
    repository.storage().unwrap().use_alone().unwrap();
    let terms = ImportTerms {
        on_conflict: OnConflict::Skip,
        atomic: false,
    };
    let mut import = repository.begin_import(terms).unwrap();
    assert!(!neighbour.can_write());
    import.write(&[job(2)]).unwrap();
    import.yield_lock().unwrap();
    assert!(!neighbour.can_write(), "a pause does not let them in");
    import.end().unwrap();
    drop(repository);
    assert!(neighbour.can_write());
}
