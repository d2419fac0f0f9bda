//! Files that are not there, not whole, or in other hands: nothing is offered, nothing is said, nothing is waited for.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::{asked, jobs, offers};
use crate::args::Args;
use crate::locks::journal::hot;
use crate::support::{A, B, C, Sandbox, hash};

/// Silent in every shell and place.
#[track_caller]
fn is_silent(sandbox: &Sandbox, before: impl Args) {
    for shell in ["bash", "zsh", "fish"] {
        for place in ["show ''", "list --status ''", "list --type="] {
            asked(sandbox, shell, (&before, place))
                .ok()
                .no_stdout()
                .no_stderr();
        }
    }
}

/// The names in the folder.
fn names(sandbox: &Sandbox) -> Vec<String> {
    let entries = fs::read_dir(sandbox.path("")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

#[test]
fn a_missing_file_is_not_made() {
    let sandbox = Sandbox::new();
    is_silent(&sandbox, "");
    is_silent(&sandbox, "--db no/such.db");
    is_silent(&sandbox, "--db=postgres://host/name");
    is_silent(&sandbox, "--db :memory:");
    assert_eq!(names(&sandbox), ["home"]);
}

#[test]
fn what_is_no_database_with_jobs_offers_nothing() {
    let sandbox = Sandbox::new();
    sandbox.write("jobs.db", "");
    is_silent(&sandbox, "");
    sandbox.write(
        "jobs.db",
        "no database, but a text of some length. ".repeat(100),
    );
    is_silent(&sandbox, "");
    is_silent(&sandbox, "--db home");
    fs::remove_file(sandbox.db()).unwrap();
    sandbox.sql("CREATE TABLE other (id)");
    is_silent(&sandbox, "");
    sandbox.sql("CREATE TABLE video_generation_jobs (other)");
    is_silent(&sandbox, "");
    fs::remove_file(sandbox.db()).unwrap();
    // Nobody ever writes into it.
    let made = Command::new("mkfifo").arg(sandbox.db()).status();
    assert!(made.unwrap().success());
    is_silent(&sandbox, "");
}

#[test]
fn a_lock_is_not_waited_for() {
    let sandbox = jobs();
    let service = sandbox.connection();
    service.execute_batch("BEGIN EXCLUSIVE").unwrap();
    // With patience for an hour it would not come back.
    is_silent(&sandbox, "--busy-timeout 1h");
    service.execute_batch("ROLLBACK; BEGIN IMMEDIATE").unwrap();
    assert_eq!(offers(&sandbox, "show ''"), [C, B, A]);
}

#[test]
fn what_a_killed_service_left_stays_as_it_is() {
    let sandbox = hot();
    let files = || ["jobs.db", "jobs.db-journal"].map(|name| hash(sandbox.path(name)));
    let before = files();
    is_silent(&sandbox, "");
    assert_eq!(files(), before);
}

#[test]
fn a_file_in_wal_mode_is_read_and_left_as_it_is() {
    let sandbox = jobs();
    sandbox.ask("PRAGMA journal_mode = WAL");
    assert_eq!(names(&sandbox), ["home", "jobs.db"]);
    assert_eq!(offers(&sandbox, "show ''"), [C, B, A]);
    assert_eq!(names(&sandbox), ["home", "jobs.db"]);
    // While the service runs, with what stands in the log alone.
    let service = sandbox.connection();
    service
        .execute("UPDATE video_generation_jobs SET job_type = 'new'", [])
        .unwrap();
    assert_eq!(offers(&sandbox, "list --type ''"), ["new"]);
    service.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert_eq!(offers(&sandbox, "show ''"), [C, B, A]);
    assert!(sandbox.path("jobs.db-wal").exists());
}

#[test]
fn a_log_that_a_killed_service_left_is_read_and_left_as_it_is() {
    let from = jobs();
    from.ask("PRAGMA journal_mode = WAL");
    let service = from.connection();
    service
        .execute("UPDATE video_generation_jobs SET job_type = 'new'", [])
        .unwrap();
    let left = |files: &[&str]| {
        let sandbox = Sandbox::new();
        for name in files {
            fs::copy(from.path(name), sandbox.path(name)).unwrap();
        }
        sandbox
    };
    let sandbox = left(&["jobs.db", "jobs.db-wal", "jobs.db-shm"]);
    let hashes = || {
        names(&sandbox)
            .into_iter()
            .skip(1)
            .map(|name| hash(sandbox.path(name)))
    };
    let before: Vec<u64> = hashes().collect();
    assert_eq!(before.len(), 3);
    assert_eq!(offers(&sandbox, "list --type ''"), ["new"]);
    assert_eq!(hashes().collect::<Vec<_>>(), before);
    // Without its index the log could be read only after one has been made.
    let sandbox = left(&["jobs.db", "jobs.db-wal"]);
    is_silent(&sandbox, "");
    assert_eq!(names(&sandbox), ["home", "jobs.db", "jobs.db-wal"]);
}

#[test]
fn the_line_names_the_file_before_the_environment_does() {
    let sandbox = jobs();
    fs::rename(sandbox.db(), sandbox.path("other.db")).unwrap();
    let url = format!("sqlite:///{}", sandbox.path("other.db").display());
    for words in [
        "--db other.db show ''",
        "--db=other.db show ''",
        "show --db other.db ''",
        &format!("show --db {url} ''"),
        "--db none.db show --db other.db ''",
    ] {
        assert_eq!(offers(&sandbox, words), [C, B, A], "{words:?}");
    }
    let words = "complete zsh -- jobctl show ''";
    let named = |name: &str, value: &Path| {
        let run = sandbox.jobctl(words).without_env("JOBCTL_DB");
        let run = run.env(name, value).run().ok().no_stderr();
        assert_eq!(run.lines().len(), 3, "{name}{run}");
    };
    named("JOBCTL_DB", &sandbox.path("other.db"));
    named("DATABASE_URL", Path::new(&url));
    let folder = sandbox.path("home/.local/share/jobctl");
    fs::create_dir_all(&folder).unwrap();
    fs::rename(sandbox.path("other.db"), folder.join("jobs.db")).unwrap();
    named("NOTHING", Path::new("at all"));
}
