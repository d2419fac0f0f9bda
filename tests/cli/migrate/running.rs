//! An import that is watched from outside while it runs: fed through a pipe that the test holds, interrupted, killed; and the
//! files that it may go into, with what must be found in them when it came to nothing.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Command};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::types::Value;

use crate::locks::{end, interrupt, is_sound, start, until};
use crate::support::{A, Output, Run, Sandbox};

/// A run whose standard input the test holds. It goes with the test.
pub struct Running {
    ran: String,
    child: Child,
    pipe: Option<ChildStdin>,
}

impl Running {
    pub fn start(run: Run) -> Running {
        let ran = run.said();
        let mut child = start(run);
        let pipe = child.stdin.take();
        Running { ran, child, pipe }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Gives it these bytes; all but what a pipe holds has been taken when this returns. A program that has ended takes
    /// nothing, which its status tells.
    pub fn feed(&mut self, bytes: impl AsRef<[u8]>) {
        let _ = self.pipe.as_mut().unwrap().write_all(bytes.as_ref());
    }

    /// Gives it these bytes from a thread, which holds the pipe until it is joined; counts what has been taken.
    pub fn feed_aside(&mut self, bytes: Vec<u8>) -> (Arc<AtomicUsize>, JoinHandle<ChildStdin>) {
        let mut pipe = self.pipe.take().unwrap();
        let taken = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&taken);
        let feeder = thread::spawn(move || {
            for chunk in bytes.chunks(1024) {
                let _ = pipe.write_all(chunk);
                counter.fetch_add(chunk.len(), Ordering::Relaxed);
            }
            pipe
        });
        (taken, feeder)
    }

    /// The end of its input.
    pub fn close(&mut self) {
        self.pipe = None;
    }

    /// Sends it this signal.
    pub fn signal(&self, name: &str) {
        let kill = Command::new("kill")
            .args([format!("-{name}"), self.pid().to_string()])
            .status();
        assert!(kill.unwrap().success());
    }

    pub fn interrupt(&self) {
        interrupt(&self.child);
    }

    /// Waits for a condition that comes to be before the end of the run.
    #[track_caller]
    pub fn until(&mut self, what: &str, mut condition: impl FnMut() -> bool) {
        until(what, || {
            condition() || {
                assert!(
                    !self.has_ended(),
                    "it has ended before {what}: {}",
                    self.said()
                );
                false
            }
        });
    }

    /// Waits until it has this file open and waits for something itself, again and again, as one does who wants a lock.
    #[track_caller]
    pub fn until_it_waits(&mut self, path: &Path) {
        let (pid, path) = (self.pid(), path.canonicalize().unwrap());
        self.until("it has the file open", || descriptor(pid, &path).is_some());
        let most = sleeps(pid) + 10;
        self.until("it waits", || sleeps(pid) >= most);
    }

    /// What it has said before its end.
    fn said(&mut self) -> String {
        let mut said = String::new();
        let stderr = self.child.stderr.as_mut().unwrap();
        stderr.read_to_string(&mut said).unwrap();
        said
    }

    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// `kill -9`; false when it had come to its end before.
    pub fn kill(&mut self) -> bool {
        self.child.kill().unwrap();
        self.child.wait().unwrap().code().is_none()
    }

    /// Ends its input, and waits until it has ended itself.
    #[track_caller]
    pub fn end(mut self) -> Output {
        self.close();
        self.outcome()
    }

    /// Waits until it has ended, its input open all the while.
    #[track_caller]
    pub fn outcome(mut self) -> Output {
        let status = end(&mut self.child);
        let (mut stdout, mut stderr) = (String::new(), String::new());
        let child = &mut self.child;
        child
            .stdout
            .take()
            .unwrap()
            .read_to_string(&mut stdout)
            .unwrap();
        child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut stderr)
            .unwrap();
        assert!(!stderr.contains("panicked at"), "a panic: {stderr}");
        Output {
            ran: std::mem::take(&mut self.ran),
            status: status
                .code()
                .unwrap_or_else(|| panic!("ended by a signal: {stderr}")),
            stdout,
            stderr,
        }
    }

    /// Ends its input, and waits as `end` does; with the most memory that it has had, in KiB. Linux keeps the mark itself.
    #[track_caller]
    pub fn end_with_peak(mut self) -> (u64, Output) {
        self.close();
        let status = format!("/proc/{}/status", self.pid());
        let mut peak = 0;
        until("its end has come", || {
            let status = std::fs::read_to_string(&status).unwrap_or_default();
            let mark = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let mark = mark.and_then(|mark| mark.trim().strip_suffix(" kB")?.parse().ok());
            peak = peak.max(mark.unwrap_or(0));
            self.has_ended()
        });
        (peak, self.outcome())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It has ended, unless the test failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The descriptor under which a process has this file, links followed.
pub fn descriptor(pid: u32, path: &Path) -> Option<String> {
    let files = std::fs::read_dir(format!("/proc/{pid}/fd")).unwrap();
    files.flatten().find_map(|file| {
        let target = std::fs::read_link(file.path()).ok()?;
        (target == path).then(|| file.file_name().into_string().unwrap())
    })
}

/// How often the first thread of a process has gone to sleep.
pub fn sleeps(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let mut lines = status.lines();
    let line = lines.find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
    line.unwrap().trim().parse().unwrap()
}

/// A file that an import goes into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ground {
    /// The service's, with job A and its series; journal mode `delete`.
    Service,
    /// The same in WAL.
    Wal,
    /// None: the import makes it.
    Fresh,
}

impl Ground {
    pub const ALL: [Ground; 3] = [Ground::Service, Ground::Wal, Ground::Fresh];
    pub const EXISTING: [Ground; 2] = [Ground::Service, Ground::Wal];

    pub fn sandbox(self) -> Sandbox {
        if self == Ground::Fresh {
            return Sandbox::new();
        }
        let sandbox = Sandbox::service();
        sandbox.job(A, &[]);
        if self == Ground::Wal {
            assert_eq!(sandbox.ask("PRAGMA journal_mode = WAL"), "wal");
        }
        sandbox
    }

    /// The jobs that are there before any import.
    pub fn jobs(self) -> i64 {
        i64::from(self != Ground::Fresh)
    }

    /// The file is as `sandbox` made it, and the lock is free; or there is none.
    #[track_caller]
    pub fn is_untouched(self, sandbox: &Sandbox, run: &dyn std::fmt::Display) {
        if self == Ground::Fresh {
            assert_eq!(files(sandbox), [""; 0], "files are left{run}");
            return;
        }
        let before = self.sandbox();
        assert_eq!(rows(sandbox), rows(&before), "rows are left{run}");
        assert_eq!(sandbox.schema(), before.schema(), "{run}");
        self.is_free(sandbox, run);
    }

    /// The file has its journal mode, is sound, can be written, and nothing lies beside it.
    #[track_caller]
    pub fn is_free(self, sandbox: &Sandbox, run: &dyn std::fmt::Display) {
        assert!(!is_locked(sandbox), "{self:?}: the lock is not free{run}");
        if self != Ground::Fresh {
            let mode = if self == Ground::Wal { "wal" } else { "delete" };
            assert_eq!(sandbox.ask("PRAGMA journal_mode"), mode, "{run}");
        }
        is_sound(sandbox);
        assert_eq!(files(sandbox), ["jobs.db"], "{run}");
    }
}

/// The database, its companions and whatever else is named after it, by name.
pub fn files(sandbox: &Sandbox) -> Vec<String> {
    let entries = std::fs::read_dir(sandbox.path("")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut files: Vec<String> = names.filter(|name| name.starts_with("jobs.db")).collect();
    files.sort();
    files
}

/// The name under which a run makes a database that is not there yet.
pub fn temporary(running: &Running) -> String {
    format!("jobs.db.{}.new", running.pid())
}

pub type Rows = BTreeMap<String, Vec<Value>>;

/// Every row, with every column, by id.
pub fn rows(sandbox: &Sandbox) -> Rows {
    let connection = sandbox.connection();
    let mut statement = connection
        .prepare("SELECT * FROM video_generation_jobs")
        .unwrap();
    let columns = statement.column_count();
    let rows = statement.query_map([], |row| {
        let cells: rusqlite::Result<Vec<Value>> = (0..columns).map(|n| row.get(n)).collect();
        Ok((row.get(0)?, cells?))
    });
    rows.unwrap().map(Result::unwrap).collect()
}

/// A connection that does not wait for anybody.
pub fn impatient(sandbox: &Sandbox) -> Connection {
    let connection = sandbox.connection();
    connection.busy_timeout(Duration::ZERO).unwrap();
    connection
}

/// Whether another program could not write to the file now.
pub fn is_locked(sandbox: &Sandbox) -> bool {
    match impatient(sandbox).execute_batch("BEGIN IMMEDIATE; ROLLBACK") {
        Ok(()) => false,
        Err(error) => {
            assert!(error.to_string().contains("locked"), "{error}");
            true
        }
    }
}

/// The rows that another program sees, when it sees the table at all.
pub fn seen(connection: &Connection) -> i64 {
    let sql = "SELECT count(*) FROM video_generation_jobs";
    connection.query_row(sql, [], |row| row.get(0)).unwrap_or(0)
}

/// The summary says that nothing of the run is in, and so does stderr in words.
#[track_caller]
pub fn is_undone(run: &Output) {
    let summary = run.json();
    let stores = summary["stores"].as_object().unwrap().values();
    for counts in stores.chain([&summary]) {
        for key in ["inserted", "updated", "skipped"] {
            assert_eq!(counts[key], 0, "{key}{run}");
        }
    }
    assert_eq!(summary["undone"], true, "{run}");
    assert!(run.stderr.contains("nothing was imported"), "{run}");
    for other in ["stays done", "is kept"] {
        assert!(!run.stderr.contains(other), "{other:?} is not so{run}");
    }
}
