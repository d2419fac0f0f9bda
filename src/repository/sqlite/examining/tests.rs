//! A pass that lets go of the file behind every few rows: each row is judged once, and each that is to be fixed is.

use std::path::Path;
use std::time::Duration;

use super::rows;
use crate::job::checkup::{Check, CheckupTerms, Judge, Row, Wanted};
use crate::repository::sqlite::connection::database::Sqlite;
use crate::repository::sqlite::connection::open::open;
use crate::repository::sqlite::connection::turns::Turns;
use crate::repository::{Access, Examination as _, FixTerms, Patience};
use crate::time;

const TABLE_ROWS: i64 = 100;

/// Rows with numbers at both ends of their range.
fn filled(path: &Path, mode: &str) -> Sqlite {
    let patience = Patience::from(Duration::from_secs(60));
    let mut sqlite = open(path, "by a test", Access::Create, &patience).unwrap();
    let sql = format!(
        "PRAGMA journal_mode = {mode}; WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {TABLE_ROWS} - 1)
         INSERT INTO video_generation_jobs (rowid, id, job_type, status, created_at)
         SELECT CASE i WHEN 0 THEN -9223372036854775808 WHEN {TABLE_ROWS} - 1 THEN 9223372036854775807 ELSE i END,
         'job-' || i, 'idea2video', 'queued', '2026-01-01T00:00:00Z' FROM n"
    );
    sqlite.connection.execute_batch(&sql).unwrap();
    sqlite.turns = Turns::shortest();
    sqlite
}

struct SeenIds(Vec<String>);

impl Judge for SeenIds {
    fn judge(&mut self, row: &Row<'_>) {
        self.0.push(row.id().into_owned());
    }
}

fn terms() -> CheckupTerms {
    CheckupTerms {
        now: time::parse_stored("2026-01-15 12:00:00.000000").unwrap(),
        stale: Duration::from_secs(60),
        wanted: Wanted::ALL,
    }
}

#[test]
fn each_row_is_judged_once_in_order() {
    for mode in ["DELETE", "WAL"] {
        let folder = tempfile::tempdir().unwrap();
        let mut sqlite = filled(&folder.path().join("jobs.db"), mode);
        let (mut ids, mut later) = (SeenIds(Vec::new()), SeenIds(Vec::new()));
        let judges: [&mut dyn Judge; 2] = [&mut ids, &mut later];
        let passed = sqlite.examine_rows(&terms(), judges).unwrap();
        let expected: Vec<String> = (0..TABLE_ROWS).map(|i| format!("job-{i}")).collect();
        // Two threads may have done it, each its half of the numbers.
        assert!(later.0.is_empty() || ids.0 == ["job-0"]);
        ids.0.append(&mut later.0);
        assert_eq!(ids.0, expected);
        assert!(passed.damage.is_none() && passed.is_still);
        // A slice by itself is no longer than the file may be held.
        let mut some = SeenIds(Vec::new());
        rows::pass_some(&sqlite, &terms(), &mut some).unwrap();
        assert!(some.0.len() < expected.len() && !some.0.is_empty());
    }
}

#[test]
fn each_row_is_fixed_whatever_its_number() {
    for mode in ["DELETE", "WAL"] {
        let folder = tempfile::tempdir().unwrap();
        let mut sqlite = filled(&folder.path().join("jobs.db"), mode);
        let terms = terms();
        let mut fix = FixTerms {
            check: Check::TimeSpelling,
            terms: &terms,
            dry_run: true,
        };
        let planned = sqlite.fix(fix, &mut || true).unwrap();
        fix.dry_run = false;
        let done = sqlite.fix(fix, &mut || true).unwrap();
        assert_eq!((done.count, done.left), (100, 0));
        assert_eq!(planned, done);
        let sql = "SELECT count(*) FROM video_generation_jobs WHERE created_at = '2026-01-01 00:00:00.000000'";
        let count = sqlite.connection.query_row(sql, [], |row| row.get(0));
        assert_eq!(count, Ok(TABLE_ROWS));
        // What is to stop does so between two transactions.
        let stopped = sqlite.fix(fix, &mut || false).unwrap();
        assert!(stopped.stopped && stopped.count == 0);
    }
}
