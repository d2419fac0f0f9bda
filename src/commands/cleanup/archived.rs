//! The part of the archive that has the jobs of this run, which the history names: its place, length and sum.

use std::fs;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;

use anyhow::{Context as _, Result};

use crate::repository::{Repository, RunArchive};
use crate::system::open;
use crate::system::sha256;

/// The bytes that the archive has now.
pub(super) fn length(path: &Path) -> Result<u64> {
    let found = fs::metadata(path).with_context(|| format!("reading {}", path.display()))?;
    Ok(found.len())
}

/// Names what stands behind the first `start` bytes as the archive of the run.
pub(super) fn name(repository: &mut dyn Repository, path: &Path, start: u64) -> Result<()> {
    let Some(history) = repository.history() else {
        return Ok(());
    };
    let bytes = length(path)?.saturating_sub(start);
    if bytes == 0 {
        return Ok(());
    }
    let mut file = open::to_read(path)?;
    file.seek(SeekFrom::Start(start))?;
    let sha256 = sha256::sum_of(file.take(bytes))?;
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let path = path.to_string_lossy().into_owned();
    history.name_archive(&RunArchive {
        path,
        start,
        bytes,
        sha256,
    })?;
    Ok(())
}
