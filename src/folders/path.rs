//! Stored paths taken apart as bytes, without asking the file system: what they say must be known before anything
//! there is looked at.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// The parts of a path; `.` and doubled slashes are none, `..` is one.
pub(super) fn parts(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    path.split(|byte| *byte == b'/')
        .filter(|part| !part.is_empty() && *part != b".")
}

pub(super) fn is_absolute(path: &[u8]) -> bool {
    path.starts_with(b"/")
}

/// What is left of an absolute path below a folder; None when it does not lie there. Whole parts are compared, so
/// that `/srv/video2` is not taken to lie in `/srv/video`.
pub(super) fn below<'p, 'a>(folder: &Path, path: &'p [&'a [u8]]) -> Option<&'p [&'a [u8]]> {
    let mut rest = path;
    for part in parts(folder.as_os_str().as_bytes()) {
        let (first, others) = rest.split_first()?;
        if *first != part {
            return None;
        }
        rest = others;
    }
    Some(rest)
}
