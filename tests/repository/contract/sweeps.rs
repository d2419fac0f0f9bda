//! A sweep removes what it read and nothing else, whatever others do between the reading and the removing.

use jobctl::job::{Column, ColumnSet, Job, JobId, Value};
use jobctl::repository::{Access, Error, Outcome, Repository, Sweep, SweepTerms, Swept};

use super::{ids, job};
use crate::backend::{Backend, Capability, Guard, Neighbour, Place};

const MUCH: usize = 64 << 20;

/// What an archive needs.
pub const TERMS: SweepTerms = SweepTerms {
    columns: ColumnSet::WHOLE,
    judged: ColumnSet::of(&[Column::Status]),
};

fn fails(number: u32) -> Job {
    job(number).with(Column::Status, "failed")
}

/// A database of this number of failed jobs.
pub fn failed_jobs(place: &dyn Place, count: u32) -> Box<dyn Repository> {
    let mut repository = place.open(Access::Write);
    let jobs: Vec<Job> = (0..count).map(fails).collect();
    repository.insert(&jobs).unwrap();
    repository
}

fn id(number: u32) -> String {
    job(number).id().to_string()
}

pub fn has_failed(job: &Job) -> bool {
    job.get(Column::Status).as_str() == Some("failed")
}

#[track_caller]
pub fn look_on(sweep: &mut dyn Sweep) -> Swept {
    sweep.next_batch(MUCH, &mut has_failed).unwrap().unwrap()
}

/// Removes all of them; how many had been changed.
pub fn remove(sweep: &mut dyn Sweep, swept: &mut Swept) -> u64 {
    let mut changed = 0;
    while !swept.is_empty() {
        changed += sweep.remove(swept).unwrap();
    }
    changed
}

/// Ends it in good order.
#[track_caller]
pub fn end(sweep: Box<dyn Sweep + '_>) -> Outcome {
    let (outcome, ended) = sweep.end();
    ended.unwrap();
    outcome
}

/// The ids that it says it has removed, sorted.
pub fn removed(outcome: &Outcome) -> Vec<String> {
    let removed = outcome.removed.iter();
    let mut ids: Vec<String> = removed.map(|it| it.id.to_string()).collect();
    ids.sort();
    ids
}

/// What it says it has removed is gone, and nothing else is.
#[track_caller]
pub fn what_was_told_is_gone(outcome: &Outcome, place: &dyn Place, before: &[String]) {
    let left = ids(place);
    let gone: Vec<&String> = before.iter().filter(|id| !left.contains(id)).collect();
    assert_eq!(gone, removed(outcome).iter().collect::<Vec<_>>());
}

pub fn it_gives_what_goes_and_removes_it(backend: &dyn Backend) {
    if !backend.has(Capability::Sweeps) {
        return;
    }
    let place = backend.fresh();
    let mut repository = failed_jobs(place.as_ref(), 5);
    let queued = Value::from("queued");
    place.neighbour().set(&job(2).id(), Column::Status, &queued);
    let mut sweep = repository.begin_sweep(TERMS).unwrap();
    let mut swept = look_on(sweep.as_mut());
    let found: Vec<String> = swept.jobs().map(|job| job.id().to_string()).collect();
    assert_eq!(found, [0, 1, 3, 4].map(id));
    assert_eq!(swept.jobs().next(), Some(&fails(0)));
    assert_eq!(ids(place.as_ref()).len(), 5);
    assert_eq!(sweep.still_stand(&mut swept).unwrap(), 0);
    assert_eq!(remove(sweep.as_mut(), &mut swept), 0);
    assert!(sweep.next_batch(MUCH, &mut has_failed).unwrap().is_none());
    let outcome = end(sweep);
    assert_eq!(removed(&outcome), [0, 1, 3, 4].map(id));
    assert_eq!(ids(place.as_ref()), [id(2)]);
}

/// What the service adds meanwhile is not in what was read, and so would not be in an archive.
pub fn a_column_that_comes_meanwhile_keeps_its_rows(backend: &dyn Backend) {
    if !backend.has(Capability::Sweeps) {
        return;
    }
    if !backend.has(Capability::Tables) {
        return;
    }
    let place = backend.fresh();
    let mut repository = failed_jobs(place.as_ref(), 3);
    let mut neighbour = place.neighbour();
    for column in ["owner", "note"] {
        let mut sweep = repository.begin_sweep(TERMS).unwrap();
        let mut swept = look_on(sweep.as_mut());
        neighbour.add_column(column);
        assert_eq!(remove(sweep.as_mut(), &mut swept), 3);
        end(sweep);
    }
    let mut sweep = repository.begin_sweep(TERMS).unwrap();
    let mut swept = look_on(sweep.as_mut());
    neighbour.set_other(&job(1).id(), "owner", "me");
    assert_eq!(sweep.still_stand(&mut swept).unwrap(), 1);
    assert_eq!(swept.jobs().next().unwrap().others().len(), 2);
    assert_eq!(remove(sweep.as_mut(), &mut swept), 0);
    end(sweep);
    assert_eq!(ids(place.as_ref()), [id(1)]);
}

pub fn the_place_is_free_between_reading_and_removing_and_after_a_pause(backend: &dyn Backend) {
    if !backend.has(Capability::Sweeps) {
        return;
    }
    let place = backend.fresh();
    let mut repository = failed_jobs(place.as_ref(), 3);
    let mut neighbour = place.neighbour();
    let mut sweep = repository.begin_sweep(TERMS).unwrap();
    assert!(neighbour.can_write(), "begun");
    let mut swept = look_on(sweep.as_mut());
    assert!(neighbour.can_write(), "read");
    sweep.still_stand(&mut swept).unwrap();
    assert!(neighbour.can_write(), "looked at again");
    remove(sweep.as_mut(), &mut swept);
    sweep.yield_lock().unwrap();
    assert!(neighbour.can_write(), "paused");
    assert_eq!(ids(place.as_ref()), [""; 0]);
    end(sweep);
    assert!(neighbour.can_write(), "ended");
}

/// What others do to job 1 after it was read; it stays as they left it, and 0 and 2 go.
#[track_caller]
fn a_job_that_this_was_done_to_stays(
    backend: &dyn Backend,
    act: &dyn Fn(&mut dyn Neighbour, &JobId),
) {
    for looks_again in [false, true] {
        let place = backend.fresh();
        let mut repository = failed_jobs(place.as_ref(), 3);
        let mut sweep = repository.begin_sweep(TERMS).unwrap();
        let mut swept = look_on(sweep.as_mut());
        act(place.neighbour().as_mut(), &job(1).id());
        let mut reader = place.open(Access::Read);
        let target = [job(1).id()];
        let kept = reader.find(&target, ColumnSet::ALL).unwrap();
        let mut changed = 0;
        if looks_again {
            changed += sweep.still_stand(&mut swept).unwrap();
            assert_eq!(changed, 1);
        }
        changed += remove(sweep.as_mut(), &mut swept);
        let outcome = end(sweep);
        assert_eq!(changed, 1);
        assert_eq!(removed(&outcome), [0, 2].map(id));
        assert_eq!(reader.find(&target, ColumnSet::ALL).unwrap(), kept);
        assert_eq!(ids(place.as_ref()).len(), usize::from(kept[0].is_some()));
    }
}

pub fn a_job_whose_status_was_changed_stays(backend: &dyn Backend) {
    if !backend.has(Capability::Sweeps) {
        return;
    }
    a_job_that_this_was_done_to_stays(backend, &|neighbour, id| {
        neighbour.set(id, Column::Status, &Value::from("queued"));
    });
}

pub fn a_job_that_others_removed_is_none_that_it_removed(backend: &dyn Backend) {
    if !backend.has(Capability::Sweeps) {
        return;
    }
    a_job_that_this_was_done_to_stays(backend, &|neighbour, id| neighbour.delete(id));
}

pub fn a_job_that_was_removed_and_made_again_stays(backend: &dyn Backend) {
    if !backend.has(Capability::Sweeps) {
        return;
    }
    for status in ["queued", "failed"] {
        a_job_that_this_was_done_to_stays(backend, &|neighbour, id| {
            neighbour.delete(id);
            let again = job(1).with(Column::Status, status);
            neighbour.insert(&again.with(Column::Content, "new"));
        });
    }
}

/// A value for each column that is none of those of `fails`.
fn another(column: Column) -> Value {
    match column {
        column if column.is_time() => Value::from("2026-05-05 05:05:05.050505"),
        Column::Progress => Value::Real(12.5),
        Column::TotalShots | Column::CompletedShots => Value::Integer(3),
        Column::RequestData | Column::Context | Column::Result => Value::from("{\"a\": 1}"),
        _ => Value::from("other"),
    }
}

pub fn a_job_of_which_any_column_was_changed_stays(backend: &dyn Backend) {
    if !backend.has(Capability::Sweeps) {
        return;
    }
    let place = backend.fresh();
    let columns = Column::ALL.iter().copied();
    let columns = columns.filter(|column| !matches!(column, Column::Id | Column::Status));
    let columns = columns.filter(|column| backend.holds(*column, &another(*column)));
    let columns: Vec<Column> = columns.collect();
    let count = columns.len() as u32;
    assert!(count > 15, "{columns:?}");
    let mut repository = failed_jobs(place.as_ref(), count + 1);
    let mut sweep = repository.begin_sweep(TERMS).unwrap();
    let mut swept = look_on(sweep.as_mut());
    let mut neighbour = place.neighbour();
    for (column, number) in columns.iter().zip(0..) {
        neighbour.set(&job(number).id(), *column, &another(*column));
    }
    assert_eq!(remove(sweep.as_mut(), &mut swept), u64::from(count));
    let outcome = end(sweep);
    assert_eq!(removed(&outcome), [id(count)]);
    assert_eq!(ids(place.as_ref()).len(), count as usize);
}

pub fn a_job_of_which_a_value_changed_its_kind_alone_stays(backend: &dyn Backend) {
    if !backend.has(Capability::Sweeps) {
        return;
    }
    let text = |text: &str| Value::from(text);
    let kinds = [
        (Column::Context, Value::Null, text("null")),
        (Column::Content, text("a"), Value::Blob(b"a".to_vec())),
        (
            Column::Content,
            Value::BrokenText(vec![0xff]),
            Value::Blob(vec![0xff]),
        ),
        (Column::Content, text("a"), text("A")),
        (Column::Content, text("a"), text("a ")),
        (Column::Content, text("a"), text("a\0")),
        (Column::Content, text(""), Value::Null),
    ];
    for (column, first, then) in kinds {
        if !backend.holds(column, &first) || !backend.holds(column, &then) {
            continue;
        }
        let place = backend.fresh();
        let mut repository = failed_jobs(place.as_ref(), 1);
        let mut neighbour = place.neighbour();
        neighbour.set(&job(0).id(), column, &first);
        let mut sweep = repository.begin_sweep(TERMS).unwrap();
        let mut swept = look_on(sweep.as_mut());
        neighbour.set(&job(0).id(), column, &then);
        let changed = remove(sweep.as_mut(), &mut swept);
        end(sweep);
        assert_eq!(changed, 1, "{first:?}, {then:?}");
        assert_eq!(ids(place.as_ref()), [id(0)], "{first:?}, {then:?}");
    }
}

pub fn a_job_that_took_the_place_of_another_stays(backend: &dyn Backend) {
    if !backend.has(Capability::Sweeps) {
        return;
    }
    let place = backend.fresh();
    let mut repository = failed_jobs(place.as_ref(), 3);
    let mut sweep = repository.begin_sweep(TERMS).unwrap();
    let mut swept = look_on(sweep.as_mut());
    // The row of the last one may be given to the next that comes.
    let mut neighbour = place.neighbour();
    neighbour.delete(&job(2).id());
    neighbour.insert(&fails(9));
    remove(sweep.as_mut(), &mut swept);
    let outcome = end(sweep);
    assert_eq!(removed(&outcome), [0, 1].map(id));
    assert_eq!(ids(place.as_ref()), [id(9)]);
}

pub fn a_job_that_came_after_the_beginning_is_left(backend: &dyn Backend) {
    if !backend.has(Capability::Sweeps) {
        return;
    }
    let place = backend.fresh();
    let mut repository = failed_jobs(place.as_ref(), 3);
    let mut sweep = repository.begin_sweep(TERMS).unwrap();
    place.neighbour().insert(&fails(9));
    while let Some(mut swept) = sweep.next_batch(MUCH, &mut has_failed).unwrap() {
        remove(sweep.as_mut(), &mut swept);
    }
    end(sweep);
    assert_eq!(ids(place.as_ref()), [id(9)]);
}

pub fn it_goes_on_page_after_page_to_the_end(backend: &dyn Backend) {
    if !backend.has(Capability::Sweeps) {
        return;
    }
    let place = backend.fresh();
    let mut repository = place.open(Access::Write);
    let content = "x".repeat(1_000);
    let jobs = (0..1_500).map(|number| {
        let status = if number % 3 == 0 { "queued" } else { "failed" };
        let job = job(number).with(Column::Status, status);
        job.with(Column::Content, content.as_str())
    });
    repository.insert(&jobs.collect::<Vec<Job>>()).unwrap();
    let mut sweep = repository.begin_sweep(TERMS).unwrap();
    let mut pages = 0;
    while let Some(mut swept) = sweep.next_batch(100_000, &mut has_failed).unwrap() {
        pages += 1;
        let bytes = swept.len() * 1_000;
        assert!(bytes < 400_000, "{} rows at once", swept.len());
        assert_eq!(remove(sweep.as_mut(), &mut swept), 0);
    }
    let outcome = end(sweep);
    assert!(pages > 5, "{pages}");
    assert_eq!(ids(place.as_ref()).len(), 500);
    assert_eq!(outcome.removed.len(), 1_000);
}

pub fn what_the_table_keeps_is_not_removed_and_stops_nothing(backend: &dyn Backend) {
    if !backend.has(Capability::Sweeps) {
        return;
    }
    if !backend.has(Capability::Tables) {
        return;
    }
    let place = backend.fresh();
    let mut repository = failed_jobs(place.as_ref(), 20);
    place.neighbour().guard(&job(11).id(), Guard::Refuses);
    let before = ids(place.as_ref());
    let mut sweep = repository.begin_sweep(TERMS).unwrap();
    let mut swept = look_on(sweep.as_mut());
    assert_eq!(remove(sweep.as_mut(), &mut swept), 0);
    let outcome = end(sweep);
    let kept = &outcome.kept;
    assert_eq!(kept.len(), 1, "{kept:?}");
    assert_eq!(kept[0].id, job(11).id());
    assert!(!kept[0].see.is_empty());
    assert_eq!(ids(place.as_ref()), [id(11)]);
    what_was_told_is_gone(&outcome, place.as_ref(), &before);
}

pub fn what_the_table_would_keep_is_found_by_trying(backend: &dyn Backend) {
    if !backend.has(Capability::Sweeps) {
        return;
    }
    if !backend.has(Capability::Tables) {
        return;
    }
    let place = backend.fresh();
    let mut repository = failed_jobs(place.as_ref(), 5);
    place.neighbour().guard(&job(3).id(), Guard::Refuses);
    let mut sweep = repository.begin_sweep(TERMS).unwrap();
    let mut swept = look_on(sweep.as_mut());
    sweep.try_removal(&mut swept).unwrap();
    let left: Vec<String> = swept.jobs().map(|job| job.id().to_string()).collect();
    assert_eq!(left, [0, 1, 2, 4].map(id));
    assert_eq!(ids(place.as_ref()).len(), 5, "nothing has gone");
    let outcome = sweep.take_outcome();
    assert!(outcome.removed.is_empty());
    assert_eq!(outcome.kept.len(), 1);
    end(sweep);
    assert_eq!(ids(place.as_ref()).len(), 5);
}

pub fn what_an_error_stopped_is_not_removed(backend: &dyn Backend) {
    if !backend.has(Capability::Sweeps) {
        return;
    }
    if !backend.has(Capability::Tables) {
        return;
    }
    let place = backend.fresh();
    let mut repository = failed_jobs(place.as_ref(), 20);
    place.neighbour().guard(&job(11).id(), Guard::Breaks);
    let before = ids(place.as_ref());
    let mut sweep = repository.begin_sweep(TERMS).unwrap();
    let mut swept = look_on(sweep.as_mut());
    let mut result = Ok(0);
    while result.is_ok() && !swept.is_empty() {
        result = sweep.remove(&mut swept);
    }
    assert!(result.is_err());
    let outcome = sweep.take_outcome();
    drop(sweep);
    what_was_told_is_gone(&outcome, place.as_ref(), &before);
}

pub fn what_a_lock_stopped_is_not_removed(backend: &dyn Backend) {
    if !backend.has(Capability::Sweeps) {
        return;
    }
    let place = backend.fresh();
    let mut repository = failed_jobs(place.as_ref(), 20);
    let before = ids(place.as_ref());
    let mut sweep = repository.begin_sweep(TERMS).unwrap();
    let mut swept = look_on(sweep.as_mut());
    let mut neighbour = place.neighbour();
    neighbour.lock();
    let error = sweep.remove(&mut swept).unwrap_err();
    assert!(matches!(error, Error::Locked { .. }), "{error:?}");
    neighbour.unlock();
    let outcome = sweep.take_outcome();
    drop(sweep);
    what_was_told_is_gone(&outcome, place.as_ref(), &before);
    assert_eq!(ids(place.as_ref()).len(), 20);
}

pub fn a_sweep_that_is_dropped_keeps_what_it_did_not_tell(backend: &dyn Backend) {
    if !backend.has(Capability::Sweeps) {
        return;
    }
    let place = backend.fresh();
    let mut repository = failed_jobs(place.as_ref(), 20);
    let before = ids(place.as_ref());
    let mut sweep = repository.begin_sweep(TERMS).unwrap();
    let mut swept = look_on(sweep.as_mut());
    sweep.remove(&mut swept).unwrap();
    let outcome = sweep.take_outcome();
    drop(sweep);
    what_was_told_is_gone(&outcome, place.as_ref(), &before);
    assert!(place.neighbour().can_write());
}
