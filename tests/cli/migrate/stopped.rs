//! An import that is killed at many moments: the file is sound, every row in it is whole, and a second run completes it. A file that
//! was not there is then still not there, or whole.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use rusqlite::types::Value;

use super::running::{Ground, Running, files, impatient, rows, seen, temporary};
use crate::locks::cut_short::SLOW;
use crate::locks::is_sound;
use crate::support::Sandbox;

/// Few and long: more than is read ahead of the rows that are in.
const RECORDS: usize = 400;

/// JSON Lines.
fn text() -> Vec<u8> {
    let content = "A cat crosses the road at night. ".repeat(370);
    let line = |n: usize| {
        format!(
            "{{\"job_id\": \"{n:08x}-0000-4000-8000-000000000000\", \"mode\": \"idea\", \"status\": \"failed\", \"content\": \"{content}{n}\", \
             \"odd\": {n}, \"created_at\": \"2025-12-28T11:30:14\", \"updated_at\": \"2025-12-28T11:52:40.019377\"}}\n"
        )
    };
    let lines: String = (0..RECORDS).map(line).collect();
    lines.into_bytes()
}

/// When it is killed.
#[derive(Clone, Copy, Debug)]
enum Moment {
    /// So many thousandths of the input have been taken.
    Taken(usize),
    /// The number of rows that another program sees.
    Rows(i64),
    /// Another program has been refused so often, because a transaction is under way.
    Writing(usize),
    /// The file that is to be has grown so far.
    Temporary(u64),
    /// It has got all of its input, and has been looked at so often.
    Ending(usize),
    /// The file has got its name.
    Named,
}

/// What a program does that wants to write.
const TRIAL: &str = "BEGIN IMMEDIATE; ROLLBACK";

impl Moment {
    fn is_at_its_end(self) -> bool {
        matches!(self, Moment::Ending(_) | Moment::Named)
    }
}

/// Waits without sleeping: what is waited for is soon over.
#[track_caller]
fn closely(mut condition: impl FnMut() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < Duration::from_secs(60));
        std::thread::yield_now();
    }
}

fn size(path: &Path) -> u64 {
    path.metadata().map_or(0, |it| it.len())
}

/// Runs an import and kills it at this moment; false when it was over before.
fn killed(sandbox: &Sandbox, moment: Moment) -> bool {
    let text = text();
    // Without the end of its input it cannot come to its own.
    let given = if moment.is_at_its_end() {
        text.len()
    } else {
        text.len() / 100 * 96
    };
    let other = sandbox.db().exists().then(|| impatient(sandbox));
    let mut running = Running::start(sandbox.jobctl("migrate - -q"));
    let temporary = sandbox.path(temporary(&running));
    let (taken, feeder) = running.feed_aside(text[..given].to_vec());
    let mut feeder = Some(feeder);
    if moment.is_at_its_end() {
        drop(feeder.take().map(|feeder| feeder.join().unwrap()));
    }
    let rows = || other.as_ref().map_or(0, seen);
    let (mut looks, mut refused) = (0, 0);
    closely(|| {
        let taken = taken.load(Ordering::Relaxed);
        looks += 1;
        match moment {
            Moment::Taken(thousandths) => taken >= text.len() / 1000 * thousandths,
            Moment::Rows(least) => rows() >= least,
            Moment::Writing(most) => {
                let begun = other.as_ref().unwrap().execute_batch(TRIAL);
                refused += usize::from(begun.is_err());
                refused > most || rows() > 250
            }
            Moment::Temporary(least) => taken == given || size(&temporary) > least,
            Moment::Ending(most) => looks > most || running.has_ended(),
            Moment::Named => sandbox.db().exists() || running.has_ended(),
        }
    });
    let killed = running.kill();
    drop(feeder.map(|feeder| feeder.join().unwrap()));
    killed
}

/// What a whole import makes of the ground.
fn whole(ground: Ground) -> BTreeMap<String, Vec<Value>> {
    let sandbox = ground.sandbox();
    finished(&sandbox);
    let rows = rows(&sandbox);
    assert_eq!(rows.len() as i64, RECORDS as i64 + ground.jobs());
    rows
}

/// Imports all of it, and gives the number that was there.
#[track_caller]
fn finished(sandbox: &Sandbox) -> u64 {
    let run = sandbox.jobctl("migrate - -o json").stdin(text());
    let run = run.run().ok();
    let summary = run.json();
    let [read, inserted, updated, skipped, rejected] = super::counts(&summary);
    assert_eq!([read, updated, rejected], [RECORDS as u64, 0, 0], "{run}");
    assert_eq!(inserted + skipped, read, "{run}");
    skipped
}

/// Kills an import into an existing file at each of these moments; there are runs of which a part is in.
#[track_caller]
fn an_existing_file_is_sound(ground: Ground, moments: impl IntoIterator<Item = Moment>) {
    let whole = whole(ground);
    let mut parts = 0;
    for moment in moments {
        let sandbox = ground.sandbox();
        // Rows that take their time, and several transactions with them.
        sandbox.sql(SLOW);
        assert!(killed(&sandbox, moment), "{moment:?}: it was over");
        is_sound(&sandbox);
        sandbox.sql("DROP TRIGGER slow_insert");
        let there = rows(&sandbox);
        for (id, row) in &there {
            assert!(whole[id] == *row, "{moment:?}: {id} is {row:?}");
        }
        let there = there.len() as i64 - ground.jobs();
        parts += i32::from((1..RECORDS as i64).contains(&there));
        assert_eq!(finished(&sandbox) as i64, there, "{moment:?}");
        assert!(rows(&sandbox) == whole, "{moment:?}: it is not complete");
        ground.is_free(&sandbox, &format!(" after {moment:?}"));
    }
    assert!(parts >= 5, "a part was in after {parts} runs alone");
}

fn moments() -> impl Iterator<Item = Moment> {
    let taken = (0..8).map(|n| Moment::Taken(n * 120));
    let rows = (0..6).map(|n| Moment::Rows(2 + n * 50));
    let writing = (0..11).map(|n| Moment::Writing(n * n * n));
    taken.chain(rows).chain(writing)
}

#[test]
fn an_import_that_is_killed_at_25_moments_leaves_a_sound_file() {
    an_existing_file_is_sound(Ground::Service, moments());
}

#[test]
fn an_import_that_is_killed_at_25_moments_leaves_a_sound_file_in_wal() {
    an_existing_file_is_sound(Ground::Wal, moments());
}

/// Kills an import into a file that is not there at each of these moments; gives how often it was there afterwards.
#[track_caller]
fn a_new_file_is_whole_or_not_there(moments: impl IntoIterator<Item = Moment>) -> usize {
    let whole = whole(Ground::Fresh);
    let mut there = 0;
    for moment in moments {
        let sandbox = Sandbox::new();
        let killed = killed(&sandbox, moment);
        assert!(killed || moment.is_at_its_end(), "{moment:?}: it was over");
        if sandbox.db().exists() {
            there += 1;
            assert!(rows(&sandbox) == whole, "{moment:?}: it is not whole");
            is_sound(&sandbox);
            assert_eq!(finished(&sandbox), RECORDS as u64, "{moment:?}");
        } else {
            assert_eq!(finished(&sandbox), 0, "{moment:?}");
        }
        assert!(rows(&sandbox) == whole, "{moment:?}: it is not complete");
        is_sound(&sandbox);
        assert_eq!(files(&sandbox), ["jobs.db"], "{moment:?}");
    }
    there
}

#[test]
fn an_import_into_a_new_file_that_is_killed_at_25_moments_leaves_none() {
    let taken = (0..15).map(|n| Moment::Taken(n * 68));
    let temporary = (0..10).map(|n| Moment::Temporary(n * 400_000));
    let there = a_new_file_is_whole_or_not_there(taken.chain(temporary));
    assert_eq!(there, 0);
}

#[test]
fn an_import_into_a_new_file_that_is_killed_at_25_moments_of_its_end_leaves_a_whole_one_or_none() {
    let ending = (0..20).map(|n| Moment::Ending(1 << n));
    let named = (0..5).map(|_| Moment::Named);
    let there = a_new_file_is_whole_or_not_there(ending.chain(named));
    assert!(there >= 1, "the file never got its name");
}
