//! All that is needed to reach a database on a server, with nothing left to be looked up but host names.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use super::password::Password;
use super::tls::Tls;

/// The parameters of a connection, each with the meaning that libpq gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::repository) struct ConnectionParameters {
    /// The servers, in the order in which they are tried; at least one.
    pub hosts: Vec<Host>,
    pub user: String,
    pub database: String,
    /// Has no meaning on a socket, which is never encrypted.
    pub tls: Tls,
    pub channel_binding: ChannelBinding,
    /// The time for each address of each host, at least two seconds; no limit where there is none.
    pub connect_timeout: Option<Duration>,
    pub application_name: String,
    /// Command-line options for the server process of this session.
    pub options: Option<String>,
    pub target_session_attrs: TargetSessionAttrs,
    pub keepalives: Keepalives,
    /// What was passed over and why, a line each, for the user.
    pub warnings: Vec<String>,
}

/// One server, with the password for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::repository) struct Host {
    pub place: Place,
    pub port: u16,
    pub password: Option<Password>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::repository) enum Place {
    /// The folder of a socket; one that begins with `@` is in the abstract namespace, and no folder.
    Socket(PathBuf),
    /// A name to be looked up, or an address as a text.
    Name(String),
    /// An address that needs no look-up (`hostaddr`), and the name that a certificate is compared with.
    Address {
        address: IpAddr,
        name: Option<String>,
    },
}

impl Host {
    /// The path of the socket, if it is one.
    pub(in crate::repository) fn socket(&self) -> Option<PathBuf> {
        match &self.place {
            Place::Socket(folder) => Some(folder.join(format!(".s.PGSQL.{}", self.port))),
            Place::Name(_) | Place::Address { .. } => None,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::repository) enum ChannelBinding {
    Disable,
    Prefer,
    Require,
}

/// The kind of session or server that is accepted; others are passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::repository) enum TargetSessionAttrs {
    Any,
    ReadWrite,
    ReadOnly,
    Primary,
    Standby,
    PreferStandby,
}

/// The settings of a TCP connection; None is the system's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::repository) struct Keepalives {
    pub on: bool,
    pub idle: Option<Duration>,
    pub interval: Option<Duration>,
    pub count: Option<u32>,
    /// The time that sent data may stay unacknowledged (`tcp_user_timeout`).
    pub user_timeout: Option<Duration>,
}

impl ConnectionParameters {
    /// Whether both lead to one database, as far as they say: this machine has several names.
    pub(in crate::repository) fn is_same_place(&self, other: &ConnectionParameters) -> bool {
        let places = |parameters: &ConnectionParameters| -> Vec<(Option<String>, u16)> {
            let hosts = parameters.hosts.iter();
            hosts.map(|host| (host.elsewhere(), host.port)).collect()
        };
        self.database == other.database && places(self) == places(other)
    }
}

impl Host {
    /// The name or address of another machine; None of this one.
    fn elsewhere(&self) -> Option<String> {
        match &self.place {
            Place::Socket(_) => None,
            Place::Name(name) => {
                let is_here = name == "localhost"
                    || name
                        .parse()
                        .is_ok_and(|address: IpAddr| address.is_loopback());
                (!is_here).then(|| name.to_ascii_lowercase())
            }
            Place::Address { address, .. } => (!address.is_loopback()).then(|| address.to_string()),
        }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Place::Socket(_) => match self.socket() {
                Some(path) => write!(f, "{}", path.display()),
                None => Ok(()),
            },
            Place::Name(name) => write!(f, "{name}:{}", self.port),
            Place::Address { address, .. } => match address {
                IpAddr::V4(address) => write!(f, "{address}:{}", self.port),
                IpAddr::V6(address) => write!(f, "[{address}]:{}", self.port),
            },
        }
    }
}

impl fmt::Display for ConnectionParameters {
    /// The database and where it is, for messages: `jobs at db.example.com:5432`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at ", self.database)?;
        for (index, host) in self.hosts.iter().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            write!(f, "{separator}{host}")?;
        }
        Ok(())
    }
}
