//! `jobctl update`: the state machine, progress and shots, guards, and all or nothing.

mod dry_run;
mod foreign_rows;
mod guards;
mod progress;
mod several;
mod status;
mod values;

use crate::args::Args;
use crate::support::{A, B, C, Output, Sandbox, hash};

const EARLIER: &str = "2026-01-10 00:00:00.000000";

/// A file of the service with one job of this status.
fn with(status: &str) -> Sandbox {
    let sandbox = Sandbox::service();
    sandbox.job(A, &[("status", &status)]);
    sandbox
}

#[track_caller]
fn update(sandbox: &Sandbox, args: impl Args) -> Output {
    sandbox.jobctl(("update $A", args)).run()
}

/// Refused, and the file is left as it was.
#[track_caller]
fn refused(sandbox: &Sandbox, args: impl Args, status: i32) -> Output {
    let before = hash(sandbox.db());
    let output = update(sandbox, args).fails(status).no_stdout();
    assert_eq!(hash(sandbox.db()), before, "something was written");
    output
}

/// From, and to: the changes of status that the service makes too.
const ALLOWED: [(&str, &str); 7] = [
    ("queued", "processing"),
    ("queued", "cancelled"),
    ("processing", "completed"),
    ("processing", "failed"),
    ("processing", "cancelled"),
    ("failed", "queued"),
    ("cancelled", "queued"),
];

/// From, and to: the changes that take `--force`.
const BY_FORCE: [(&str, &str); 14] = [
    ("queued", "completed"),
    ("queued", "failed"),
    ("processing", "queued"),
    ("completed", "queued"),
    ("completed", "processing"),
    ("completed", "failed"),
    ("completed", "cancelled"),
    ("failed", "processing"),
    ("failed", "completed"),
    ("failed", "cancelled"),
    ("cancelled", "processing"),
    ("cancelled", "completed"),
    ("cancelled", "failed"),
    // A status that jobctl does not know.
    ("paused", "processing"),
];

/// A queued, B failed, C completed.
fn three() -> Sandbox {
    let sandbox = Sandbox::service();
    sandbox.job(A, &[]);
    sandbox.job(B, &[("status", &"failed")]);
    sandbox.job(C, &[("status", &"completed"), ("progress", &100.0)]);
    sandbox
}
