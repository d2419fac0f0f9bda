//! The file that a reading connection has open, as it was when it was looked at.

use std::fs::Metadata;
use std::path::Path;
use std::time::SystemTime;

use crate::system::identity::Identity;
use crate::system::open::with_suffix;

/// The file that a reading connection has open.
#[derive(Clone, Copy, Debug)]
pub(in crate::repository::sqlite) struct Followed {
    pub(in crate::repository::sqlite) found: FileState,
    /// An attempt to open it again has failed.
    pub(in crate::repository::sqlite) closed: bool,
    /// It was opened as one that nobody changes, so SQLite would not see it when somebody does.
    pub(in crate::repository::sqlite) immutable: bool,
    pub(in crate::repository::sqlite) reopened: u64,
    pub(in crate::repository::sqlite) replaced: u64,
}

impl Followed {
    pub(in crate::repository::sqlite) fn new(
        path: &Path,
        metadata: &Metadata,
        immutable: bool,
    ) -> Followed {
        Followed {
            found: found(path, metadata, immutable),
            closed: false,
            immutable,
            reopened: 0,
            replaced: 0,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::repository::sqlite) struct FileState {
    pub(in crate::repository::sqlite) file: Identity,
    /// Only looked at of an immutable one: its time and size, and whether there is a log beside it.
    pub(in crate::repository::sqlite) state: Option<(Option<SystemTime>, u64, bool)>,
}

pub(in crate::repository::sqlite) fn found(
    path: &Path,
    metadata: &Metadata,
    immutable: bool,
) -> FileState {
    let state = || {
        let log = with_suffix(path, "-wal").exists();
        (metadata.modified().ok(), metadata.len(), log)
    };
    FileState {
        file: Identity::of(metadata),
        state: immutable.then(state),
    }
}
