//! Which file, what may be made, and what stays as it was: DESIGN.md section 1.

mod choice;
mod foreign_keys;
mod missing;
mod new_file;
mod reading;
mod servers;
mod writing;

use std::fs;

use rusqlite::Connection;

use crate::support::{A, REPORT_SQL, Sandbox};

/// A file of the report's SQL at a path of its own, with one job whose title says which file it is.
fn file(sandbox: &Sandbox, name: &str, title: &str) {
    let path = sandbox.path(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let connection = Connection::open(path).unwrap();
    connection
        .pragma_update(None, "foreign_keys", false)
        .unwrap();
    connection.execute_batch(REPORT_SQL).unwrap();
    let sql = "INSERT INTO video_generation_jobs (id, job_type, project_title) VALUES (?1, 'idea2video', ?2)";
    connection.execute(sql, [A, title]).unwrap();
}

/// A run with these variables lists the job of that file, though there are others that it might take.
#[track_caller]
fn is_found(sandbox: &Sandbox, line: &str, variables: &[(&str, &str)], found: &str) {
    for name in [
        "flag.db",
        "own.db",
        "url.db",
        "seko.db",
        "below/url.db",
        "data/jobctl/jobs.db",
        "home/.local/share/jobctl/jobs.db",
    ] {
        if !sandbox.path(name).exists() {
            file(sandbox, name, &format!("in {name}"));
        }
    }
    let run = sandbox.jobctl(line).without_env("JOBCTL_DB");
    let run = variables
        .iter()
        .fold(run, |run, (name, value)| run.env(name, value));
    let run = run.run().ok();
    let titles = run.stdout.matches("in ").count();
    assert_eq!(titles, 1, "{line} {variables:?}{run}");
    assert!(
        run.stdout.contains(&format!("in {found}")),
        "{line} {variables:?}{run}"
    );
}

fn create(sandbox: &Sandbox) -> crate::support::Run {
    sandbox.jobctl("create --type idea2video --content 'A cat crosses the road'")
}
