//! The errors of SQLite in the repository's terms: nobody should have to look up a result code.

use std::fmt::Display;
use std::io;
use std::path::Path;
use std::str::Utf8Error;

use rusqlite::ffi::{self, ErrorCode};

use super::refusal;
use super::refusal::code;
use super::schema::STEPS;
use crate::error::{Failure, Kind};
use crate::repository::sqlite::connection::companions::COMPANIONS;
use crate::repository::sqlite::hints;
use crate::repository::{Error, Patience};
use crate::system::access::{self, Hindrance};
use crate::system::open::with_suffix;
use crate::text::shell::word;
use crate::text::visible::one_line;

/// True for the errors of a read-only connection that a connection allowed to write can get past:
/// a hot journal, a WAL that needs recovery or whose shared memory is not there.
pub(in crate::repository::sqlite) fn wants_writer(error: &rusqlite::Error) -> bool {
    code(error).is_some_and(|code| {
        matches!(code.code, ErrorCode::CannotOpen | ErrorCode::ReadOnly)
            || code.extended_code == ffi::SQLITE_BUSY_RECOVERY
    })
}

/// The name of a database in errors.
pub(in crate::repository::sqlite) fn database_name(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// A failure in words of SQLite's own.
pub(in crate::repository::sqlite) fn own(kind: Kind, message: String, hint: String) -> Error {
    Error::Own(Failure::new(kind, message).hint(hint))
}

pub(in crate::repository::sqlite) fn not_a_database(path: &Path, origin: &str) -> Error {
    let message = format!("{} is not a SQLite database ({origin})", shown(path));
    own(Kind::NoInput, message, hints::NAME_SERVICE.to_owned())
}

/// The error for a file that a later jobctl has made.
pub(in crate::repository::sqlite) fn newer(path: &Path, origin: &str, version: i64) -> Error {
    let message = format!(
        "{} was made by a newer jobctl: its schema has version {version}, and this jobctl knows versions up to {} ({origin})",
        shown(path),
        STEPS.len()
    );
    let hint = "install a newer jobctl; jobctl --version says which one this is";
    own(Kind::NoInput, message, hint.to_owned())
}

/// The error for a file that cannot even be opened, for want of a right.
pub(in crate::repository::sqlite) fn no_access(path: &Path, why: &Hindrance) -> Error {
    let what = if why.reads { "read" } else { "written" };
    let message = format!("{} may not be {what}: {why}", shown(path));
    own(Kind::Io, message, why.hint())
}

/// The missing right that keeps the file from being opened, if that is the reason.
fn hindrance(path: &Path) -> Option<Hindrance> {
    access::of_reading(path, &COMPANIONS).or_else(|| access::of_writing(path, &COMPANIONS))
}

pub(in crate::repository::sqlite) fn read_only(path: &Path) -> Error {
    let why = access::of_writing(path, &COMPANIONS);
    Error::ReadOnly {
        database: database_name(path),
        hint: why
            .as_ref()
            .map_or(hints::READ_ONLY.to_owned(), Hindrance::hint),
        why: why.map(|why| why.to_string()),
    }
}

fn full(path: &Path) -> Error {
    Error::Full {
        database: database_name(path),
        hint: hints::FULL,
    }
}

fn unusable(path: &Path, detail: impl Display) -> Error {
    let message = format!("{}: {detail}", shown(path));
    own(Kind::Io, message, hints::UNUSABLE.to_owned())
}

fn corrupt(path: &Path, detail: &str) -> Error {
    let message = format!("{} is damaged: {detail}", shown(path));
    let path = word(&path.to_string_lossy());
    let hint = format!("restore a backup, or salvage with: sqlite3 {path} .recover");
    own(Kind::Failed, message, hint)
}

pub(in crate::repository::sqlite) fn shown(path: &Path) -> String {
    one_line(&path.to_string_lossy()).into_owned()
}

pub(in crate::repository::sqlite) fn translate(
    error: rusqlite::Error,
    doing: &'static str,
    path: &Path,
    patience: &Patience,
) -> Error {
    if let Some(detail) = refusal::reason(&error) {
        return Error::Other { doing, detail };
    }
    let Some(found) = code(&error) else {
        // Names, and the texts of jobctl's own tables: those of jobs are read as bytes.
        if is_of_bytes(&error) {
            return corrupt(path, &format!("a text in it is not UTF-8 ({doing})"));
        }
        let detail = error.to_string();
        return Error::Other { doing, detail };
    };
    let detail = match &error {
        rusqlite::Error::SqliteFailure(_, Some(text)) => text.clone(),
        // Without the statement, which means nothing to the reader.
        rusqlite::Error::SqlInputError { msg, .. } => msg.clone(),
        other => other.to_string(),
    };
    let database = database_name(path);
    match found.code {
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked if patience.has_ended() => {
            Error::Interrupted {
                database,
                doing: None,
            }
        }
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Error::Locked {
            database,
            waited: patience.longest,
        },
        ErrorCode::ReadOnly if stands_in_the_way(&error) => needs_recovery(path),
        ErrorCode::ReadOnly => read_only(path),
        ErrorCode::DiskFull => full(path),
        ErrorCode::DatabaseCorrupt => corrupt(path, &detail),
        ErrorCode::NotADatabase => not_a_database(path, "read just now"),
        ErrorCode::CannotOpen | ErrorCode::PermissionDenied => match hindrance(path) {
            Some(why) => no_access(path, &why),
            None => unusable(
                path,
                "it cannot be opened; is its folder there and may it be used?",
            ),
        },
        // A file-size limit shows as EFBIG, which SQLite reports as a write error.
        ErrorCode::SystemIoFailure if found.extended_code == ffi::SQLITE_IOERR_WRITE => {
            unusable(path, "writing failed (disk full, or over a limit?)")
        }
        ErrorCode::SystemIoFailure => unusable(path, detail),
        _ if detail == "unsupported file format" => {
            corrupt(path, "its number of a format is unknown")
        }
        _ if is_of_program(&detail) => {
            let detail = format!(
                "a trigger, a rule, an index or a column of the database needs what only the service's own program has: {detail}"
            );
            Error::Other { doing, detail }
        }
        // What stands in the table's triggers and views, since what jobctl reads is known to be there.
        _ if found.extended_code == ffi::SQLITE_ERROR && detail.starts_with("no such ") => {
            let detail = format!("a trigger or view of the database cannot work: {detail}");
            Error::Other { doing, detail }
        }
        _ => Error::Other { doing, detail },
    }
}

/// The error where a writer was killed, and its half-done work cannot be undone since the file may not be written.
pub(in crate::repository::sqlite) fn needs_recovery(path: &Path) -> Error {
    let why = access::of_writing(path, &COMPANIONS);
    let message = format!(
        "{} was left in the middle of a write by a killed process, and may not be written to mend it{}",
        shown(path),
        because(why.as_ref())
    );
    let hint =
        "run once as a user who may write the file and its folder, or let the service open it";
    let hint = why.map_or(hint.to_owned(), |why| why.hint());
    Error::HalfDone(Failure::new(Kind::Io, message).hint(hint))
}

/// The error where a log lies beside the file without its index, as in a copy, and no index can be made.
pub(in crate::repository::sqlite) fn log_alone(path: &Path, absolute: &Path) -> Error {
    let why = access::of_writing(&with_suffix(absolute, "-shm"), &[]);
    let shown = shown(path);
    let message = format!(
        "a part of {shown} may lie in its log {shown}-wal, and reading that needs {shown}-shm, which is not there and cannot be made{}",
        because(why.as_ref())
    );
    let hint =
        "copy both files to a folder that may be written, or run as a user who may write this one";
    own(Kind::Io, message, hint.to_owned())
}

fn because(why: Option<&Hindrance>) -> String {
    why.map_or(String::new(), |why| format!(": {why}"))
}

/// Whether a text was to be read that is none.
fn is_of_bytes(error: &rusqlite::Error) -> bool {
    match error {
        rusqlite::Error::Utf8Error(..) => true,
        rusqlite::Error::FromSqlConversionFailure(_, _, cause) => cause.is::<Utf8Error>(),
        _ => false,
    }
}

/// Whether a function or an order of texts is missing that another program has given to SQLite.
fn is_of_program(detail: &str) -> bool {
    let kinds = [
        "no such function",
        "unknown function",
        "no such collation sequence",
    ];
    kinds.iter().any(|kind| detail.starts_with(kind))
}

/// The error of the operating system about a file.
pub(in crate::repository::sqlite) fn io_error(path: &Path, error: &io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::StorageFull => full(path),
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            match hindrance(path) {
                Some(why) => no_access(path, &why),
                None => unusable(path, error),
            }
        }
        _ => unusable(path, error),
    }
}

/// True where a journal, or a log, has to be rolled back or read into its index first, and the connection only reads.
pub(in crate::repository::sqlite) fn stands_in_the_way(error: &rusqlite::Error) -> bool {
    refusal::code(error).is_some_and(|code| {
        matches!(
            code.extended_code,
            ffi::SQLITE_READONLY_ROLLBACK | ffi::SQLITE_READONLY_RECOVERY
        )
    })
}
