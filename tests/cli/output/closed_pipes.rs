//! A pipe that is closed before all is read.

use std::io::Read as _;
use std::process::Stdio;

use super::titled;
use crate::support::{B, C, Sandbox};

fn large() -> Sandbox {
    let sandbox = Sandbox::service();
    sandbox.sql(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
         INSERT INTO video_generation_jobs (id, job_type, status, content, created_at)
         SELECT printf('%08d-0000-4000-8000-000000000000', i), 'idea2video', 'queued', hex(zeroblob(200)), '2026-01-01 00:00:00.000000'
         FROM n",
    );
    sandbox
}

/// Reads one byte and closes the pipe.
#[track_caller]
fn closed(format: &str) {
    let sandbox = large();
    let mut command = sandbox.jobctl(["list", "--all", "-o", format]).command();
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut pipe = child.stdout.take().unwrap();
    pipe.read_exact(&mut [0]).unwrap();
    drop(pipe);
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn a_closed_pipe_ends_a_table_quietly() {
    closed("wide");
}

#[test]
fn a_closed_pipe_ends_json_quietly() {
    closed("json");
}

#[test]
fn a_closed_pipe_ends_jsonl_quietly() {
    closed("jsonl");
}

#[test]
fn a_closed_pipe_ends_csv_quietly() {
    closed("csv");
}

#[test]
fn a_closed_pipe_ends_ids_quietly() {
    closed("ids");
}

#[test]
fn a_full_disk_is_74() {
    let sandbox = large();
    let Ok(full) = std::fs::OpenOptions::new().write(true).open("/dev/full") else {
        return;
    };
    let mut command = sandbox.jobctl("list --all -o json").command();
    let output = command
        .stdin(Stdio::null())
        .stdout(full)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
        .wait_with_output()
        .unwrap();
    assert_eq!(output.status.code(), Some(74));
    assert!(String::from_utf8_lossy(&output.stderr).contains("\"io_error\""));
}

#[test]
fn several_jobs_of_show_are_told_apart() {
    let sandbox = titled("The Cat");
    sandbox.job(B, &[("project_title", &"The Dog")]);
    sandbox.job(C, &[("project_title", &"The Owl")]);
    let output = sandbox.jobctl("show $A $B").run().ok();
    output
        .stdout_has("The Cat")
        .stdout_has("The Dog")
        .stdout_lacks("The Owl");
}
