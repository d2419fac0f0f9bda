//! What is said about an address that is refused, with the next step.

use super::Home;
use crate::error::Kind;

fn says(url: &str, environment: &str, message: &str, hint: &str) {
    let home = Home::new();
    let failure = home.resolve(url, environment).unwrap_err();
    assert_eq!(failure.message, home.named(message), "{url}");
    assert_eq!(failure.hint, Some(home.named(hint)), "{url}");
    assert_eq!(failure.kind, Kind::Usage, "{url}");
}

#[test]
fn a_refused_address_says_why_and_what_would_be_right() {
    for (url, environment, message, hint) in [
        (
            "postgresql://host/db?sslmod=require",
            "-",
            "no parameter is called sslmod (from --db)",
            "did you mean sslmode?",
        ),
        (
            "postgresql://host/db?pass=secret",
            "-",
            "no parameter is called pass (from --db)",
            "did you mean passfile?",
        ),
        (
            "postgresql://host/db?schema=public",
            "-",
            "no parameter is called schema (from --db)",
            "a schema is named by options=-csearch_path%3DSCHEMA",
        ),
        (
            "postgresql://host/db?zzz=1",
            "-",
            "no parameter is called zzz (from --db)",
            "the parameters are those of libpq, as sslmode and connect_timeout",
        ),
        (
            "postgresql://host/db?a%20b=1",
            "-",
            "a parameter's name is none (from --db)",
            "parameters are NAME=VALUE with & between them",
        ),
        (
            "postgresql://host/db",
            "PGSSLMODE=requre",
            "sslmode is \"requre\" (from PGSSLMODE)",
            "sslmode is one of disable, allow, prefer, require, verify-ca, verify-full",
        ),
        (
            "postgresql://host/db?connect_timeout=10s",
            "-",
            "connect_timeout is \"10s\", which is no whole number (from --db)",
            "it is a number of seconds",
        ),
        (
            "postgresql://host/db?gssencmode=require",
            "-",
            "gssencmode is not supported with this value (from --db)",
            "sslmode encrypts the connection",
        ),
        (
            "postgresql://host/db",
            "PGSSLCRL=~/ca.crt",
            "sslcrl is not supported with this value (from PGSSLCRL)",
            "leave it out, if the connection is safe without it",
        ),
        (
            "postgresql://me:a/b@host/db",
            "-",
            "where the password of the address ends is not certain (from --db)",
            "within a user, password or database, / is written %2F, @ is %40 and : is %3A",
        ),
        (
            "postgresql://me:secret/db",
            "-",
            "a port is no number from 1 to 65535 (from --db)",
            "an address is postgresql+psycopg2://USER@HOST:PORT/DATABASE",
        ),
        (
            "postgresql://me:a%b@host/db",
            "-",
            "a % in the password has no two digits behind it (from --db)",
            "a % itself is written %25",
        ),
        (
            "postgresql://a,b/db?hostaddr=10.1.1.1",
            "-",
            "2 names for 1 host (from --db)",
            "lists of hosts, addresses and ports are of one length",
        ),
        (
            "postgresql:///db?hostaddr=db.example",
            "-",
            "hostaddr has \"db.example\", which is no address (from --db)",
            "hostaddr is an address of IPv4 or IPv6; a name is host",
        ),
        (
            "postgresql://host/db?service=none",
            "-",
            "no service is called \"none\" (from --db)",
            "it was looked for in ~/.pg_service.conf, ~/etc/pg_service.conf",
        ),
        (
            "postgresql:///",
            "PGSERVICE=broken",
            "line 16 of the service file names no parameter of libpq (from ~/.pg_service.conf)",
            "a line is NAME=VALUE, without blanks around the =",
        ),
        (
            "postgresql+pg8000://host/db?timeout=3",
            "-",
            "timeout is of a driver of Python, and has no meaning here (from --db)",
            "name the database for jobctl with JOBCTL_DB, without it",
        ),
        (
            "postgresql://host/db?sslrootcert=system&sslmode=require",
            "-",
            "sslrootcert=system needs sslmode=verify-full (from --db)",
            "anybody may get a certificate that the system trusts, for a name of their own",
        ),
    ] {
        says(url, environment, message, hint);
    }
}

#[test]
fn a_user_that_is_no_text_is_refused() {
    let home = Home::new();
    for url in [
        "postgresql://%FF@host/db",
        "postgresql://%FF/db",
        "postgresql://host/%FF",
    ] {
        let failure = home.resolve(url, "-").unwrap_err();
        assert!(failure.message.contains("not UTF-8 (from --db)"), "{url}");
    }
    let parameters = home.resolve("postgresql://me:%FF@host/db", "-").unwrap();
    let password = parameters.hosts[0].password.as_ref().unwrap();
    assert_eq!(password.bytes(), b"\xff");
}

#[test]
fn a_service_file_that_is_named_and_missing_is_no_input() {
    let home = Home::new();
    let failure = home
        .resolve("postgresql:///", "PGSERVICE=jobs; PGSERVICEFILE=~/nowhere")
        .unwrap_err();
    assert_eq!(failure.kind, Kind::NoInput);
}

#[test]
fn what_is_reached_is_told_without_the_user() {
    let home = Home::new();
    for (url, shown) in [
        ("postgresql://me:pw@host/db", "db at host:5432"),
        ("postgresql://a:1,[::1]/db", "db at a:1, ::1:5432"),
        ("postgresql:///db?hostaddr=::1", "db at [::1]:5432"),
        (
            "postgresql:///db",
            "db at /var/run/postgresql/.s.PGSQL.5432",
        ),
    ] {
        assert_eq!(home.resolve(url, "-").unwrap().to_string(), shown);
    }
}
