//! What an address leaves to the machine: the environment, the user, and where PostgreSQL's files are.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::settings::postgres_variables::PostgresVariables;
use crate::system::account;

pub(super) struct Surroundings<'a> {
    pub variables: &'a PostgresVariables,
    /// The name of the user of this process; asked for where no other is named.
    pub user: &'a dyn Fn() -> Option<String>,
    /// The home folder where HOME names none.
    pub home: &'a dyn Fn() -> Option<PathBuf>,
    /// The folder of the socket where no host is named.
    pub socket_folder: PathBuf,
    /// The folders in which the system's service file is looked for; PGSYSCONFDIR stands for all.
    pub system_folders: &'a [&'a str],
}

/// The folder of Debian's servers, and that of PostgreSQL's own.
const SOCKET_FOLDERS: [&str; 2] = ["/var/run/postgresql", "/tmp"];

const SYSTEM_FOLDERS: &[&str] = &["/etc/postgresql-common", "/etc"];

impl<'a> Surroundings<'a> {
    pub(super) fn of_machine(variables: &'a PostgresVariables) -> Surroundings<'a> {
        let [debian, other] = SOCKET_FOLDERS.map(PathBuf::from);
        Surroundings {
            variables,
            user: &account::name,
            home: &account::home,
            socket_folder: if debian.exists() { debian } else { other },
            system_folders: SYSTEM_FOLDERS,
        }
    }

    pub(super) fn variable(&self, name: &str) -> Option<&'a OsStr> {
        self.variables.get(name)
    }

    pub(super) fn at_home(&self, name: &str) -> Option<PathBuf> {
        let home = match self.variable("HOME") {
            Some(home) => PathBuf::from(home),
            None => (self.home)()?,
        };
        Some(home.join(name))
    }

    pub(super) fn system_files(&self, name: &str) -> Vec<PathBuf> {
        match self.variable("PGSYSCONFDIR") {
            Some(folder) => vec![Path::new(folder).join(name)],
            None => self
                .system_folders
                .iter()
                .map(|folder| Path::new(folder).join(name))
                .collect(),
        }
    }
}
