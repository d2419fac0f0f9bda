//! The trial of an import, for a dry run: its rows are written in transactions that are taken back, to find those that the
//! table refuses. They are short, and nothing of them reaches the file: their journal stays in memory.

use std::collections::HashMap;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::upsert::{ConflictPolicy, OwnRows};
use crate::error::Kind;
use crate::job::Job;
use crate::repository::sqlite::connection::companions::COMPANIONS;
use crate::repository::sqlite::connection::database::Sqlite;
use crate::repository::sqlite::connection::deadline::Deadline;
use crate::repository::sqlite::connection::{busy, functions};
use crate::repository::sqlite::history::recorder::Recorder;
use crate::repository::sqlite::writing::pace::Pace;
use crate::repository::{Error, Imported, OnConflict, Result};
use crate::system::open::protect_open;

const TRYING: &str = "trying what the table refuses";

/// The state of the trial.
#[derive(Default)]
pub(in crate::repository::sqlite) enum Trial {
    /// It is not known yet whether there is anything to be tried.
    #[default]
    Unasked,
    /// No need: the table refuses nothing.
    NotNeeded,
    Ready(Box<Ready>),
    /// No trial is possible, for this reason.
    Impossible(String),
}

pub(in crate::repository::sqlite) struct Ready {
    /// The same file, opened to be written.
    sqlite: Sqlite,
    /// True when the table may refuse a row for another one.
    compares: bool,
    transactions: u64,
}

impl Trial {
    pub(in crate::repository::sqlite) fn gaps(&self) -> Option<String> {
        match self {
            Trial::Unasked | Trial::NotNeeded => None,
            Trial::Ready(ready) if ready.compares && ready.transactions > 1 => Some(
                "the table has rules of its own, and jobs were tried against it in parts: what it refuses \
                 of one part because of another is not known"
                    .to_owned(),
            ),
            Trial::Ready(_) => None,
            Trial::Impossible(why) => Some(format!(
                "the table has rules of its own, which could not be tried ({why}): it may refuse some of these jobs"
            )),
        }
    }
}

/// The jobs, by index, that the table would refuse, and why.
pub(in crate::repository::sqlite) fn refused(
    trial: &mut Trial,
    sqlite: &Sqlite,
    jobs: &[Job],
    on_conflict: OnConflict,
) -> Result<HashMap<usize, Imported>> {
    if matches!(trial, Trial::Unasked) {
        *trial = begin(sqlite)?;
    }
    let Trial::Ready(ready) = trial else {
        return Ok(HashMap::new());
    };
    match ready.all(jobs, on_conflict) {
        Ok(refused) => Ok(refused),
        Err(error @ (Error::Locked { .. } | Error::ReadOnly { .. } | Error::Full { .. })) => {
            *trial = Trial::Impossible(error.to_string());
            Ok(HashMap::new())
        }
        // The file may not be opened.
        Err(Error::Own(failure) | Error::HalfDone(failure)) if failure.kind == Kind::Io => {
            *trial = Trial::Impossible(failure.message);
            Ok(HashMap::new())
        }
        Err(error) => Err(error),
    }
}

fn begin(sqlite: &Sqlite) -> Result<Trial> {
    if sqlite.connection.path().is_none_or(str::is_empty) || !sqlite.may_refuse_rows()? {
        return Ok(Trial::NotNeeded);
    }
    let opened = open(sqlite).and_then(|connection| sqlite.beside(connection));
    Ok(match opened.map_err(sqlite.explain(TRYING)) {
        Ok(beside) => Trial::Ready(Box::new(Ready {
            compares: sqlite.may_refuse_pairs()?,
            sqlite: beside,
            transactions: 0,
        })),
        Err(error) => Trial::Impossible(error.to_string()),
    })
}

/// A connection of which nothing reaches the file as long as it commits nothing.
fn open(sqlite: &Sqlite) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(&sqlite.path, flags)?;
    busy::wait(&mut connection, &sqlite.patience)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    functions::register(&connection)?;
    connection.pragma_update(None, "foreign_keys", false)?;
    connection.pragma_update(None, "cache_spill", false)?;
    let mode: String = connection.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
    if !mode.eq_ignore_ascii_case("wal") {
        connection.query_row("PRAGMA journal_mode = MEMORY", [], |_| Ok(()))?;
    }
    Ok(connection)
}

impl Ready {
    fn all(&mut self, jobs: &[Job], on_conflict: OnConflict) -> Result<HashMap<usize, Imported>> {
        let own = OwnRows::none();
        let policy = ConflictPolicy {
            own: &own,
            affinities: None,
            on_conflict,
            careful: true,
        };
        let mut refused = HashMap::new();
        let mut done = 0;
        while done < jobs.len() {
            self.sqlite.pace.rest();
            let begun = self.sqlite.begin_immediate();
            begun.map_err(self.sqlite.explain(TRYING))?;
            let mut hold = self.sqlite.pace.hold(false);
            self.transactions += 1;
            let first = done;
            let tried = policy.write(&self.sqlite, &jobs[first..], |outcome| {
                if matches!(outcome, Imported::Refused(_)) {
                    refused.insert(done, outcome);
                }
                done += 1;
                hold.is_over()
            });
            if !self.sqlite.connection.is_autocommit() {
                let ended = self.sqlite.connection.execute_batch("ROLLBACK");
                ended.map_err(self.sqlite.explain(TRYING))?;
            }
            hold.committing();
            self.sqlite.pace.end(&hold);
            match tried {
                // The id is there, which is an error by the policy: the caller finds it too, and no later job counts.
                Err(Error::Exists { .. }) => break,
                Err(error) => return Err(error),
                Ok(Some((index, why))) => {
                    refused.insert(first + index, Imported::TakesBack(why.into()));
                    done = first + index + 1;
                }
                Ok(None) if done == first => break,
                Ok(None) => {}
            }
        }
        Ok(refused)
    }
}

impl Sqlite {
    /// The same file by another connection.
    fn beside(&self, mut connection: Connection) -> rusqlite::Result<Sqlite> {
        Ok(Sqlite {
            deadline: Deadline::watch(&mut connection)?,
            turns: self.turns.clone(),
            connection,
            syncing: None,
            keeps_journal: false,
            unpublished: None,
            claim: None,
            followed: None,
            path: self.path.clone(),
            patience: self.patience.clone(),
            pace: Pace::new(false),
            alone: false,
            steps: self.steps,
            parents: self.parents,
            ready_to_scan: std::cell::Cell::new(true),
            others: std::cell::RefCell::default(),
            careful: Some(true),
            recorder: Recorder::default(),
            rowid: self.rowid,
            referrers: std::cell::OnceCell::new(),
            names: None,
            _protection: protect_open(&self.path, &COMPANIONS),
        })
    }
}
