//! PostgreSQL, by the contract: over the databases that there are. What is PostgreSQL's alone stands below.

mod cluster;
mod errors;
mod examining;
mod history;
mod imports;
mod purges;
mod sweeps;
mod updates;
mod values;

use std::time::Duration;

use jobctl::job::columns::Content;
use jobctl::job::{Column, Job, JobId, Value};
use jobctl::repository::location::Sources;
use jobctl::repository::{self, Access, Location, Repository};
use jobctl::time;
use postgres::Client;
use postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use self::cluster::{Cluster, cluster};
use crate::backend::{Backend, Capability, Guard, Neighbour, Place};
use crate::contract::exercise;

/// Who has made the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Postgres {
    /// jobctl, in an empty one, whose texts are sorted by their bytes.
    New,
    /// The service, with its other tables, in one whose texts are sorted as in English.
    Service,
}

exercise!(a_new_database, crate::postgres::Postgres::New);
exercise!(
    a_database_of_the_service,
    crate::postgres::Postgres::Service
);

const SERVICE: &str = "
CREATE TABLE series (id VARCHAR(36) NOT NULL PRIMARY KEY, title VARCHAR(255) NOT NULL);
CREATE TABLE episodes (id VARCHAR(36) NOT NULL PRIMARY KEY, series_id VARCHAR(36) NOT NULL REFERENCES series (id),
    episode_number INTEGER NOT NULL, title VARCHAR(255) NOT NULL);
INSERT INTO series VALUES ('series-1', 'A series');
INSERT INTO episodes VALUES ('episode-1', 'series-1', 1, 'An episode');
CREATE TABLE video_generation_jobs (
    id VARCHAR(36) NOT NULL, job_type VARCHAR(50) NOT NULL, mode VARCHAR(20), status VARCHAR(50), content TEXT,
    user_requirement TEXT, style VARCHAR(255), project_title VARCHAR(255), request_data JSON, context JSON,
    progress DOUBLE PRECISION, current_stage VARCHAR(255), working_dir VARCHAR(500), result_data JSON, error_message TEXT,
    total_shots INTEGER, completed_shots INTEGER, episode_id VARCHAR(36), series_id VARCHAR(36),
    created_at TIMESTAMP WITHOUT TIME ZONE, updated_at TIMESTAMP WITHOUT TIME ZONE,
    started_at TIMESTAMP WITHOUT TIME ZONE, completed_at TIMESTAMP WITHOUT TIME ZONE, PRIMARY KEY (id),
    FOREIGN KEY(episode_id) REFERENCES episodes (id) ON DELETE SET NULL,
    FOREIGN KEY(series_id) REFERENCES series (id) ON DELETE SET NULL);
";

/// A database of its own.
pub struct Database {
    cluster: &'static Cluster,
    name: String,
}

impl Database {
    /// One with what `sql` makes.
    pub fn new(cluster: &'static Cluster, sql: &str, is_english: bool) -> Database {
        Database {
            cluster,
            name: cluster.database(sql, is_english),
        }
    }

    pub fn try_open(&self, access: Access) -> repository::Result<Box<dyn Repository>> {
        self.open_as("jobctl", access)
    }

    pub fn open_as(&self, user: &str, access: Access) -> repository::Result<Box<dyn Repository>> {
        self.open_waiting(user, access, Duration::from_millis(50))
    }

    /// One that waits for so long for what others hold.
    pub fn open_waiting(
        &self,
        user: &str,
        access: Access,
        wait: Duration,
    ) -> repository::Result<Box<dyn Repository>> {
        let url = self.cluster.url(user, &self.name);
        let sources = Sources {
            flag: Some(url.into()),
            ..Sources::default()
        };
        let location = Location::find(&sources).unwrap();
        repository::open(&location, access, wait)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        self.cluster.drop_database(&self.name);
    }
}

impl Place for Database {
    fn open(&self, access: Access) -> Box<dyn Repository> {
        self.try_open(access).unwrap()
    }

    fn neighbour(&self) -> Box<dyn Neighbour> {
        Box::new(self.cluster.connect(&self.name))
    }
}

impl Backend for Postgres {
    fn is_there(&self) -> bool {
        cluster().is_some()
    }

    fn fresh(&self) -> Box<dyn Place> {
        let cluster = cluster().unwrap();
        let (sql, is_english) = match self {
            Postgres::New => ("", false),
            Postgres::Service => (SERVICE, true),
        };
        let database = Database::new(cluster, sql, is_english);
        if *self == Postgres::New {
            drop(database.open(Access::Create));
        }
        Box::new(database)
    }

    fn has(&self, capability: Capability) -> bool {
        match capability {
            Capability::Tables
            | Capability::History
            | Capability::Imports
            | Capability::Sweeps
            | Capability::Claims
            | Capability::Storage => true,
            Capability::Parents => *self == Postgres::Service,
            Capability::Backup | Capability::NullIds | Capability::OwnVersion => false,
        }
    }

    fn holds(&self, column: Column, value: &Value) -> bool {
        let is_parent = matches!(column, Column::EpisodeId | Column::SeriesId);
        if value.is_null() {
            return !column.is_demanded();
        }
        if let Value::Text(text) = value
            && text.contains('\0')
        {
            return false;
        }
        match (column.content(), value) {
            (Content::Text(most), Value::Text(text)) => {
                (most == 0 || text.chars().count() <= most)
                    && !(is_parent && *self == Postgres::Service)
            }
            (Content::Json, Value::Text(text)) => {
                serde_json::from_str::<serde_json::Value>(text).is_ok()
            }
            (Content::Real, Value::Real(_)) => true,
            (Content::Integer, Value::Integer(number)) => i32::try_from(*number).is_ok(),
            (Content::Time, Value::Text(text)) => {
                time::is_stored_form(text.as_bytes()) && time::parse_stored(text).is_some()
            }
            _ => false,
        }
    }
}

const TABLE: &str = "video_generation_jobs";

/// A value as a text, which the server reads by the type of its column.
#[derive(Debug)]
struct Spelled(Option<String>);

impl Spelled {
    fn of(value: &Value) -> Spelled {
        Spelled((!value.is_null()).then(|| value.display().into_owned()))
    }
}

impl ToSql for Spelled {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut bytes::BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        self.0.to_sql(kind, out)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

fn cast(column: Column) -> &'static str {
    match column.content() {
        Content::Text(_) => "text",
        Content::Json => "json",
        Content::Real => "float8",
        Content::Integer => "int4",
        Content::Time => "timestamp",
    }
}

impl Neighbour for Client {
    fn insert(&mut self, job: &Job) {
        let names: Vec<&str> = Column::ALL.iter().map(|it| it.name()).collect();
        let marks: Vec<String> = Column::ALL
            .iter()
            .enumerate()
            .map(|(index, column)| format!("${}::text::{}", index + 1, cast(*column)))
            .collect();
        let sql = format!(
            "INSERT INTO {TABLE} ({}) VALUES ({})",
            names.join(", "),
            marks.join(", ")
        );
        let values: Vec<Spelled> = job.values().iter().map(Spelled::of).collect();
        let values: Vec<&(dyn ToSql + Sync)> = values
            .iter()
            .map(|value| value as &(dyn ToSql + Sync))
            .collect();
        self.execute(&sql, &values).unwrap();
    }

    fn set(&mut self, id: &JobId, column: Column, value: &Value) {
        let (name, cast) = (column.name(), cast(column));
        let sql = format!("UPDATE {TABLE} SET {name} = $1::text::{cast} WHERE id = $2");
        let changed = self.execute(&sql, &[&Spelled::of(value), &id.to_string()]);
        assert_eq!(changed.unwrap(), 1);
    }

    fn delete(&mut self, id: &JobId) {
        let sql = format!("DELETE FROM {TABLE} WHERE id = $1");
        assert_eq!(self.execute(&sql, &[&id.to_string()]).unwrap(), 1);
    }

    fn can_write(&mut self) -> bool {
        let sql = format!("BEGIN; LOCK TABLE {TABLE} IN SHARE ROW EXCLUSIVE MODE NOWAIT");
        let locked = self.batch_execute(&sql).is_ok();
        self.batch_execute("ROLLBACK").unwrap();
        locked
    }

    fn lock(&mut self) {
        let sql = format!("BEGIN; LOCK TABLE {TABLE} IN EXCLUSIVE MODE");
        self.batch_execute(&sql).unwrap();
    }

    fn unlock(&mut self) {
        self.batch_execute("ROLLBACK").unwrap();
    }

    fn add_column(&mut self, name: &str) {
        let sql = format!("ALTER TABLE {TABLE} ADD COLUMN {name} TEXT");
        self.batch_execute(&sql).unwrap();
    }

    fn set_other(&mut self, id: &JobId, name: &str, text: &str) {
        let sql = format!("UPDATE {TABLE} SET {name} = $1 WHERE id = $2");
        assert_eq!(self.execute(&sql, &[&text, &id.to_string()]).unwrap(), 1);
    }

    fn guard(&mut self, id: &JobId, guard: Guard) {
        let act = match guard {
            Guard::Refuses => "RAISE EXCEPTION 'no'",
            Guard::Breaks => "PERFORM 1 / 0",
        };
        let sql = format!(
            "CREATE FUNCTION guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {act}; RETURN OLD; END $$;
             CREATE TRIGGER guard BEFORE DELETE ON {TABLE} FOR EACH ROW WHEN (old.id = '{id}') EXECUTE FUNCTION guard()"
        );
        self.batch_execute(&sql).unwrap();
    }

    fn add_parent(&mut self, column: Column, id: &str) {
        let sql = match column {
            Column::SeriesId => "INSERT INTO series (id, title) VALUES ($1, 'one')",
            _ => {
                "INSERT INTO episodes (id, series_id, episode_number, title) VALUES ($1, 'series-1', 1, 'one')"
            }
        };
        self.execute(sql, &[&id]).unwrap();
    }
}
