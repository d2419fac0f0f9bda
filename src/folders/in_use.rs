//! The folders that remaining jobs use, so that none of them is removed with another job.
//!
//! There may be a million remaining jobs. Of each path a hash of 64 bits is kept; where two paths share a hash, a folder
//! stays that could have gone. A folder that may be removed ends in the id of its own job, which no remaining job has. So of
//! a path that ends in its own job's id only the folders above are kept, and jobs beside each other take next to no memory.
//!
//! A path may lead through symbolic links to a folder that is to be removed. So links are followed too; where folders lead
//! is remembered, up to `REMEMBERED`, since the paths of most jobs differ in the last part alone.

use std::collections::{HashMap, HashSet};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::hash::{DefaultHasher, Hasher};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::path::{below, is_absolute, parts};
use crate::job::Value;

/// The most folders whose targets are remembered.
pub(super) const REMEMBERED: usize = 4_096;
/// Bytes of the longest path that a program could use.
const LONGEST: usize = 4_096;
/// The most links that a path may lead through, as on Linux.
const LINKS: usize = 40;

pub(crate) struct InUse {
    spellings: [PathBuf; 2],
    pub(super) hashes: HashSet<u64>,
    /// The path without links that each folder leads to.
    pub(super) targets: HashMap<Vec<u8>, PathBuf>,
}

impl InUse {
    /// An empty record for the root with these spellings; `Root::in_use` makes it.
    pub(super) fn below(spellings: [PathBuf; 2]) -> InUse {
        InUse {
            spellings,
            hashes: HashSet::new(),
            targets: HashMap::new(),
        }
    }

    /// Adds a job that remains.
    pub(crate) fn add(&mut self, job_id: &str, working_dir: &Value) {
        let path = match working_dir {
            Value::Text(text) => text.as_bytes(),
            Value::BrokenText(bytes) | Value::Blob(bytes) => bytes,
            _ => return,
        };
        if path.contains(&0) {
            return;
        }
        let all: Vec<&[u8]> = parts(path).collect();
        let Some((last, above)) = all.split_last() else {
            return;
        };
        let absolute = is_absolute(path);
        if path.len() > LONGEST {
            self.add_as_written(absolute, &all);
        } else if *last != job_id.as_bytes() {
            self.add_folder(absolute, &all);
        } else {
            let own = self
                .add_folder(absolute, above)
                .join(OsStr::from_bytes(last));
            if fs::read_link(&own).is_ok() {
                self.resolve(&own);
            }
        }
    }

    /// Whether a job that was added uses this folder, or something in it.
    pub(super) fn holds(&self, path: &[&[u8]]) -> bool {
        hashes(path)
            .last()
            .is_some_and(|hash| self.hashes.contains(&hash))
    }

    /// Adds a folder and all above it, both as written and where they lead; gives where the folder leads.
    fn add_folder(&mut self, absolute: bool, path: &[&[u8]]) -> PathBuf {
        let known = (1..=path.len()).rev().find_map(|length| {
            let target = self.targets.get(&key(absolute, path.get(..length)?))?;
            Some((length, target.clone()))
        });
        let (length, mut target) = known.unwrap_or_else(|| (0, self.start(absolute)));
        for length in length + 1..=path.len() {
            let Some((last, _)) = path.get(..length).and_then(<[_]>::split_last) else {
                break;
            };
            target = self.resolve(&target.join(OsStr::from_bytes(last)));
            let upto = path.get(..length).unwrap_or(path);
            self.add_as_written(absolute, upto);
            if self.targets.len() >= REMEMBERED {
                self.targets.clear();
            }
            self.targets.insert(key(absolute, upto), target.clone());
        }
        target
    }

    fn start(&self, absolute: bool) -> PathBuf {
        if absolute {
            PathBuf::from("/")
        } else {
            let [_, canonical] = &self.spellings;
            canonical.clone()
        }
    }

    /// Adds a path as written, unless it has a part `..`, which means nothing without the file system.
    fn add_as_written(&mut self, absolute: bool, path: &[&[u8]]) {
        if path.contains(&&b".."[..]) {
            return;
        }
        if !absolute {
            self.hashes.extend(hashes(path));
            return;
        }
        for dir in &self.spellings {
            self.hashes.extend(hashes(below(dir, path).unwrap_or(&[])));
        }
    }

    fn add_canonical(&mut self, path: &Path) {
        let all: Vec<&[u8]> = parts(path.as_os_str().as_bytes()).collect();
        let [_, canonical] = &self.spellings;
        self.hashes
            .extend(hashes(below(canonical, &all).unwrap_or(&[])));
    }

    /// The path without links that a path leads to; all on the way is added. The last part may be a link or `..`, the parts
    /// above it are no links. A part that is missing or cannot be read counts as no link: a link may lead to a folder to come.
    fn resolve(&mut self, path: &Path) -> PathBuf {
        let mut reached = path.parent().map(Path::to_owned).unwrap_or_default();
        let mut rest: Vec<OsString> = Vec::new();
        rest.extend(
            path.components()
                .next_back()
                .map(|it| it.as_os_str().to_owned()),
        );
        let mut links = 0;
        while let Some(part) = rest.pop() {
            if part.as_bytes() == b".." {
                reached.pop();
                continue;
            }
            reached.push(&part);
            self.add_canonical(&reached);
            let Ok(target) = fs::read_link(&reached) else {
                continue;
            };
            links += 1;
            if links > LINKS {
                break;
            }
            let target = target.into_os_string();
            if is_absolute(target.as_bytes()) {
                reached = PathBuf::from("/");
            } else {
                reached.pop();
            }
            let target: Vec<&[u8]> = parts(target.as_bytes()).collect();
            let target = target.into_iter().rev();
            rest.extend(target.map(|part| OsStr::from_bytes(part).to_owned()));
        }
        reached
    }
}

/// The hash of every beginning of a path, from the first part alone to the whole.
fn hashes(path: &[&[u8]]) -> impl Iterator<Item = u64> {
    let mut hasher = DefaultHasher::new();
    path.iter().map(move |part| {
        hasher.write(part);
        hasher.write_u8(b'/');
        hasher.finish()
    })
}

fn key(absolute: bool, path: &[&[u8]]) -> Vec<u8> {
    let mut key = path.join(&b'/');
    if absolute {
        key.insert(0, b'/');
    }
    key
}
