//! The dumps to be imported: all are looked at before anything is written, and opened when their turn comes, since a
//! process may have fewer files open.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::error::{Failure, Kind};
use crate::legacy::Source;
use crate::system::{access, open};
use crate::text::visible::one_line;

/// The most files of a database that a message names.
const NAMED: usize = 5;

/// The dumps, none of which may be a file of the database.
pub(super) fn find(files: &[PathBuf]) -> Result<Vec<Source>> {
    no_database(files)?;
    files.iter().map(|file| find_one(file)).collect()
}

/// Refuses files of the database, which `migrate *` easily has among the dumps.
fn no_database(files: &[PathBuf]) -> Result<(), Failure> {
    let is_kept = |file: &&PathBuf| {
        if is_stdin(file) {
            open::is_protected_descriptor(io::stdin())
        } else {
            open::is_protected(file)
        }
    };
    let kept: Vec<&PathBuf> = files.iter().filter(is_kept).collect();
    if kept.is_empty() {
        return Ok(());
    }
    let mut names: Vec<String> = kept.iter().take(NAMED).map(|file| shown(file)).collect();
    if kept.len() > NAMED {
        names.push(format!("{} more", kept.len() - NAMED));
    }
    let message = match kept.len() {
        1 => format!("{} belongs to the database and is no dump", names[0]),
        _ => format!(
            "{} belong to the database and are no dumps",
            names.join(", ")
        ),
    };
    let hint = "nothing was imported; name the dumps alone, or another database with --db";
    Err(Failure::new(Kind::BadData, message).hint(hint))
}

pub(super) fn is_stdin(file: &Path) -> bool {
    file.as_os_str() == "-"
}

fn shown(file: &Path) -> String {
    if is_stdin(file) {
        "standard input".to_owned()
    } else {
        one_line(&file.to_string_lossy()).into_owned()
    }
}

/// A file, or `-` for standard input.
fn find_one(path: &Path) -> Result<Source> {
    let shown = shown(path);
    if is_stdin(path) {
        return Ok(Source::new(shown, io::stdin(), None));
    }
    let failed = |error: io::Error| {
        let error = access::explained_reading(error, path);
        let kind = match error.kind() {
            _ if open::is_refusal(&error) => Kind::BadData,
            ErrorKind::NotFound => Kind::NoInput,
            _ => Kind::Io,
        };
        Failure::new(kind, format!("cannot read {shown}: {error}"))
            .hint("nothing was imported; give a file that can be read, or - for standard input")
    };
    let found = fs::metadata(path).map_err(failed)?;
    if found.is_dir() {
        let message = format!("{shown} is a folder, not a dump");
        return Err(Failure::new(Kind::NoInput, message).into());
    }
    if found.file_type().is_fifo() {
        // Opening a pipe waits for its writer, and is left to reading, which can be interrupted.
        return Ok(Source::new(shown, Later::Closed(path.to_owned()), None));
    }
    let file = open::to_read(path).map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    if !metadata.is_file() {
        // A terminal, or another device.
        return Ok(Source::new(shown, file, None));
    }
    let size = Some(metadata.len());
    let source = Source::new(shown, Later::Closed(path.to_owned()), size);
    Ok(match path.to_str() {
        Some(name) => source.with_path(name),
        // No line for a shell can be made of it.
        None => source,
    })
}

/// A file that is opened when it is first read.
enum Later {
    Closed(PathBuf),
    Open(File),
}

impl Read for Later {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Later::Open(file) => file.read(buffer),
            Later::Closed(path) => {
                let mut file = open::to_read(path)?;
                let count = file.read(buffer);
                *self = Later::Open(file);
                count
            }
        }
    }
}
