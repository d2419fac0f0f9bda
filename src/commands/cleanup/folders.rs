//! The working folders of jobs that went or would go: removed, left, and why.

use std::collections::{BTreeSet, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::error::{Failure, Kind};
use crate::folders::{FolderStay, InUse, READ_ONLY, Removal, ServiceFolder};
use crate::job::{JobId, Value};
use crate::text::json::{self, Layout, Object};
use crate::text::size;
use crate::text::visible::{grouped, one_line, plural};

/// The most folders that are named.
const NAMED: usize = 10;

#[derive(Default)]
pub(super) struct FolderTally {
    pub(super) removed: u64,
    pub(super) bytes: u64,
    /// The hash of each path that stays: many jobs may share one, and there may be a million of them.
    left: HashSet<u64>,
    left_named: BTreeSet<(String, &'static str)>,
    failed: Vec<(JobId, String, String)>,
    failed_count: u64,
}

impl FolderTally {
    pub(super) fn leave(&mut self, path: &str, why: FolderStay) {
        let mut hasher = DefaultHasher::new();
        path.hash(&mut hasher);
        if self.left.insert(hasher.finish()) && self.left_named.len() < NAMED {
            self.left_named.insert((path.to_owned(), why.words()));
        }
    }

    pub(super) fn fail(&mut self, id: &JobId, path: &str, why: &str) {
        self.failed_count += 1;
        if self.failed.len() < NAMED {
            self.failed
                .push((id.clone(), path.to_owned(), why.to_owned()));
        }
    }

    fn left(&self) -> u64 {
        self.left.len() as u64
    }

    pub(super) fn is_idle(&self) -> bool {
        self.removed + self.left() + self.failed_count == 0
    }

    pub(super) fn words(&self) -> String {
        let mut text = match self.removed {
            0 => "no folder removed".to_owned(),
            removed => format!(
                "{} removed with {}",
                plural(removed, "folder"),
                size::about(self.bytes)
            ),
        };
        if self.left() > 0 {
            text.push_str(&format!("; left {}", plural(self.left(), "folder")));
            let named: Vec<String> = self
                .left_named
                .iter()
                .map(|(path, why)| format!("{} ({why})", one_line(path)))
                .collect();
            text.push_str(&format!(": {}", named.join(", ")));
        }
        text
    }

    pub(super) fn json(&self, object: &mut Object) {
        object.key("folders");
        let mut folders = Object::begin(object.out, Layout::OneLine);
        folders.literal("removed", self.removed);
        folders.literal("bytes", self.bytes);
        folders.literal("left", self.left());
        folders.key("left_named");
        json::array(
            folders.out,
            Layout::OneLine,
            &self.left_named,
            |out, (path, why)| {
                let mut left = Object::begin(out, Layout::OneLine);
                left.string("path", path);
                left.string("why", why);
                left.end();
            },
        );
        self.failed_json(&mut folders);
        folders.end();
    }

    fn failed_json(&self, folders: &mut Object) {
        folders.literal("failed", self.failed_count);
        folders.key("failed_named");
        json::array(
            folders.out,
            Layout::OneLine,
            &self.failed,
            |out, (id, path, why)| {
                let mut failed = Object::begin(out, Layout::OneLine);
                failed.string("job_id", &id.to_string());
                failed.string("path", path);
                failed.string("why", why);
                failed.end();
            },
        );
    }

    /// Appends the count of a dry run, which removes none.
    pub(super) fn would_fail_json(&self, object: &mut Object) {
        if !self.failed.is_empty() {
            object.key("folders");
            let mut folders = Object::begin(object.out, Layout::OneLine);
            self.failed_json(&mut folders);
            folders.end();
        }
    }

    pub(super) fn would_fail(&self) -> Option<String> {
        let named = self.failed_words()?;
        let what = plural(self.failed_count, "working folder");
        Some(format!(
            "{what} could not be removed, and the jobs would stay: {named}"
        ))
    }

    /// At most ten of those that could not be removed, and why.
    fn failed_words(&self) -> Option<String> {
        if self.failed.is_empty() {
            return None;
        }
        let named = self.failed.iter();
        let mut named: Vec<String> = named
            .map(|(_, path, why)| format!("{path}: {why}"))
            .collect();
        match self.failed_count - named.len() as u64 {
            0 => {}
            more => named.push(format!("and {} more", grouped(more))),
        }
        Some(named.join("; "))
    }

    pub(super) fn failure(&self) -> Option<Failure> {
        let named = self.failed_words()?;
        let what = plural(self.failed_count, "working folder");
        let message = format!("{what} could not be removed, and the jobs stay: {named}");
        let hint = if self.failed.iter().any(|(_, _, why)| why == READ_ONLY) {
            "mount it for writing, or name it in ReadWritePaths= of the systemd unit, and run it again"
        } else {
            "mend what stands in the way, and run it again"
        };
        Some(Failure::new(Kind::Failed, message).hint(hint))
    }
}

/// The fate of a job by its working folder, with the folder's key in JSON.
pub(super) enum FolderFate {
    /// The job has no folder.
    None,
    /// The job goes, and its folder as the words say.
    Goes(&'static str, String),
    /// The job stays, since its folder cannot be removed.
    Stays(&'static str, String),
}

pub(super) fn folder_fate(
    root: &ServiceFolder,
    in_use: &InUse,
    stuck: &mut FolderTally,
    id: &JobId,
    working_dir: &Value,
) -> FolderFate {
    let obstacle = match root.examine(&id.to_string(), working_dir, in_use) {
        Ok(doomed) => match doomed.obstacle(false) {
            None => return FolderFate::Goes("goes", format!("with {}", doomed.path())),
            Some(obstacle) => obstacle,
        },
        Err(Removal::Left { path, why }) => {
            let words = format!("{path} stays ({})", why.words());
            return FolderFate::Goes(why.key(), words);
        }
        Err(Removal::Failed { path, why }) => (path, why),
        Err(Removal::Gone { .. } | Removal::Nothing) => return FolderFate::None,
    };
    let (path, why) = obstacle;
    stuck.fail(id, &path, &why);
    FolderFate::Stays(
        "failed",
        format!("stays, as {path} could not be removed: {why}"),
    )
}
