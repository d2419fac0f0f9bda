//! SQLite, by the contract: over the files that there are. What is SQLite's alone stands below.

mod files;
mod imports;
mod sweeps;

use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;

use jobctl::job::{Column, Job, JobId, Value};
use jobctl::repository::{self, Access, ImportTerms, Location, OnConflict, Repository};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ToSql, params, params_from_iter};
use tempfile::TempDir;

use crate::backend::{Backend, Capability, Guard, Neighbour, Place};
use crate::contract::exercise;

/// Who has made the file, and so its journal, its pages, its columns and its indexes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sqlite {
    /// jobctl, where there was none: it has a log.
    New,
    /// An import, with larger pages.
    Imported,
    /// jobctl, in an empty one, which keeps the journal that readers keep waiting.
    Empty,
    /// The SQL of the report.
    Report,
    /// The service, with its other tables.
    Service,
}

exercise!(a_new_file, crate::sqlite::Sqlite::New);
exercise!(a_file_of_an_import, crate::sqlite::Sqlite::Imported);
exercise!(a_file_that_was_empty, crate::sqlite::Sqlite::Empty);
exercise!(a_file_of_the_report, crate::sqlite::Sqlite::Report);
exercise!(a_file_of_the_service, crate::sqlite::Sqlite::Service);

/// A file in a folder of its own.
pub struct File {
    pub folder: TempDir,
}

impl File {
    pub fn nowhere() -> File {
        File {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// A copy of one that was made so: making one takes longer than most tests.
    pub fn of(made: Sqlite) -> File {
        static BYTES: [OnceLock<Vec<u8>>; 5] = [const { OnceLock::new() }; 5];
        let bytes = BYTES[made as usize].get_or_init(|| {
            let file = File::make(made);
            std::fs::read(file.path()).unwrap()
        });
        let file = File::nowhere();
        std::fs::write(file.path(), bytes).unwrap();
        file
    }

    fn make(made: Sqlite) -> File {
        let file = File::nowhere();
        let run = |sql| {
            let connection = file.connect();
            connection
                .pragma_update(None, "foreign_keys", false)
                .unwrap();
            connection.execute_batch(sql).unwrap();
        };
        match made {
            Sqlite::New => drop(file.open(Access::Create)),
            Sqlite::Imported => {
                let mut repository = file.open(Access::Import);
                let terms = ImportTerms {
                    on_conflict: OnConflict::Skip,
                    atomic: false,
                };
                repository.begin_import(terms).unwrap().end().unwrap();
            }
            Sqlite::Empty => {
                std::fs::write(file.path(), "").unwrap();
                drop(file.open(Access::Create));
            }
            Sqlite::Report => run(include_str!("../schema_v1.sql")),
            Sqlite::Service => run(include_str!("../service.sql")),
        }
        file
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("jobs.db")
    }

    pub fn try_open(&self, access: Access) -> repository::Result<Box<dyn Repository>> {
        let location = Location::of_file(self.path(), "from a test");
        repository::open(&location, access, Duration::from_millis(50))
    }

    /// Another program that uses it.
    pub fn connect(&self) -> Connection {
        let connection = Connection::open(self.path()).unwrap();
        connection.busy_timeout(Duration::ZERO).unwrap();
        connection
            .pragma_update(None, "foreign_keys", false)
            .unwrap();
        connection
    }
}

impl Place for File {
    fn open(&self, access: Access) -> Box<dyn Repository> {
        self.try_open(access).unwrap()
    }

    fn neighbour(&self) -> Box<dyn Neighbour> {
        Box::new(self.connect())
    }
}

impl Backend for Sqlite {
    fn fresh(&self) -> Box<dyn Place> {
        Box::new(File::of(*self))
    }

    fn has(&self, capability: Capability) -> bool {
        match capability {
            Capability::Storage
            | Capability::Backup
            | Capability::History
            | Capability::Tables
            | Capability::Imports
            | Capability::Sweeps
            | Capability::Claims
            | Capability::OwnVersion => true,
            Capability::NullIds => *self != Sqlite::Service,
            Capability::Parents => *self == Sqlite::Service,
        }
    }

    /// Everything, but for the foreign keys of the service.
    fn holds(&self, column: Column, value: &Value) -> bool {
        let is_parent = matches!(column, Column::EpisodeId | Column::SeriesId);
        *self != Sqlite::Service || !is_parent || value.is_null()
    }
}

const TABLE: &str = "video_generation_jobs";

struct Bound<'a>(&'a Value);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0 {
            Value::Null => ValueRef::Null,
            Value::Integer(number) => ValueRef::Integer(*number),
            Value::Real(number) => ValueRef::Real(*number),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::BrokenText(bytes) => ValueRef::Text(bytes),
            Value::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

impl Neighbour for Connection {
    fn insert(&mut self, job: &Job) {
        let marks = vec!["?"; Column::COUNT].join(", ");
        let names: Vec<&str> = Column::ALL.iter().map(|it| it.name()).collect();
        let sql = format!(
            "INSERT INTO {TABLE} ({}) VALUES ({marks})",
            names.join(", ")
        );
        let values = params_from_iter(job.values().iter().map(Bound));
        self.execute(&sql, values).unwrap();
    }

    fn set(&mut self, id: &JobId, column: Column, value: &Value) {
        let sql = format!("UPDATE {TABLE} SET {} = ? WHERE id = ?", column.name());
        let changed = self.execute(&sql, params![Bound(value), id.to_string()]);
        assert_eq!(changed, Ok(1));
    }

    fn delete(&mut self, id: &JobId) {
        let sql = format!("DELETE FROM {TABLE} WHERE id = ?");
        assert_eq!(self.execute(&sql, [id.to_string()]), Ok(1));
    }

    fn can_write(&mut self) -> bool {
        self.execute_batch("BEGIN EXCLUSIVE; ROLLBACK").is_ok()
    }

    fn lock(&mut self) {
        self.execute_batch("BEGIN IMMEDIATE").unwrap();
    }

    fn unlock(&mut self) {
        self.execute_batch("ROLLBACK").unwrap();
    }

    fn add_column(&mut self, name: &str) {
        let sql = format!("ALTER TABLE {TABLE} ADD COLUMN {name}");
        self.execute_batch(&sql).unwrap();
    }

    fn set_other(&mut self, id: &JobId, name: &str, text: &str) {
        let sql = format!("UPDATE {TABLE} SET {name} = ? WHERE id = ?");
        assert_eq!(self.execute(&sql, [text, &id.to_string()]), Ok(1));
    }

    fn guard(&mut self, id: &JobId, guard: Guard) {
        let act = match guard {
            Guard::Refuses => "SELECT raise(ABORT, 'no')",
            Guard::Breaks => "SELECT abs(-9223372036854775807 - 1)",
        };
        let sql = format!(
            "CREATE TRIGGER guard BEFORE DELETE ON {TABLE} WHEN old.id = '{id}' BEGIN {act}; END"
        );
        self.execute_batch(&sql).unwrap();
    }

    fn add_parent(&mut self, column: Column, id: &str) {
        let sql = match column {
            Column::SeriesId => "INSERT INTO series (id, title) VALUES (?, 'one')",
            _ => {
                "INSERT INTO episodes (id, series_id, episode_number, title) VALUES (?, 'series-1', 1, 'one')"
            }
        };
        self.execute(sql, [id]).unwrap();
    }
}
