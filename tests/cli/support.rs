//! A folder of its own for each test, the binary run in it with a fixed clock, fixed ids, no pager and nothing of the machine's environment,
//! and the file looked at from outside, as the service would. Where the tests run on PostgreSQL, a database is in the file's place.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::thread;

use rusqlite::types::Value;
use rusqlite::{Connection, ToSql};
use tempfile::TempDir;

use crate::args::Args;
pub use crate::args::{A, B, C, D};
use crate::machine;
use crate::postgres::database::{self, Database, StandIn};

/// The clock of every run, unless a test sets another.
pub const NOW: &str = "2026-01-15T12:00:00Z";
/// The same as a stored time.
pub const NOW_STORED: &str = "2026-01-15 12:00:00.000000";
/// The same as the job form writes it.
pub const NOW_JSON: &str = "2026-01-15T12:00:00.000000Z";

/// The columns of the table, in the report's order.
pub const COLUMNS: [&str; 23] = [
    "id",
    "job_type",
    "mode",
    "status",
    "content",
    "user_requirement",
    "style",
    "project_title",
    "request_data",
    "context",
    "progress",
    "current_stage",
    "working_dir",
    "result_data",
    "error_message",
    "total_shots",
    "completed_shots",
    "episode_id",
    "series_id",
    "created_at",
    "updated_at",
    "started_at",
    "completed_at",
];

/// The keys of the job form, in the order of the columns.
pub const KEYS: [&str; 23] = [
    "job_id",
    "job_type",
    "mode",
    "status",
    "content",
    "user_requirement",
    "style",
    "project_title",
    "request_data",
    "context",
    "progress",
    "current_stage",
    "working_dir",
    "result",
    "error",
    "total_shots",
    "completed_shots",
    "episode_id",
    "series_id",
    "created_at",
    "updated_at",
    "started_at",
    "completed_at",
];

/// The SQL of the report, word for word.
pub const REPORT_SQL: &str = "CREATE TABLE video_generation_jobs (
    id VARCHAR(36) PRIMARY KEY,
    job_type VARCHAR(50) NOT NULL,
    mode VARCHAR(20),
    status VARCHAR(50) DEFAULT 'queued',
    content TEXT,
    user_requirement TEXT,
    style VARCHAR(255),
    project_title VARCHAR(255),
    request_data JSON,
    context JSON,
    progress FLOAT DEFAULT 0.0,
    current_stage VARCHAR(255),
    working_dir VARCHAR(500),
    result_data JSON,
    error_message TEXT,
    total_shots INTEGER DEFAULT 0,
    completed_shots INTEGER DEFAULT 0,
    episode_id VARCHAR(36),
    series_id VARCHAR(36),
    created_at DATETIME DEFAULT CURRENT_TIMESTAMP,
    updated_at DATETIME DEFAULT CURRENT_TIMESTAMP,
    started_at DATETIME,
    completed_at DATETIME,
    FOREIGN KEY (episode_id) REFERENCES episodes(id) ON DELETE SET NULL,
    FOREIGN KEY (series_id) REFERENCES series(id) ON DELETE SET NULL
);
CREATE INDEX idx_job_status ON video_generation_jobs(status);
CREATE INDEX idx_job_type ON video_generation_jobs(job_type);
CREATE INDEX idx_job_created ON video_generation_jobs(created_at);";

/// What SQLAlchemy's `create_all` emits: no defaults, no indexes, and the service's other tables beside it.
pub const SERVICE_SQL: &str = include_str!("../repository/service.sql");

/// A temporary folder, gone with the test.
pub struct Sandbox {
    folder: TempDir,
    /// Taken when it is first needed.
    server: OnceLock<Database>,
}

impl Sandbox {
    /// A folder without a database.
    pub fn new() -> Self {
        machine::hear_signals();
        let sandbox = Self {
            folder: TempDir::new().unwrap(),
            server: OnceLock::new(),
        };
        fs::create_dir(sandbox.path("home")).unwrap();
        sandbox
    }

    /// `jobs.db` made from the report's SQL: defaults, three indexes, no parent tables, journal mode `delete`.
    pub fn report() -> Self {
        let sandbox = Self::new();
        sandbox.sql(REPORT_SQL);
        sandbox
    }

    /// `jobs.db` as the service makes it, with `series-1` and `episode-1` in its other tables, journal mode `delete`.
    pub fn service() -> Self {
        let sandbox = Self::new();
        sandbox.sql(SERVICE_SQL);
        sandbox
    }

    /// The database that is in the place of `jobs.db`, where the tests run on PostgreSQL.
    fn server(&self) -> Option<&Database> {
        let take = || Database::take(&self.db());
        database::is_wanted().then(|| self.server.get_or_init(take))
    }

    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn db(&self) -> PathBuf {
        self.path("jobs.db")
    }

    /// Writes a file and gives its path.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// The binary with these arguments, in this folder, on `jobs.db` (by `JOBCTL_DB`) unless the arguments say otherwise.
    pub fn jobctl(&self, args: impl Args) -> Run {
        self.program(env!("CARGO_BIN_EXE_jobctl"), args)
    }

    /// Another program with the same around it.
    pub fn program(&self, program: &str, args: impl Args) -> Run {
        let mut command = Command::new(program);
        let stand_in = self.server().map(Database::stand_in);
        let named = |word: &str| {
            stand_in
                .as_ref()
                .map_or(word.to_owned(), |it| it.named(word))
        };
        command
            .args(args.words().iter().map(|word| named(word)))
            .current_dir(self.folder.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.path("home"))
            .env("TZ", "UTC")
            .env("JOBCTL_DB", named("jobs.db"))
            .env("JOBCTL_PAGER", "")
            .env("JOBCTL_TEST_NOW", NOW)
            .env("JOBCTL_TEST_SEED", "1");
        Run {
            command,
            stdin: None,
            stand_in,
        }
    }

    /// A plain connection, as another program would open the file; foreign keys off, as the service has it.
    #[track_caller]
    pub fn connection(&self) -> Connection {
        assert!(self.server().is_none(), "this test looks into a file");
        let connection = Connection::open(self.db()).unwrap();
        connection
            .pragma_update(None, "foreign_keys", false)
            .unwrap();
        connection
    }

    /// Runs statements on `jobs.db`, making the file if it is not there.
    #[track_caller]
    pub fn sql(&self, sql: &str) {
        if let Some(server) = self.server() {
            return server.run(sql);
        }
        self.connection().execute_batch(sql).unwrap();
    }

    /// Runs one statement with these values in it.
    #[track_caller]
    pub fn change(&self, sql: &str, values: &[&dyn ToSql]) {
        if let Some(server) = self.server() {
            return server.change(sql, values);
        }
        self.connection().execute(sql, values).unwrap();
    }

    /// One text from `jobs.db`.
    #[track_caller]
    pub fn ask(&self, sql: &str) -> String {
        if let Some(server) = self.server() {
            return server.ask(sql);
        }
        match self
            .connection()
            .query_row(sql, [], |row| row.get::<_, Value>(0))
            .unwrap()
        {
            Value::Null => "NULL".into(),
            Value::Integer(number) => number.to_string(),
            Value::Real(number) => format!("{number:?}"),
            Value::Text(text) => text,
            Value::Blob(bytes) => format!("{bytes:?}"),
        }
    }

    /// Inserts a row of exactly these columns.
    #[track_caller]
    pub fn insert(&self, cells: &[(&str, &dyn ToSql)]) {
        if let Some(server) = self.server() {
            return server.insert(cells);
        }
        let names: Vec<&str> = cells.iter().map(|(name, _)| *name).collect();
        let marks = vec!["?"; cells.len()].join(", ");
        let values: Vec<&dyn ToSql> = cells.iter().map(|(_, value)| *value).collect();
        let sql = format!(
            "INSERT INTO video_generation_jobs ({}) VALUES ({marks})",
            names.join(", ")
        );
        self.connection().execute(&sql, values.as_slice()).unwrap();
    }

    /// Inserts an ordinary queued job of 2026-01-10, with these columns otherwise.
    #[track_caller]
    pub fn job(&self, id: &str, cells: &[(&str, &dyn ToSql)]) {
        self.insert(&[
            ("id", &id),
            ("job_type", &"idea2video"),
            ("mode", &"idea"),
            ("status", &"queued"),
            ("content", &"A cat crosses the road at night"),
            ("progress", &0.0),
            ("total_shots", &0),
            ("completed_shots", &0),
            ("created_at", &"2026-01-10 00:00:00.000000"),
            ("updated_at", &"2026-01-10 00:00:00.000000"),
        ]);
        for (name, value) in cells {
            let sql = format!("UPDATE video_generation_jobs SET {name} = ?1 WHERE id = ?2");
            self.change(&sql, &[value, &id]);
        }
    }

    /// One cell as `typeof|value`: `text|queued`, `real|50.0`, `null|`, `blob|FF00` (bytes in hexadecimal).
    #[track_caller]
    pub fn cell(&self, id: &str, column: &str) -> String {
        if let Some(server) = self.server() {
            return server.cells(id, &[column]).remove(0);
        }
        let sql = format!(
            "SELECT typeof({column}) || '|' || CASE typeof({column}) WHEN 'blob' THEN hex({column})
             WHEN 'null' THEN '' ELSE CAST({column} AS TEXT) END FROM video_generation_jobs WHERE id = ?1"
        );
        self.connection()
            .query_row(&sql, [id], |row| row.get(0))
            .unwrap()
    }

    /// All cells of a row, type and bytes, by column: for "nothing else changed".
    #[track_caller]
    pub fn row(&self, id: &str) -> BTreeMap<&'static str, String> {
        if let Some(server) = self.server() {
            let cells = server.cells(id, &COLUMNS);
            return COLUMNS.into_iter().zip(cells).collect();
        }
        COLUMNS
            .into_iter()
            .map(|column| {
                let sql = format!(
                    "SELECT typeof({column}) || '|' || coalesce(CASE typeof({column}) WHEN 'real' THEN printf('%!.17g', {column})
                     ELSE hex({column}) END, '') FROM video_generation_jobs WHERE id = ?1"
                );
                (column, self.connection().query_row(&sql, [id], |row| row.get(0)).unwrap())
            })
            .collect()
    }

    /// The columns in which a row differs from what `row` gave before.
    pub fn changed(&self, id: &str, before: &BTreeMap<&'static str, String>) -> Vec<&'static str> {
        let after = self.row(id);
        COLUMNS
            .into_iter()
            .filter(|column| before[column] != after[column])
            .collect()
    }

    /// The ids in the table, sorted.
    pub fn ids(&self) -> Vec<String> {
        if let Some(server) = self.server() {
            return server.ids();
        }
        let connection = self.connection();
        let mut statement = connection
            .prepare("SELECT id FROM video_generation_jobs ORDER BY id")
            .unwrap();
        statement
            .query_map([], |row| row.get(0))
            .unwrap()
            .map(Result::unwrap)
            .collect()
    }

    /// The number of rows of the job table.
    pub fn count(&self) -> i64 {
        if let Some(server) = self.server() {
            let count = server.ask("SELECT count(*) FROM video_generation_jobs");
            return count.parse().unwrap();
        }
        self.connection()
            .query_row("SELECT count(*) FROM video_generation_jobs", [], |row| {
                row.get(0)
            })
            .unwrap()
    }

    /// Every statement that made the file's schema, in order.
    pub fn schema(&self) -> String {
        if let Some(server) = self.server() {
            return server.schema();
        }
        self.ask("SELECT coalesce(group_concat(name || ': ' || coalesce(sql, ''), char(10)), '') FROM sqlite_schema WHERE tbl_name NOT LIKE 'jobctl\\_%' ESCAPE '\\' ORDER BY rowid")
    }
}

/// The bytes of a file as a number, for "left as it was"; of a database that is in its place, all rows with their versions.
pub fn hash(path: impl AsRef<Path>) -> u64 {
    use std::hash::{DefaultHasher, Hasher as _};
    let mut hasher = DefaultHasher::new();
    match database::in_place_of(path.as_ref()) {
        Some(content) => hasher.write(content.as_bytes()),
        None => hasher.write(&fs::read(path).unwrap()),
    }
    hasher.finish()
}

/// A run to be started.
#[must_use]
pub struct Run {
    command: Command,
    stdin: Option<Vec<u8>>,
    stand_in: Option<StandIn>,
}

impl Run {
    /// A word as it is passed on: an address in the place of `jobs.db`.
    fn named(&self, word: &OsStr) -> OsString {
        match (&self.stand_in, word.to_str()) {
            (Some(stand_in), Some(word)) => stand_in.named(word).into(),
            _ => word.to_owned(),
        }
    }

    pub fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        let arg = self.named(arg.as_ref());
        self.command.arg(arg);
        self
    }

    pub fn stdin(mut self, input: impl AsRef<[u8]>) -> Self {
        self.stdin = Some(input.as_ref().to_vec());
        self
    }

    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        let value = self.named(value.as_ref());
        self.command.env(name, value);
        self
    }

    pub fn without_env(mut self, name: &str) -> Self {
        self.command.env_remove(name);
        self
    }

    pub fn dir(mut self, path: impl AsRef<Path>) -> Self {
        self.command.current_dir(path);
        self
    }

    /// The arguments as a failed check shows them, so that it says which row of a table it was.
    pub fn said(&self) -> String {
        let words: Vec<_> = self
            .command
            .get_args()
            .map(OsStr::to_string_lossy)
            .collect();
        format!("{words:?}")
    }

    /// The command itself, for what `run` does not do: a child that is left running, a pipe that is closed.
    pub fn command(self) -> Command {
        self.command
    }

    /// Runs to the end. Standard input is empty unless it was given.
    #[track_caller]
    pub fn run(mut self) -> Output {
        self.command.stdin(if self.stdin.is_some() {
            Stdio::piped()
        } else {
            Stdio::null()
        });
        let ran = self.said();
        let mut child = self
            .command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let input = self.stdin.zip(child.stdin.take());
        // A program that ends without reading all of its input is none of a test's business.
        let writer =
            input.map(|(bytes, mut pipe)| thread::spawn(move || drop(pipe.write_all(&bytes))));
        let output = child.wait_with_output().unwrap();
        if let Some(writer) = writer {
            writer.join().unwrap();
        }
        let told = |bytes| {
            let text = String::from_utf8(bytes).expect("output is UTF-8");
            let stand_in = self.stand_in.as_ref();
            stand_in.map_or(text.clone(), |it| it.told(&text))
        };
        let stderr = told(output.stderr);
        assert!(!stderr.contains("panicked at"), "a panic: {stderr}");
        Output {
            ran,
            status: output
                .status
                .code()
                .unwrap_or_else(|| panic!("ended by a signal: {stderr}")),
            stdout: told(output.stdout),
            stderr,
        }
    }
}

/// What a run left behind. The checks panic with all of it and can be chained.
#[derive(Debug)]
pub struct Output {
    /// By `Run::said`.
    pub ran: String,
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Output {
    #[track_caller]
    pub fn ok(self) -> Self {
        self.fails(0)
    }

    #[track_caller]
    pub fn fails(self, status: i32) -> Self {
        assert!(self.status == status, "exit status {status} expected{self}");
        self
    }

    #[track_caller]
    pub fn stdout_is(self, expected: &str) -> Self {
        assert!(
            self.stdout == expected,
            "stdout expected:\n{expected}\nbut{self}"
        );
        self
    }

    #[track_caller]
    pub fn stderr_is(self, expected: &str) -> Self {
        assert!(
            self.stderr == expected,
            "stderr expected:\n{expected}\nbut{self}"
        );
        self
    }

    #[track_caller]
    pub fn stdout_has(self, part: &str) -> Self {
        assert!(
            self.stdout.contains(part),
            "{part:?} expected in stdout{self}"
        );
        self
    }

    #[track_caller]
    pub fn stderr_has(self, part: &str) -> Self {
        assert!(
            self.stderr.contains(part),
            "{part:?} expected in stderr{self}"
        );
        self
    }

    #[track_caller]
    pub fn stdout_lacks(self, part: &str) -> Self {
        assert!(
            !self.stdout.contains(part),
            "{part:?} not expected in stdout{self}"
        );
        self
    }

    #[track_caller]
    pub fn stderr_lacks(self, part: &str) -> Self {
        assert!(
            !self.stderr.contains(part),
            "{part:?} not expected in stderr{self}"
        );
        self
    }

    /// Nothing on stdout.
    #[track_caller]
    pub fn no_stdout(self) -> Self {
        self.stdout_is("")
    }

    /// Nothing on stderr.
    #[track_caller]
    pub fn no_stderr(self) -> Self {
        self.stderr_is("")
    }

    /// stdout as the one JSON document that it must be.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("not one JSON document: {error}{self}"))
    }

    /// stdout as JSON Lines.
    #[track_caller]
    pub fn jsonl(&self) -> Vec<serde_json::Value> {
        let read = |line| {
            serde_json::from_str(line)
                .unwrap_or_else(|error| panic!("not a JSON line: {error}{self}"))
        };
        self.stdout.lines().map(read).collect()
    }

    /// The `error` object of stderr under `-o json`.
    #[track_caller]
    pub fn json_error(&self) -> serde_json::Value {
        let document: serde_json::Value = serde_json::from_str(&self.stderr)
            .unwrap_or_else(|error| panic!("stderr is not one JSON document: {error}{self}"));
        document["error"].clone()
    }

    /// The lines of stdout.
    pub fn lines(&self) -> Vec<&str> {
        self.stdout.lines().collect()
    }
}

impl std::fmt::Display for Output {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "\n--- ran {}\n--- status {}\n--- stdout\n{}\n--- stderr\n{}",
            self.ran, self.status, self.stdout, self.stderr
        )
    }
}
