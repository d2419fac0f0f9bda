//! What a repository changes.

use std::time::Duration;

use jobctl::job::{Changes, Column, ColumnSet, Job, JobId};
use jobctl::repository::{Access, Error};

use super::{all, filled, ids, job};
use crate::backend::{Backend, Capability, Guard};

pub fn insert_is_all_or_nothing_when_an_id_is_in_use(backend: &dyn Backend) {
    let place = backend.fresh();
    let mut repository = filled(place.as_ref(), 2);
    let error = repository.insert(&[job(7), job(1)]).unwrap_err();
    assert!(matches!(error, Error::Exists { ids } if ids == [job(1).id()]));
    assert_eq!(all(repository.as_mut()).len(), 2);
}

pub fn update_touches_only_its_columns_and_gives_before_and_after(backend: &dyn Backend) {
    let place = backend.fresh();
    let mut repository = filled(place.as_ref(), 2);
    let mut changes = Changes::default();
    changes.set(Column::Title, "new");
    let updated = repository
        .update(&[job(0).id()], &mut |_| Ok(changes.clone()))
        .unwrap();
    assert_eq!(updated[0].before, job(0));
    assert_eq!(updated[0].after, job(0).with(Column::Title, "new"));
    assert!(updated[0].changed);
    let rows = all(repository.as_mut());
    assert_eq!(rows, [job(0).with(Column::Title, "new"), job(1)]);
}

pub fn update_changes_nothing_when_one_job_is_refused_or_gone(backend: &dyn Backend) {
    let place = backend.fresh();
    let mut repository = filled(place.as_ref(), 3);
    let mut changes = Changes::default();
    changes.set(Column::Title, "new");
    let ids = [job(0).id(), job(1).id(), job(2).id()];
    let error = repository
        .update(&ids, &mut |seen| {
            if seen.id() == job(1).id() {
                Err("no".to_owned())
            } else {
                Ok(changes.clone())
            }
        })
        .unwrap_err();
    assert!(matches!(error, Error::Refused { jobs, of: 3 } if jobs.len() == 1));
    let ids = [job(0).id(), JobId::new("nobody")];
    let error = repository
        .update(&ids, &mut |_| Ok(changes.clone()))
        .unwrap_err();
    assert!(matches!(error, Error::Gone { ids } if ids == [JobId::new("nobody")]));
    assert_eq!(all(repository.as_mut()), [job(0), job(1), job(2)]);
}

pub fn delete_is_all_or_nothing(backend: &dyn Backend) {
    let place = backend.fresh();
    let mut repository = filled(place.as_ref(), 3);
    let ids = [job(0).id(), job(1).id()];
    let refuse_one = &mut |seen: &Job| {
        if seen.id() == job(1).id() {
            Err("no".to_owned())
        } else {
            Ok(())
        }
    };
    let error = repository
        .delete(&ids, false, ColumnSet::NONE, refuse_one)
        .unwrap_err();
    assert!(matches!(error, Error::Refused { .. }));
    assert_eq!(all(repository.as_mut()).len(), 3);
    let missing = [job(0).id(), JobId::new("nobody")];
    let allow = &mut |_: &Job| Ok(());
    let error = repository
        .delete(&missing, false, ColumnSet::NONE, allow)
        .unwrap_err();
    assert!(matches!(error, Error::Gone { .. }));
    let deleted = repository
        .delete(&missing, true, ColumnSet::NONE, &mut |_| Ok(()))
        .unwrap();
    assert_eq!(deleted, [job(0).id()]);
    assert_eq!(all(repository.as_mut()), [job(1), job(2)]);
}

pub fn purge_looks_again_at_each_job_and_gives_those_that_went(backend: &dyn Backend) {
    let place = backend.fresh();
    let mut repository = filled(place.as_ref(), 4);
    let ids: Vec<JobId> = (0..6).map(|number| job(number).id()).collect();
    let status = ColumnSet::of(&[Column::Status]);
    let (mut checked, mut purged) = (0, Vec::new());
    while checked < ids.len() {
        let part = repository
            .purge(&ids[checked..], status, &mut |seen| {
                seen.id() != job(2).id()
            })
            .unwrap();
        assert!(part.checked > 0);
        checked += part.checked;
        purged.extend(part.jobs);
    }
    assert_eq!(purged.len(), 3);
    assert_eq!(all(repository.as_mut()), [job(2)]);
}

pub fn purge_passes_over_what_the_table_keeps(backend: &dyn Backend) {
    if !backend.has(Capability::Tables) {
        return;
    }
    let place = backend.fresh();
    let mut repository = filled(place.as_ref(), 3);
    place.neighbour().guard(&job(1).id(), Guard::Refuses);
    let targets: Vec<JobId> = (0..3).map(|number| job(number).id()).collect();
    let (mut checked, mut kept) = (0, Vec::new());
    while checked < targets.len() {
        let rest = &targets[checked..];
        let part = repository.purge(rest, ColumnSet::NONE, &mut |_| true);
        let part = part.unwrap();
        checked += part.checked;
        kept.extend(part.kept);
    }
    assert_eq!(kept.len(), 1, "{kept:?}");
    assert_eq!(kept[0].id, job(1).id());
    assert!(!kept[0].why.is_empty() && !kept[0].see.is_empty());
    assert_eq!(ids(place.as_ref()), [job(1).id().to_string()]);
}

pub fn a_parent_that_is_not_there_is_named(backend: &dyn Backend) {
    if !backend.has(Capability::Parents) {
        return;
    }
    let place = backend.fresh();
    place.neighbour().add_parent(Column::SeriesId, "there");
    let mut repository = place.open(Access::Write);
    let there = job(0).with(Column::SeriesId, "there");
    let gone = job(1).with(Column::SeriesId, "gone");
    let missing = repository.missing_parents(&[there.clone(), gone.clone()]);
    assert_eq!(missing.unwrap(), [(1, Column::SeriesId)]);
    let error = repository.insert(&[there.clone(), gone]).unwrap_err();
    assert!(
        matches!(&error, Error::NoParent { job, column: Column::SeriesId, id } if *job == super::job(1).id() && id == "gone"),
        "{error:?}"
    );
    repository.insert(std::slice::from_ref(&there)).unwrap();
    let mut changes = Changes::default();
    changes.set(Column::SeriesId, "gone");
    let error = repository.update(&[there.id()], &mut |_| Ok(changes.clone()));
    assert!(matches!(error, Err(Error::NoParent { .. })));
    assert_eq!(all(repository.as_mut()), [there]);
}

pub fn parents_of_which_there_is_none_are_told(backend: &dyn Backend) {
    if !backend.has(Capability::Parents) {
        return;
    }
    let place = backend.fresh();
    let mut repository = place.open(Access::Read);
    let without = repository.without_parents().unwrap();
    // A place may begin with some.
    assert!(!without.contains(&Column::Id));
    place.neighbour().add_parent(Column::SeriesId, "there");
    let left = repository.without_parents().unwrap();
    assert!(!left.contains(&Column::SeriesId));
    assert_eq!(
        left.contains(&Column::EpisodeId),
        without.contains(&Column::EpisodeId)
    );
}

pub fn a_lock_that_stays_is_said_after_the_wait(backend: &dyn Backend) {
    let place = backend.fresh();
    let mut repository = filled(place.as_ref(), 1);
    let mut neighbour = place.neighbour();
    neighbour.lock();
    let target = [job(0).id()];
    let mut changes = Changes::default();
    changes.set(Column::Title, "new");
    let inserted = repository.insert(&[job(1)]);
    let updated = repository
        .update(&target, &mut |_| Ok(changes.clone()))
        .map(drop);
    let deleted = repository
        .delete(&target, false, ColumnSet::NONE, &mut |_| Ok(()))
        .map(drop);
    for result in [inserted, updated, deleted] {
        let error = result.unwrap_err();
        assert!(matches!(error, Error::Locked { .. }), "{error:?}");
    }
    neighbour.unlock();
    assert_eq!(all(repository.as_mut()), [job(0)]);
    repository.insert(&[job(1)]).unwrap();
}

pub fn a_claim_keeps_others_of_its_kind_away_as_long_as_it_is_held(backend: &dyn Backend) {
    if !backend.has(Capability::Claims) {
        return;
    }
    let place = backend.fresh();
    let mut repository = place.open(Access::Write);
    let mut second = place.open(Access::Write);
    repository
        .claim("cleanup", Duration::ZERO, &|| false)
        .unwrap();
    for wait in [0, 30] {
        let error = second.claim("cleanup", Duration::from_millis(wait), &|| false);
        let error = error.unwrap_err();
        assert!(matches!(error, Error::Running { .. }), "{error:?}");
    }
    let other = place
        .open(Access::Write)
        .claim("backup", Duration::ZERO, &|| false);
    other.unwrap();
    drop(repository);
    second.claim("cleanup", Duration::ZERO, &|| false).unwrap();
}
