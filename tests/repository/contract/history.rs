//! A place that keeps what its runs changed.

use std::sync::Arc;

use jobctl::job::{Changes, Column, ColumnSet, Job, JobId};
use jobctl::repository::{
    Access, ChangeKind, HistoryChoice, Recorded, Repository, RunId, RunTerms, TakeBack, TakenBack,
};
use jobctl::time;

use super::{all, job};
use crate::backend::{Backend, Capability, Place};

/// Opens the place for a run of its own.
fn begin(place: &dyn Place, keep: HistoryChoice) -> (Box<dyn Repository>, RunTerms) {
    let terms = RunTerms {
        keep,
        command: "test",
        argv: "[]".to_owned(),
        user: "me".to_owned(),
        host: "here".to_owned(),
        version: "0",
        at: time::from_unix(1_768_000_000).unwrap(),
        recorded: Arc::default(),
    };
    let mut repository = place.open(Access::Write);
    repository.begin_run(terms.clone());
    (repository, terms)
}

fn change(place: &dyn Place, ids: &[JobId], title: &str) -> RunId {
    let (mut repository, terms) = begin(place, HistoryChoice::Auto);
    let mut decide = |_: &Job| {
        let mut changes = Changes::default();
        changes.set(Column::Title, title);
        Ok(changes)
    };
    repository.update(ids, &mut decide).unwrap();
    match terms.recorded.get() {
        Some(Recorded::As(run)) => *run,
        other => panic!("{other:?}"),
    }
}

fn take_back(place: &dyn Place, run: RunId, dry_run: bool, skip_conflicts: bool) -> TakenBack {
    let (mut repository, _) = begin(place, HistoryChoice::Auto);
    let terms = TakeBack {
        run,
        dry_run,
        skip_conflicts,
    };
    repository.history().unwrap().take_back(terms).unwrap()
}

fn begun(backend: &dyn Backend) -> Option<Box<dyn Place>> {
    if !backend.has(Capability::History) {
        return None;
    }
    let place = backend.fresh();
    let (mut repository, _) = begin(place.as_ref(), HistoryChoice::Off);
    repository.insert(&[job(1), job(2), job(3)]).unwrap();
    assert!(
        repository
            .history()
            .unwrap()
            .runs(None, 9)
            .unwrap()
            .is_empty()
    );
    Some(place)
}

fn rows(place: &dyn Place) -> Vec<Job> {
    all(place.open(Access::Read).as_mut())
}

pub fn what_a_run_changed_is_taken_back_and_done_again(backend: &dyn Backend) {
    let Some(place) = begun(backend) else { return };
    let place = place.as_ref();
    let mut states = vec![rows(place)];
    let mut runs = vec![change(place, &[job(1).id(), job(2).id()], "one")];
    states.push(rows(place));
    let (mut repository, _) = begin(place, HistoryChoice::Auto);
    repository
        .delete(&[job(2).id()], false, ColumnSet::NONE, &mut |_| Ok(()))
        .unwrap();
    repository.insert(&[job(4)]).unwrap();
    let history = repository.history().unwrap();
    let last = history.last_standing().unwrap().unwrap();
    assert_eq!((last.created, last.updated, last.deleted), (1, 0, 1));
    runs.push(last.id);
    drop(repository);
    states.push(rows(place));
    for (run, state) in runs.iter().zip(&states).rev() {
        assert!(take_back(place, *run, false, false).conflicts.is_empty());
        assert_eq!(&rows(place), state);
    }
    let mut reader = place.open(Access::Read);
    let history = reader.history().unwrap();
    assert!(history.last_standing().unwrap().is_none());
    let undo = history.last_undo().unwrap().unwrap();
    assert_eq!(undo.undoes, Some(runs[0]));
    drop(reader);
    take_back(place, undo.id, false, false);
    assert_eq!(rows(place), states[1]);
}

pub fn a_job_that_a_neighbour_changed_is_a_conflict(backend: &dyn Backend) {
    let Some(place) = begun(backend) else { return };
    let place = place.as_ref();
    let before = rows(place);
    let run = change(place, &[job(1).id(), job(2).id()], "one");
    place
        .neighbour()
        .set(&job(1).id(), Column::Title, &"two".into());
    let changed = rows(place);
    let refused = take_back(place, run, false, false);
    assert_eq!((refused.restored, refused.conflicts.len()), (0, 1));
    assert_eq!(refused.conflicts[0].0, job(1).id());
    assert_eq!(rows(place), changed);
    let would = take_back(place, run, true, true);
    assert_eq!(rows(place), changed);
    assert_eq!(take_back(place, run, false, true), would);
    let now = rows(place);
    let of = |rows: &[Job], id: JobId| rows.iter().find(|row| row.id() == id).cloned();
    assert_eq!(of(&now, job(2).id()), of(&before, job(2).id()));
    assert_eq!(of(&now, job(1).id()), of(&changed, job(1).id()));
}

pub fn the_changes_of_a_job_are_told_with_their_columns(backend: &dyn Backend) {
    let Some(place) = begun(backend) else { return };
    let place = place.as_ref();
    change(place, &[job(1).id()], "one");
    let run = change(place, &[job(1).id()], "two");
    let mut reader = place.open(Access::Read);
    let changes = reader.history().unwrap().changes(&job(1).id(), 9).unwrap();
    assert_eq!(changes.len(), 2);
    assert_eq!(
        (changes[0].run, changes[0].done),
        (run, ChangeKind::Updated)
    );
    let title = &changes[0].columns[0];
    assert_eq!(&*title.name, "project_title");
    assert_eq!(title.before, Some("one".into()));
    assert_eq!(title.after, Some("two".into()));
    let none = reader.history().unwrap().changes(&job(3).id(), 9).unwrap();
    assert!(none.is_empty());
}

pub fn a_redaction_reaches_rows_and_what_is_kept_of_them(backend: &dyn Backend) {
    let Some(place) = begun(backend) else { return };
    let place = place.as_ref();
    let run = change(place, &[job(1).id()], "secret");
    let (mut repository, terms) = begin(place, HistoryChoice::Auto);
    let done = repository
        .history()
        .unwrap()
        .redact(&[job(1).id()], &[Column::Title])
        .unwrap();
    assert_eq!(done.jobs, [job(1).id()]);
    let redacted = repository.find(&[job(1).id()], ColumnSet::ALL).unwrap();
    let title = redacted[0].as_ref().unwrap().get(Column::Title).clone();
    assert_eq!(title, "(redacted)".into());
    let told = format!(
        "{:?}",
        repository.history().unwrap().changes_of(run, 9).unwrap()
    );
    assert!(!told.contains("secret"), "{told}");
    let own = match terms.recorded.get() {
        Some(Recorded::As(run)) => *run,
        other => panic!("{other:?}"),
    };
    let own = repository.history().unwrap().run(own).unwrap().unwrap();
    assert!(own.why_not.is_some());
}

pub fn a_run_that_would_keep_too_much_is_known_beforehand(backend: &dyn Backend) {
    let Some(place) = begun(backend) else { return };
    let place = place.as_ref();
    let (mut repository, _) = begin(place, HistoryChoice::Off);
    let long = |n: u64| {
        let letters = (0u64..100_000).map(|at| {
            let mut mixed = (at + n * 1_000_000).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            char::from(b'!' + (mixed >> 58) as u8)
        });
        job(n as u32).with(Column::Content, letters.collect::<String>())
    };
    let jobs: Vec<Job> = (5..25).map(long).collect();
    repository.insert(&jobs).unwrap();
    let ids: Vec<JobId> = jobs.iter().map(Job::id).collect();
    let history = repository.history().unwrap();
    assert!(history.fits(&ids).unwrap());
    let many: Vec<JobId> = ids.iter().cycle().take(5_000).cloned().collect();
    assert!(!history.fits(&many).unwrap());
}
