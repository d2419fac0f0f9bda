//! What all commands have in common: formats, errors, colour, control characters, closed pipes.

mod closed_pipes;
mod colour;
mod control_characters;
mod errors;
mod formats;
mod unknown_flags;

use crate::support::{A, Sandbox};

const FORMATS: [&str; 7] = ["table", "wide", "json", "jsonl", "csv", "tsv", "ids"];

fn titled(title: &str) -> Sandbox {
    let sandbox = Sandbox::service();
    sandbox.job(A, &[("project_title", &title)]);
    sandbox
}
