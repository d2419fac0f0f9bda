//! Imports and their previews.

use std::time::Instant;

use jobctl::job::{Column, Job};
use jobctl::repository::{Access, Error, Import, ImportTerms, Imported, OnConflict, Repository};

use super::{all, filled, ids, job};
use crate::backend::{Backend, Capability};

pub fn terms(on_conflict: OnConflict) -> ImportTerms {
    ImportTerms {
        on_conflict,
        atomic: false,
    }
}

const ATOMIC: ImportTerms = ImportTerms {
    on_conflict: OnConflict::Skip,
    atomic: true,
};

/// Writes until everything is in: a call takes what fits one short transaction.
pub fn write_all(import: &mut dyn Import, jobs: &[Job]) -> Vec<Imported> {
    let mut outcomes = Vec::new();
    while outcomes.len() < jobs.len() {
        let part = import.write(&jobs[outcomes.len()..]).unwrap();
        assert!(!part.is_empty());
        outcomes.extend(part);
    }
    outcomes
}

pub fn import(repository: &mut dyn Repository, jobs: &[Job], policy: OnConflict) -> Vec<Imported> {
    let mut import = repository.begin_import(terms(policy)).unwrap();
    let outcomes = write_all(import.as_mut(), jobs);
    import.end().unwrap();
    outcomes
}

/// A pause may keep a transaction open for a moment, as long as nobody else is expected.
fn settle(import: &mut dyn Import) {
    let begun = Instant::now();
    while import.is_pending() {
        assert!(begun.elapsed().as_secs() < 60, "it stays pending");
        import.yield_lock().unwrap();
    }
}

fn at(number: u32, title: &str, updated_at: &str) -> Job {
    job(number)
        .with(Column::Title, title)
        .with(Column::UpdatedAt, updated_at)
}

pub fn an_import_follows_its_policy(backend: &dyn Backend) {
    if !backend.has(Capability::Imports) {
        return;
    }
    use Imported::{Inserted, Skipped, Updated};
    let newer = at(0, "theirs", "2026-06-01 00:00:00.000000");
    let older = at(1, "theirs", "2025-01-01 00:00:00.000000");
    let batch = [newer.clone(), older.clone(), job(5)];
    for (policy, outcomes, rows) in [
        (
            OnConflict::Skip,
            [Skipped, Skipped, Inserted],
            [job(0), job(1), job(5)],
        ),
        (
            OnConflict::Newer,
            [Updated, Skipped, Inserted],
            [newer.clone(), job(1), job(5)],
        ),
        (
            OnConflict::Replace,
            [Updated, Updated, Inserted],
            [newer.clone(), older.clone(), job(5)],
        ),
    ] {
        let place = backend.fresh();
        let mut repository = filled(place.as_ref(), 2);
        let mut preview = repository.begin_preview(terms(policy)).unwrap();
        assert_eq!(write_all(preview.as_mut(), &batch), outcomes);
        preview.end().unwrap();
        assert_eq!(all(repository.as_mut()), [job(0), job(1)]);
        assert_eq!(import(repository.as_mut(), &batch, policy), outcomes);
        assert_eq!(all(repository.as_mut()), rows, "{policy:?}");
        let again = import(repository.as_mut(), &batch, policy);
        assert_eq!(again, [const { Skipped }; 3], "{policy:?}");
    }
}

pub fn an_import_that_fails_on_a_conflict_keeps_what_came_before(backend: &dyn Backend) {
    if !backend.has(Capability::Imports) {
        return;
    }
    let place = backend.fresh();
    let mut repository = filled(place.as_ref(), 2);
    let mut import = repository.begin_import(terms(OnConflict::Fail)).unwrap();
    let batch = [job(5), job(1), job(6)];
    assert_eq!(import.write(&batch).unwrap(), [Imported::Inserted]);
    settle(import.as_mut());
    let error = import.write(&batch[1..]).unwrap_err();
    assert!(matches!(error, Error::Exists { ids } if ids == [job(1).id()]));
    assert!(!import.undo(), "what came before stays");
    assert_eq!(all(repository.as_mut()), [job(0), job(1), job(5)]);
}

pub fn a_preview_remembers_what_it_would_have_inserted(backend: &dyn Backend) {
    if !backend.has(Capability::Imports) {
        return;
    }
    let place = backend.fresh();
    let mut repository = place.open(Access::Write);
    let mut preview = repository.begin_preview(terms(OnConflict::Skip)).unwrap();
    let first = write_all(preview.as_mut(), &[job(0), job(0)]);
    assert_eq!(first, [Imported::Inserted, Imported::Skipped]);
    assert_eq!(preview.write(&[job(0)]).unwrap(), [Imported::Skipped]);
    drop(preview);
    assert_eq!(all(repository.as_mut()), []);
}

pub fn a_preview_begins_anew_each_time(backend: &dyn Backend) {
    if !backend.has(Capability::Imports) {
        return;
    }
    let place = backend.fresh();
    let mut repository = place.open(Access::Preview);
    for _ in 0..2 {
        let mut preview = repository.begin_preview(terms(OnConflict::Skip)).unwrap();
        assert_eq!(preview.write(&[job(0)]).unwrap(), [Imported::Inserted]);
        preview.end().unwrap();
    }
}

pub fn of_one_import_the_newest_record_counts(backend: &dyn Backend) {
    if !backend.has(Capability::Imports) {
        return;
    }
    let middle = at(3, "middle", "2026-02-01 00:00:00.000000");
    let newest = at(3, "newest", "2026-03-01 00:00:00.000000");
    let oldest = at(3, "oldest", "2026-01-01 00:00:00.000000");
    for policy in [OnConflict::Skip, OnConflict::Newer, OnConflict::Replace] {
        let place = backend.fresh();
        let mut repository = filled(place.as_ref(), 1);
        let batch = [middle.clone(), newest.clone(), oldest.clone()];
        let outcomes = import(repository.as_mut(), &batch, policy);
        let expected = [Imported::Inserted, Imported::Updated, Imported::Skipped];
        assert_eq!(outcomes, expected, "{policy:?}");
        assert_eq!(all(repository.as_mut()), [job(0), newest.clone()]);
    }
}

pub fn an_atomic_import_is_all_or_nothing(backend: &dyn Backend) {
    if !backend.has(Capability::Imports) {
        return;
    }
    let place = backend.fresh();
    let mut repository = filled(place.as_ref(), 1);
    let before = ids(place.as_ref());
    let batch = [job(1), job(2)];
    let mut import = repository.begin_import(ATOMIC).unwrap();
    write_all(import.as_mut(), &batch);
    import.yield_lock().unwrap();
    assert!(import.is_pending());
    assert_eq!(ids(place.as_ref()), before);
    assert!(import.undo());
    assert_eq!(ids(place.as_ref()), before);
    let mut import = repository.begin_import(ATOMIC).unwrap();
    write_all(import.as_mut(), &batch);
    import.end().unwrap();
    assert_eq!(ids(place.as_ref()).len(), 3);
}

pub fn an_import_that_is_dropped_is_taken_back(backend: &dyn Backend) {
    if !backend.has(Capability::Imports) {
        return;
    }
    let place = backend.fresh();
    let mut repository = filled(place.as_ref(), 1);
    let mut import = repository.begin_import(ATOMIC).unwrap();
    write_all(import.as_mut(), &[job(1)]);
    drop(import);
    assert!(place.neighbour().can_write());
    repository.insert(&[job(2)]).unwrap();
    assert_eq!(all(repository.as_mut()), [job(0), job(2)]);
}

pub fn what_was_paused_stays_when_an_import_is_taken_back(backend: &dyn Backend) {
    if !backend.has(Capability::Imports) {
        return;
    }
    let place = backend.fresh();
    let mut repository = filled(place.as_ref(), 1);
    let mut import = repository.begin_import(terms(OnConflict::Skip)).unwrap();
    write_all(import.as_mut(), &[job(1)]);
    settle(import.as_mut());
    write_all(import.as_mut(), &[job(2)]);
    let is_pending = import.is_pending();
    assert!(!import.undo());
    let left = if is_pending { 2 } else { 3 };
    assert_eq!(all(repository.as_mut()).len(), left);
}

pub fn only_what_is_there_is_known_to_be_skipped(backend: &dyn Backend) {
    if !backend.has(Capability::Imports) {
        return;
    }
    let place = backend.fresh();
    let mut repository = filled(place.as_ref(), 50);
    let old: Vec<Job> = (0..50).map(job).collect();
    let mut import = repository.begin_import(terms(OnConflict::Skip)).unwrap();
    let outcomes = write_all(import.as_mut(), &old);
    assert_eq!(outcomes, vec![Imported::Skipped; 50]);
    if let Some(skips) = import.skipped() {
        assert!(!(100..120).any(|number| skips(&job(number).id())));
    }
    import.end().unwrap();
}

pub fn an_import_tells_parents_that_are_missing_and_writes_all_the_same(backend: &dyn Backend) {
    if !backend.has(Capability::Imports) {
        return;
    }
    if !backend.has(Capability::Parents) {
        return;
    }
    let place = backend.fresh();
    place.neighbour().add_parent(Column::SeriesId, "there");
    let mut repository = place.open(Access::Write);
    let there = job(0).with(Column::SeriesId, "there");
    let gone = job(1).with(Column::SeriesId, "gone");
    let mut import = repository.begin_import(terms(OnConflict::Skip)).unwrap();
    let missing = import.missing_parents(&[there.clone(), gone.clone()]);
    assert_eq!(missing.unwrap(), [(1, Column::SeriesId)]);
    let outcomes = write_all(import.as_mut(), &[there.clone(), gone.clone()]);
    import.end().unwrap();
    assert_eq!(outcomes[0], Imported::Inserted);
    let rows = match &outcomes[1] {
        Imported::Inserted => vec![there, gone],
        // Where a foreign key cannot be put off.
        Imported::Refused(_) => vec![there],
        other => panic!("{other:?}"),
    };
    assert_eq!(all(repository.as_mut()), rows);
}
