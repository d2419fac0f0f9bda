//! Appends that are on disk when they have succeeded.

use std::fs::File;
use std::io;
use std::io::Write;
use std::os::unix::fs::MetadataExt;

/// Appends to a file that is open for that, and waits for the disk.
pub(crate) fn write(mut file: &File, packed: &[u8]) -> io::Result<()> {
    file.write_all(packed)?;
    file.sync_data()?;
    match file.metadata()?.nlink() {
        0 => Err(io::Error::other("something else has removed it")),
        _ => Ok(()),
    }
}
