//! Opening what is to be imported, all of it before anything is written.

use std::fs::File;
use std::io::ErrorKind;

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
    let size = metadata.is_file().then_some(metadata.len());
    Ok(Source::new(shown, file, size))
}
