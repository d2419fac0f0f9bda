//! The file in other hands: locks that are held, runs that are killed, disks that are full, and what a killed service leaves.

use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use crate::support::{Run, Sandbox};

pub mod cut_short;
mod few;
pub mod full;
mod hang_up;
mod held;
mod interrupted;
pub mod journal;
mod kept;
mod killed;
mod read_only;
mod together;

/// How long a test waits for what must happen; it is told as a failure then.
const PATIENCE: Duration = Duration::from_secs(60);

/// Waits for a condition.
#[track_caller]
pub fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < PATIENCE, "{what} has not come to be");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Starts a run that is left running.
pub fn start(run: Run) -> Child {
    let mut command = run.command();
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Waits for the end of a child, and kills it when it does not come.
#[track_caller]
pub fn end(child: &mut Child) -> ExitStatus {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        if start.elapsed() > PATIENCE {
            child.kill().unwrap();
            child.wait().unwrap();
            panic!("it had to be killed");
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

pub fn interrupt(child: &Child) {
    let status = Command::new("sh")
        .args(["-c", "kill -INT $0", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(status.success());
}

/// The database is whole, and no page of it is lost.
#[track_caller]
pub fn is_sound(sandbox: &Sandbox) {
    assert_eq!(sandbox.ask("PRAGMA integrity_check"), "ok");
}

/// One line of JSON Lines of about 2 KB.
pub fn line(n: usize) -> String {
    let content = "A cat crosses the road at night. ".repeat(60);
    format!(
        "{{\"job_id\": \"{n:08x}-0000-4000-8000-000000000000\", \"job_type\": \"idea2video\", \"status\": \"failed\", \"content\": \"{content}\", \
         \"created_at\": \"2025-12-28T11:30:14.482913\", \"updated_at\": \"2025-12-28T11:52:40.019377\"}}\n"
    )
}

pub fn dump(n: usize) -> String {
    (0..n).map(line).collect()
}
