//! What sweeps meet in a file alone: rows that move, a file that is written anew, readers that stop a commit.

use jobctl::repository::{Error, Repository};
use rusqlite::Connection;

use super::{File, Sqlite};
use crate::contract::sweeps::{
    TERMS, end, failed_jobs, has_failed, look_on, remove, removed, what_was_told_is_gone,
};

/// A file of `count` failed jobs in each journal mode, and another program beside the repository.
fn places(count: u32) -> [(File, Box<dyn Repository>, Connection); 2] {
    [Sqlite::New, Sqlite::Empty].map(|made| {
        let place = File::of(made);
        let repository = failed_jobs(&place, count);
        let other = place.connect();
        (place, repository, other)
    })
}

fn ids(other: &Connection) -> Vec<String> {
    let sql = "SELECT id FROM video_generation_jobs ORDER BY id";
    let mut statement = other.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

/// Some of the jobs are failed, and behind others that somebody removes before writing the file anew, with other row numbers.
#[track_caller]
fn rows_move_meanwhile(looks_again: bool) {
    for (_place, mut repository, other) in places(100) {
        let sql =
            "UPDATE video_generation_jobs SET status = 'queued' WHERE rowid % 2 = 0 OR rowid < 50";
        other.execute_batch(sql).unwrap();
        let sql = "SELECT id FROM video_generation_jobs WHERE status = 'failed' ORDER BY id";
        let failed: Vec<String> = other
            .prepare(sql)
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        let mut sweep = repository.begin_sweep(TERMS).unwrap();
        let mut swept = look_on(sweep.as_mut());
        assert_eq!(swept.len(), failed.len());
        other
            .execute_batch("DELETE FROM video_generation_jobs WHERE rowid < 37; UPDATE video_generation_jobs SET rowid = rowid - 36; VACUUM")
            .unwrap();
        let queued = ids(&other).len() - failed.len();
        let mut changed = 0;
        if looks_again {
            changed += sweep.still_stand(&mut swept).unwrap();
        }
        changed += remove(sweep.as_mut(), &mut swept);
        let outcome = end(sweep);
        let removed = removed(&outcome);
        assert!(removed.iter().all(|id| failed.contains(id)), "{removed:?}");
        assert_eq!(removed.len() as u64 + changed, failed.len() as u64);
        let left = ids(&other);
        assert!(removed.iter().all(|id| !left.contains(id)));
        assert_eq!(left.len(), queued + failed.len() - removed.len());
        let sql = "SELECT count(*) FROM video_generation_jobs WHERE status = 'queued'";
        let there: i64 = other.query_row(sql, [], |row| row.get(0)).unwrap();
        assert_eq!(there, queued as i64, "a job that was to stay is gone");
    }
}

#[test]
fn it_removes_no_other_job_when_rows_move() {
    rows_move_meanwhile(false);
}

#[test]
fn it_looks_at_no_other_job_when_rows_move() {
    rows_move_meanwhile(true);
}

#[test]
fn a_reader_that_stops_the_commit_takes_nothing_away() {
    // In WAL a reader stops nobody.
    let [_, (place, mut repository, other)] = places(20);
    let before = ids(&other);
    let mut sweep = repository.begin_sweep(TERMS).unwrap();
    let mut swept = look_on(sweep.as_mut());
    let count = "BEGIN; SELECT count(*) FROM video_generation_jobs";
    other.execute_batch(count).unwrap();
    let removed = sweep.remove(&mut swept).map(drop);
    let (outcome, ended) = sweep.end();
    let result = removed.and(ended);
    assert!(matches!(result, Err(Error::Locked { .. })), "{result:?}");
    other.execute_batch("ROLLBACK").unwrap();
    what_was_told_is_gone(&outcome, &place, &before);
}

#[test]
fn it_misses_no_job_when_the_file_is_written_anew_between_two_pages() {
    for (_place, mut repository, other) in places(1_000) {
        let sql = "UPDATE video_generation_jobs SET content = hex(randomblob(500)), status = iif(rowid % 2, 'failed', 'queued')";
        other.execute_batch(sql).unwrap();
        let mut sweep = repository.begin_sweep(TERMS).unwrap();
        let mut swept = sweep.next_batch(100_000, &mut has_failed).unwrap().unwrap();
        remove(sweep.as_mut(), &mut swept);
        sweep.yield_lock().unwrap();
        other
            .execute_batch("DELETE FROM video_generation_jobs WHERE rowid < 100; VACUUM")
            .unwrap();
        while let Some(mut swept) = sweep.next_batch(100_000, &mut has_failed).unwrap() {
            remove(sweep.as_mut(), &mut swept);
        }
        end(sweep);
        let sql = "SELECT group_concat(status || ' ' || n) FROM (SELECT status, count(*) AS n FROM video_generation_jobs GROUP BY status)";
        let left: String = other.query_row(sql, [], |row| row.get(0)).unwrap();
        assert_eq!(left, "queued 451");
    }
}
