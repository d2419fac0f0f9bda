//! SQLite's result codes in the repository's own terms: nobody should have to look up a number.

use std::io;
use std::path::Path;

use rusqlite::ffi::{self, ErrorCode};

use crate::repository::sqlite::COMPANIONS;
use crate::repository::sqlite::writing::table_rules;
use crate::repository::{Error, Patience};
use crate::system::access::{self, Hindrance};

/// The extended result code, when the error came from SQLite itself.
pub(in crate::repository::sqlite) fn code(error: &rusqlite::Error) -> Option<ffi::Error> {
    match error {
        rusqlite::Error::SqliteFailure(code, _) => Some(*code),
        rusqlite::Error::SqlInputError { error, .. } => Some(*error),
        _ => None,
    }
}

/// True for the errors of a read-only connection that a connection allowed to write can get past:
/// a hot journal, a WAL that needs recovery or whose shared memory is not there.
pub(in crate::repository::sqlite) fn wants_writer(error: &rusqlite::Error) -> bool {
    code(error).is_some_and(|code| {
        matches!(code.code, ErrorCode::CannotOpen | ErrorCode::ReadOnly)
            || code.extended_code == ffi::SQLITE_BUSY_RECOVERY
    })
}

/// Why it cannot be opened, as far as that is a matter of rights.
pub(in crate::repository::sqlite) fn no_access(path: &Path) -> Option<Hindrance> {
    access::of_reading(path, &COMPANIONS).or_else(|| access::of_writing(path, &COMPANIONS))
}

pub(in crate::repository::sqlite) fn translate(
    error: rusqlite::Error,
    doing: &'static str,
    path: &Path,
    patience: &Patience,
) -> Error {
    if let Some(detail) = table_rules::reason(&error) {
        return Error::Other { doing, detail };
    }
    let path = path.to_owned();
    let Some(found) = code(&error) else {
        let detail = error.to_string();
        return Error::Other { doing, detail };
    };
    let detail = match &error {
        rusqlite::Error::SqliteFailure(_, Some(text)) => text.clone(),
        // Without the statement, which means nothing to who has not written it.
        rusqlite::Error::SqlInputError { msg, .. } => msg.clone(),
        other => other.to_string(),
    };
    match found.code {
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked if patience.has_ended() => {
            Error::Interrupted { path }
        }
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Error::Locked {
            path,
            waited: patience.longest,
        },
        ErrorCode::ReadOnly => Error::ReadOnly {
            why: access::of_writing(&path, &COMPANIONS),
            path,
        },
        ErrorCode::DiskFull => Error::Full { path },
        ErrorCode::DatabaseCorrupt => Error::Corrupt { path, detail },
        ErrorCode::NotADatabase => Error::NotADatabase {
            path,
            origin: "read just now",
        },
        ErrorCode::CannotOpen | ErrorCode::PermissionDenied => match no_access(&path) {
            Some(why) => Error::NoAccess { path, why },
            None => Error::Io {
                path,
                detail: "it cannot be opened; is its folder there and may it be used?".to_owned(),
            },
        },
        // A file-size limit shows as EFBIG, which SQLite reports as a plain write error.
        ErrorCode::SystemIoFailure if found.extended_code == ffi::SQLITE_IOERR_WRITE => Error::Io {
            path,
            detail: "writing failed (disk full, or over a limit?)".to_owned(),
        },
        ErrorCode::SystemIoFailure => Error::Io { path, detail },
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

/// Functions and orders of texts that a program has given to SQLite, which another one lacks.
fn is_of_program(detail: &str) -> bool {
    let kinds = [
        "no such function",
        "unknown function",
        "no such collation sequence",
    ];
    kinds.iter().any(|kind| detail.starts_with(kind))
}

/// What the operating system said of a file.
pub(in crate::repository::sqlite) fn io_error(path: &Path, error: &io::Error) -> Error {
    let plain = Error::Io {
        path: path.to_owned(),
        detail: error.to_string(),
    };
    match error.kind() {
        io::ErrorKind::StorageFull => Error::Full {
            path: path.to_owned(),
        },
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            match no_access(path) {
                Some(why) => Error::NoAccess {
                    path: path.to_owned(),
                    why,
                },
                None => plain,
            }
        }
        _ => plain,
    }
}
