//! The working folders of jobs on disk: what is in them, and their removal.
//!
//! The text in `working_dir` may be anybody's, and the service goes on working in the same folders. So no folder is opened
//! by its path: the folder that the service runs in is opened once, and everything below it from an open folder, one name
//! at a time, never through a symbolic link. Even if names are exchanged meanwhile, only the folder that was opened is
//! emptied, and its name is removed only while it still leads there.

mod ahead;
mod empty;
mod in_use;
mod open;
mod path;
mod root;
mod scan;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;

pub(crate) use in_use::InUse;
pub(crate) use open::READ_ONLY;
pub(crate) use root::ServiceFolder;
pub(crate) use scan::{FolderScan, ShotFiles, ShotName, scan};

/// The outcome for a job's folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Removal {
    /// It has been removed; `files` counts its entries but for folders, `bytes` what all of it took on the disk.
    Gone { bytes: u64, files: u64 },
    /// The job names no folder, or one that does not exist.
    Nothing,
    /// It stays by the rule; its job may be deleted.
    Left { path: String, why: FolderStay },
    /// It should have been removed, and was not, or not wholly: its job must stay. `path` is that of the obstacle.
    Failed { path: String, why: String },
}

/// The reason why a folder stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum FolderStay {
    /// The last part of its path is not the job's own id.
    Shared,
    /// A remaining job uses it, or something in it.
    InUse,
    Outside,
    /// The stored path has a part `..`, which is never resolved.
    Upwards,
    /// It is the folder that the service runs in.
    Itself,
    Link,
    NotAFolder,
    /// The stored value is not text, or has a NUL byte.
    NotAPath,
}

impl FolderStay {
    /// The words for a person, to follow the path.
    pub(crate) fn words(self) -> &'static str {
        match self {
            FolderStay::Shared => "may be shared, as its name is not the job's id",
            FolderStay::InUse => "is used by a job that stays",
            FolderStay::Outside => "lies outside the folder of --files-under",
            FolderStay::Upwards => "is stored with a part \"..\"",
            FolderStay::Itself => "is the folder of --files-under itself",
            FolderStay::Link => "is reached through a symbolic link",
            FolderStay::NotAFolder => "is not a folder",
            FolderStay::NotAPath => "is not a path",
        }
    }

    /// The word in JSON.
    pub(crate) fn key(self) -> &'static str {
        match self {
            FolderStay::Shared => "shared",
            FolderStay::InUse => "in_use",
            FolderStay::Outside => "outside",
            FolderStay::Upwards => "upwards",
            FolderStay::Itself => "itself",
            FolderStay::Link => "link",
            FolderStay::NotAFolder => "not_a_folder",
            FolderStay::NotAPath => "not_a_path",
        }
    }
}
