//! The address of a database: a path, or a URL as SQLAlchemy reads it. One that could mean two files is not guessed, for it
//! may lead to another database than the service's.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use super::server::Server;
use super::sqlite::hints::{ADDRESSES, NAME_ONE};
use crate::error::{Failure, Kind};
use crate::settings::postgres_variables::PostgresVariables;
use crate::system::identity::same_file;
use crate::text::visible::one_line;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    File(PathBuf),
    Server(Server),
}

/// The address that a value names; `origin` says where it stands, and `variables` supply what a server's URL leaves out.
pub(super) fn read(
    value: &OsStr,
    origin: &str,
    variables: &PostgresVariables,
) -> Result<Address, Failure> {
    let bytes = value.as_bytes();
    let fail = |why: String| Failure::usage(format!("{why} ({origin})")).hint(ADDRESSES);
    let is_there = || Path::new(value).exists();
    if bytes == b"-" && !is_there() {
        let message = format!("a database is a file, not a stream, and \"-\" is none ({origin})");
        let hint = format!("{NAME_ONE}; one of that very name is ./-");
        return Err(Failure::usage(message).hint(hint));
    }
    if !is_there() {
        not_as_a_shell_reads_it(bytes, origin)?;
    }
    // Those within a URL are looked for there.
    let is_whole = split_once(bytes, b"://").is_none_or(|(scheme, _)| is_quoted(scheme));
    if is_whole && is_quoted(bytes) && !is_there() {
        not_in_quotes(bytes, origin)?;
    }
    let Some((scheme, rest)) = split_once(bytes, b"://") else {
        let is_none = bytes == b":memory:"
            || [&b"file:"[..], b"sqlite:"]
                .iter()
                .any(|word| bytes.starts_with(word));
        return if is_none {
            Err(fail(format!("\"{}\" names no file", shown(bytes))))
        } else {
            Ok(Address::File(PathBuf::from(value)))
        };
    };
    if is_there() {
        return Ok(Address::File(PathBuf::from(value)));
    }
    let dialect = scheme.split(|byte| *byte == b'+').next();
    if dialect != Some(b"sqlite") {
        return Ok(Address::Server(Server::new(scheme, rest, variables)));
    }
    let path = rest.split(|byte| *byte == b'?').next().unwrap_or(rest);
    match path.strip_prefix(b"/") {
        Some(b"" | b":memory:") | None => Err(fail(format!("\"{}\" names no file", shown(bytes)))),
        Some(file) if file.starts_with(b"file:") => {
            Err(fail(format!("\"{}\" is a file: URI", shown(bytes))))
        }
        Some(file) => of_url(file, origin).map(Address::File),
    }
}

/// The file of a URL. SQLAlchemy decodes its percent signs from 2.1 on, and did not before: the file that is there decides.
fn of_url(file: &[u8], origin: &str) -> Result<PathBuf, Failure> {
    let literal = path(file);
    if !literal.exists() {
        not_in_quotes(file, origin)?;
    }
    let decoded = decoded(file).map(|bytes| path(&bytes));
    let found = |path: &PathBuf| path.exists();
    match decoded {
        None => {
            if !found(&literal) {
                not_with_four_slashes(&literal, origin)?;
            }
            Ok(literal)
        }
        Some(decoded) => match (found(&literal), found(&decoded)) {
            (true, false) => Ok(literal),
            (false, true) => Ok(decoded),
            (true, true) if same_file(&literal, &decoded) => Ok(decoded),
            (both, _) => {
                if !both {
                    not_with_four_slashes(&decoded, origin)?;
                    not_with_four_slashes(&literal, origin)?;
                }
                let there = if both {
                    "both are there"
                } else {
                    "neither is there"
                };
                let shown = |path: &Path| shown(path.as_os_str().as_bytes());
                let message = format!(
                    "the URL may mean {} or {}, and {there} ({origin})",
                    shown(&decoded),
                    shown(&literal)
                );
                Err(Failure::usage(message).hint(
                    "SQLAlchemy 2.1 decodes the path of a URL, 2.0 does not; name the file by its path: --db PATH, or JOBCTL_DB",
                ))
            }
        },
    }
}

/// `sqlite:///srv/jobs.db` is relative. Where that file is not there, and the absolute one is, it was meant.
fn not_with_four_slashes(relative: &Path, origin: &str) -> Result<(), Failure> {
    let bytes = relative.as_os_str().as_bytes();
    let absolute = path(&[b"/", bytes].concat());
    if relative.is_absolute() || bytes.starts_with(b".") || !absolute.is_file() {
        return Ok(());
    }
    let (relative, absolute) = (shown(bytes), shown(absolute.as_os_str().as_bytes()));
    let message = format!("no database at {relative} ({origin}), but {absolute} is there");
    let hint = format!("a URL of an absolute path has four slashes: sqlite:///{absolute}");
    Err(Failure::new(Kind::NoInput, message).hint(hint))
}

/// The quotes that a shell takes away, and those of a document.
const QUOTES: [char; 10] = [
    '"', '\'', '`', '\u{201c}', '\u{201d}', '\u{201e}', '\u{2018}', '\u{2019}', '\u{ab}', '\u{bb}',
];

fn is_quoted(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| text.starts_with(QUOTES) || text.ends_with(QUOTES))
}

/// Refuses quotes that a shell would have taken away, as files of settings often have them.
fn not_in_quotes(bytes: &[u8], origin: &str) -> Result<(), Failure> {
    if !is_quoted(bytes) {
        return Ok(());
    }
    let text = String::from_utf8_lossy(bytes);
    let message = format!("there are quotes around {} ({origin})", shown(bytes));
    let hint = match text.trim_matches(QUOTES) {
        "" => NAME_ONE.to_owned(),
        within => format!("leave them out: {}", shown(within.as_bytes())),
    };
    Err(Failure::usage(message).hint(hint))
}

/// Refuses blanks and line ends around the value, which a shell would have taken away, and `~`, which it would have
/// replaced: else a file of that very name would be made.
fn not_as_a_shell_reads_it(bytes: &[u8], origin: &str) -> Result<(), Failure> {
    let trimmed = bytes.trim_ascii();
    if trimmed.len() != bytes.len() {
        let message = format!(
            "there is a blank or a line end around \"{}\" ({origin})",
            shown(bytes)
        );
        let hint = match trimmed {
            b"" => NAME_ONE.to_owned(),
            _ => format!("leave it out: {}", shown(trimmed)),
        };
        return Err(Failure::usage(message).hint(hint));
    }
    if bytes.starts_with(b"~/") && !Path::new("~").exists() {
        let message = format!(
            "nothing puts a home folder for the ~ of {} ({origin})",
            shown(bytes)
        );
        return Err(Failure::usage(message).hint("write the whole path"));
    }
    Ok(())
}

fn path(bytes: &[u8]) -> PathBuf {
    PathBuf::from(OsString::from_vec(bytes.to_vec()))
}

/// The bytes with `%20` and its like decoded; None where there are none, or no file could have the name.
fn decoded(bytes: &[u8]) -> Option<Vec<u8>> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    let mut text = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let [first, behind @ ..] = rest {
        let pair = behind
            .first()
            .and_then(digit)
            .zip(behind.get(1).and_then(digit));
        let (byte, left) = match (first, pair) {
            (b'%', Some((high, low))) => ((high * 16 + low) as u8, &behind[2..]),
            _ => (*first, behind),
        };
        text.push(byte);
        rest = left;
    }
    (text != bytes && !text.contains(&0)).then_some(text)
}

fn split_once<'a>(bytes: &'a [u8], mark: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = bytes.windows(mark.len()).position(|part| part == mark)?;
    Some((&bytes[..at], &bytes[at + mark.len()..]))
}

fn shown(bytes: &[u8]) -> String {
    one_line(&String::from_utf8_lossy(bytes)).into_owned()
}
