//! The jobs that a run of cleanup removed, brought back from the part of the archive that it wrote.

use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::{Args as _, FromArgMatches as _};

use super::migrate;
use super::parts::database::history::needed;
use crate::context::Context;
use crate::error::{Failure, Kind};
use crate::repository::{Access, RunArchive, RunId};
use crate::system::{open, sha256};
use crate::text::visible::one_line;

/// A file that goes with this.
struct Part(PathBuf);

impl Drop for Part {
    fn drop(&mut self) {
        // It lies where the system removes it in the end.
        let _ = std::fs::remove_file(&self.0);
    }
}

pub(super) fn restore(context: &mut Context, run: RunId, archive: &RunArchive) -> Result<()> {
    let part = part(run, archive)?;
    let words = [std::ffi::OsStr::new("migrate"), part.0.as_os_str()];
    let definition = migrate::Args::augment_args(clap::Command::new("migrate"));
    let matches = definition.try_get_matches_from(words)?;
    migrate::run(migrate::Args::from_arg_matches(&matches)?, context)?;
    let by = context.keeping.run();
    let mut repository = context.open(Access::Write)?;
    needed(repository.as_mut())?.mark_undone(run, by)?;
    context
        .terminal
        .note(&format!("undone {run} from its archive"));
    Ok(())
}

/// The part that the run wrote, checked, in a file of its own.
fn part(run: RunId, archive: &RunArchive) -> Result<Part> {
    let path = Path::new(&archive.path);
    let shown = one_line(&archive.path).into_owned();
    let reading = || format!("reading {shown}");
    let mut file = open::to_read(path).with_context(reading)?;
    let mut begin = || -> io::Result<_> {
        file.seek(SeekFrom::Start(archive.start))?;
        Ok(file.try_clone()?.take(archive.bytes))
    };
    if sha256::sum_of(begin()?)? != archive.sha256 {
        let message = format!("{shown} is no longer as {run} left it");
        let hint = "jobctl migrate reads what is left of it";
        return Err(Failure::new(Kind::BadData, message).hint(hint).into());
    }
    let ending = path.extension().map_or(String::new(), |ending| {
        format!(".{}", ending.to_string_lossy())
    });
    let name = format!("jobctl-{run}-{}{ending}", std::process::id());
    let part = Part(std::env::temp_dir().join(name));
    let mut copy = open::new(&part.0).with_context(|| format!("writing {}", part.0.display()))?;
    sha256::copy(&mut begin()?, &mut copy)?;
    Ok(part)
}
