//! The tables: each row's address has the parameters that the row tells.

use super::Home;

/// A line of a table: its columns, with `-` for an environment that is empty.
fn rows(table: &'static str) -> Vec<Vec<&'static str>> {
    let lines = table.lines();
    let rows = lines.filter(|line| !line.is_empty() && !line.starts_with("# "));
    rows.map(|line| line.split(" | ").collect()).collect()
}

/// The rows of what libpq was asked: URL, environment, its answer.
fn of_libpq() -> Vec<[&'static str; 3]> {
    let urls = rows(include_str!("urls.txt")).into_iter();
    let urls = urls.map(|row| [row[0], "-", row[1]]);
    let environments = rows(include_str!("environments.txt")).into_iter();
    let environments = environments.map(|row| [row[0], row[1], row[2]]);
    urls.chain(environments).collect()
}

fn differences() -> Vec<[&'static str; 4]> {
    let rows = rows(include_str!("differences.txt")).into_iter();
    rows.map(|row| [row[0], row[1], row[2], row[3]]).collect()
}

fn check(of: impl Iterator<Item = [&'static str; 3]>) {
    let home = Home::new();
    let wrong: Vec<String> = of
        .map(|[url, environment, expected]| {
            (url, environment, expected, home.told(url, environment))
        })
        .filter(|(_, _, expected, told)| expected != told)
        .map(|(url, environment, expected, told)| {
            format!("{url} | {environment}\n  is {told}\n not {expected}")
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn addresses_mean_what_they_mean_to_libpq() {
    let rows = of_libpq();
    assert!(rows.len() > 200);
    check(rows.into_iter());
}

#[test]
fn addresses_that_are_taken_otherwise_than_by_libpq_are_known() {
    check(
        differences()
            .into_iter()
            .map(|[url, environment, libpq, expected]| {
                assert_ne!(libpq, expected, "{url}");
                [url, environment, expected]
            }),
    );
}

#[test]
fn urls_that_name_a_driver_are_read_as_sqlalchemy_reads_them() {
    let asked = rows(include_str!("sqlalchemy.txt")).into_iter();
    let rows = asked.chain(rows(include_str!("drivers.txt")));
    check(rows.map(|row| [row[0], "-", row[1]]));
}

#[test]
fn each_server_has_its_own_password_of_the_file() {
    let home = Home::new();
    let parameters = home
        .resolve(
            "postgresql://me@there,host,host:5433,/db?host=there,host,host,&port=,,5433,",
            "-",
        )
        .unwrap();
    let passwords = parameters.hosts.iter().map(|host| {
        let password = host.password.as_ref()?;
        assert!(password.origin().ends_with("/.pgpass"));
        Some(super::text(password.bytes()))
    });
    let passwords: Vec<Option<String>> = passwords.collect();
    let expected = [None, Some("of-host"), Some("of-port"), Some("of-localhost")];
    assert_eq!(
        passwords,
        expected.map(|password| password.map(str::to_owned))
    );
}

#[test]
fn a_password_file_that_others_may_read_is_passed_over_with_a_warning() {
    let home = Home::new();
    for (file, why) in [
        (
            "~/open.pgpass",
            "may be read by others, and was not read; chmod 600 makes it its owner's alone",
        ),
        ("~/etc", "is no plain file, and was not read"),
    ] {
        let parameters = home
            .resolve("postgresql://me@host/db", &format!("PGPASSFILE={file}"))
            .unwrap();
        assert_eq!(parameters.hosts[0].password, None);
        let expected = home.named(&format!("the password file {file} {why}"));
        assert_eq!(parameters.warnings, [expected]);
    }
    // It is not looked at where there is a password.
    let parameters = home.resolve("postgresql://me:pw@host/db", "PGPASSFILE=~/open.pgpass");
    assert_eq!(parameters.unwrap().warnings, Vec::<String>::new());
}

#[test]
fn certificates_at_home_are_used_where_they_are() {
    use crate::repository::postgres::address::tls::{RootCertificate, Verification};
    let home = Home::new();
    let tls = |mode: &str| {
        let url = format!("postgresql://host/db?sslmode={mode}");
        home.resolve(&url, "-").unwrap().tls
    };
    let root = RootCertificate::File(home.path(".postgresql/root.crt"));
    // The file need not be there where it is needed: the connection is to fail for want of it.
    for (mode, verification) in [
        ("require", Verification::Nothing),
        ("verify-ca", Verification::Chain),
        ("verify-full", Verification::ChainAndName),
    ] {
        assert_eq!(tls(mode).verification(), verification, "{mode}");
        let is_needed = mode != "require";
        assert_eq!(tls(mode).root, is_needed.then(|| root.clone()), "{mode}");
        assert_eq!(tls(mode).client, None, "{mode}");
    }
    std::fs::create_dir(home.path(".postgresql")).unwrap();
    for name in ["root.crt", "postgresql.crt"] {
        home.write(&format!(".postgresql/{name}"), "", 0o600);
    }
    for (mode, verification) in [
        ("prefer", Verification::Chain),
        ("require", Verification::Chain),
        ("verify-full", Verification::ChainAndName),
    ] {
        assert_eq!(tls(mode).verification(), verification, "{mode}");
        assert_eq!(tls(mode).root, Some(root.clone()), "{mode}");
        let client = tls(mode).client.unwrap();
        assert_eq!(
            client.key,
            home.path(".postgresql/postgresql.key"),
            "{mode}"
        );
    }
    assert_eq!(tls("disable").client, None);
}
