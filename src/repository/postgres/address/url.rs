//! A URL as libpq reads it, or as SQLAlchemy does: one that names a driver of Python is of no use to libpq. There the password may have
//! slashes, a percent sign that begins no token is itself, and in the query a plus is a blank and an empty value is none.

use super::percent::{self, Undecodable};
use super::settings::Settings;
use crate::error::Failure;

/// The form in which messages suggest an address. SQLAlchemy 2.0 and 2.1 know different drivers by the bare scheme.
pub(in crate::repository) const FORM: &str =
    "an address is postgresql+psycopg2://USER@HOST:PORT/DATABASE";

/// A user, and the password if there is a colon between them.
pub(super) type Credentials<'a> = (&'a [u8], Option<&'a [u8]>);

/// A URL behind its `://`.
pub(super) struct Url<'a> {
    /// The driver of Python that its scheme names.
    pub driver: Option<&'a str>,
    pub rest: &'a [u8],
    pub origin: &'a str,
}

impl<'a> Url<'a> {
    /// The URL of a scheme that means PostgreSQL; None for others.
    pub(super) fn of(scheme: &'a str, rest: &'a [u8], origin: &'a str) -> Option<Url<'a>> {
        let (dialect, driver) = match scheme.split_once('+') {
            Some((dialect, driver)) => (dialect, Some(driver)),
            None => (scheme, None),
        };
        let is_ours = matches!(dialect, "postgresql" | "postgres") && driver != Some("");
        is_ours.then_some(Url {
            driver,
            rest,
            origin,
        })
    }

    pub(super) fn refused(&self, why: &str) -> Failure {
        Failure::usage(format!("{why} ({})", self.origin))
    }

    pub(super) fn is_of_libpq(&self) -> bool {
        self.driver.is_none()
    }

    /// The user and the password, if there is an @ behind them, and the rest.
    pub(super) fn credentials(&self) -> (Option<Credentials<'a>>, &'a [u8]) {
        let end = match self.driver {
            Some(_) => end_by_sqlalchemy(self.rest),
            None => end_by_libpq(self.rest),
        };
        match end {
            Some(end) => (Some(split(&self.rest[..end], b':')), &self.rest[end + 1..]),
            None => (None, self.rest),
        }
    }

    /// A failure that may be told: not where a password with an @ in it may go on in the query.
    pub(super) fn told(&self, failure: Failure) -> Failure {
        let (credentials, rest) = self.credentials();
        match credentials {
            Some((_, Some(_))) if rest.contains(&b'@') => self.uncertain(),
            _ => failure,
        }
    }

    pub(super) fn uncertain(&self) -> Failure {
        self.refused("where the password of the address ends is not certain")
            .hint("within a user, password or database, / is written %2F, @ is %40 and : is %3A")
    }

    pub(super) fn store(
        &self,
        settings: &mut Settings,
        name: &'static str,
        text: &[u8],
    ) -> Result<(), Failure> {
        if !text.is_empty() {
            settings.store(name, &self.decoded(text, name)?, self.origin);
        }
        Ok(())
    }

    /// `part` says what it is, for it may be a password.
    pub(super) fn decoded(&self, text: &[u8], part: &str) -> Result<Vec<u8>, Failure> {
        percent::decoded(text, self.is_of_libpq()).map_err(|error| match error {
            Undecodable::NoToken => self
                .refused(&format!("a % in the {part} has no two digits behind it"))
                .hint("a % itself is written %25"),
            Undecodable::Nul => self.refused(&format!("there is a %00 in the {part}")),
        })
    }
}

/// The first @, if it comes before any slash.
fn end_by_libpq(rest: &[u8]) -> Option<usize> {
    let end = rest.iter().position(|byte| matches!(byte, b'@' | b'/'))?;
    (rest[end] == b'@').then_some(end)
}

/// The first @ behind the colon of a password, in which there may be slashes; without a colon, the last before any slash.
fn end_by_sqlalchemy(rest: &[u8]) -> Option<usize> {
    let stop = rest.iter().position(|byte| matches!(byte, b':' | b'/'));
    let stop = stop.unwrap_or(rest.len());
    let of_password = rest[stop..].iter().position(|byte| *byte == b'@');
    match (rest.get(stop), of_password) {
        (Some(b':'), Some(at)) => Some(stop + at),
        _ => rest[..stop].iter().rposition(|byte| *byte == b'@'),
    }
}

/// What stands before a mark and behind it.
pub(super) fn split(text: &[u8], mark: u8) -> (&[u8], Option<&[u8]>) {
    match text.iter().position(|byte| *byte == mark) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    }
}
