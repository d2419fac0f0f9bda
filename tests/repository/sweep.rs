//! A sweep removes what it read and nothing else, whatever others do between the reading and the removing.

use std::time::Duration;

use jobctl::job::{Column, ColumnSet, Job};
use jobctl::repository::Access;
use jobctl::repository::{Error, Outcome, Repository, Sweep, SweepTerms, Swept};
use rusqlite::Connection;

use crate::support::{Place, job};

const MUCH: usize = 64 << 20;

/// What an archive needs.
const TERMS: SweepTerms = SweepTerms {
    columns: ColumnSet::WHOLE,
    judged: ColumnSet::of(&[Column::Status]),
};

/// A place of so many failed jobs in each journal mode, and another program beside the repository.
fn places(count: u32) -> [(Place, Box<dyn Repository>, Connection); 2] {
    [Place::new(), Place::in_delete_mode()].map(|place| {
        let mut repository = place.create();
        let jobs: Vec<Job> = (0..count)
            .map(|number| job(number).with(Column::Status, "failed"))
            .collect();
        repository.insert(&jobs).unwrap();
        let other = Connection::open(place.path()).unwrap();
        other.busy_timeout(Duration::ZERO).unwrap();
        other.pragma_update(None, "foreign_keys", false).unwrap();
        (place, repository, other)
    })
}

fn id(number: u32) -> String {
    job(number).id().to_string()
}

fn ids(other: &Connection) -> Vec<String> {
    let sql = "SELECT id FROM video_generation_jobs ORDER BY id";
    let mut statement = other.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

fn failed(job: &Job) -> bool {
    job.get(Column::Status).as_str() == Some("failed")
}

#[track_caller]
fn look_on(sweep: &mut dyn Sweep) -> Swept {
    sweep.look_on(MUCH, &mut failed).unwrap().unwrap()
}

/// Removes all of them; how many had been changed.
fn remove(sweep: &mut dyn Sweep, swept: &mut Swept) -> u64 {
    let mut changed = 0;
    while !swept.is_empty() {
        changed += sweep.remove(swept).unwrap();
    }
    changed
}

/// Ends it in good order.
#[track_caller]
fn end(sweep: Box<dyn Sweep + '_>) -> Outcome {
    let (outcome, ended) = sweep.end();
    ended.unwrap();
    outcome
}

/// The ids that it says it has removed, sorted.
fn removed(outcome: &Outcome) -> Vec<String> {
    let mut ids: Vec<String> = outcome.removed.iter().map(|it| it.id.to_string()).collect();
    ids.sort();
    ids
}

#[test]
fn it_gives_what_goes_and_removes_it() {
    for (_place, mut repository, other) in places(5) {
        let sql = "UPDATE video_generation_jobs SET status = 'queued' WHERE id = ?1";
        other.execute(sql, [id(2)]).unwrap();
        let mut sweep = repository.begin_sweep(TERMS).unwrap();
        let mut swept = look_on(sweep.as_mut());
        let found: Vec<String> = swept.jobs().map(|job| job.id().to_string()).collect();
        assert_eq!(found, [0, 1, 3, 4].map(id));
        assert_eq!(
            swept.jobs().next(),
            Some(&job(0).with(Column::Status, "failed"))
        );
        assert_eq!(ids(&other).len(), 5);
        assert_eq!(sweep.still_stand(&mut swept).unwrap(), 0);
        assert_eq!(remove(sweep.as_mut(), &mut swept), 0);
        assert!(sweep.look_on(MUCH, &mut failed).unwrap().is_none());
        let outcome = end(sweep);
        assert_eq!(removed(&outcome), [0, 1, 3, 4].map(id));
        assert_eq!(ids(&other), [id(2)]);
    }
}

/// What the service adds meanwhile is not in what was read, and so would not be in an archive.
#[test]
fn a_column_that_comes_meanwhile_keeps_its_rows() {
    for (_place, mut repository, other) in places(3) {
        for column in ["owner", "note DEFAULT 5"] {
            let mut sweep = repository.begin_sweep(TERMS).unwrap();
            let mut swept = look_on(sweep.as_mut());
            let sql = format!("ALTER TABLE video_generation_jobs ADD COLUMN {column}");
            other.execute_batch(&sql).unwrap();
            assert_eq!(remove(sweep.as_mut(), &mut swept), 3);
            end(sweep);
        }
        let mut sweep = repository.begin_sweep(TERMS).unwrap();
        let mut swept = look_on(sweep.as_mut());
        let sql = "UPDATE video_generation_jobs SET owner = 'me' WHERE id = ?1";
        other.execute(sql, [id(1)]).unwrap();
        assert_eq!(sweep.still_stand(&mut swept).unwrap(), 1);
        assert_eq!(swept.jobs().next().unwrap().others().len(), 2);
        assert_eq!(remove(sweep.as_mut(), &mut swept), 0);
        end(sweep);
        assert_eq!(ids(&other), [id(1)]);
    }
}

#[test]
fn the_place_is_free_between_reading_and_removing_and_after_a_pause() {
    for (_place, mut repository, other) in places(3) {
        let free = |when: &str| {
            let written = other.execute_batch("BEGIN EXCLUSIVE; ROLLBACK");
            written.unwrap_or_else(|error| panic!("{when}: {error}"));
        };
        let mut sweep = repository.begin_sweep(TERMS).unwrap();
        free("begun");
        let mut swept = look_on(sweep.as_mut());
        free("read");
        sweep.still_stand(&mut swept).unwrap();
        free("looked at again");
        remove(sweep.as_mut(), &mut swept);
        sweep.pause().unwrap();
        free("paused");
        assert_eq!(ids(&other), [""; 0]);
        end(sweep);
        free("ended");
    }
}

/// What others do to job 1 after it was read; it stays as they left it, and 0 and 2 go.
#[track_caller]
fn a_job_that_this_was_done_to_stays(sql: &str) {
    for looks_again in [false, true] {
        for (place, mut repository, other) in places(3) {
            let mut sweep = repository.begin_sweep(TERMS).unwrap();
            let mut swept = look_on(sweep.as_mut());
            let sql = sql.replace("$ID", &id(1));
            other.execute_batch(&sql).unwrap();
            let mut reader = place.open(Access::Read);
            let kept = reader.find(&[job(1).id()], ColumnSet::ALL).unwrap();
            let mut changed = 0;
            if looks_again {
                changed += sweep.still_stand(&mut swept).unwrap();
                assert_eq!(changed, 1, "{sql}");
            }
            changed += remove(sweep.as_mut(), &mut swept);
            let outcome = end(sweep);
            assert_eq!(changed, 1, "{sql}");
            assert_eq!(removed(&outcome), [0, 2].map(id), "{sql}");
            let now = repository.find(&[job(1).id()], ColumnSet::ALL).unwrap();
            assert_eq!(now, kept, "{sql}");
            let left = ids(&other).len();
            assert_eq!(left, usize::from(kept[0].is_some()), "{sql}");
        }
    }
}

#[test]
fn a_job_whose_status_was_changed_stays() {
    a_job_that_this_was_done_to_stays(
        "UPDATE video_generation_jobs SET status = 'queued' WHERE id = '$ID'",
    );
}

#[test]
fn a_job_of_which_any_column_was_changed_stays() {
    for column in Column::ALL {
        if !matches!(column, Column::Id | Column::Status) {
            let column = column.name();
            a_job_that_this_was_done_to_stays(&format!(
                "UPDATE video_generation_jobs SET {column} = 'other' WHERE id = '$ID'"
            ));
        }
    }
}

#[test]
fn a_job_of_which_a_value_changed_its_kind_alone_stays() {
    for (first, then) in [
        ("context = NULL", "context = 'null'"),
        ("content = 'a'", "content = x'61'"),
        ("content = CAST(x'ff' AS TEXT)", "content = x'ff'"),
        ("content = 'a'", "content = 'A'"),
        ("content = 'a'", "content = 'a '"),
        ("content = 'a'", "content = 'a' || char(0)"),
        ("content = ''", "content = NULL"),
    ] {
        for (_place, mut repository, other) in places(1) {
            let set = |what| {
                let sql = format!("UPDATE video_generation_jobs SET {what}");
                other.execute_batch(&sql).unwrap();
            };
            set(first);
            let mut sweep = repository.begin_sweep(TERMS).unwrap();
            let mut swept = look_on(sweep.as_mut());
            set(then);
            let changed = remove(sweep.as_mut(), &mut swept);
            end(sweep);
            assert_eq!(changed, 1, "{first}, {then}");
            assert_eq!(ids(&other), [id(0)], "{first}, {then}");
        }
    }
}

#[test]
fn a_job_that_others_removed_is_none_that_it_removed() {
    a_job_that_this_was_done_to_stays("DELETE FROM video_generation_jobs WHERE id = '$ID'");
}

#[test]
fn a_job_that_was_removed_and_made_again_stays() {
    a_job_that_this_was_done_to_stays(
        "DELETE FROM video_generation_jobs WHERE id = '$ID';
         INSERT INTO video_generation_jobs (id, job_type, status) VALUES ('$ID', 'idea2video', 'queued')",
    );
}

#[test]
fn a_job_that_was_removed_and_made_again_in_its_old_state_stays() {
    a_job_that_this_was_done_to_stays(
        "REPLACE INTO video_generation_jobs (id, job_type, status, content) VALUES ('$ID', 'idea2video', 'failed', 'new')",
    );
}

#[test]
fn a_job_that_took_the_place_of_another_stays() {
    for (_place, mut repository, other) in places(3) {
        let mut sweep = repository.begin_sweep(TERMS).unwrap();
        let mut swept = look_on(sweep.as_mut());
        // The row of the last one is given to the next that comes.
        let sql = format!(
            "DELETE FROM video_generation_jobs WHERE id = '{}';
             INSERT INTO video_generation_jobs (id, job_type, status) VALUES ('new', 'idea2video', 'failed')",
            id(2)
        );
        other.execute_batch(&sql).unwrap();
        remove(sweep.as_mut(), &mut swept);
        let outcome = end(sweep);
        assert_eq!(removed(&outcome), [0, 1].map(id));
        assert_eq!(ids(&other), ["new"]);
    }
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
fn a_job_that_came_after_the_beginning_is_left() {
    for (_place, mut repository, other) in places(3) {
        let mut sweep = repository.begin_sweep(TERMS).unwrap();
        let sql = "INSERT INTO video_generation_jobs (id, job_type, status) VALUES ('new', 'idea2video', 'failed')";
        other.execute_batch(sql).unwrap();
        while let Some(mut swept) = sweep.look_on(MUCH, &mut failed).unwrap() {
            remove(sweep.as_mut(), &mut swept);
        }
        end(sweep);
        assert_eq!(ids(&other), ["new"]);
    }
}

#[test]
fn a_sweep_goes_on_page_after_page_to_the_end() {
    for (_place, mut repository, other) in places(3_000) {
        let sql = "UPDATE video_generation_jobs SET content = hex(randomblob(500)), status = CASE WHEN rowid % 3 THEN 'failed' ELSE 'queued' END";
        other.execute_batch(sql).unwrap();
        let mut sweep = repository.begin_sweep(TERMS).unwrap();
        let mut pages = 0;
        while let Some(mut swept) = sweep.look_on(100_000, &mut failed).unwrap() {
            pages += 1;
            let bytes: usize = swept.len() * 1_000;
            assert!(bytes < 400_000, "{} rows at once", swept.len());
            assert_eq!(remove(sweep.as_mut(), &mut swept), 0);
        }
        let outcome = end(sweep);
        assert!(pages > 5, "{pages}");
        assert_eq!(ids(&other).len(), 1_000);
        assert_eq!(outcome.removed.len(), 2_000);
    }
}

/// What it says it has removed is gone, and nothing else is.
#[track_caller]
fn what_was_told_is_gone(outcome: &Outcome, other: &Connection, before: &[String]) {
    let told = removed(outcome);
    let left = ids(other);
    let gone: Vec<&String> = before.iter().filter(|id| !left.contains(id)).collect();
    assert_eq!(gone, told.iter().collect::<Vec<_>>());
}

#[test]
fn what_the_table_keeps_is_not_removed_and_stops_nothing() {
    for (_place, mut repository, other) in places(20) {
        let sql = format!(
            "CREATE TRIGGER no BEFORE DELETE ON video_generation_jobs WHEN old.id = '{}' BEGIN SELECT raise(ABORT, 'no'); END",
            id(11)
        );
        other.execute_batch(&sql).unwrap();
        let before = ids(&other);
        let mut sweep = repository.begin_sweep(TERMS).unwrap();
        let mut swept = look_on(sweep.as_mut());
        while !swept.is_empty() {
            assert_eq!(remove(sweep.as_mut(), &mut swept), 0);
        }
        let outcome = end(sweep);
        let kept = &outcome.kept;
        assert_eq!(kept.len(), 1, "{kept:?}");
        assert_eq!(ids(&other), [id(11)]);
        what_was_told_is_gone(&outcome, &other, &before);
    }
}

/// Of an error that is no rule's answer.
#[test]
fn what_an_error_stopped_is_not_removed() {
    for (_place, mut repository, other) in places(20) {
        let sql = format!(
            "CREATE TRIGGER no BEFORE DELETE ON video_generation_jobs WHEN old.id = '{}' BEGIN SELECT abs(-9223372036854775807 - 1); END",
            id(11)
        );
        other.execute_batch(&sql).unwrap();
        let before = ids(&other);
        let mut sweep = repository.begin_sweep(TERMS).unwrap();
        let mut swept = look_on(sweep.as_mut());
        let mut result = Ok(0);
        while result.is_ok() && !swept.is_empty() {
            result = sweep.remove(&mut swept);
        }
        assert!(result.is_err());
        let outcome = sweep.take_outcome();
        drop(sweep);
        what_was_told_is_gone(&outcome, &other, &before);
    }
}

#[test]
fn what_a_lock_stopped_is_not_removed() {
    for (_place, mut repository, other) in places(20) {
        let before = ids(&other);
        let mut sweep = repository.begin_sweep(TERMS).unwrap();
        let mut swept = look_on(sweep.as_mut());
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        let error = sweep.remove(&mut swept).unwrap_err();
        assert!(matches!(error, Error::Locked { .. }), "{error:?}");
        other.execute_batch("ROLLBACK").unwrap();
        let outcome = sweep.take_outcome();
        drop(sweep);
        what_was_told_is_gone(&outcome, &other, &before);
        assert_eq!(ids(&other).len(), 20);
    }
}

#[test]
fn a_reader_that_stops_the_commit_takes_nothing_away() {
    // In WAL a reader stops nobody.
    let [_, (_place, mut repository, other)] = places(20);
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
    what_was_told_is_gone(&outcome, &other, &before);
}

#[test]
fn a_sweep_that_is_dropped_keeps_what_it_did_not_tell() {
    for (_place, mut repository, other) in places(20) {
        let before = ids(&other);
        let mut sweep = repository.begin_sweep(TERMS).unwrap();
        let mut swept = look_on(sweep.as_mut());
        sweep.remove(&mut swept).unwrap();
        let outcome = sweep.take_outcome();
        drop(sweep);
        what_was_told_is_gone(&outcome, &other, &before);
    }
}

#[test]
fn a_claim_keeps_others_of_its_kind_away_as_long_as_it_is_held() {
    for (place, mut repository, _other) in places(1) {
        let access = Access::Write;
        let mut second = place.open(access);
        repository
            .claim("cleanup", Duration::ZERO, &|| false)
            .unwrap();
        for wait in [0, 30] {
            let error = second.claim("cleanup", Duration::from_millis(wait), &|| false);
            let error = error.unwrap_err();
            assert!(matches!(error, Error::Running { .. }), "{error:?}");
        }
        drop(repository);
        second.claim("cleanup", Duration::ZERO, &|| false).unwrap();
    }
}

#[test]
fn it_misses_no_job_when_the_file_is_written_anew_between_two_pages() {
    for (_place, mut repository, other) in places(1_000) {
        let sql = "UPDATE video_generation_jobs SET content = hex(randomblob(500)), status = iif(rowid % 2, 'failed', 'queued')";
        other.execute_batch(sql).unwrap();
        let mut sweep = repository.begin_sweep(TERMS).unwrap();
        let mut swept = sweep.look_on(100_000, &mut failed).unwrap().unwrap();
        remove(sweep.as_mut(), &mut swept);
        sweep.pause().unwrap();
        other
            .execute_batch("DELETE FROM video_generation_jobs WHERE rowid < 100; VACUUM")
            .unwrap();
        while let Some(mut swept) = sweep.look_on(100_000, &mut failed).unwrap() {
            remove(sweep.as_mut(), &mut swept);
        }
        end(sweep);
        let sql = "SELECT group_concat(status || ' ' || n) FROM (SELECT status, count(*) AS n FROM video_generation_jobs GROUP BY status)";
        let left: String = other.query_row(sql, [], |row| row.get(0)).unwrap();
        assert_eq!(left, "queued 451");
    }
}
