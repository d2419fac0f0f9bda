//! What an import into a file comes to know, and when it lets go of the file. The numbers are those of the backend: ids are
//! looked up one by one up to 10,000 times, and read all at once then; they are let go when 500 in a row are not among them.

use jobctl::job::Job;
use jobctl::repository::{Access, Import, Imported, OnConflict};

use super::{File, Sqlite};
use crate::backend::Place;
use crate::contract::imports::terms;
use crate::contract::{filled, job};

/// Hands over jobs that are there already, as often as it takes.
fn skip_all(import: &mut dyn Import, jobs: &[Job]) {
    let mut done = 0;
    while done < jobs.len() {
        let part = import.write(&jobs[done..]).unwrap();
        assert!(part.iter().all(|outcome| *outcome == Imported::Skipped));
        done += part.len();
    }
}

#[test]
fn an_import_comes_to_know_what_it_skips() {
    let place = File::of(Sqlite::New);
    let old: Vec<Job> = (0..10_001).map(job).collect();
    let mut repository = place.open(Access::Write);
    repository.insert(&old).unwrap();
    let mut import = repository.begin_import(terms(OnConflict::Skip)).unwrap();
    assert!(import.skipped().is_none());
    skip_all(import.as_mut(), &old[..10_000]);
    assert!(import.skipped().is_none(), "so few are looked up");
    skip_all(import.as_mut(), &old[10_000..]);
    let skips = import.skipped().unwrap();
    assert!(old.iter().all(|job| skips(&job.id())));
    let new: Vec<Job> = (20_000..20_499).map(job).collect();
    assert!(!new.iter().any(|job| skips(&job.id())));
    // None of these in a row is there, but for a last one.
    skip_all(import.as_mut(), &old[..1]);
    assert!(import.skipped().is_some());
    assert!(!skips(&job(20_499).id()));
    skip_all(import.as_mut(), &old[..1]);
    assert!(import.skipped().is_none(), "they are let go");
    import.end().unwrap();
}

#[test]
fn only_an_import_that_skips_knows_what_it_skips() {
    for policy in [OnConflict::Newer, OnConflict::Replace] {
        let place = File::of(Sqlite::New);
        let old: Vec<Job> = (0..10_001).map(job).collect();
        let mut repository = place.open(Access::Write);
        repository.insert(&old).unwrap();
        let mut import = repository.begin_import(terms(policy)).unwrap();
        skip_all(import.as_mut(), &old);
        skip_all(import.as_mut(), &old[..1]);
        assert!(import.skipped().is_none(), "{policy:?}");
        import.end().unwrap();
    }
}

/// To read the ids of a large file takes longer than others should wait.
#[test]
fn an_import_reads_all_ids_without_the_lock() {
    let place = File::of(Sqlite::Empty);
    let old: Vec<Job> = (0..10_002).map(job).collect();
    let mut repository = place.open(Access::Write);
    repository.insert(&old).unwrap();
    // Nothing else ends a transaction so soon.
    repository.storage().unwrap().use_alone().unwrap();
    let mut import = repository.begin_import(terms(OnConflict::Skip)).unwrap();
    skip_all(import.as_mut(), &old[..9_999]);
    import.write(&[job(20_000)]).unwrap();
    skip_all(import.as_mut(), &old[9_999..10_000]);
    assert!(import.is_pending());
    skip_all(import.as_mut(), &old[10_000..]);
    assert!(!import.is_pending());
    assert!(import.skipped().is_some());
    import.end().unwrap();
}

/// Others wait for what was written before, however long nothing but jobs comes that are there already.
#[test]
fn an_import_that_only_skips_gives_the_lock_back() {
    let place = File::of(Sqlite::Empty);
    let mut repository = filled(&place, 5);
    let other = place.connect();
    let mut import = repository.begin_import(terms(OnConflict::Skip)).unwrap();
    import.write(&[job(7)]).unwrap();
    let is_free = || other.execute_batch("BEGIN IMMEDIATE; ROLLBACK").is_ok();
    assert!(!is_free(), "what is written waits for more");
    let begun = std::time::Instant::now();
    while !is_free() {
        assert!(begun.elapsed().as_secs() < 60, "it is kept");
        skip_all(import.as_mut(), &[job(0)]);
    }
    assert!(!import.is_pending());
    import.end().unwrap();
}
