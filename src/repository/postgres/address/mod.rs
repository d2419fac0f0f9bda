//! The address of a database on a server: a URL, as SQLAlchemy and libpq read it, with what it leaves to a service file, to
//! the environment, to a password file and to defaults, in that order. The rules are those of libpq 15, which Python's
//! drivers and PostgreSQL's own tools follow; what cannot be honoured is refused by name.
//!
//! Otherwise than in libpq: an empty variable counts as one that is not set; several `host=` in a query are several servers
//! (SQLAlchemy's); `sslrootcert=system` is that of libpq 16.

mod authority;
mod drivers;
mod hosts;
mod keywords;
mod parameters;
mod password;
mod password_file;
mod percent;
mod query;
mod resolve;
mod service_file;
mod settings;
mod surroundings;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
mod tls;
mod url;

use crate::error::Failure;
use crate::repository::Server;

pub(in crate::repository) use parameters::{
    ChannelBinding, ConnectionParameters, Host, Place, TargetSessionAttrs,
};
pub(in crate::repository) use tls::{
    ClientCertificate, RootCertificate, SslMode, Tls, TlsVersion, Verification,
};

/// All that is needed to reach the database of a server's URL; None where the URL is not one of PostgreSQL. `origin` says
/// where it stands: `from --db`. Errors are those of usage, and hold no password.
pub(in crate::repository) fn read(
    server: &Server,
    origin: &str,
) -> Option<Result<ConnectionParameters, Failure>> {
    let url = url::Url::of(server.scheme(), server.rest(), origin)?;
    let around = surroundings::Surroundings::of_machine(server.variables());
    Some(resolve::resolve(&url, &around))
}
