//! A folder with one job file, or the database of a server, and the two programs that work on it.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Output, Stdio};
use std::sync::{Mutex, OnceLock};

use serde_json::Value;

use crate::args::Args;

/// Far from UTC, so that a local time written in the place of a UTC one shows.
const ZONE: &str = "Asia/Shanghai";

/// The command that makes a job, to be followed by more flags.
pub const CREATE: &str = "create --type idea2video --content 'A fox in the arcade at night'";

pub struct Shared {
    folder: tempfile::TempDir,
    /// The address of a database in the place of the file.
    address: Option<String>,
    serving: Mutex<Option<Running>>,
}

impl Shared {
    /// None, after one line on standard error, where Python cannot play the service.
    pub fn new() -> Option<Shared> {
        if python_has_sqlalchemy() {
            return Some(Shared {
                folder: tempfile::tempdir().unwrap(),
                address: None,
                serving: Mutex::new(None),
            });
        }
        let required = std::env::var("JOBCTL_REQUIRE_INTEROP").is_ok_and(|v| v == "1");
        assert!(
            !required,
            "{} cannot import sqlalchemy, and JOBCTL_REQUIRE_INTEROP=1 asks for it",
            python()
        );
        // Written past the test runner's capture, which would hide it.
        let line = "skipped: Python with SQLAlchemy is not here (set JOBCTL_PYTHON)\n";
        std::io::stderr().write_all(line.as_bytes()).unwrap();
        None
    }

    /// With the file that the service's `create_all` makes.
    pub fn with_service_file() -> Option<Shared> {
        let shared = Shared::new()?;
        shared.service("create-file");
        Some(shared)
    }

    /// With the database of this address, in which the service's `create_all` has made its tables.
    pub fn on_server(address: String) -> Option<Shared> {
        let shared = Shared {
            address: Some(address),
            ..Shared::new()?
        };
        shared.service("create-file");
        Some(shared)
    }

    /// The file, or the address in its place.
    pub fn file(&self) -> PathBuf {
        match &self.address {
            Some(address) => address.into(),
            None => self.folder.path().join("jobs.db"),
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) -> String {
        let path = self.path(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// The files in the folder, by name: a journal left behind would show here.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(self.folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    pub fn bytes(&self) -> Vec<u8> {
        std::fs::read(self.file()).unwrap()
    }

    pub fn command(&self, args: impl Args) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_jobctl"));
        command
            .args(args.words())
            .env("TZ", ZONE)
            .env("HOME", self.folder.path())
            .env("JOBCTL_DB", self.file())
            .env_remove("DATABASE_URL")
            .env_remove("XDG_DATA_HOME")
            .stdin(Stdio::null());
        command
    }

    /// jobctl, whatever comes of it.
    pub fn try_jobctl(&self, args: impl Args) -> Finished {
        let output = self.command(&args).output().unwrap();
        Finished::new(format!("{args:?}"), output)
    }

    /// jobctl with exit status 0; its standard output.
    #[track_caller]
    pub fn jobctl(&self, args: impl Args) -> String {
        self.try_jobctl(args).expect(0).stdout
    }

    #[track_caller]
    pub fn jobctl_json(&self, args: impl Args) -> Value {
        let args = (args, "-o json");
        serde_json::from_str(&self.jobctl(&args)).unwrap_or_else(|e| panic!("jobctl {args:?}: {e}"))
    }

    /// `create`, and the new job's id.
    #[track_caller]
    pub fn create(&self, args: impl Args) -> String {
        self.jobctl((CREATE, args)).trim().to_owned()
    }

    fn service_command(&self, args: &[String]) -> Command {
        let mut command = Command::new(python());
        command
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop/service.py"))
            .arg(&args[0])
            .arg(self.file())
            .args(&args[1..])
            .env("TZ", ZONE)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("PYTHONUTF8", "1");
        command
    }

    /// A part of the service that must succeed; the document that it prints. One process does them all.
    #[track_caller]
    pub fn service(&self, args: impl Args) -> Value {
        let args = args.words();
        let mut serving = self.serving.lock().unwrap();
        let service = serving.get_or_insert_with(|| self.spawn_service(&["serve".to_owned()]));
        writeln!(
            service.stdin.as_mut().unwrap(),
            "{}",
            serde_json::json!(args)
        )
        .unwrap();
        let line = service.line();
        serde_json::from_str(&line)
            .unwrap_or_else(|_| panic!("service.py {args:?} printed {line:?}"))
    }

    /// All that the file holds but jobs and jobctl's own tables: schema, settings and rows.
    #[track_caller]
    pub fn snapshot(&self) -> Value {
        let mut snapshot = self.service("snapshot");
        let is_own = |name: &str| name.starts_with("jobctl_");
        let rows = snapshot["rows"].as_object_mut().unwrap();
        rows.retain(|table, _| !is_own(table));
        let schema = snapshot["schema"].as_array_mut().unwrap();
        schema.retain(|part| !part[2].as_str().is_some_and(is_own));
        snapshot
    }

    fn spawn_service(&self, args: &[String]) -> Running {
        let mut child = self
            .service_command(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdin = child.stdin.take();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        Running {
            child,
            stdin,
            stdout,
        }
    }

    /// A part of the service that runs on beside the test; it has begun when this returns.
    pub fn start_service(&self, args: impl Args) -> Running {
        let mut running = self.spawn_service(&args.words());
        assert_eq!(running.line(), "ready", "service.py {args:?}");
        running
    }

    /// Puts `count` of the service's jobs into the file, odd ones among them; their ids and kinds.
    pub fn insert(&self, count: usize) -> Vec<(String, String)> {
        let made = self.service(format!("insert {count}"));
        made.as_array()
            .unwrap()
            .iter()
            .map(|job| (text(&job["id"]), text(&job["kind"])))
            .collect()
    }

    /// The number of jobs that the service reads, each value of them with its right type.
    pub fn checked(&self) -> u64 {
        self.service("check").as_u64().unwrap()
    }
}

pub struct Finished {
    args: String,
    pub status: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Finished {
    fn new(args: String, output: Output) -> Finished {
        Finished {
            args,
            status: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    #[track_caller]
    pub fn expect(self, status: i32) -> Finished {
        assert_eq!(
            self.status,
            Some(status),
            "{}\nstdout: {}\nstderr: {}",
            self.args,
            self.stdout,
            self.stderr
        );
        self
    }
}

/// Ends when it is told to, or when the test does.
pub struct Running {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
}

impl Running {
    fn line(&mut self) -> String {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    /// Closes its standard input, waits for its end, and gives what else it printed.
    pub fn finish(mut self) -> String {
        self.stdin.take();
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).unwrap();
        assert!(self.child.wait().unwrap().success());
        rest
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("not a text: {value}"))
        .to_owned()
}

/// Whether the service may work on a PostgreSQL, which `JOBCTL_REQUIRE_POSTGRES` asks for.
pub fn python_has_psycopg2() -> bool {
    let imported = Command::new(python())
        .args(["-c", "import psycopg2, sqlalchemy"])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .status();
    let is_here = imported.is_ok_and(|status| status.success());
    if !is_here {
        let required = std::env::var_os("JOBCTL_REQUIRE_POSTGRES").is_some();
        assert!(
            !required,
            "{} cannot import psycopg2, and JOBCTL_REQUIRE_POSTGRES asks for it",
            python()
        );
        let line = "skipped: Python with psycopg2 is not here (set JOBCTL_PYTHON)\n";
        std::io::stderr().write_all(line.as_bytes()).unwrap();
    }
    is_here
}

pub fn python() -> String {
    std::env::var("JOBCTL_PYTHON")
        .ok()
        .filter(|p| !p.is_empty())
        .unwrap_or_else(|| "python3".to_owned())
}

fn python_has_sqlalchemy() -> bool {
    static HAS: OnceLock<bool> = OnceLock::new();
    *HAS.get_or_init(|| {
        Command::new(python())
            .args([
                "-c",
                "import sqlalchemy, sys; sys.exit(int(sqlalchemy.__version__.split('.')[0]) < 2)",
            ])
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    })
}
