//! A database as what is imported: recognised by the scheme of its address or by its first bytes, and looked at before anything is
//! written.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};

use crate::commands::parts::database::rows::{RowsWanted, failure_of};
use crate::context::Context;
use crate::error::Failure;
use crate::job::{Column, ColumnSet, Filter, Job, JobId};
use crate::repository::{self, Access, Location, Repository};
use crate::system::open::{self, Protection};
use crate::text::visible::one_line;

/// The words behind its name in messages.
const ORIGIN: &str = "the source";

const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// A database that is to be imported.
pub(super) struct DatabaseSource {
    location: Location,
    repository: Box<dyn Repository>,
    /// Nothing but its backend opens it.
    _protection: Option<Protection>,
}

impl DatabaseSource {
    pub(super) fn open(location: Location, context: &mut Context) -> Result<DatabaseSource> {
        let detail = format!("source: {}", one_line(&location.name()));
        context.terminal.detail(&detail);
        let protection = repository::protect(&location);
        let opened = repository::open(&location, Access::ReadAll, context.patience());
        let repository = opened.map_err(|error| failure_of(error, &location))?;
        Ok(DatabaseSource {
            location,
            repository,
            _protection: protection,
        })
    }

    /// Its name as messages show it.
    pub(super) fn name(&self) -> String {
        one_line(&self.location.name()).into_owned()
    }

    pub(super) fn location(&self) -> &Location {
        &self.location
    }

    /// The ids that are not there.
    pub(super) fn lacks(&mut self, ids: &[JobId]) -> Result<Vec<JobId>> {
        let found = self.repository.find(ids, ColumnSet::NONE);
        let found = found.map_err(|error| failure_of(error, &self.location))?;
        let pairs = ids.iter().zip(found);
        let lacking = pairs.filter(|(_, job)| job.is_none());
        Ok(lacking.map(|(id, _)| id.clone()).collect())
    }

    /// All its rows, whole, in whichever order is quickest.
    pub(super) fn rows(&self, context: &Context) -> RowsWanted {
        RowsWanted {
            location: self.location.clone(),
            patience: context.patience(),
            order: None,
            columns: ColumnSet::WHOLE,
        }
    }

    /// The number of its jobs.
    pub(super) fn count(&mut self) -> Result<u64> {
        let counted = self.repository.count(&Filter::default());
        Ok(counted.map_err(|error| failure_of(error, &self.location))?)
    }

    /// Refuses what would be no move, before the target is made: into itself, or of jobs whose series and episodes are still to
    /// be moved.
    pub(super) fn check(&mut self, context: &Context) -> Result<()> {
        let target = context.location()?;
        let mut target = repository::open(&target, Access::Preview, context.patience())?;
        let place = self.repository.place();
        let place = place.map_err(|error| failure_of(error, &self.location))?;
        if place == target.place()? {
            return Err(same_place(&self.location).into());
        }
        let empty = target.without_parents()?;
        if let Some(column) = self.named_parent(&empty)? {
            let (source, target) = (self.name(), target.name());
            let target = one_line(&target);
            let parents = match column {
                Column::EpisodeId => "episodes",
                _ => "series",
            };
            let message = format!(
                "jobs of {source} name {parents}, and there is none in {target}; nothing was imported"
            );
            let hint = "move the service's other tables first, as with pgloader; README, \"Moving to PostgreSQL\"";
            return Err(Failure::refused(message).hint(hint).into());
        }
        Ok(())
    }

    /// The first of these columns that a job has a value in.
    fn named_parent(&mut self, columns: &[Column]) -> Result<Option<Column>> {
        if columns.is_empty() {
            return Ok(None);
        }
        let mut found = None;
        let read = ColumnSet::of(columns);
        let looked =
            self.repository
                .stream(&Filter::default(), None, read, &mut |job: &mut Job| {
                    let mut named = columns.iter().filter(|column| !job.get(**column).is_null());
                    found = named.next().copied();
                    match found {
                        // One is enough.
                        Some(_) => Err(anyhow!("found")),
                        None => Ok(()),
                    }
                });
        match looked {
            Err(error) if found.is_none() => Err(failure_of(error, &self.location).into()),
            _ => Ok(found),
        }
    }
}

fn same_place(location: &Location) -> Failure {
    let name = location.name();
    let message = format!(
        "{} is the database that would be imported into",
        one_line(&name)
    );
    Failure::refused(message).hint("name another source, or another database with --db")
}

/// The database that the only argument names; None where dumps are named.
pub(super) fn named(files: &[PathBuf], context: &Context) -> Result<Option<Location>> {
    if let [file] = files {
        return if is_address(file) {
            let location = context.location_of(file.as_os_str(), ORIGIN)?;
            match location.file() {
                Some(file) if open::is_protected(file) => Err(same_place(&location).into()),
                _ => Ok(Some(location)),
            }
        } else if is_sqlite(file) {
            Ok(Some(Location::of_file(file, ORIGIN)))
        } else {
            Ok(None)
        };
    }
    if files.iter().any(|file| is_address(file)) {
        let failure = Failure::usage("a database is imported by itself, without other sources");
        return Err(failure
            .hint("jobctl migrate ADDRESS, then jobctl migrate FILE...")
            .into());
    }
    Ok(None)
}

/// Whether it is a URL, and no file of that very name.
fn is_address(file: &Path) -> bool {
    let bytes = file.as_os_str().as_bytes();
    let Some(end) = bytes.windows(3).position(|part| part == b"://") else {
        return false;
    };
    let is_of_scheme = |byte: &u8| byte.is_ascii_alphanumeric() || b"+-.".contains(byte);
    end > 0 && bytes[..end].iter().all(is_of_scheme) && !file.exists()
}

/// Whether it is a file of SQLite's that does not belong to the database that is imported into.
fn is_sqlite(file: &Path) -> bool {
    let mut header = [0; MAGIC.len()];
    file.as_os_str() != OsStr::new("-")
        && fs::metadata(file).is_ok_and(|found| found.is_file())
        && !open::is_protected(file)
        && open::beginning(file, &mut header).is_ok()
        && header == *MAGIC
}
