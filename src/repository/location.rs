//! The database that is meant: a flag, two environment variables, a default, in that order. One that is named and cannot be used is
//! an error: to go on to the next would be to work on another database. A path is bytes, as the system has it.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use super::address::{self, Address};
use super::sqlite::hints::NAME_ONE;
use crate::error::Failure;
use crate::settings::postgres_variables::PostgresVariables;
use crate::text::visible::one_line;

/// A database, and where its name came from (said in error messages: a cron job in the wrong folder
/// should see at once why).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    pub address: Address,
    pub origin: &'static str,
}

/// The part of the environment that `find` looks at. An empty variable counts as one that is not set.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    pub flag: Option<PathBuf>,
    pub jobctl_db: Option<OsString>,
    pub database_url: Option<OsString>,
    pub xdg_data_home: Option<OsString>,
    pub home: Option<OsString>,
    pub postgres: PostgresVariables,
}

impl Location {
    pub fn of_file(path: impl Into<PathBuf>, origin: &'static str) -> Location {
        Location {
            address: Address::File(path.into()),
            origin,
        }
    }

    /// The path, where the database is a file.
    pub fn file(&self) -> Option<&Path> {
        match &self.address {
            Address::File(path) => Some(path),
            Address::Server(_) => None,
        }
    }

    /// The name as a text that holds no password.
    pub fn name(&self) -> String {
        match &self.address {
            Address::File(path) => path.to_string_lossy().into_owned(),
            Address::Server(server) => server.to_string(),
        }
    }

    /// The database that a value names which stands elsewhere: `origin` says where. `variables` supply what the URL of a
    /// server leaves out.
    pub fn of_value(
        value: &OsStr,
        origin: &'static str,
        variables: &PostgresVariables,
    ) -> Result<Location, Failure> {
        let address = address::read(value, origin, variables)?;
        Ok(Location { address, origin })
    }

    /// The databases that the two variables name, where both are set.
    pub fn by_variables(sources: &Sources) -> Option<[Result<Location, Failure>; 2]> {
        let first = set(&sources.jobctl_db)?;
        let second = set(&sources.database_url)?;
        Some([
            named(first, "from JOBCTL_DB", sources),
            named(second, "from DATABASE_URL", sources),
        ])
    }

    /// Finds the location; an error says what is wrong with the value and what would be right.
    pub fn find(sources: &Sources) -> Result<Location, Failure> {
        if let Some(value) = &sources.flag {
            return named(value.as_os_str().to_owned(), "from --db", sources);
        }
        let variables = [
            (&sources.jobctl_db, "from JOBCTL_DB"),
            (&sources.database_url, "from DATABASE_URL"),
        ];
        for (value, origin) in variables {
            if let Some(value) = set(value) {
                return named(value, origin, sources);
            }
        }
        let folders = [
            (&sources.xdg_data_home, "XDG_DATA_HOME", ""),
            (&sources.home, "HOME", ".local/share"),
        ];
        for (value, name, below) in folders {
            if let Some(value) = set(value) {
                let path = folder(value, name)?.join(below).join("jobctl/jobs.db");
                return Ok(Location::of_file(path, "the default"));
            }
        }
        Err(Failure::usage("no database is named, and HOME is not set").hint(NAME_ONE))
    }
}

fn set(value: &Option<OsString>) -> Option<OsString> {
    value.clone().filter(|value| !value.is_empty())
}

fn named(value: OsString, origin: &'static str, sources: &Sources) -> Result<Location, Failure> {
    if value.is_empty() {
        return Err(Failure::usage(format!("no database is named ({origin})")).hint(NAME_ONE));
    }
    Location::of_value(&value, origin, &sources.postgres)
}

fn folder(value: OsString, name: &str) -> Result<PathBuf, Failure> {
    let folder = PathBuf::from(value);
    if folder.is_absolute() {
        return Ok(folder);
    }
    let shown = folder.to_string_lossy();
    let message = format!(
        "{name} is \"{}\", which is no absolute path",
        one_line(&shown)
    );
    Err(Failure::usage(message).hint(format!("set it to one; or {NAME_ONE}")))
}
