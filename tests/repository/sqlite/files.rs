//! How files are opened, made and left.

use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use jobctl::error::Kind;
use jobctl::job::{Column, ColumnSet, Job, Value};
use jobctl::repository::{Access, Error, ImportTerms, OnConflict, RowName, Unfinished};

use super::{File, Sqlite};
use crate::backend::Place;
use crate::contract::job;

#[test]
fn a_new_file_is_private_in_wal_mode_and_counts_its_schema() {
    let place = File::nowhere();
    drop(place.open(Access::Create));
    let path = place.path();
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let connection = rusqlite::Connection::open(&path).unwrap();
    let pragma = |name: &str| -> String {
        let value = |row: &rusqlite::Row| row.get::<_, rusqlite::types::Value>(0);
        match connection.pragma_query_value(None, name, value).unwrap() {
            rusqlite::types::Value::Integer(number) => number.to_string(),
            rusqlite::types::Value::Text(text) => text,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(pragma("journal_mode"), "wal");
    assert_eq!(pragma("auto_vacuum"), "2");
    assert_eq!(pragma("user_version"), "1");
    let names: Vec<String> = std::fs::read_dir(place.folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.starts_with("jobs.db"))
        .collect();
    assert!(names.is_empty(), "{names:?}");
}

/// The schema that version 1 left behind, as a fixture: later steps must lead from it to the fresh one.
#[test]
fn the_schema_of_a_fresh_file_is_the_fixture_of_its_version() {
    let place = File::nowhere();
    drop(place.open(Access::Create));
    let connection = rusqlite::Connection::open(place.path()).unwrap();
    let mut statement = connection
        .prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid")
        .unwrap();
    let schema: Vec<String> = statement
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    let fixture = include_str!("../schema_v1.sql");
    assert_eq!(schema.join(";\n") + ";\n", fixture);
}

#[test]
fn the_columns_of_the_schema_are_those_of_the_record() {
    let place = File::nowhere();
    drop(place.open(Access::Create));
    let connection = rusqlite::Connection::open(place.path()).unwrap();
    let mut statement = connection
        .prepare("SELECT name FROM pragma_table_info('video_generation_jobs') ORDER BY cid")
        .unwrap();
    let names: Vec<String> = statement
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    let ours: Vec<&str> = Column::ALL.iter().map(|column| column.name()).collect();
    assert_eq!(names, ours);
}

#[test]
fn reading_and_writing_need_a_file() {
    let place = File::nowhere();
    for access in [Access::Read, Access::Write] {
        let error = place.try_open(access).err().unwrap();
        assert!(matches!(error, Error::Missing { .. }), "{error:?}");
        assert!(!place.path().exists());
    }
}

#[test]
fn a_preview_of_a_missing_file_makes_none() {
    let place = File::nowhere();
    let mut repository = place.try_open(Access::Preview).ok().unwrap();
    assert_eq!(
        repository.find(&[job(0).id()], ColumnSet::ALL).unwrap(),
        [None]
    );
    assert!(!place.path().exists());
}

#[test]
fn a_file_of_another_program_is_left_alone() {
    let place = File::nowhere();
    let path = place.path();
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.execute_batch("CREATE TABLE theirs (a)").unwrap();
    drop(connection);
    let before = std::fs::read(&path).unwrap();
    for access in [Access::Read, Access::Write, Access::Create, Access::Preview] {
        let error = place.try_open(access).err().unwrap();
        assert!(
            matches!(error, Error::NoTable { others: true, .. }),
            "{error:?}"
        );
    }
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn an_empty_file_gets_the_table_and_keeps_its_journal_mode() {
    let place = File::nowhere();
    let path = place.path();
    std::fs::write(&path, "").unwrap();
    let mut repository = place.open(Access::Create);
    repository.insert(&[job(0)]).unwrap();
    drop(repository);
    let connection = rusqlite::Connection::open(&path).unwrap();
    let mode: String = connection
        .pragma_query_value(None, "journal_mode", |row| row.get(0))
        .unwrap();
    assert_eq!(mode, "delete");
}

#[test]
fn text_that_is_no_database_is_named_so() {
    let place = File::nowhere();
    std::fs::write(place.path(), "not a database at all, but long enough").unwrap();
    let error = place.try_open(Access::Read).err().unwrap();
    assert_eq!(error.kind(), Kind::NoInput);
    let message = error.to_string();
    assert!(
        message.contains(" is not a SQLite database (from a test)"),
        "{message}"
    );
}

#[test]
fn the_version_tells_that_another_file_is_there_and_reads_that_one() {
    let (place, other) = (File::nowhere(), File::nowhere());
    place.open(Access::Create).insert(&[job(1)]).unwrap();
    other.open(Access::Create).insert(&[job(2)]).unwrap();
    let path = place.path();
    let mut repository = place.try_open(Access::Read).unwrap();
    let before = repository.version().unwrap();
    std::fs::rename(other.path(), &path).unwrap();
    let after = repository.version().unwrap();
    assert_eq!((before.was_replaced(), after.was_replaced()), (false, true));
    assert_eq!(repository.version().unwrap(), after);
    let found = repository.find(&[job(1).id(), job(2).id()], ColumnSet::ALL);
    assert!(matches!(found.unwrap()[..], [None, Some(_)]));
    std::fs::remove_file(&path).unwrap();
    assert!(matches!(repository.version(), Err(Error::Missing { .. })));
}

#[test]
fn the_version_is_told_while_a_lock_is_waited_for_and_holds_none_itself() {
    let place = File::of(Sqlite::Empty);
    place.open(Access::Write).insert(&[job(1)]).unwrap();
    let mut repository = place.try_open(Access::Read).unwrap();
    let before = repository.version().unwrap();
    let writer = rusqlite::Connection::open(place.path()).unwrap();
    writer.busy_timeout(Duration::ZERO).unwrap();
    writer.pragma_update(None, "foreign_keys", false).unwrap();
    writer.execute_batch("BEGIN EXCLUSIVE").unwrap();
    assert!(matches!(repository.version(), Err(Error::Locked { .. })));
    writer
        .execute_batch("DELETE FROM video_generation_jobs; COMMIT")
        .unwrap();
    let after = repository.version().unwrap();
    assert_ne!(before, after);
    assert!(!after.was_replaced());
}

#[test]
fn jobs_without_an_id_are_named_by_their_rows() {
    let place = File::of(Sqlite::Report);
    let sql = "INSERT INTO video_generation_jobs (id, job_type) VALUES (NULL, 'a'), ('x', 'a'), (NULL, 'b'), (NULL, 'a')";
    place.connect().execute_batch(sql).unwrap();
    let mut repository = place.open(Access::Read);
    let columns = ColumnSet::of(&[Column::JobType]);
    let mut is_a = |job: &Job| job.get(Column::JobType).as_str() == Some("a");
    let found = repository.without_id(columns, 9, &mut is_a).unwrap();
    let name = |number| RowName {
        word: "rowid",
        number: Value::Integer(number),
    };
    assert_eq!(found, [name(1), name(4)]);
}

#[test]
fn a_glance_makes_nothing_and_changes_nothing() {
    let place = File::nowhere();
    let missing = place.try_open(Access::Glance);
    assert!(matches!(missing, Err(Error::Missing { .. })));
    assert!(!place.path().exists());
    place.open(Access::Create).insert(&[job(1)]).unwrap();
    let mut repository = place.open(Access::Glance);
    let found = repository.some("", ColumnSet::NONE, 2, &|_| true).unwrap();
    assert_eq!(found.len(), 1);
    assert!(repository.insert(&[job(2)]).is_err());
}

#[test]
fn an_import_that_makes_a_file_makes_it_whole_or_not_at_all() {
    let terms = ImportTerms {
        on_conflict: OnConflict::Skip,
        atomic: false,
    };
    let place = File::nowhere();
    for undone in [true, false] {
        let mut repository = place.open(Access::Import);
        let mut import = repository.begin_import(terms).unwrap();
        import.write(&[job(1)]).unwrap();
        assert!(!place.path().exists());
        if undone {
            assert!(import.undo(), "that is all")
        } else {
            drop(import)
        }
        drop(repository);
        let left = std::fs::read_dir(place.folder.path()).unwrap().count();
        assert_eq!(left, 0, "undone: {undone}");
    }
    let mut repository = place.open(Access::Import);
    let mut import = repository.begin_import(terms).unwrap();
    import.write(&[job(1)]).unwrap();
    std::fs::write(place.path(), "another").unwrap();
    let Unfinished { error, all } = import.end().unwrap_err();
    assert!(matches!(error, Error::MadeMeanwhile { .. }), "{error:?}");
    assert!(all);
    assert_eq!(std::fs::read(place.path()).unwrap(), b"another");
}
