//! Files as they were at a moment, and the checks of them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use rusqlite::Connection;

use crate::record::Event;

pub const TABLE: &str = "BEGIN; CREATE TABLE job (id TEXT PRIMARY KEY, n INTEGER, body TEXT); \
     CREATE TABLE total (n INTEGER, round INTEGER); INSERT INTO total VALUES (0, 0); COMMIT";

/// Adds and removes rows, gives space back, and writes down how many rows there are.
pub fn transaction(round: u32, rows: u32) -> String {
    format!(
        "BEGIN IMMEDIATE; \
         WITH RECURSIVE k(i) AS (SELECT {round} * 13 UNION ALL SELECT i + 1 FROM k WHERE i + 1 < {round} * 13 + {rows}) \
         INSERT OR REPLACE INTO job SELECT printf('%08x', (i * 2654435761) & 4294967295), i, printf('%.*c', 100 + (i * 7919) % 1500, 'x') FROM k; \
         DELETE FROM job WHERE n % 5 = {round} % 5; UPDATE job SET body = body || 'y' WHERE n % 7 = 3; \
         PRAGMA incremental_vacuum(3); UPDATE total SET n = (SELECT count(*) FROM job), round = {round}; COMMIT"
    )
}

pub fn pragma(connection: &Connection, sql: &str) -> String {
    let mut statement = connection.prepare(sql).expect("prepares");
    let mut rows = statement.query([]).expect("runs");
    match rows.next().expect("steps") {
        Some(row) => format!("{:?}", row.get_ref(0).expect("has a column")),
        None => String::new(),
    }
}

/// The contents of the files that exist, by name.
#[derive(Default)]
pub struct Files(BTreeMap<String, Vec<u8>>);

impl Files {
    pub fn take(&mut self, event: &Event) {
        match event {
            // What maps a log's pages is made anew by whoever comes first.
            Event::Written(name, ..) | Event::Cut(name, _) if name.ends_with("-shm") => {}
            Event::Written(name, at, bytes) => {
                let content = self.0.entry(name.clone()).or_default();
                let end = *at as usize + bytes.len();
                content.resize(content.len().max(end), 0);
                content[*at as usize..end].copy_from_slice(bytes);
            }
            Event::Cut(name, size) => self
                .0
                .entry(name.clone())
                .or_default()
                .resize(*size as usize, 0),
            Event::Removed(name) => drop(self.0.remove(name)),
            Event::Begins | Event::Committed(_) => {}
        }
    }

    /// Writes the files into a folder, and removes all others there.
    pub fn put(&self, folder: &Path) {
        for left in fs::read_dir(folder).expect("is there").flatten() {
            fs::remove_file(left.path()).expect("goes");
        }
        for (name, content) in &self.0 {
            fs::write(folder.join(name), content).expect("writes");
        }
    }
}

/// An error unless the database is sound and has whole transactions alone, `least` of them or more.
pub fn check(path: &Path, least: u32) -> Result<(), String> {
    let read = || -> rusqlite::Result<(String, u32, u32, u32)> {
        let connection = Connection::open(path)?;
        connection.pragma_update(None, "synchronous", "OFF")?;
        let sound = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
        let sql = "SELECT n, round, (SELECT count(*) FROM job) FROM total";
        connection.query_row(sql, [], |row| {
            Ok((sound, row.get(0)?, row.get(1)?, row.get(2)?))
        })
    };
    match read() {
        Err(error) => Err(error.to_string()),
        Ok((sound, ..)) if sound != "ok" => Err(sound),
        Ok((_, said, _, rows)) if said != rows => Err(format!("{rows} rows, not {said}")),
        Ok((_, _, round, _)) if round < least || round > least + 1 => {
            Err(format!("transaction {round}, and {least} was told"))
        }
        Ok(_) => Ok(()),
    }
}
