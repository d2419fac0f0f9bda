//! The parts of a URL before its query: the user and the password, the hosts with their ports, the database. They are taken
//! apart as libpq does it.

use super::query;
use super::settings::Settings;
use super::url::{Credentials, Url, split};
use crate::error::Failure;

/// The parameters that a URL gives.
pub(super) fn read(url: &Url<'_>) -> Result<Settings, Failure> {
    let mut settings = Settings::default();
    let (credentials, rest) = url.credentials();
    check_that_the_password_ends(url, credentials, rest)?;
    if let Some((user, password)) = credentials {
        url.store(&mut settings, "user", user)?;
        url.store(&mut settings, "password", password.unwrap_or_default())?;
    }
    let rest = hosts(url, rest, &mut settings)?;
    let (path, query) = split(rest, b'?');
    let database = path.strip_prefix(b"/").unwrap_or_default();
    url.store(&mut settings, "dbname", database)?;
    if let Some(query) = query {
        query::read(url, query, &mut settings)?;
    }
    Ok(settings)
}

/// Refuses a URL whose password may end at more than one place: libpq and SQLAlchemy part at it, and the rest of a password
/// would be shown as a host or a database.
fn check_that_the_password_ends(
    url: &Url<'_>,
    credentials: Option<Credentials<'_>>,
    rest: &[u8],
) -> Result<(), Failure> {
    let (before_query, _) = split(rest, b'?');
    let (authority, _) = split(before_query, b'/');
    let is_port = |text: &[u8]| text.iter().all(u8::is_ascii_digit);
    let is_certain = match credentials {
        // A port and a path before an @ may be a password with a slash.
        Some((_, Some(password))) => {
            let (head, behind_slash) = split(password, b'/');
            !before_query.contains(&b'@') && (behind_slash.is_none() || !is_port(head))
        }
        _ => {
            let may_be_password = authority.contains(&b':') && rest.contains(&b'@');
            !authority.contains(&b'@') && !may_be_password
        }
    };
    if is_certain {
        return Ok(());
    }
    Err(url.uncertain())
}

/// Reads `HOST:PORT,HOST:PORT`, and gives what stands behind.
fn hosts<'a>(url: &Url<'_>, text: &'a [u8], settings: &mut Settings) -> Result<&'a [u8], Failure> {
    let until = |text: &'a [u8], marks: &[u8]| {
        let end = text.iter().position(|byte| marks.contains(byte));
        text.split_at(end.unwrap_or(text.len()))
    };
    let (mut hosts, mut ports) = (Vec::new(), Vec::new());
    let mut rest = text;
    loop {
        let host;
        (host, rest) = match rest.strip_prefix(b"[") {
            Some(behind) => in_brackets(url, behind)?,
            None => until(rest, b":/?,"),
        };
        hosts.extend_from_slice(host);
        if let Some(behind) = rest.strip_prefix(b":") {
            let port;
            (port, rest) = until(behind, b"/?,");
            ports.extend_from_slice(port);
        }
        match rest.strip_prefix(b",") {
            Some(behind) => rest = behind,
            None => break,
        }
        hosts.push(b',');
        ports.push(b',');
    }
    url.store(settings, "host", &hosts)?;
    url.store(settings, "port", &ports)?;
    Ok(rest)
}

/// An address of IPv6, and what stands behind its bracket.
fn in_brackets<'a>(url: &Url<'_>, text: &'a [u8]) -> Result<(&'a [u8], &'a [u8]), Failure> {
    let refused = |why| Err(url.refused(why).hint("an IPv6 address is written [::1]"));
    let (address, Some(behind)) = split(text, b']') else {
        return refused("the address has a [ without a ]");
    };
    if address.is_empty() {
        return refused("there is nothing between the [ and the ] of the address");
    }
    match behind.first() {
        None | Some(b':' | b'/' | b'?' | b',') => Ok((address, behind)),
        Some(_) => refused("neither : nor / follows the ] of the address"),
    }
}
