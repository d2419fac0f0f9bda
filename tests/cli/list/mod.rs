//! `jobctl list`: order, pages, columns and filters.

mod bad_values;
mod ends;
mod fields;
mod filters;
mod order;
mod pages;

use rusqlite::types::Null;

use crate::args::Args;
use crate::support::{A, B, C, D, Output, Sandbox};

#[track_caller]
fn list(sandbox: &Sandbox, args: impl Args) -> Output {
    sandbox.jobctl(("list", args)).run()
}

/// The ids that these arguments give, sorted.
#[track_caller]
fn ids(sandbox: &Sandbox, args: impl Args) -> Vec<String> {
    let mut ids = ordered(sandbox, args);
    ids.sort();
    ids
}

/// The ids that these arguments give, in their order.
#[track_caller]
fn ordered(sandbox: &Sandbox, args: impl Args) -> Vec<String> {
    let output = sandbox.jobctl(("list --all -o ids", args)).run().ok();
    output.stdout.lines().map(str::to_owned).collect()
}

/// The same without `--all`.
#[track_caller]
fn page(sandbox: &Sandbox, args: impl Args) -> Vec<String> {
    let output = sandbox.jobctl(("list -o ids", args)).run().ok();
    output.stdout.lines().map(str::to_owned).collect()
}

#[track_caller]
fn bad(args: impl Args, parts: &[&str]) -> Output {
    let output = list(&Sandbox::service(), args).fails(2).no_stdout();
    parts
        .iter()
        .fold(output, |output, part| output.stderr_has(part))
}

/// A of the 4th, B of the 3rd, C of the 2nd, D of the 1st of January; each of another state, type, mode and so on.
fn four() -> Sandbox {
    let sandbox = Sandbox::service();
    sandbox.job(
        A,
        &[
            ("created_at", &"2026-01-04 00:00:00.000000"),
            ("project_title", &"The Cat"),
            ("series_id", &"series-1"),
            ("progress", &40.0),
        ],
    );
    sandbox.job(
        B,
        &[
            ("created_at", &"2026-01-03 00:00:00.000000"),
            ("status", &"failed"),
            ("style", &"anime"),
            ("error_message", &"rate limit of the model"),
            ("progress", &10.0),
        ],
    );
    sandbox.job(
        C,
        &[
            ("created_at", &"2026-01-02 00:00:00.000000"),
            ("status", &"processing"),
            ("job_type", &"script2video"),
            ("mode", &"script"),
            ("style", &"noir"),
            ("episode_id", &"episode-1"),
            ("progress", &30.0),
        ],
    );
    sandbox.job(
        D,
        &[
            ("created_at", &"2026-01-01 00:00:00.000000"),
            ("status", &Null),
            ("mode", &Null),
            ("job_type", &"remix"),
            ("content", &Null),
            ("progress", &Null),
        ],
    );
    sandbox
}

/// Rows in numbers, all created at the same moment but those at the end, which have no time at all.
fn many(alike: usize, timeless: usize) -> Sandbox {
    let sandbox = Sandbox::service();
    sandbox.sql(&format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {})
         INSERT INTO video_generation_jobs (id, job_type, status, created_at)
         SELECT printf('%08d-0000-4000-8000-000000000000', (i * 7919) % 100003), 'idea2video', 'queued',
         CASE WHEN i > {alike} THEN NULL ELSE '2026-01-01 00:00:00.000000' END FROM n",
        alike + timeless
    ));
    sandbox
}
