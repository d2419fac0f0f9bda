//! The fixtures: for each check a file in which it alone finds something.

use std::fs::{self, OpenOptions, Permissions};
use std::os::unix::fs::{FileExt as _, PermissionsExt as _};
use std::process::Command;

use rusqlite::Connection;

use super::{clean, of_service};
use crate::locks::full::after;
use crate::machine::{is_root, skipped};
use crate::support::{A, B, Output, Run, Sandbox};

/// A file with one fault.
pub struct Fixture {
    pub check: &'static str,
    pub sandbox: Sandbox,
    /// What must live as long as the fault.
    _held: Option<Connection>,
    /// Variables of the run.
    env: Vec<(&'static str, String)>,
    /// What a shell does before the run.
    before: Option<String>,
}

impl Fixture {
    fn of(check: &'static str, sandbox: Sandbox) -> Fixture {
        Fixture {
            check,
            sandbox,
            _held: None,
            env: Vec::new(),
            before: None,
        }
    }

    /// A change to the clean file.
    fn sql(check: &'static str, sql: &str) -> Fixture {
        let sandbox = clean();
        let sql = sql.replace("$A", A).replace("$B", B);
        sandbox.sql(&sql);
        Fixture::of(check, sandbox)
    }

    fn env(mut self, name: &'static str, value: impl Into<String>) -> Fixture {
        self.env.push((name, value.into()));
        self
    }

    pub fn run(&self, args: &str) -> Output {
        let run = self.sandbox.jobctl(format!("doctor {args}"));
        let run = self
            .env
            .iter()
            .fold(run, |run, (name, value)| run.env(name, value));
        match &self.before {
            Some(before) => after(before, run),
            None => Run::run(run),
        }
    }
}

const JOBS: &str = "video_generation_jobs";

/// A job column set to something in the first job.
fn set(check: &'static str, column: &str, value: &str) -> Fixture {
    Fixture::sql(
        check,
        &format!("UPDATE {JOBS} SET {column} = {value} WHERE id = '$A'"),
    )
}

fn two_databases() -> Fixture {
    let sandbox = clean();
    fs::copy(sandbox.db(), sandbox.path("service.db")).unwrap();
    Fixture::of("two-databases", sandbox).env("DATABASE_URL", "sqlite:///./service.db")
}

fn two_spellings() -> Fixture {
    let sandbox = clean();
    std::os::unix::fs::symlink(sandbox.db(), sandbox.path("link.db")).unwrap();
    Fixture::of("two-spellings", sandbox).env("DATABASE_URL", "sqlite:///link.db")
}

fn two_names() -> Fixture {
    let sandbox = clean();
    fs::hard_link(sandbox.db(), sandbox.path("second.db")).unwrap();
    Fixture::of("two-names", sandbox)
}

fn network_files() -> Fixture {
    let sandbox = clean();
    let folder = fs::canonicalize(sandbox.path("")).unwrap();
    let list = format!(
        "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n36 22 0:40 / {} rw,noatime - nfs4 server:/srv rw\n",
        folder.to_str().unwrap()
    );
    let list = sandbox.write("mounts", list);
    Fixture::of("network-files", sandbox).env("JOBCTL_TEST_MOUNTS", list.to_str().unwrap())
}

fn permissions() -> Fixture {
    let sandbox = clean();
    fs::set_permissions(sandbox.db(), Permissions::from_mode(0o666)).unwrap();
    Fixture::of("permissions", sandbox)
}

fn owners() -> Fixture {
    let sandbox = clean();
    let journal = sandbox.write("jobs.db-journal", [0; 512]);
    fs::set_permissions(journal, Permissions::from_mode(0o400)).unwrap();
    Fixture::of("owners", sandbox)
}

fn disk_space() -> Option<Fixture> {
    let possible = Command::new("unshare").args(["--mount", "true"]).output();
    if !is_root() || !possible.is_ok_and(|it| it.status.success()) {
        skipped("nothing can be mounted here");
        return None;
    }
    let sandbox = clean();
    fs::create_dir(sandbox.path("small")).unwrap();
    let shell = "exec unshare --mount sh -c 'mount -t tmpfs -o size=2m,mode=700 none small && cp jobs.db small/ || exit 99; exec \"$0\" \"$@\"' \"$0\" \"$@\"";
    let mut fixture = Fixture::of("disk-space", sandbox).env("JOBCTL_DB", "small/jobs.db");
    fixture.before = Some(shell.to_owned());
    Some(fixture)
}

/// A copy of a file and its journal in the middle of a write.
fn hot_journal() -> Fixture {
    let writing = clean();
    let connection = writing.connection();
    connection.pragma_update(None, "cache_size", 2).unwrap();
    let fill = format!(
        "BEGIN; WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200)
         INSERT INTO {JOBS} (id, job_type, content) SELECT i, 'x', hex(zeroblob(500)) FROM n;
         UPDATE {JOBS} SET project_title = 'half done'"
    );
    connection.execute_batch(&fill).unwrap();
    let sandbox = Sandbox::new();
    for name in ["jobs.db", "jobs.db-journal"] {
        let copied = Command::new("cp")
            .args([writing.path(name), sandbox.path(name)])
            .status();
        assert!(copied.unwrap().success());
    }
    Fixture::of("hot-journal", sandbox)
}

fn log_size() -> Fixture {
    let sandbox = clean();
    sandbox.ask("PRAGMA journal_mode = WAL");
    let log = fs::File::create(sandbox.path("jobs.db-wal")).unwrap();
    log.set_len(80 << 20).unwrap();
    Fixture::of("log-size", sandbox)
}

fn locks() -> Fixture {
    let sandbox = clean();
    let connection = sandbox.connection();
    connection.execute_batch("BEGIN IMMEDIATE").unwrap();
    let mut fixture = Fixture::of("locks", sandbox);
    fixture._held = Some(connection);
    fixture
}

/// The first page is there, and the schema that it should hold is not.
fn unreadable() -> Fixture {
    let sandbox = clean();
    overwrite(&sandbox, 100, &[0xff; 400]);
    Fixture::of("unreadable", sandbox)
}

fn integrity() -> Fixture {
    let sandbox = clean();
    let page = sandbox.ask("SELECT rootpage FROM sqlite_schema WHERE name = 'idx_job_type'");
    let page: u64 = page.parse().unwrap();
    overwrite(&sandbox, (page - 1) * 4096, &[0xff; 64]);
    Fixture::of("integrity", sandbox)
}

fn overwrite(sandbox: &Sandbox, at: u64, bytes: &[u8]) {
    let file = OpenOptions::new().write(true).open(sandbox.db()).unwrap();
    file.write_all_at(bytes, at).unwrap();
}

fn column_types() -> Fixture {
    let sandbox = Sandbox::new();
    let sql = crate::support::REPORT_SQL.replace("progress FLOAT", "progress VARCHAR(10)");
    sandbox.sql(&sql);
    Fixture::of("column-types", sandbox)
}

fn statistics() -> Fixture {
    let sandbox = clean();
    many(&sandbox);
    sandbox.sql(&format!(
        "CREATE INDEX jobctl_status_created ON {JOBS}(status, created_at)"
    ));
    Fixture::of("statistics", sandbox)
}

/// 10,000 jobs that completed an hour ago.
pub fn many(sandbox: &Sandbox) {
    sandbox.sql(&format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
         INSERT INTO {JOBS} (id, job_type, status, progress, created_at, updated_at, completed_at)
         SELECT printf('%08x-0000-4000-8000-000000000000', i), 'idea2video', 'completed', 100.0,
         '2026-01-15 11:00:00.000000', '2026-01-15 11:00:00.000000', '2026-01-15 11:00:00.000000' FROM n"
    ));
}

/// What a run kept, without the run.
fn own_tables() -> Fixture {
    let sandbox = clean();
    sandbox.jobctl("update $A --title New").run().ok();
    sandbox.sql("DELETE FROM jobctl_run");
    Fixture::of("own-tables", sandbox)
}

fn dangling_parent() -> Fixture {
    let sandbox = clean();
    sandbox.sql("CREATE TABLE series (id PRIMARY KEY); CREATE TABLE episodes (id PRIMARY KEY);");
    sandbox.sql(&format!(
        "UPDATE {JOBS} SET series_id = 'gone' WHERE id = '{A}'"
    ));
    Fixture::of("dangling-parent", sandbox)
}

/// One for each check; those that need what this machine lacks are left out, aloud.
pub fn all() -> Vec<Fixture> {
    let mut all = vec![
        two_databases(),
        two_spellings(),
        two_names(),
        network_files(),
        permissions(),
        owners(),
        hot_journal(),
        log_size(),
        locks(),
        unreadable(),
        integrity(),
        Fixture::sql(
            "missing-columns",
            &format!("ALTER TABLE {JOBS} RENAME COLUMN current_stage TO stage"),
        ),
        column_types(),
        Fixture::sql(
            "extra-columns",
            &format!("ALTER TABLE {JOBS} ADD COLUMN priority INTEGER"),
        ),
        Fixture::of("missing-index", of_service()),
        statistics(),
        Fixture::sql(
            "free-pages",
            "CREATE TABLE t (b); INSERT INTO t VALUES (zeroblob(20000000)); DROP TABLE t",
        ),
        own_tables(),
        set("null-id", "id", "NULL"),
        set("odd-id", "id", "'job-17'"),
        set("unknown-status", "status", "'Done'"),
        set("bad-json", "result_data", "'{\"video\": '"),
        set("broken-text", "project_title", "CAST(x'ff41' AS TEXT)"),
        set("unreadable-time", "completed_at", "'14 Jan 2026'"),
        set(
            "future-time",
            "completed_at",
            "'2062-01-14 10:20:00.000000'",
        ),
        set("clock", "updated_at", "'2026-01-15 15:30:00.000000'"),
        set("time-spelling", "completed_at", "'2026-01-14T10:20:00Z'"),
        set("missing-completed-at", "completed_at", "NULL"),
        set("progress-range", "progress", "140"),
        set("shot-counts", "completed_shots", "9"),
        dangling_parent(),
        Fixture::sql(
            "stale-queued",
            &format!("UPDATE {JOBS} SET updated_at = '2026-01-10 00:00:00.000000' WHERE id = '$B'"),
        ),
        Fixture::sql(
            "stale-processing",
            &format!(
                "UPDATE {JOBS} SET status = 'processing', updated_at = '2026-01-10 00:00:00.000000' WHERE id = '$B'"
            ),
        ),
    ];
    all.extend(disk_space());
    all
}
