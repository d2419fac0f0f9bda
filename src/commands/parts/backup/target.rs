//! The file that a backup is to be: one that was named, or one of a series in a folder, whose name has the time in it.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::series::Series;
use crate::commands::parts::output::file::no_database;
use crate::context::Context;
use crate::error::{Failure, Kind};
use crate::repository::in_the_way;
use crate::system::new_file::{follow_link, remove_abandoned};
use crate::system::open::folder_of;
use crate::text::shell::word;
use crate::text::visible::one_line;

/// The packing of a file whose name is not given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum PackArg {
    /// zstd: fast and small
    Zst,
    /// gzip: read everywhere
    Gz,
}

impl PackArg {
    fn ending(self) -> &'static str {
        match self {
            PackArg::Zst => ".zst",
            PackArg::Gz => ".gz",
        }
    }
}

/// A file that may be written, and has not been begun.
#[derive(Debug)]
pub(crate) struct Target {
    path: PathBuf,
    replaces: bool,
    series: Option<Series>,
}

impl Target {
    /// Finds and checks it before anything is done. A path that is a folder, or ends as one, is where a series lies; without
    /// any that is the database's own folder.
    pub(crate) fn find(
        context: &Context,
        named: Option<&Path>,
        pack: Option<PackArg>,
        replaces: bool,
    ) -> Result<Target> {
        let database = context.location()?;
        let database = database.file().unwrap_or(Path::new("jobs.db"));
        let named = named.filter(|path| !path.as_os_str().is_empty());
        let folder = match named {
            None => Some(folder_of(database)),
            Some(path) if is_folder(path) => Some(path),
            Some(_) => None,
        };
        let target = match (folder, named) {
            (None, Some(path)) => {
                if pack.is_some() {
                    let shown = one_line(&path.to_string_lossy()).into_owned();
                    let message = format!("'--pack' and the name {shown} both say how to pack");
                    return Err(Failure::usage(message)
                        .hint(
                            "leave '--pack' out, and end the name in .zst or .gz; or name a folder",
                        )
                        .into());
                }
                Target {
                    // What a link points to is replaced, and not the link.
                    path: fs::canonicalize(path).unwrap_or_else(|_| path.to_owned()),
                    replaces,
                    series: None,
                }
            }
            (folder, _) => {
                let folder = folder.unwrap_or(Path::new("."));
                let series = Series::of(database, folder);
                let ending = pack.map_or("", PackArg::ending);
                Target {
                    path: series.next(context.now(), ending),
                    replaces: false,
                    series: Some(series),
                }
            }
        };
        target.check()?;
        Ok(target)
    }

    fn check(&self) -> Result<()> {
        let shown = one_line(&self.path.to_string_lossy()).into_owned();
        no_database("the file", &self.path)?;
        let folder = folder_of(&follow_link(&self.path)).to_owned();
        if !folder.is_dir() {
            let message = format!("{shown}: its folder is not there");
            let hint = format!(
                "make it first: mkdir -p {}",
                word(&folder.to_string_lossy())
            );
            return Err(Failure::new(Kind::NoInput, message).hint(hint).into());
        }
        match fs::metadata(&self.path) {
            Ok(found) if !found.is_file() => {
                let message = format!("{shown} is no regular file, which could be replaced");
                return Err(Failure::refused(message).hint("name another file").into());
            }
            Ok(_) if !self.replaces => {
                return Err(Failure::refused(format!("{shown} exists already"))
                    .hint("name another file, or a folder, where each backup gets a name of its own; --replace puts this one in its place")
                    .into());
            }
            _ => {}
        }
        if let Some(beside) = in_the_way(&self.path) {
            let message = format!(
                "{} lies where SQLite would take it for a part of the backup",
                one_line(&beside.to_string_lossy())
            );
            return Err(Failure::refused(message).hint("name another file").into());
        }
        Ok(())
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn replaces(&self) -> bool {
        self.replaces
    }

    /// The series that it is of, where its name was not given.
    pub(crate) fn series(&self) -> Option<&Series> {
        self.series.as_ref()
    }

    /// Removes what killed runs left behind.
    pub(super) fn clear_left(&self) {
        match &self.series {
            Some(series) => series.clear_left(),
            None => remove_abandoned(&self.path, crate::repository::BESIDE),
        }
    }
}

/// Whether a path is to be a folder.
fn is_folder(path: &Path) -> bool {
    let ends_as_one = |name: &OsStr| name.to_string_lossy().ends_with('/');
    ends_as_one(path.as_os_str()) || path.is_dir()
}
