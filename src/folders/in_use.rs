//! The folders that jobs which stay use, so that none of them goes with another job.
//!
//! There may be a million such jobs. Of each path a hash of 64 bits is kept, and where two paths share one, a folder stays
//! that could have gone. A folder that may go ends in its own job's id, and a job that stays has another one: a path that
//! ends in its own job's id needs no place of its own, only the folders above it do. So jobs that lie beside each other in a
//! few folders take next to no room.
//!
//! A path may lead through symbolic links to a folder that goes. So where each leads is looked up too; what lies on the way
//! is remembered, in bounds, for most jobs differ in the last part alone.

use std::collections::{HashMap, HashSet};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::hash::{DefaultHasher, Hasher};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::path::{below, is_absolute, parts};
use crate::job::Value;

/// How many places of folders are remembered.
pub(super) const REMEMBERED: usize = 4_096;
/// A longer path is none that a program could use.
const LONGEST: usize = 4_096;
/// How many links a path may lead through, as on Linux.
const LINKS: usize = 40;

pub(crate) struct InUse {
    spellings: [PathBuf; 2],
    pub(super) hashes: HashSet<u64>,
    /// Where the paths of folders lead.
    pub(super) places: HashMap<Vec<u8>, PathBuf>,
}

impl InUse {
    /// Of a root with these spellings; a `Root` makes it.
    pub(super) fn below(spellings: [PathBuf; 2]) -> InUse {
        InUse {
            spellings,
            hashes: HashSet::new(),
            places: HashMap::new(),
        }
    }

    /// Takes in a job that stays.
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
            self.take_as_written(absolute, &all);
        } else if *last != job_id.as_bytes() {
            self.take(absolute, &all);
        } else {
            let own = self.take(absolute, above).join(OsStr::from_bytes(last));
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

    /// Takes in a folder and all above it, both as written and where they lead; gives where it leads.
    fn take(&mut self, absolute: bool, path: &[&[u8]]) -> PathBuf {
        let known = (1..=path.len()).rev().find_map(|length| {
            let place = self.places.get(&key(absolute, path.get(..length)?))?;
            Some((length, place.clone()))
        });
        let (length, mut place) = known.unwrap_or_else(|| (0, self.start(absolute)));
        for length in length + 1..=path.len() {
            let Some((last, _)) = path.get(..length).and_then(<[_]>::split_last) else {
                break;
            };
            place = self.resolve(&place.join(OsStr::from_bytes(last)));
            let upto = path.get(..length).unwrap_or(path);
            self.take_as_written(absolute, upto);
            if self.places.len() >= REMEMBERED {
                self.places.clear();
            }
            self.places.insert(key(absolute, upto), place.clone());
        }
        place
    }

    fn start(&self, absolute: bool) -> PathBuf {
        if absolute {
            PathBuf::from("/")
        } else {
            let [_, canonical] = &self.spellings;
            canonical.clone()
        }
    }

    /// A path with `..` means nothing as written.
    fn take_as_written(&mut self, absolute: bool, path: &[&[u8]]) {
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

    fn take_place(&mut self, place: &Path) {
        let all: Vec<&[u8]> = parts(place.as_os_str().as_bytes()).collect();
        let [_, canonical] = &self.spellings;
        self.hashes
            .extend(hashes(below(canonical, &all).unwrap_or(&[])));
    }

    /// Where a path leads whose last part may be a link or `..`, with all that lies on the way taken in; what is above that
    /// part is no link. What is not there, or cannot be read, counts as no link: a link may lead to what is not there yet.
    fn resolve(&mut self, path: &Path) -> PathBuf {
        let mut place = path.parent().map(Path::to_owned).unwrap_or_default();
        let mut rest: Vec<OsString> = Vec::new();
        rest.extend(
            path.components()
                .next_back()
                .map(|it| it.as_os_str().to_owned()),
        );
        let mut links = 0;
        while let Some(part) = rest.pop() {
            if part.as_bytes() == b".." {
                place.pop();
                continue;
            }
            place.push(&part);
            self.take_place(&place);
            let Ok(target) = fs::read_link(&place) else {
                continue;
            };
            links += 1;
            if links > LINKS {
                break;
            }
            let target = target.into_os_string();
            if is_absolute(target.as_bytes()) {
                place = PathBuf::from("/");
            } else {
                place.pop();
            }
            let target: Vec<&[u8]> = parts(target.as_bytes()).collect();
            let target = target.into_iter().rev();
            rest.extend(target.map(|part| OsStr::from_bytes(part).to_owned()));
        }
        place
    }
}

/// A hash of each of the paths that a path is made of, from the first part alone to the whole.
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
