//! A file that is to be restored. It is looked at as a whole before anything is done with it, and stays as it is until the end:
//! nothing is mended in it, and nothing is made beside it.

use std::io;
use std::path::Path;

use rusqlite::ffi::ErrorCode;
use rusqlite::{Connection, OpenFlags};

use super::check::{faults, open_unchanged, watch};
use super::copy::tables;
use crate::error::{Failure, Kind};
use crate::repository::sqlite::connection::connect::{Driver, connect};
use crate::repository::sqlite::connection::deadline::was_stopped;
use crate::repository::sqlite::connection::errors::{self, io_error, shown};
use crate::repository::sqlite::connection::refusal::code;
use crate::repository::sqlite::connection::schema::{self, Age, TABLE};
use crate::repository::sqlite::connection::{busy, table_shape};
use crate::repository::{BackupCheck, Error, Patience, Result};
use crate::system::open::{beginning, with_suffix};
use crate::text::shell::word;
use crate::text::visible::one_line;

/// A sound file of jobs.
pub(in crate::repository) struct BackupSource {
    pub(super) connection: Connection,
    /// The bytes of a page.
    pub(super) page: u64,
    /// Those of all pages.
    pub(in crate::repository) bytes: u64,
    pub(in crate::repository) jobs: u64,
}

/// Opens and checks it; what is no sound backup is bad data. `named` is the name by which the user knows it.
pub(in crate::repository) fn open(
    path: &Path,
    named: &Path,
    patience: &Patience,
) -> Result<BackupSource> {
    let bad = |why: &str, hint: &str| {
        let message = format!("{} is no sound backup: {why}", shown(named));
        Error::Own(Failure::new(Kind::BadData, message).hint(hint))
    };
    for suffix in ["-wal", "-journal"] {
        let beside = with_suffix(path, suffix);
        if std::fs::metadata(&beside).is_ok_and(|found| found.len() > 0) {
            let why = format!("a part of it lies in {}", shown(&beside));
            let file = word(&named.to_string_lossy());
            return Err(bad(
                &why,
                &format!("jobctl --db {file} backup NEW makes a backup of the two"),
            ));
        }
    }
    let mut header = [0; 20];
    match beginning(path, &mut header) {
        Ok(()) if header.starts_with(b"SQLite format 3\0") => {}
        Ok(()) => return Err(bad("it is no SQLite database", ANOTHER)),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            return Err(bad("it is no SQLite database", ANOTHER));
        }
        Err(error) => return Err(io_error(named, &error)),
    }
    let explain = |error: rusqlite::Error| match code(&error).map(|found| found.code) {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
            bad(&format!("it is damaged: {}", detail(&error)), ANOTHER)
        }
        _ if was_stopped(&error) => Error::Own(interrupted()),
        _ => errors::translate(error, "checking the backup", named, patience),
    };
    // One with a log would get one to be read.
    let mut connection = if header[18..] == [2, 2] {
        let absolute = std::fs::canonicalize(path);
        open_unchanged(&absolute.map_err(|error| io_error(named, &error))?)
    } else {
        connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY, Driver::Own)
    }
    .map_err(explain)?;
    let size = std::fs::metadata(path)
        .map_err(|error| io_error(named, &error))?
        .len();
    let looked = (|| {
        busy::wait(&mut connection, patience)?;
        watch(&mut connection, patience)?;
        connection.execute_batch("BEGIN")?;
        let there = schema::has_jobs(&connection)?;
        let age = Age::of(&connection, schema::STEPS.len())?;
        let shape = if there {
            table_shape::check(&connection)?.map(drop)
        } else {
            Err(String::new())
        };
        let [page, pages] = ["page_size", "page_count"]
            .map(|name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0)));
        let page = u64::try_from(page?).unwrap_or(0);
        // SQLite takes what is missing of the last page for zeros.
        let is_cut = size < page * u64::try_from(pages?).unwrap_or(0);
        let faults = if is_cut {
            vec!["it is cut off".to_owned()]
        } else {
            faults(&connection, BackupCheck::Full)?
        };
        Ok((there, age, shape, faults, tables(&connection)?, page))
    })();
    let (there, age, shape, faults, tables, page) = looked.map_err(explain)?;
    if !there {
        return Err(bad(&format!("it has no table {TABLE}"), ANOTHER));
    }
    if let Age::Newer(version) = age {
        let known = schema::STEPS.len();
        let why = format!(
            "a newer jobctl made it: its schema has version {version}, and this jobctl knows versions up to {known}"
        );
        return Err(bad(&why, "install a newer jobctl"));
    }
    if let Err(what) = shape {
        return Err(bad(&format!("its table {TABLE} {what}"), ANOTHER));
    }
    if !faults.is_empty() {
        let why = format!("it is damaged: {}", one_line(&faults.join("; ")));
        return Err(bad(&why, ANOTHER));
    }
    let jobs = tables
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(TABLE));
    Ok(BackupSource {
        jobs: jobs.map_or(0, |(_, rows)| *rows),
        connection,
        page,
        bytes: size,
    })
}

const ANOTHER: &str = "nothing was changed; restore another backup";

fn detail(error: &rusqlite::Error) -> String {
    match error {
        rusqlite::Error::SqliteFailure(_, Some(text)) => one_line(text).into_owned(),
        other => one_line(&other.to_string()).into_owned(),
    }
}

pub(super) fn interrupted() -> Failure {
    Failure::new(Kind::Interrupted, "interrupted; nothing was changed").hint("run it again")
}
