//! `doctor`: a file with one fault for each check, what is said about it, and how the command behaves.

mod beside;
mod command;
mod fix;
mod fixtures;
mod halves;
mod killed;
#[cfg(feature = "postgres")]
mod on_server;
mod postgres;
mod screens;

use crate::support::{A, B, Sandbox};

/// Two jobs as the service makes them, in a file with the report's indexes: nothing is wrong with it.
pub fn clean() -> Sandbox {
    let sandbox = Sandbox::report();
    fill(&sandbox);
    sandbox
}

/// The same in the service's file, which has no secondary index and the tables of series and episodes.
pub fn of_service() -> Sandbox {
    let sandbox = Sandbox::service();
    fill(&sandbox);
    sandbox
}

fn fill(sandbox: &Sandbox) {
    sandbox.job(
        A,
        &[
            ("status", &"completed"),
            ("progress", &100.0),
            ("request_data", &r#"{"idea": "A cat"}"#),
            ("result_data", &"null"),
            ("total_shots", &8),
            ("completed_shots", &7),
            ("created_at", &"2026-01-14 10:00:00.000000"),
            ("updated_at", &"2026-01-14 10:20:00.000000"),
            ("started_at", &"2026-01-14 10:00:01.000000"),
            ("completed_at", &"2026-01-14 10:20:00.000000"),
        ],
    );
    sandbox.job(
        B,
        &[
            ("created_at", &"2026-01-15 11:00:00.000000"),
            ("updated_at", &"2026-01-15 11:00:00.000000"),
        ],
    );
}
