//! What is to be imported: all of it is looked at before anything is written, and opened when its turn comes, since there
//! may be more dumps than files that a process may have open.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::PathBuf;

use anyhow::Result;

use crate::error::{Failure, Kind};
use crate::legacy::Source;
use crate::render::text::one_line;

/// A file, or `-` for standard input.
pub(super) fn open(name: &str) -> Result<Source> {
    if name == "-" {
        let name = "standard input".to_owned();
        return Ok(Source::new(name, std::io::stdin(), None));
    }
    let shown = one_line(name).into_owned();
    let failed = |error: std::io::Error| {
        let kind = match error.kind() {
            ErrorKind::NotFound => Kind::NoInput,
            _ => Kind::Io,
        };
        Failure::new(kind, format!("cannot read {shown}: {error}"))
            .hint("nothing was imported; give a file that can be read, or - for standard input")
    };
    let file = File::open(name).map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    if metadata.is_dir() {
        let message = format!("{shown} is a folder, not a dump");
        return Err(Failure::new(Kind::NoInput, message).into());
    }
    if !metadata.is_file() {
        // A pipe can be opened only once.
        return Ok(Source::new(shown, file, None));
    }
    Ok(Source::new(
        shown,
        Later::Closed(name.into()),
        Some(metadata.len()),
    ))
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
                let mut file = File::open(path)?;
                let count = file.read(buffer);
                *self = Later::Open(file);
                count
            }
        }
    }
}
