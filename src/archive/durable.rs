//! Writing that is on disk when it has succeeded.

use std::fs::File;
use std::io;
use std::io::Write;
use std::os::unix::fs::MetadataExt;

/// Writes to the end of the file, which is where the file is open for, and waits for the disk.
pub(crate) fn write(mut file: &File, packed: &[u8]) -> io::Result<()> {
    file.write_all(packed)?;
    file.sync_data()?;
    match file.metadata()?.nlink() {
        0 => Err(io::Error::other("something else has removed it")),
        _ => Ok(()),
    }
}
