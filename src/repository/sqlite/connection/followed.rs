//! The file that a reading connection follows, as it was when it was last checked.

use std::fs::Metadata;
use std::path::Path;
use std::time::SystemTime;

use crate::system::identity::Identity;
use crate::system::open::with_suffix;

/// The file that a reading connection has open.
#[derive(Clone, Copy, Debug)]
pub(in crate::repository::sqlite) struct FollowedFile {
    pub(in crate::repository::sqlite) found: FileState,
    /// True when an attempt to open it again has failed.
    pub(in crate::repository::sqlite) closed: bool,
    /// True when it was opened as one that nobody changes, so that SQLite would not see a change.
    pub(in crate::repository::sqlite) immutable: bool,
    pub(in crate::repository::sqlite) reopened: u64,
    pub(in crate::repository::sqlite) replaced: u64,
}

impl FollowedFile {
    pub(in crate::repository::sqlite) fn new(
        path: &Path,
        metadata: &Metadata,
        immutable: bool,
    ) -> FollowedFile {
        FollowedFile {
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
    /// The time and size of an immutable file, and whether there is a log beside it.
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
