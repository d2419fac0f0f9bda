//! The working folders of jobs on disk: what is in them, and their removal.
//!
//! What is stored in `working_dir` is text that anybody may have written, and the service goes on working in the same
//! folders. So nothing is reached by a path: the folder that the service runs in is opened once, and everything below it
//! from an open folder, one name at a time, never through a symbolic link. Whatever is exchanged meanwhile, what was
//! opened is what is emptied, and a name goes only while it still is what was emptied.

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
pub(crate) use root::Root;
pub(crate) use scan::{Place, Scan, Shot, scan};

/// What became of a job's folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Removal {
    /// It is gone; `files` are all its entries but folders, `bytes` the room on disk that they and the folders took.
    Gone { bytes: u64, files: u64 },
    /// The job has no folder, or it is not there any more.
    Nothing,
    /// It stays by the rule, and its job may go.
    Left { path: String, why: Left },
    /// It should have gone and did not, or not wholly: its job must stay. The path is that of what stood in the way.
    Failed { path: String, why: String },
}

/// Why a folder stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Left {
    /// Its last part is not the job's own id.
    Shared,
    /// A job that stays uses it, or something in it.
    InUse,
    Outside,
    /// The stored path has a part `..`, which is never resolved.
    Upwards,
    /// It is the folder that the service runs in.
    Itself,
    Link,
    NotAFolder,
    /// What is stored is not text, or has a NUL byte.
    NotAPath,
}

impl Left {
    /// For a person, behind the path.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Left::Shared => "may be shared, as its name is not the job's id",
            Left::InUse => "is used by a job that stays",
            Left::Outside => "lies outside the folder of --files-under",
            Left::Upwards => "is stored with a part \"..\"",
            Left::Itself => "is the folder of --files-under itself",
            Left::Link => "is reached through a symbolic link",
            Left::NotAFolder => "is not a folder",
            Left::NotAPath => "is not a path",
        }
    }

    /// For JSON.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Left::Shared => "shared",
            Left::InUse => "in_use",
            Left::Outside => "outside",
            Left::Upwards => "upwards",
            Left::Itself => "itself",
            Left::Link => "link",
            Left::NotAFolder => "not_a_folder",
            Left::NotAPath => "not_a_path",
        }
    }
}
