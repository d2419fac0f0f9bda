//! `kill -9` at moments that nobody chose. Each job is then in the table, in the archive or in both; a folder is gone only where
//! its job is in the archive; and the next run comes to the same end as one that nobody disturbed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::time::{Duration, Instant};

use super::{DAYS_100, cleanup};
use crate::locks::is_sound;
use crate::migrate::running::{Running, impatient, seen};
use crate::support::Sandbox;

const JOBS: usize = 2_000;
const ARCHIVE: &str = "old.jsonl.zst";
const ARGS: &str = "--older-than 30d --archive old.jsonl.zst --files-under service --reclaim --yes";

/// Somebody's trigger, which makes each job take its time to go: one transaction does not hold all of them.
const SLOW: &str = "CREATE TRIGGER slow AFTER DELETE ON video_generation_jobs
BEGIN SELECT count(*) FROM (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) SELECT i FROM n); END";

/// Every fourth job stays.
fn goes(n: usize) -> bool {
    !n.is_multiple_of(4)
}

/// Some of those that go, and some of those that stay.
fn has_folder(n: usize) -> bool {
    n % 20 == 1 || n.is_multiple_of(80)
}

fn id(n: usize) -> String {
    format!("{n:08x}-0000-4000-8000-000000000000")
}

fn number(id: &str) -> usize {
    usize::from_str_radix(&id[..8], 16).unwrap()
}

fn folder(sandbox: &Sandbox, n: usize) -> std::path::PathBuf {
    sandbox.path(format!("service/w/{}", id(n)))
}

/// The service's file and its folders.
fn ground(mode: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.sql(&format!(
        "PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = {mode}; {}
         WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {JOBS} - 1)
         INSERT INTO video_generation_jobs (id, job_type, status, content, completed_at, working_dir)
         SELECT printf('%08x-0000-4000-8000-000000000000', i), 'idea2video', iif(i % 4, 'failed', 'queued'),
         hex(i * 1234567) || hex(randomblob(300)), '{DAYS_100}',
         iif(i % 20 = 1 OR i % 80 = 0, 'w/' || printf('%08x-0000-4000-8000-000000000000', i), NULL) FROM n",
        crate::support::REPORT_SQL
    ));
    for n in (0..JOBS).filter(|n| has_folder(*n)) {
        let folder = folder(&sandbox, n);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("video.mp4"), "a video").unwrap();
    }
    sandbox
}

/// The content of each job that a reader finds whole in the archive, however the file ends.
fn archived(sandbox: &Sandbox) -> BTreeMap<usize, String> {
    let mut bytes = Vec::new();
    if let Ok(file) = fs::File::open(sandbox.path(ARCHIVE)) {
        let mut reader = zstd::Decoder::new(file).unwrap();
        let mut part = [0; 4096];
        while let Ok(length @ 1..) = reader.read(&mut part) {
            bytes.extend_from_slice(&part[..length]);
        }
    }
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').unwrap_or(0);
    let text = String::from_utf8(bytes[..whole].to_vec()).unwrap();
    text.lines()
        .map(|line| {
            let row: serde_json::Value = serde_json::from_str(line).unwrap();
            let id = row["id"].as_str().unwrap();
            (number(id), row["content"].as_str().unwrap().to_owned())
        })
        .collect()
}

/// The content of each job in the table.
fn table(sandbox: &Sandbox) -> BTreeMap<usize, String> {
    let connection = sandbox.connection();
    let mut statement = connection
        .prepare("SELECT id, content FROM video_generation_jobs")
        .unwrap();
    let rows = statement.query_map([], |row| {
        Ok((number(&row.get::<_, String>(0)?), row.get(1)?))
    });
    rows.unwrap().map(Result::unwrap).collect()
}

/// What lies in the folder of the test.
fn names(sandbox: &Sandbox) -> BTreeSet<String> {
    let entries = fs::read_dir(sandbox.path("")).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        // The torn end of an archive, which is moved away.
        .filter(|name| !name.contains(".damaged-"))
        .collect()
}

/// The folders that are whole.
fn folders(sandbox: &Sandbox) -> BTreeSet<usize> {
    (0..JOBS)
        .filter(|n| folder(sandbox, *n).join("video.mp4").exists())
        .collect()
}

/// When it is killed.
#[derive(Clone, Copy, Debug)]
enum Moment {
    /// After so many millionths of the time that an undisturbed run took.
    Time(u64),
    /// When so many thousandths of the archive are there, and so many microseconds later.
    Archive(u64, u64),
    /// When so many thousandths of the folders are gone, and so many microseconds later.
    Folders(u64, u64),
    /// As soon as another program sees that a transaction is in.
    Transaction,
}

/// Numbers of no pattern; the same in every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }

    fn moment(&mut self) -> Moment {
        match self.below(3) {
            0 => Moment::Time(self.below(1_000_000)),
            1 => Moment::Archive(self.below(1_000), self.below(3_000)),
            _ => Moment::Folders(self.below(1_000), self.below(3_000)),
        }
    }
}

/// What an undisturbed run takes and leaves.
struct Whole {
    time: Duration,
    archive: u64,
    names: BTreeSet<String>,
}

fn size(path: &Path) -> u64 {
    path.metadata().map_or(0, |it| it.len())
}

#[track_caller]
fn is_finished(sandbox: &Sandbox, before: &BTreeMap<usize, String>, what: &str) {
    is_sound(sandbox);
    let left = table(sandbox);
    assert!(left.keys().all(|n| !goes(*n)), "{what}: jobs are left");
    assert_eq!(left.len(), JOBS / 4, "{what}");
    let archived = archived(sandbox);
    assert_eq!(archived.len(), JOBS - JOBS / 4, "{what}");
    for (n, content) in before {
        let now = if goes(*n) {
            archived.get(n)
        } else {
            left.get(n)
        };
        assert!(now == Some(content), "{what}: job {n} is another");
    }
    let folders = folders(sandbox);
    let expected: BTreeSet<usize> = (0..JOBS).filter(|n| has_folder(*n) && !goes(*n)).collect();
    assert_eq!(folders, expected, "{what}");
    let there = fs::read_dir(sandbox.path("service/w")).unwrap().count();
    assert_eq!(there, expected.len(), "{what}: empty folders are left");
}

fn whole(mode: &str, slow: &str) -> Whole {
    let sandbox = ground(mode);
    let before = table(&sandbox);
    sandbox.sql(slow);
    let start = Instant::now();
    cleanup(&sandbox, ARGS).ok();
    let time = start.elapsed();
    is_finished(&sandbox, &before, "undisturbed");
    Whole {
        time,
        archive: size(&sandbox.path(ARCHIVE)),
        names: names(&sandbox),
    }
}

/// Waits for its moment, or for its end.
fn await_moment(sandbox: &Sandbox, running: &mut Running, moment: Moment, whole: &Whole) {
    let archive = sandbox.path(ARCHIVE);
    let going: Vec<usize> = (0..JOBS).filter(|n| has_folder(*n) && goes(*n)).collect();
    let later = match moment {
        Moment::Time(millionths) => {
            let time = u64::try_from(whole.time.as_micros()).unwrap();
            time * millionths / 1_000_000
        }
        Moment::Archive(thousandths, later) => {
            while size(&archive) < whole.archive * thousandths / 1_000 && !running.has_ended() {
                std::thread::sleep(Duration::from_micros(50));
            }
            later
        }
        Moment::Folders(thousandths, later) => {
            let at = going[going.len() * usize::try_from(thousandths).unwrap() / 1_000];
            while folder(sandbox, at).exists() && !running.has_ended() {
                std::thread::sleep(Duration::from_micros(50));
            }
            later
        }
        Moment::Transaction => {
            let other = impatient(sandbox);
            while [0, JOBS as i64].contains(&seen(&other)) && !running.has_ended() {
                std::thread::sleep(Duration::from_micros(50));
            }
            0
        }
    };
    std::thread::sleep(Duration::from_micros(later));
}

#[track_caller]
fn is_killed_at(moments: usize, seed: u64, mode: &str, slow: &str) {
    let whole = whole(mode, slow);
    let mut chance = Chance(seed);
    let mut parts = 0;
    let several = !slow.is_empty();
    // On a machine that is busy a run may be over before it is killed, so that one more is tried.
    let more = |place, parts| several && parts == 0 && place < moments + 20;
    let mut place = 0;
    while place < moments || more(place, parts) {
        let moment = match place % 4 {
            0 if several => Moment::Transaction,
            _ if place >= moments => Moment::Transaction,
            _ => chance.moment(),
        };
        place += 1;
        let what = format!("seed {seed}, {mode}, {moment:?}");
        let sandbox = ground(mode);
        let before = table(&sandbox);
        sandbox.sql(slow);
        let run = sandbox.jobctl(("cleanup", ARGS)).arg("-q");
        let mut running = Running::start(run);
        await_moment(&sandbox, &mut running, moment, &whole);
        running.kill();

        let archived = archived(&sandbox);
        is_sound(&sandbox);
        let left = table(&sandbox);
        for (n, content) in &before {
            let in_table = left.get(n);
            let in_archive = archived.get(n);
            assert!(in_table.or(in_archive).is_some(), "{what}: job {n} is lost");
            for now in [in_table, in_archive].into_iter().flatten() {
                assert!(now == content, "{what}: job {n} is another");
            }
            assert!(
                goes(*n) || in_archive.is_none(),
                "{what}: job {n} was to stay"
            );
        }
        let folders = folders(&sandbox);
        for n in (0..JOBS).filter(|n| has_folder(*n)) {
            let may_be_gone = archived.contains_key(&n);
            assert!(
                folders.contains(&n) || may_be_gone,
                "{what}: the folder of job {n} is gone"
            );
        }
        parts += usize::from((JOBS / 4 + 1..JOBS).contains(&left.len()));

        sandbox.sql("DROP TRIGGER IF EXISTS slow");
        cleanup(&sandbox, ARGS).ok();
        is_finished(&sandbox, &before, &what);
        assert_eq!(names(&sandbox), whole.names, "{what}");
        assert_eq!(sandbox.ask("PRAGMA journal_mode"), mode, "{what}");
    }
    assert!(
        parts > 0 || !several,
        "none was killed between two transactions"
    );
}

#[test]
fn it_is_killed_at_13_moments() {
    is_killed_at(13, 1, "delete", "");
}

#[test]
fn it_is_killed_at_13_moments_in_wal() {
    is_killed_at(13, 2, "wal", "");
}

#[test]
fn it_is_killed_at_12_moments_of_several_transactions() {
    is_killed_at(12, 3, "delete", SLOW);
}

#[test]
fn it_is_killed_at_12_moments_of_several_transactions_in_wal() {
    is_killed_at(12, 4, "wal", SLOW);
}

#[test]
fn an_archive_of_two_killed_runs_comes_back_with_each_job_once() {
    let sandbox = ground("delete");
    let cells = || crate::export::cells(&sandbox.connection());
    let mut before = cells();
    let archive = sandbox.path(ARCHIVE);
    let mut most = 0;
    for style in ["first", "second"] {
        // Others than the run before had put there, which would not be written once more.
        sandbox.sql(&format!(
            "UPDATE video_generation_jobs SET style = '{style}'"
        ));
        let now = cells();
        before.retain(|gone| now.iter().all(|row| row[0] != gone[0]));
        before.extend(now);
        let run = sandbox.jobctl(("cleanup", ARGS));
        let mut running = Running::start(run);
        running.until("it writes", || size(&archive) > most);
        running.kill();
        most = size(&archive);
    }
    before.sort();
    cleanup(&sandbox, ARGS).ok();
    let run = sandbox
        .jobctl(["migrate", ARCHIVE, "-o", "json"])
        .run()
        .ok();
    assert_eq!(run.json()["inserted"], JOBS - JOBS / 4, "{run}");
    let mut after = cells();
    after.sort();
    assert!(after == before);
}
