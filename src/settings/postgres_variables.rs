//! The variables that the clients of PostgreSQL read, with the home folder, in which they look for files. They are kept
//! together, since one of them is a password.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::os::unix::ffi::OsStrExt;

#[derive(Clone, Default, PartialEq, Eq)]
pub struct PostgresVariables(BTreeMap<OsString, OsString>);

impl PostgresVariables {
    /// Keeps of an environment what is theirs. An empty variable counts as one that is not set.
    pub(crate) fn of(environment: impl Iterator<Item = (OsString, OsString)>) -> PostgresVariables {
        let is_theirs = |name: &OsStr| name == "HOME" || name.as_bytes().starts_with(b"PG");
        PostgresVariables(
            environment
                .filter(|(name, value)| is_theirs(name) && !value.is_empty())
                .collect(),
        )
    }

    pub(crate) fn get(&self, name: &str) -> Option<&OsStr> {
        self.0.get(OsStr::new(name)).map(OsString::as_os_str)
    }
}

impl fmt::Debug for PostgresVariables {
    /// The names alone.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
