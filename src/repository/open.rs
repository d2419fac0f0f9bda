//! The choice of a backend: no other file makes it.

use std::io;
use std::path::{Path, PathBuf};

use super::postgres::ConnectionParameters;
use super::sqlite::hints::ADDRESSES;
use super::{
    Access, Address, Error, Location, Patience, Repository, Result, Server, postgres, sqlite,
};
use crate::error::Failure;
use crate::job::checkup::{Finding, Wanted};
use crate::system::new_file::NewFile;
use crate::system::open::{self, Protection, with_suffix};

/// Opens the database for a command.
pub fn open(
    location: &Location,
    access: Access,
    patience: impl Into<Patience>,
) -> Result<Box<dyn Repository>> {
    let patience = patience.into();
    let origin = location.origin;
    match &location.address {
        Address::File(path) => Ok(Box::new(sqlite::open(path, origin, access, &patience)?)),
        Address::Server(server) => {
            let parameters = parameters(server, origin).map_err(Error::Own)?;
            on_server(&parameters, location, access, &patience)
        }
    }
}

/// Refuses a location that no backend knows, and an address that says what cannot be.
pub fn check(location: &Location) -> std::result::Result<(), Failure> {
    match &location.address {
        Address::File(_) => Ok(()),
        Address::Server(server) => parameters(server, location.origin).map(drop),
    }
}

#[cfg(feature = "postgres")]
fn on_server(
    parameters: &ConnectionParameters,
    location: &Location,
    access: Access,
    patience: &Patience,
) -> Result<Box<dyn Repository>> {
    let (name, origin) = (location.name(), location.origin);
    let opened = postgres::open(parameters, name, origin, access, patience)?;
    Ok(Box::new(opened))
}

#[cfg(not(feature = "postgres"))]
fn on_server(
    _parameters: &ConnectionParameters,
    location: &Location,
    _access: Access,
    _patience: &Patience,
) -> Result<Box<dyn Repository>> {
    let origin = location.origin;
    let message = format!("this jobctl was built without PostgreSQL ({origin})");
    Err(Error::Own(Failure::usage(message).hint(ADDRESSES)))
}

/// Whether two addresses of servers lead to one database, as far as they tell, whoever the user is.
pub fn is_same_on_server(one: &Location, other: &Location) -> bool {
    let place = |location: &Location| match &location.address {
        Address::File(_) => None,
        Address::Server(server) => parameters(server, location.origin).ok(),
    };
    match (place(one), place(other)) {
        (Some(one), Some(other)) => one.is_same_place(&other),
        _ => false,
    }
}

fn parameters(server: &Server, origin: &str) -> std::result::Result<ConnectionParameters, Failure> {
    match postgres::address::read(server, origin) {
        Some(read) => read,
        None => Err(not_supported(server, origin)),
    }
}

fn not_supported(server: &Server, origin: &str) -> Failure {
    let scheme = server.scheme();
    Failure::usage(format!(
        "{scheme}:// databases are not supported ({origin})"
    ))
    .hint(ADDRESSES)
}

/// Protects the files of the database from being opened by anything but their backend, as long as the answer lives.
pub fn protect(location: &Location) -> Option<Protection> {
    location
        .file()
        .map(|path| open::protect(path, &sqlite::COMPANIONS))
}

/// The ends of the names of files that a backend may keep beside a copy.
pub const BESIDE: &[&str] = &sqlite::COMPANIONS;

/// Makes the empty file into which a database is copied.
pub fn begin_copy(path: &Path) -> io::Result<NewFile> {
    NewFile::begin(path, BESIDE)
}

/// A file that lies beside a path and would be taken for a part of a copy that gets this name.
pub fn in_the_way(path: &Path) -> Option<PathBuf> {
    let mut beside = BESIDE.iter().map(|suffix| with_suffix(path, suffix));
    beside.find(|path| path.symlink_metadata().is_ok())
}

/// What can be found out about the database before it is opened, which may mend some of it. `mounts` is another list of what is
/// mounted, for tests.
pub fn unopened(location: &Location, wanted: Wanted, mounts: Option<&Path>) -> Vec<Finding> {
    location
        .file()
        .map_or_else(Vec::new, |path| sqlite::unopened(path, wanted, mounts))
}
