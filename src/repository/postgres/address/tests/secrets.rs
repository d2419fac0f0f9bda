//! No text that is made of an address holds a part of its password, wherever that stands and however badly it is written.

use proptest::prelude::*;

use super::{Home, resolved};
use crate::repository::Server;
use crate::settings::postgres_variables::PostgresVariables;

/// The parts of the password: in between stands what may end it too early.
const PARTS: [&str; 2] = ["Hunter2x", "Secret9y"];

const BETWEEN: &[&str] = &[
    "",
    "@",
    "/",
    "?",
    "#",
    "%",
    "%40",
    "%2F",
    "%zz",
    "%00",
    "&",
    "=",
    "&x=",
    "?x=",
    "/@",
    "@/",
    "@?",
    ":",
    "::",
    ",",
    "[",
    "]",
    "+",
    " ",
    "\\",
    "\n",
    "'",
    "\u{e9}",
    "@host/db?sslmode=",
    "/db?sslmode=",
    "&port=",
    "@host:",
    "@[",
    ";",
];

/// Where the password stands.
const FORMS: &[&str] = &[
    "SCHEME://me:PASSWORD@host/db",
    "SCHEME://me:PASSWORD@host:5433,other/db?sslmode=require",
    "SCHEME://:PASSWORD@/db",
    "SCHEME://me:PASSWORD@[::1]:x/db",
    "SCHEME://me:PASSWORD@host/db?nonsense=1",
    "SCHEME://me:PASSWORD@host/db?service=none",
    "SCHEME://host/db?password=PASSWORD",
    "SCHEME://host/db?password=PASSWORD&connect_timeout=x",
    "SCHEME://host:1/db?user=me&password=PASSWORD&sslmode=none",
    "SCHEME://host/db?sslpassword=PASSWORD",
];

/// Where the @ is left out; with one in the password, it would be another.
const WITHOUT_AT: &[&str] = &["SCHEME://me:PASSWORD/db", "SCHEME://me:PASSWORD"];

const SCHEMES: &[&str] = &["postgresql", "postgresql+psycopg2", "postgresql+asyncpg"];

fn check_text(text: &str, of: &str) {
    for part in PARTS {
        assert!(!text.contains(part), "{of:?} is told as {text}");
    }
}

fn check(url: &str, environment: Vec<(String, String)>) {
    let variables = environment.into_iter();
    let variables: Vec<_> = variables
        .map(|(name, value)| (name.into(), value.into()))
        .collect();
    match resolved(url, variables.clone().into_iter()) {
        Ok(parameters) => {
            check_text(&format!("{parameters:?}"), url);
            check_text(&format!("{parameters:#?}"), url);
            check_text(&parameters.to_string(), url);
        }
        Err(failure) => {
            check_text(&format!("{failure:?}"), url);
            check_text(&failure.to_string(), url);
        }
    }
    let (scheme, rest) = url.split_once("://").unwrap();
    let variables = PostgresVariables::of(variables.into_iter());
    let server = Server::new(scheme.as_bytes(), rest.as_bytes(), &variables);
    check_text(&server.to_string(), url);
    check_text(&format!("{server:?}"), url);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_password_in_an_address_is_not_told(
        form in prop::sample::select(FORMS),
        scheme in prop::sample::select(SCHEMES),
        between in prop::collection::vec(prop::sample::select(BETWEEN), 1..4),
    ) {
        let home = Home::new();
        let password = format!("{}{}{}", PARTS[0], between.concat(), PARTS[1]);
        let url = form.replace("SCHEME", scheme).replace("PASSWORD", &password);
        check(&url, home.environment("-"));
    }

    #[test]
    fn a_password_before_no_host_is_not_told(
        form in prop::sample::select(WITHOUT_AT),
        scheme in prop::sample::select(SCHEMES),
        between in prop::collection::vec(prop::sample::select(BETWEEN), 1..4),
    ) {
        let password = format!("{}{}{}", PARTS[0], between.concat().replace('@', ""), PARTS[1]);
        let url = form.replace("SCHEME", scheme).replace("PASSWORD", &password);
        check(&url, Home::new().environment("-"));
    }

    #[test]
    fn a_password_beside_an_address_is_not_told(
        place in 0..4,
        between in prop::collection::vec(prop::sample::select(BETWEEN), 1..4),
        url in prop::sample::select(&["postgresql://me@host/db", "postgresql://me@host/db?service=jobs&connect_timeout=x"][..]),
    ) {
        let home = Home::new();
        let password = format!("{}{}{}", PARTS[0], between.concat(), PARTS[1]);
        let mut environment = home.environment("-");
        match place {
            0 => environment.push(("PGPASSWORD".to_owned(), password)),
            1 => environment.push(("PGSSLPASSWORD".to_owned(), password)),
            2 => home.write(".pgpass", &format!("*:*:*:*:{password}\n"), 0o600),
            _ => home.write(".pg_service.conf", &format!("[jobs]\npassword={password}\n"), 0o600),
        }
        check(url, environment);
    }
}
