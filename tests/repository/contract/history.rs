//! A place that keeps what its runs changed.

use std::sync::Arc;

use jobctl::job::{Changes, Column, ColumnSet, Filter, Job, JobId, Value};
use jobctl::repository::{
    Access, ChangeKind, HistoryChoice, OnConflict, Recorded, Repository, RunId, RunTerms,
    SweepTerms, TakeBack, TakenBack,
};
use jobctl::time;
use proptest::prelude::*;

use super::imports::import;
use super::sweeps::{look_on, remove};
use super::{BY_ID, all, job};
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

/// What one command does.
#[derive(Clone, Debug)]
enum Step {
    Create(Vec<u32>),
    Update(Vec<u32>, Vec<(Column, Value)>),
    Delete(Vec<u32>),
    /// The same as a filter would.
    Purge(Vec<u32>),
    Import(Vec<u32>, OnConflict, String),
}

const JOBS: u32 = 8;

fn some_jobs() -> impl Strategy<Value = Vec<u32>> {
    proptest::collection::btree_set(0..JOBS, 1..5).prop_map(|jobs| jobs.into_iter().collect())
}

fn some_values() -> impl Strategy<Value = (Column, Value)> {
    let text = "[ -~é海]{0,20}";
    prop_oneof![
        text.prop_map(|text| (Column::Title, text.into())),
        text.prop_map(|text| (Column::Content, text.into())),
        Just((Column::Title, Value::Null)),
        "[a-z ]{0,5}"
            .prop_map(|word| (Column::Context, format!("{{ \"a\":  \"{word}\" }}").into())),
        Just((Column::Result, "null".into())),
        any::<f64>()
            .prop_filter("a number", |it| it.is_finite())
            .prop_map(|number| (Column::Progress, number.into())),
        any::<i32>().prop_map(|number| (Column::TotalShots, i64::from(number).into())),
        (0..59_u32).prop_map(|n| (
            Column::StartedAt,
            format!("2026-01-02 03:04:{n:02}.000{n:03}").into()
        )),
        Just((Column::StartedAt, Value::Null)),
    ]
}

fn some_step() -> impl Strategy<Value = Step> {
    let policies = [OnConflict::Skip, OnConflict::Newer, OnConflict::Replace];
    let values = proptest::collection::vec(some_values(), 1..4);
    prop_oneof![
        some_jobs().prop_map(Step::Create),
        (some_jobs(), values).prop_map(|(jobs, values)| Step::Update(jobs, values)),
        some_jobs().prop_map(Step::Delete),
        some_jobs().prop_map(Step::Purge),
        (
            some_jobs(),
            proptest::sample::select(policies.to_vec()),
            "[a-z]{0,9}"
        )
            .prop_map(|(jobs, policy, title)| Step::Import(jobs, policy, title)),
    ]
}

/// Whole rows, with columns that jobctl does not know.
fn whole(place: &dyn Place) -> Vec<Job> {
    let mut jobs = Vec::new();
    let mut reader = place.open(Access::Read);
    let mut sink = |job: &mut Job| {
        jobs.push(std::mem::take(job));
        Ok(())
    };
    reader
        .stream(&Filter::default(), Some(BY_ID), ColumnSet::WHOLE, &mut sink)
        .unwrap();
    jobs
}

/// The run as which a step is kept; None where it changed nothing.
fn perform(place: &dyn Place, step: &Step) -> Option<RunId> {
    let there: Vec<JobId> = rows(place).iter().map(Job::id).collect();
    let is_there = |n: &u32| there.contains(&job(*n).id());
    let of = |jobs: &[u32], wanted: bool| -> Vec<JobId> {
        let jobs = jobs.iter().filter(|n| is_there(n) == wanted);
        jobs.map(|n| job(*n).id()).collect()
    };
    let (mut repository, terms) = begin(place, HistoryChoice::Required);
    match step {
        Step::Create(jobs) => {
            let new = of(jobs, false);
            let jobs: Vec<Job> = (0..JOBS)
                .map(job)
                .filter(|it| new.contains(&it.id()))
                .collect();
            repository.insert(&jobs).unwrap();
        }
        Step::Update(jobs, values) => {
            let mut changes = Changes::default();
            for (column, value) in values {
                changes.set(*column, value.clone());
            }
            let ids = of(jobs, true);
            repository
                .update(&ids, &mut |_| Ok(changes.clone()))
                .unwrap();
        }
        Step::Delete(jobs) => {
            let ids = of(jobs, true);
            let mut allow = |_: &Job| Ok(());
            repository
                .delete(&ids, false, ColumnSet::NONE, &mut allow)
                .unwrap();
        }
        Step::Purge(jobs) => {
            let ids = of(jobs, true);
            let mut rest = ids.as_slice();
            while !rest.is_empty() {
                let done = repository
                    .purge(rest, ColumnSet::NONE, &mut |_| true)
                    .unwrap();
                rest = &rest[done.checked..];
            }
        }
        Step::Import(jobs, policy, title) => {
            let at = "2026-02-01 00:00:00.000000";
            let jobs: Vec<Job> = jobs
                .iter()
                .map(|n| {
                    job(*n)
                        .with(Column::Title, title.as_str())
                        .with(Column::UpdatedAt, at)
                })
                .collect();
            import(repository.as_mut(), &jobs, *policy);
        }
    }
    match terms.recorded.get() {
        Some(Recorded::As(run)) => Some(*run),
        None => None,
        other => panic!("{other:?}"),
    }
}

/// Takes all of a run back, and gives the run as which that is kept.
fn undo(place: &dyn Place, run: RunId) -> RunId {
    let (mut repository, terms) = begin(place, HistoryChoice::Required);
    let all = TakeBack {
        run,
        dry_run: false,
        skip_conflicts: false,
    };
    let done = repository.history().unwrap().take_back(all).unwrap();
    assert!(done.conflicts.is_empty(), "{done:?}");
    match terms.recorded.get() {
        Some(Recorded::As(run)) => *run,
        other => panic!("{other:?}"),
    }
}

pub fn any_sequence_is_taken_back_and_done_again(backend: &dyn Backend) {
    if !backend.has(Capability::History) {
        return;
    }
    let steps = proptest::collection::vec(some_step(), 1..8);
    proptest!(ProptestConfig::with_cases(6), |(steps in steps)| {
        let place = backend.fresh();
        let place = place.as_ref();
        let (mut repository, _) = begin(place, HistoryChoice::Off);
        repository.insert(&[job(0), job(1), job(2), job(3)]).unwrap();
        drop(repository);
        if backend.has(Capability::Tables) {
            let mut neighbour = place.neighbour();
            neighbour.add_column("owner");
            neighbour.set_other(&job(1).id(), "owner", "me");
        }
        let mut states = vec![whole(place)];
        let mut runs = Vec::new();
        for step in &steps {
            let run = perform(place, step);
            let now = whole(place);
            prop_assert_eq!(run.is_some(), &now != states.last().unwrap(), "{:?}", step);
            if let Some(run) = run {
                runs.push(run);
                states.push(now);
            }
        }
        let mut undos = Vec::new();
        for (run, state) in runs.iter().zip(&states).rev() {
            undos.push(undo(place, *run));
            prop_assert_eq!(&whole(place), state);
        }
        for (undone, state) in undos.iter().rev().zip(&states[1..]) {
            undo(place, *undone);
            prop_assert_eq!(&whole(place), state);
        }
    });
}

pub fn what_a_sweep_removes_is_counted_and_not_kept(backend: &dyn Backend) {
    if !backend.has(Capability::History) || !backend.has(Capability::Sweeps) {
        return;
    }
    let place = backend.fresh();
    let failed = (0..5).map(|n| job(n).with(Column::Status, "failed"));
    let failed: Vec<Job> = failed.collect();
    begin(place.as_ref(), HistoryChoice::Off)
        .0
        .insert(&failed)
        .unwrap();
    let (mut repository, terms) = begin(place.as_ref(), HistoryChoice::Required);
    let mut sweep = repository
        .begin_sweep(SweepTerms {
            columns: ColumnSet::ALL,
            judged: ColumnSet::of(&[Column::Id, Column::Status]),
        })
        .unwrap();
    let mut swept = look_on(sweep.as_mut());
    remove(sweep.as_mut(), &mut swept);
    let (_, ended) = sweep.end();
    ended.unwrap();
    let run = match terms.recorded.get() {
        Some(Recorded::As(run)) => *run,
        other => panic!("{other:?}"),
    };
    let history = repository.history().unwrap();
    let told = history.run(run).unwrap().unwrap();
    assert_eq!((told.created, told.updated, told.deleted), (0, 0, 5));
    assert!(told.why_not.unwrap().starts_with("cleanup keeps no rows"));
    assert!(history.changes_of(run, 9).unwrap().is_empty());
}

pub fn runs_from_before_a_time_go_but_for_the_newest(backend: &dyn Backend) {
    let Some(place) = begun(backend) else { return };
    let place = place.as_ref();
    let runs = ["one", "two", "three"].map(|title| change(place, &[job(1).id()], title));
    let (mut repository, terms) = begin(place, HistoryChoice::Off);
    let history = repository.history().unwrap();
    let after = terms.at + chrono::TimeDelta::seconds(1);
    assert_eq!(history.count_before(terms.at).unwrap(), 0);
    assert_eq!(history.count_before(after).unwrap(), 2);
    assert_eq!(history.prune(after).unwrap(), 2);
    let left = history.runs(None, 9).unwrap();
    assert_eq!(left.iter().map(|run| run.id).collect::<Vec<_>>(), [runs[2]]);
    assert_eq!(history.changes(&job(1).id(), 9).unwrap().len(), 1);
    let week = history.lifetime().unwrap();
    history.set_lifetime(week * 2).unwrap();
    drop(repository);
    let mut reader = place.open(Access::Read);
    assert_eq!(reader.history().unwrap().lifetime().unwrap(), week * 2);
}
