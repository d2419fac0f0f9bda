//! The file of passwords, ~/.pgpass: a line is HOST:PORT:DATABASE:USER:PASSWORD, the first that fits counts.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::password::{Password, wipe};
use crate::system::open;
use crate::text::visible::one_line;

/// More than any such file has.
const MOST: usize = 16 << 20;

/// The rights of anybody but the owner.
const OTHERS: u32 = 0o077;

pub(super) struct PasswordFile {
    lines: Vec<u8>,
    origin: String,
}

/// What a line has to fit, as texts; the host of the default socket is `localhost`.
pub(super) struct Wanted<'a> {
    pub host: &'a [u8],
    pub port: &'a [u8],
    pub database: &'a [u8],
    pub user: &'a [u8],
}

impl PasswordFile {
    /// Reads a file that is there, and that nobody else may read; else a warning says why not.
    pub(super) fn read(path: &Path, warnings: &mut Vec<String>) -> Option<PasswordFile> {
        let shown = one_line(&path.to_string_lossy()).into_owned();
        let found = fs::metadata(path).ok()?;
        let why = if !found.is_file() {
            "is no plain file, and was not read".to_owned()
        } else if found.permissions().mode() & OTHERS != 0 {
            "may be read by others, and was not read; chmod 600 makes it its owner's alone"
                .to_owned()
        } else {
            match open::read(path, MOST) {
                Ok(lines) => {
                    let origin = format!("from {shown}");
                    return Some(PasswordFile { lines, origin });
                }
                Err(error) => format!("cannot be read: {error}"),
            }
        };
        warnings.push(format!("the password file {shown} {why}"));
        None
    }

    /// The password of the first line that fits; none where it is empty.
    pub(super) fn password(&self, wanted: &Wanted<'_>) -> Option<Password> {
        let lines = self.lines.split(|byte| *byte == b'\n');
        let first = lines
            .filter(|line| line.first() != Some(&b'#'))
            .find_map(|line| {
                let end = line.iter().rposition(|byte| *byte != b'\r')?;
                let mut rest = &line[..=end];
                for field in [wanted.host, wanted.port, wanted.database, wanted.user] {
                    rest = behind_field(rest, field)?;
                }
                let mut bytes = unescaped(rest);
                let password = Password::new(&bytes, &self.origin);
                wipe(&mut bytes);
                Some(password)
            });
        first.filter(|password| !password.bytes().is_empty())
    }
}

impl Drop for PasswordFile {
    fn drop(&mut self) {
        wipe(&mut self.lines);
    }
}

/// What stands behind a field and its colon, if the field fits: `*` fits all, a backslash takes the sense from `:` and `\`.
fn behind_field<'a>(line: &'a [u8], wanted: &[u8]) -> Option<&'a [u8]> {
    if let Some(rest) = line.strip_prefix(b"*:") {
        return Some(rest);
    }
    let mut rest = line;
    let mut wanted = wanted.iter();
    loop {
        let (byte, behind) = match rest {
            [b'\\', byte, behind @ ..] => (byte, behind),
            [b':', behind @ ..] if wanted.as_slice().is_empty() => return Some(behind),
            [byte, behind @ ..] => (byte, behind),
            [] => return None,
        };
        if wanted.next() != Some(byte) {
            return None;
        }
        rest = behind;
    }
}

/// The password of a line: up to a colon, in which a backslash takes the sense from the character behind it.
fn unescaped(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    loop {
        let byte;
        (byte, rest) = match rest {
            [] | [b':', ..] => return bytes,
            [b'\\', byte, behind @ ..] => (byte, behind),
            [byte, behind @ ..] => (byte, behind),
        };
        bytes.push(*byte);
    }
}
