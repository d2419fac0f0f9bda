//! The identity of a file, by device and inode: links, `/dev/fd/3` and other spellings of a path lead to the same one.

use std::fs::{self, File, Metadata};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use rustix::fs::Stat;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Identity {
    device: u64,
    inode: u64,
}

impl Identity {
    /// The identity of the file at a path; symbolic links are followed, and nothing is opened.
    pub fn at(path: impl AsRef<Path>) -> io::Result<Identity> {
        fs::metadata(path).map(|found| Identity::of(&found))
    }

    pub fn of(metadata: &Metadata) -> Identity {
        Identity {
            device: metadata.dev(),
            inode: metadata.ino(),
        }
    }

    // The width of both differs between systems.
    #[allow(clippy::unnecessary_cast)]
    pub fn of_stat(stat: &Stat) -> Identity {
        Identity {
            device: stat.st_dev as u64,
            inode: stat.st_ino as u64,
        }
    }

    /// The identity of the file that a descriptor is open for.
    pub fn of_open(descriptor: impl AsFd) -> io::Result<Identity> {
        Ok(Identity::of_stat(&rustix::fs::fstat(descriptor)?))
    }
}

/// Whether two paths lead to the same existing file.
pub fn same_file(one: impl AsRef<Path>, other: impl AsRef<Path>) -> bool {
    match (Identity::at(one), Identity::at(other)) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}

/// Whether the path leads to this open file.
pub fn is_at(file: &File, path: &Path) -> bool {
    match (Identity::of_open(file), Identity::at(path)) {
        (Ok(ours), Ok(there)) => ours == there,
        _ => false,
    }
}
