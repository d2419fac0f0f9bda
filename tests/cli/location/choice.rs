//! The file that is taken, by flag, variables and the data folder.

use std::fs;

use super::{create, is_found};
use crate::support::Sandbox;

#[test]
fn the_file_is_that_of_the_flag_then_of_a_variable_then_of_the_data_folder() {
    let sandbox = Sandbox::new();
    let (own, url) = (
        ("JOBCTL_DB", "own.db"),
        ("DATABASE_URL", "sqlite:///url.db"),
    );
    let data = sandbox.path("data");
    let data = ("XDG_DATA_HOME", data.to_str().unwrap());
    for (line, variables, found) in [
        ("list --db flag.db", &[own, url, data][..], "flag.db"),
        ("list", &[own, url, data], "own.db"),
        ("list", &[url, data], "url.db"),
        ("list", &[url], "url.db"),
        ("list", &[data], "data/jobctl/jobs.db"),
        ("list", &[], "home/.local/share/jobctl/jobs.db"),
    ] {
        is_found(&sandbox, line, variables, found);
    }
}

#[test]
fn a_url_of_sqlite_names_a_path() {
    let sandbox = Sandbox::new();
    let absolute = format!("sqlite:///{}", sandbox.path("url.db").display());
    assert!(absolute.starts_with("sqlite:////"));
    fs::create_dir(sandbox.path("elsewhere")).unwrap();
    for (line, variables, found) in [
        ("list --db sqlite:///below/url.db", &[][..], "below/url.db"),
        // The service's own.
        (
            "list",
            &[("DATABASE_URL", "sqlite:///./seko.db")],
            "seko.db",
        ),
        ("list", &[("DATABASE_URL", &absolute)], "url.db"),
        ("list", &[("JOBCTL_DB", "sqlite:///url.db")], "url.db"),
        ("list --db sqlite+pysqlite:///url.db", &[], "url.db"),
        ("list --db sqlite:///url.db?timeout=10", &[], "url.db"),
    ] {
        is_found(&sandbox, line, variables, found);
    }
    sandbox
        .jobctl(["list", "--db", &absolute])
        .dir(sandbox.path("elsewhere"))
        .run()
        .ok()
        .stdout_has("in url.db");
}

#[test]
fn another_scheme_is_an_error_that_names_what_is_supported() {
    let sandbox = Sandbox::new();
    let output = sandbox.jobctl("list --db mysql://someone@host/jobs").run();
    output
        .fails(2)
        .no_stdout()
        .stderr_is("jobctl: error: mysql:// databases are not supported (from --db)\nhint: name a SQLite file: a path, sqlite:///relative or sqlite:////absolute\n");
}

#[test]
fn a_file_that_may_not_be_read_is_an_error_that_says_what_to_do() {
    let sandbox = Sandbox::report();
    std::os::unix::fs::symlink("loop.db", sandbox.path("loop.db")).unwrap();
    let output = sandbox.jobctl("list --db loop.db").run();
    output
        .fails(74)
        .stderr_has("loop.db: ")
        .stderr_has("hint: see that this user may use the file");
}

#[test]
fn another_scheme_in_database_url_is_an_error_that_names_the_variable() {
    let sandbox = Sandbox::new();
    let run = sandbox.jobctl("list").without_env("JOBCTL_DB");
    let output = run.env("DATABASE_URL", "mysql://host/jobs").run();
    assert_ne!(output.status, 0);
    output
        .no_stdout()
        .stderr_has("mysql")
        .stderr_has("sqlite:///")
        .stderr_has("DATABASE_URL");
}

#[test]
fn the_error_about_another_scheme_does_not_give_the_password_away() {
    let sandbox = Sandbox::new();
    let output = sandbox
        .jobctl("list --db mysql://someone:hunter2@host/jobs")
        .run();
    output.fails(2).stderr_lacks("hunter2");
}

#[test]
fn a_file_with_a_url_as_its_name_is_never_made() {
    let sandbox = Sandbox::new();
    create(&sandbox)
        .arg("--db")
        .arg("mysql://host/jobs")
        .run()
        .fails(2);
    assert_eq!(
        fs::read_dir(sandbox.path("")).unwrap().count(),
        1,
        "home alone"
    );
}
