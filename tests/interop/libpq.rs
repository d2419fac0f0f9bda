//! The tables of PostgreSQL addresses, by which the reading of addresses is tested, against the libpq of this machine, with SQLAlchemy before it where a URL names
//! a driver: what
//! they say that it makes of an address is true. It is asked where it is that of PostgreSQL 15, else that is said, and the
//! test passes, unless `JOBCTL_REQUIRE_POSTGRES=1`.

use std::fs::{self, Permissions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use crate::service::python;

const URLS: &str = include_str!("../../src/repository/postgres/address/tests/urls.txt");
const ENVIRONMENTS: &str =
    include_str!("../../src/repository/postgres/address/tests/environments.txt");
const DIFFERENCES: &str =
    include_str!("../../src/repository/postgres/address/tests/differences.txt");
const SQLALCHEMY: &str = include_str!("../../src/repository/postgres/address/tests/sqlalchemy.txt");
const PASSWORDS: &str = include_str!("../../src/repository/postgres/address/tests/pgpass.txt");
const SERVICES: &str = include_str!("../../src/repository/postgres/address/tests/pg_service.txt");
const SYSTEM_SERVICES: &str =
    include_str!("../../src/repository/postgres/address/tests/pg_service_system.txt");

#[test]
fn the_tables_tell_what_libpq_makes_of_addresses() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().to_str().unwrap();
    fs::create_dir(folder.path().join("etc")).unwrap();
    for (name, text, mode) in [
        (".pgpass", PASSWORDS, 0o600),
        ("open.pgpass", PASSWORDS, 0o640),
        (".pg_service.conf", SERVICES, 0o644),
        ("etc/pg_service.conf", SYSTEM_SERVICES, 0o644),
    ] {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
    }
    let rows: Vec<[&str; 3]> = rows().collect();
    let questions = rows.iter().map(|[url, environment, _]| {
        let mut variables = serde_json::Map::new();
        variables.insert("HOME".to_owned(), home.into());
        variables.insert("PGSYSCONFDIR".to_owned(), format!("{home}/etc").into());
        for variable in environment.split("; ").filter(|text| *text != "-") {
            let (name, value) = variable.split_once('=').unwrap();
            variables.insert(name.to_owned(), value.replace('~', home).into());
        }
        format!(
            "{}\n",
            serde_json::json!([url.replace('~', home), variables])
        )
    });
    let Some(answers) = asked(&questions.collect::<String>()) else {
        return;
    };
    assert_eq!(answers.lines().count(), rows.len());
    for ([url, environment, expected], answer) in rows.iter().zip(answers.lines()) {
        let answer: String = serde_json::from_str(answer).unwrap();
        assert_eq!(
            answer.replace(home, "~"),
            *expected,
            "{url} | {environment}"
        );
    }
}

/// URL, environment, what libpq makes of them.
fn rows() -> impl Iterator<Item = [&'static str; 3]> {
    let lines = |table: &'static str| {
        let lines = table.lines();
        lines.filter(|line| !line.is_empty() && !line.starts_with("# "))
    };
    let urls = lines(URLS).chain(lines(SQLALCHEMY)).map(|line| {
        let (url, expected) = line.split_once(" | ").unwrap();
        [url, "-", expected]
    });
    let others = lines(ENVIRONMENTS).chain(lines(DIFFERENCES));
    urls.chain(others.map(|line| {
        let mut columns = line.split(" | ");
        std::array::from_fn(|_| columns.next().unwrap())
    }))
}

/// The answers of libpq, a line each; None, aloud, where it cannot be asked.
fn asked(questions: &str) -> Option<String> {
    let child = Command::new(python())
        .args(["-c", include_str!("libpq.py")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let output = child.and_then(|mut child| {
        // Where it ends early, the questions are not read.
        let _ = child.stdin.take().unwrap().write_all(questions.as_bytes());
        child.wait_with_output()
    });
    let why = match output {
        Ok(output) if output.status.success() => {
            return Some(String::from_utf8(output.stdout).unwrap());
        }
        Ok(output) => String::from_utf8_lossy(&output.stderr).into_owned(),
        Err(error) => error.to_string(),
    };
    let is_required = std::env::var("JOBCTL_REQUIRE_POSTGRES").is_ok_and(|value| value == "1");
    assert!(!is_required, "libpq cannot be asked: {why}");
    let line = format!("skipped: libpq cannot be asked: {why}\n");
    std::io::stderr().write_all(line.as_bytes()).unwrap();
    None
}
