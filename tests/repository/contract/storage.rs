//! A place that has room of its own.

use jobctl::job::{Column, ColumnSet, Job};
use jobctl::repository::{GiveBack, ImportTerms, OnConflict, Repository, Space};

use super::{all, filled, job};
use crate::backend::{Backend, Capability};

fn space(repository: &mut dyn Repository) -> Space {
    repository.storage().unwrap().space().unwrap()
}

/// A text of about so many bytes that no compression makes much smaller.
fn noise(bytes: u64) -> String {
    let words = (0..bytes / 16).map(|n| {
        format!(
            "{:016x}",
            n.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29)
        )
    });
    words.collect()
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
    let long = job(2).with(Column::Content, noise(1_000_000));
    repository.insert(&[long]).unwrap();
    let large = space(repository.as_mut());
    assert!(large.bytes > small.bytes + 900_000, "{large:?}");
    let ids = [job(2).id()];
    repository
        .delete(&ids, false, ColumnSet::NONE, &mut |_| Ok(()))
        .unwrap();
    let free = space(repository.as_mut());
    assert!(
        matches!(free.give_back, GiveBack::Always | GiveBack::Cleared)
            || free.known_free() > small.known_free() + 900_000,
        "{free:?}"
    );
}

pub fn room_that_is_given_back_takes_no_job_with_it(backend: &dyn Backend) {
    if !backend.has(Capability::Storage) {
        return;
    }
    let place = backend.fresh();
    let mut repository = filled(place.as_ref(), 3);
    let long = |number| job(number).with(Column::Content, noise(100_000));
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
        GiveBack::Cleared => {
            assert!(storage.give_back(&mut || true).unwrap());
            storage.rewrite().unwrap();
        }
    }
    let small = space(repository.as_mut());
    assert!(small.bytes + 2_000_000 < large.bytes, "{small:?} {large:?}");
    assert_eq!(all(repository.as_mut()), [job(0), job(1), job(2)]);
}

pub fn a_place_that_is_used_alone_tells_whether_neighbours_are_kept_from_writing(
    backend: &dyn Backend,
) {
    if !backend.has(Capability::Storage) {
        return;
    }
    let place = backend.fresh();
    let mut neighbour = place.neighbour();
    let mut repository = filled(place.as_ref(), 2);
    assert!(neighbour.can_write());
    let storage = repository.storage().unwrap();
    storage.use_alone().unwrap();
    let lets_others = !storage.keeps_others_out();
    let terms = ImportTerms {
        on_conflict: OnConflict::Skip,
        atomic: false,
    };
    let mut import = repository.begin_import(terms).unwrap();
    assert_eq!(neighbour.can_write(), lets_others);
    import.write(&[job(2)]).unwrap();
    import.yield_lock().unwrap();
    assert_eq!(
        neighbour.can_write(),
        lets_others,
        "a pause changes nothing"
    );
    import.end().unwrap();
    drop(repository);
    assert!(neighbour.can_write());
}
