//! The check that a database and its companions are regular files: SQLite would wait for somebody at the other end of a
//! pipe, and takes a device for a log.

use std::fs::{self, FileType};
use std::os::unix::fs::FileTypeExt;
use std::path::Path;

use super::errors::{own, shown};
use crate::error::Kind;
use crate::repository::Result;
use crate::repository::sqlite::connection::companions::COMPANIONS;
use crate::system::new_file::follow_link;
use crate::system::open::with_suffix;
use crate::text::shell::word;

/// The word for what a path leads to that is not a file.
pub(super) fn kind_of(found: FileType) -> &'static str {
    match found {
        found if found.is_dir() => "a folder",
        found if found.is_fifo() => "a pipe",
        found if found.is_socket() => "a socket",
        found if found.is_symlink() => "a link to nothing",
        _ => "a device",
    }
}

/// Refuses companions that are not regular files. The database need not be there.
pub(super) fn check_companions(database: &Path) -> Result<()> {
    let database = fs::canonicalize(database).unwrap_or_else(|_| follow_link(database));
    for suffix in COMPANIONS {
        let path = with_suffix(&database, suffix);
        let Ok(mut found) = fs::symlink_metadata(&path) else {
            continue;
        };
        if found.is_symlink() {
            found = fs::metadata(&path).unwrap_or(found);
        }
        if !found.is_file() {
            let what = kind_of(found.file_type());
            let message = format!(
                "{} is {what}, where SQLite keeps a file of the database",
                shown(&path)
            );
            let path = word(&path.to_string_lossy());
            let hint = format!("move it away: mv -T {path} {path}.old");
            return Err(own(Kind::Io, message, hint));
        }
    }
    Ok(())
}
