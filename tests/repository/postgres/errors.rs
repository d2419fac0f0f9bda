//! What a server refuses, or cannot do just now, has the exit status that a script decides by.

use std::fmt::Debug;

use jobctl::error::Kind;
use jobctl::job::{Column, Filter};
use jobctl::repository::{self, Access};

use super::cluster::{Cluster, cluster};
use super::{Database, SERVICE};
use crate::backend::Place;
use crate::contract::job;

#[track_caller]
pub fn fails<T>(result: repository::Result<T>, kind: Kind, said: &str) {
    let Err(error) = result else {
        panic!("{said:?} expected");
    };
    assert_eq!(error.kind(), kind, "{error}");
    assert!(error.to_string().contains(said), "{error}");
    assert!(error.hint().is_some_and(|hint| !hint.is_empty()), "{error}");
}

pub fn ran<T: Debug>(result: Result<T, postgres::Error>) {
    result.unwrap();
}

/// A role of this name for each database.
pub fn role(cluster: &Cluster, database: &Database, rights: &str) -> String {
    let name = format!("role_of_{}", database.name);
    let sql = format!(
        "CREATE ROLE {name} LOGIN; {}",
        rights.replace("$ROLE", &name)
    );
    ran(cluster.connect(&database.name).batch_execute(&sql));
    name
}

#[test]
fn a_database_or_a_table_that_is_not_there_is_no_input() {
    let Some(cluster) = cluster() else { return };
    let nowhere = Database {
        cluster,
        name: "nowhere".to_owned(),
    };
    for access in [Access::Read, Access::Create, Access::Preview] {
        fails(nowhere.try_open(access), Kind::NoInput, "no database at ");
    }
    let empty = Database::new(cluster, "", false);
    for access in [Access::Read, Access::Glance, Access::Write] {
        fails(
            empty.try_open(access),
            Kind::NoInput,
            "no table video_generation_jobs in ",
        );
    }
    let mut preview = empty.try_open(Access::Preview).unwrap();
    assert_eq!(
        preview.find(&[job(0).id()], Default::default()).unwrap(),
        [None]
    );
    drop(preview);
    fails(empty.try_open(Access::Read), Kind::NoInput, "no table");
    empty.open(Access::Create).insert(&[job(0)]).unwrap();
    assert_eq!(
        empty.open(Access::Read).count(&Filter::default()).unwrap(),
        1
    );
}

#[test]
fn a_table_of_another_shape_is_said_when_it_is_opened() {
    let Some(cluster) = cluster() else { return };
    for (sql, said) in [
        (
            "ALTER TABLE video_generation_jobs DROP COLUMN style, DROP COLUMN mode",
            "lacks the columns mode and style",
        ),
        (
            "ALTER TABLE video_generation_jobs DROP CONSTRAINT video_generation_jobs_pkey",
            "has no primary key on id",
        ),
        (
            "ALTER TABLE video_generation_jobs ALTER created_at TYPE TEXT",
            "has created_at as text",
        ),
        (
            "ALTER TABLE video_generation_jobs RENAME TO jobs; CREATE VIEW video_generation_jobs AS SELECT * FROM jobs",
            "is a view",
        ),
    ] {
        let database = Database::new(cluster, &format!("{SERVICE}{sql}"), false);
        fails(database.try_open(Access::Read), Kind::NoInput, said);
    }
}

#[test]
fn a_right_that_is_missing_is_denied() {
    let Some(cluster) = cluster() else { return };
    let database = Database::new(cluster, SERVICE, false);
    let reader = role(
        cluster,
        &database,
        "GRANT SELECT ON ALL TABLES IN SCHEMA public TO $ROLE",
    );
    let mut repository = database.open_as(&reader, Access::Write).unwrap();
    assert_eq!(repository.count(&Filter::default()).unwrap(), 0);
    fails(
        repository.insert(&[job(0)]),
        Kind::Denied,
        "permission denied",
    );
    drop(repository);
    fails(
        database.open_as("nobody_at_all", Access::Read),
        Kind::Denied,
        "denies access",
    );
    let empty = Database::new(cluster, "REVOKE CREATE ON SCHEMA public FROM PUBLIC", false);
    let maker = role(cluster, &empty, "");
    fails(
        empty.open_as(&maker, Access::Create),
        Kind::Denied,
        "permission denied",
    );
}

/// A rule or a policy of the table that comes when it is open already.
#[test]
fn what_comes_later_is_seen_when_the_table_is_looked_at_again() {
    let Some(cluster) = cluster() else { return };
    let database = Database::new(cluster, SERVICE, false);
    let all = "GRANT ALL ON ALL TABLES IN SCHEMA public TO $ROLE";
    let writer = role(cluster, &database, all);
    let mut repository = database.open_as(&writer, Access::Write).unwrap();
    assert!(repository.other_columns().unwrap().is_empty());
    let mut client = cluster.connect(&database.name);
    ran(client.batch_execute("ALTER TABLE video_generation_jobs ENABLE ROW LEVEL SECURITY"));
    fails(
        repository.other_columns(),
        Kind::Denied,
        "row-level security",
    );
    ran(client.batch_execute(
        "ALTER TABLE video_generation_jobs DISABLE ROW LEVEL SECURITY;
        CREATE RULE other_way AS ON DELETE TO video_generation_jobs DO INSTEAD NOTHING",
    ));
    fails(repository.other_columns(), Kind::Refused, "other_way");
}

#[test]
fn a_database_that_only_lets_read_says_so() {
    let Some(cluster) = cluster() else { return };
    let database = Database::new(cluster, SERVICE, false);
    let sql = format!(
        "ALTER DATABASE {} SET default_transaction_read_only = on",
        database.name
    );
    ran(cluster.connect("postgres").batch_execute(&sql));
    let mut repository = database.open(Access::Write);
    assert_eq!(repository.count(&Filter::default()).unwrap(), 0);
    fails(repository.insert(&[job(0)]), Kind::Io, "may not be written");
}

#[test]
fn a_server_that_is_busy_or_has_ended_the_connection_is_to_be_tried_again() {
    let Some(cluster) = cluster() else { return };
    let database = Database::new(cluster, SERVICE, false);
    let guest = role(
        cluster,
        &database,
        "GRANT SELECT ON ALL TABLES IN SCHEMA public TO $ROLE; ALTER ROLE $ROLE CONNECTION LIMIT 1",
    );
    let mut first = database.open_as(&guest, Access::Read).unwrap();
    fails(
        database.open_as(&guest, Access::Read),
        Kind::Locked,
        "takes no more connections",
    );
    let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1";
    ran(cluster.connect("postgres").execute(end, &[&guest]));
    let error = first.count(&Filter::default()).unwrap_err();
    assert!(
        matches!(error.kind(), Kind::Locked | Kind::Unreachable),
        "{error}"
    );
    let told = repository::Error::hint(&error);
    assert!(told.is_some_and(|hint| hint.starts_with("try again")));
}

#[test]
fn a_value_that_the_server_would_refuse_is_told_before() {
    let Some(cluster) = cluster() else { return };
    let database = Database::new(cluster, SERVICE, false);
    let mut repository = database.open(Access::Write);
    for (column, value, said) in [
        (
            Column::Title,
            "x".repeat(256),
            "its project_title has 256 characters; at most 255 are stored",
        ),
        (
            Column::Content,
            "a\0b".to_owned(),
            "its content holds a NUL character",
        ),
        (Column::Result, "{".to_owned(), "its result_data is no JSON"),
        (
            Column::CreatedAt,
            "yesterday".to_owned(),
            "its created_at is no time",
        ),
    ] {
        let result = repository.insert(&[job(0).with(column, value)]);
        fails(result, Kind::Refused, said);
    }
    let kept = [
        (Column::Title, "\u{1f98a}".repeat(255)),
        (Column::Title, "a  ".to_owned()),
        (
            Column::Context,
            "{\"a\": 1e400, \"a\": 2, \"b\": \"\\u0000\\ud800\"}".to_owned(),
        ),
    ];
    for (number, (column, value)) in kept.into_iter().enumerate() {
        let job = job(number as u32).with(column, value);
        repository.insert(std::slice::from_ref(&job)).unwrap();
        let found = repository
            .find(&[job.id()], jobctl::job::ColumnSet::ALL)
            .unwrap();
        assert_eq!(found, [Some(job)]);
    }
}
