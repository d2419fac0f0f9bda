//! A database for a test that runs on PostgreSQL, in the place of its file. One that is free again is emptied for the next test, which
//! takes a tenth of the time of a new one. The statements of the tests are SQLite's; a few functions make up for what differs.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{NaiveDate, TimeDelta};
use postgres::Client;
use postgres::error::SqlState;
use postgres::types::{FromSql, ToSql, Type};
use rusqlite::types::{ToSqlOutput, Value, ValueRef};

use super::cluster::cluster;

/// Whether the tests are to run on PostgreSQL: `JOBCTL_TEST_BACKEND=postgres`.
pub fn is_wanted() -> bool {
    std::env::var_os("JOBCTL_TEST_BACKEND").is_some_and(|it| it == "postgres")
}

/// The databases that no test has.
static FREE: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// The databases of the tests, by the file in whose place each is.
static TAKEN: Mutex<Option<HashMap<PathBuf, String>>> = Mutex::new(None);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What SQLite has and PostgreSQL lacks, beside the schema that a test sees.
const HELPERS: &str = r"
CREATE SCHEMA sqlite;
CREATE FUNCTION sqlite.printf(form text, VARIADIC numbers int8[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE made text := form; found text[]; number int8; digits text;
BEGIN
    FOREACH number IN ARRAY numbers LOOP
        found := regexp_match(made, '%0?(\d*)([dx])');
        digits := CASE found[2] WHEN 'x' THEN to_hex(number) ELSE number::text END;
        IF found[1] <> '' THEN digits := lpad(digits, greatest(found[1]::int, length(digits)), '0'); END IF;
        made := regexp_replace(made, '%0?\d*[dx]', digits);
    END LOOP;
    RETURN made;
END $$;
CREATE FUNCTION sqlite.joined(before text, next text, mark text) RETURNS text LANGUAGE sql AS
    $$ SELECT CASE WHEN before IS NULL THEN next ELSE before || coalesce(mark || next, '') END $$;
CREATE FUNCTION sqlite.randomblob(bytes int) RETURNS bytea LANGUAGE sql AS
    $$ SELECT substr(decode(string_agg(md5(random()::text || n), ''), 'hex'), 1, bytes) FROM generate_series(0, bytes / 16) n $$;
CREATE FUNCTION sqlite.zeroblob(bytes int) RETURNS bytea LANGUAGE sql AS $$ SELECT decode(repeat('00', bytes), 'hex') $$;
CREATE FUNCTION sqlite.hex(bytes bytea) RETURNS text LANGUAGE sql AS $$ SELECT upper(encode(bytes, 'hex')) $$;
CREATE AGGREGATE sqlite.group_concat(text, text) (SFUNC = sqlite.joined, STYPE = text);
CREATE FUNCTION sqlite.joined(before text, next text) RETURNS text LANGUAGE sql AS $$ SELECT sqlite.joined(before, next, ',') $$;
CREATE AGGREGATE sqlite.group_concat(text) (SFUNC = sqlite.joined, STYPE = text);
CREATE VIEW sqlite.sqlite_schema AS SELECT relname::text AS name FROM pg_class
    WHERE relkind IN ('r', 'v', 'i') AND relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = 'public') ORDER BY relname;
";

const EMPTIED: &str = "
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid();
DROP SCHEMA IF EXISTS public CASCADE; CREATE SCHEMA public; SET search_path = public, sqlite; SET client_min_messages = warning";

/// SQLite takes a text for any column.
const CASTS: [&str; 4] = ["timestamp", "json", "float8", "int4"];

pub struct Database {
    name: String,
    file: PathBuf,
    client: Mutex<Client>,
    stand_in: StandIn,
}

/// The names of a database and of the file in whose place it is.
#[derive(Clone)]
pub struct StandIn {
    url: String,
    shown: String,
    file: PathBuf,
}

impl StandIn {
    /// The word as the program is given it.
    pub fn named(&self, word: &str) -> String {
        if matches!(word, "jobs.db" | "./jobs.db") || Path::new(word) == self.file {
            self.url.clone()
        } else {
            word.to_owned()
        }
    }

    /// What the program said, as it would have said it of the file.
    pub fn told(&self, text: &str) -> String {
        text.replace(&self.shown, "jobs.db")
    }
}

impl Database {
    /// An empty one, in the place of this file.
    pub fn take(file: &Path) -> Database {
        let cluster = cluster().expect("the tests are to run on PostgreSQL, so it is here");
        let free = lock(&FREE).pop();
        let name = free.unwrap_or_else(|| cluster.database(HELPERS, false));
        let mut client = cluster.connect(&name);
        client.batch_execute(EMPTIED).unwrap();
        let url = cluster.url("jobctl", &name);
        let (scheme, place) = url.split_once("://").unwrap();
        let shown = format!("{scheme}://{}", place.split_once('@').unwrap().1);
        let mut taken = lock(&TAKEN);
        let taken = taken.get_or_insert_default();
        taken.insert(file.to_owned(), name.clone());
        Database {
            name,
            client: Mutex::new(client),
            stand_in: StandIn {
                shown,
                url,
                file: file.to_owned(),
            },
            file: file.to_owned(),
        }
    }

    pub fn stand_in(&self) -> StandIn {
        self.stand_in.clone()
    }

    /// Runs statements.
    #[track_caller]
    pub fn run(&self, sql: &str) {
        let sql = translated(sql);
        let mut client = lock(&self.client);
        if let Err(error) = client.batch_execute(&sql) {
            with_casts(&mut client, error, &sql, |client| {
                client.batch_execute(&sql)
            });
        }
    }

    /// Runs one statement with these values in it.
    #[track_caller]
    pub fn change(&self, sql: &str, values: &[&dyn rusqlite::ToSql]) {
        let mut sql = translated(sql);
        for number in (1..=values.len()).rev() {
            sql = sql.replace(&format!("?{number}"), &format!("${number}::text"));
        }
        let texts: Vec<Option<String>> = values.iter().map(|value| text(*value)).collect();
        let values: Vec<&(dyn ToSql + Sync)> = texts
            .iter()
            .map(|text| text as &(dyn ToSql + Sync))
            .collect();
        let mut client = lock(&self.client);
        if let Err(error) = client.execute(&sql, &values) {
            with_casts(&mut client, error, &sql, |client| {
                client.execute(&sql, &values).map(drop)
            });
        }
    }

    /// Inserts a row of exactly these columns.
    #[track_caller]
    pub fn insert(&self, cells: &[(&str, &dyn rusqlite::ToSql)]) {
        let names: Vec<&str> = cells.iter().map(|(name, _)| *name).collect();
        let marks: Vec<String> = (1..=names.len()).map(|n| format!("?{n}")).collect();
        let values: Vec<&dyn rusqlite::ToSql> = cells.iter().map(|(_, value)| *value).collect();
        let (names, marks) = (names.join(", "), marks.join(", "));
        let sql = format!("INSERT INTO video_generation_jobs ({names}) VALUES ({marks})");
        self.change(&sql, &values);
    }

    /// One value as SQLite would show it.
    #[track_caller]
    pub fn ask(&self, sql: &str) -> String {
        let row = lock(&self.client).query_one(&translated(sql), &[]).unwrap();
        let cell: Option<Cell> = row.get(0);
        cell.map_or("NULL".to_owned(), |cell| cell.text)
    }

    /// Cells of a row as `typeof|value`, by the types of SQLite.
    #[track_caller]
    pub fn cells(&self, id: &str, columns: &[&str]) -> Vec<String> {
        let columns = columns.join(", ");
        let sql = format!("SELECT {columns} FROM video_generation_jobs WHERE id = $1");
        let row = lock(&self.client).query_one(&sql, &[&id]).unwrap();
        let cells = (0..row.len()).map(|index| row.get::<_, Option<Cell>>(index));
        cells
            .map(|cell| match cell {
                Some(cell) => format!("{}|{}", cell.kind, cell.text),
                None => "null|".to_owned(),
            })
            .collect()
    }

    /// The ids in the table, sorted.
    pub fn ids(&self) -> Vec<String> {
        let sql = "SELECT id FROM video_generation_jobs ORDER BY id COLLATE \"C\"";
        let rows = lock(&self.client).query(sql, &[]).unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    }

    /// Every column and index of tables that are not jobctl's own.
    pub fn schema(&self) -> String {
        self.ask(
            "SELECT coalesce(string_agg(it, E'\\n' ORDER BY it), '') FROM (
            SELECT table_name || '.' || column_name || ' ' || data_type || ' ' || coalesce(column_default, '') AS it
            FROM information_schema.columns WHERE table_schema = 'public' AND left(table_name, 7) <> 'jobctl_'
            UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND left(tablename, 7) <> 'jobctl_') all_of_it",
        )
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Some(taken) = lock(&TAKEN).as_mut() {
            taken.remove(&self.file);
        }
        lock(&FREE).push(std::mem::take(&mut self.name));
    }
}

/// All rows with their versions, of the database that is in the place of this file.
pub fn in_place_of(file: &Path) -> Option<String> {
    let taken = lock(&TAKEN);
    let name = taken.as_ref()?.get(file)?.clone();
    drop(taken);
    let sql = "SELECT coalesce(string_agg(xmin::text || job::text, E'\\n' ORDER BY id COLLATE \"C\"), '') FROM video_generation_jobs job";
    match cluster()?.connect(&name).query_one(sql, &[]) {
        Ok(row) => Some(row.get(0)),
        Err(error) => {
            assert_eq!(error.code(), Some(&SqlState::UNDEFINED_TABLE), "{error}");
            Some("no table".to_owned())
        }
    }
}

/// Does what failed again where it failed for a text in a column of another type.
#[track_caller]
fn with_casts(
    client: &mut Client,
    error: postgres::Error,
    sql: &str,
    again: impl Fn(&mut Client) -> Result<(), postgres::Error>,
) {
    let is_type = error.code() == Some(&SqlState::DATATYPE_MISMATCH);
    assert!(is_type, "{error:?}\n{sql}");
    let each = |form: &dyn Fn(&str) -> String| CASTS.map(form).concat();
    let made = each(&|kind| format!("CREATE CAST (text AS {kind}) WITH INOUT AS ASSIGNMENT;"));
    let gone = each(&|kind| format!("DROP CAST (text AS {kind});"));
    client.batch_execute(&format!("BEGIN; {made}")).unwrap();
    if let Err(error) = again(client) {
        let _ = client.batch_execute("ROLLBACK");
        panic!("{error:?}\n{sql}");
    }
    client.batch_execute(&format!("{gone} COMMIT")).unwrap();
}

/// The foreign keys of the report, whose tables SQLite does not ask for.
const KEYS: &str = ",
    FOREIGN KEY (episode_id) REFERENCES episodes(id) ON DELETE SET NULL,
    FOREIGN KEY (series_id) REFERENCES series(id) ON DELETE SET NULL";

fn translated(sql: &str) -> String {
    let sql = sql.replace(KEYS, "");
    let sql = sql
        .replace(" DATETIME", " TIMESTAMP")
        .replace(" char(", " chr(");
    let sql = sql.replace(" FLOAT", " DOUBLE PRECISION");
    // A column of SQLite needs no type.
    let statements = sql.split_inclusive(';').map(|statement| {
        let (column, end) = match statement.strip_suffix(';') {
            Some(statement) => (statement, ";"),
            None => (statement, ""),
        };
        match column.split_once(" ADD COLUMN ") {
            Some((_, name)) if !name.trim().contains(' ') || name.trim().ends_with('"') => {
                format!("{column} TEXT{end}")
            }
            _ => statement.to_owned(),
        }
    });
    statements.collect()
}

/// The value as a text, which the server reads by the type of its column.
#[track_caller]
fn text(value: &dyn rusqlite::ToSql) -> Option<String> {
    let shown = |value: ValueRef<'_>| match value {
        ValueRef::Null => None,
        ValueRef::Integer(number) => Some(number.to_string()),
        ValueRef::Real(number) => Some(format!("{number:?}")),
        ValueRef::Text(text) => Some(std::str::from_utf8(text).unwrap().to_owned()),
        ValueRef::Blob(_) => panic!("no column of PostgreSQL takes bytes"),
    };
    match value.to_sql().unwrap() {
        ToSqlOutput::Borrowed(value) => shown(value),
        ToSqlOutput::Owned(value) => shown(ValueRef::from(&value as &Value)),
        other => panic!("{other:?} is no value of a test"),
    }
}

/// A value as SQLite would hold and show it.
struct Cell {
    kind: &'static str,
    text: String,
}

impl<'a> FromSql<'a> for Cell {
    fn from_sql(
        kind: &Type,
        raw: &'a [u8],
    ) -> Result<Cell, Box<dyn std::error::Error + Sync + Send>> {
        let (kind, text) = match *kind {
            Type::INT2 => ("integer", i16::from_sql(kind, raw)?.to_string()),
            Type::INT4 => ("integer", i32::from_sql(kind, raw)?.to_string()),
            Type::INT8 => ("integer", i64::from_sql(kind, raw)?.to_string()),
            Type::BOOL => ("integer", u8::from(bool::from_sql(kind, raw)?).to_string()),
            Type::FLOAT8 => ("real", format!("{:?}", f64::from_sql(kind, raw)?)),
            Type::TIMESTAMP => {
                let since = TimeDelta::microseconds(i64::from_be_bytes(raw.try_into()?));
                let epoch = NaiveDate::from_ymd_opt(2000, 1, 1).unwrap();
                let at = epoch.and_hms_opt(0, 0, 0).unwrap() + since;
                ("text", at.format("%Y-%m-%d %H:%M:%S%.6f").to_string())
            }
            _ => ("text", std::str::from_utf8(raw)?.to_owned()),
        };
        Ok(Cell { kind, text })
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}
