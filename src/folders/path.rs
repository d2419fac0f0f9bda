//! Stored paths taken apart as bytes, without asking the file system: a path is judged before anything at it is opened.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// The parts of a path; `..` is a part, `.` and what lies between two slashes in a row is none.
pub(super) fn parts(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    path.split(|byte| *byte == b'/')
        .filter(|part| !part.is_empty() && *part != b".")
}

pub(super) fn is_absolute(path: &[u8]) -> bool {
    path.starts_with(b"/")
}

/// The parts of an absolute path below a folder; None when it does not lie there. Whole parts are compared, so that
/// `/srv/video2` does not lie in `/srv/video`.
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
