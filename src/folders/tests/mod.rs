//! Tests with working folders on a real file system, and what they share.

mod emptying;
mod exchanged;
mod in_use;
mod limits;
mod machine;
mod rule;

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::{FolderStay, Removal, ServiceFolder};
use crate::job::Value;

const ID: &str = "0b8f9a5e-3c0f-4c55-9d3e-0f4f6ff2a111";
const OTHER: &str = "7d1c2b3a-8e6f-4a01-b2c3-d4e5f6a7b222";

/// A temporary folder with `service`, in which the service runs, and `victim` beside it, which must stay untouched.
struct Disk(TempDir);

impl Disk {
    fn new() -> Disk {
        let disk = Disk(TempDir::new().unwrap());
        disk.fill("victim/kept");
        disk.fill(&format!("victim/{ID}"));
        fs::create_dir(disk.path("service")).unwrap();
        disk
    }

    fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.0.path().canonicalize().unwrap().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    /// Makes a folder with three files in two levels.
    fn fill(&self, name: &str) {
        let folder = self.path(name);
        fs::create_dir_all(folder.join("shots/0")).unwrap();
        fs::write(folder.join("script.json"), "{}").unwrap();
        fs::write(folder.join("shots/0/video.mp4"), [7; 10_000]).unwrap();
        fs::write(folder.join("shots/0/first_frame.png"), [8; 5_000]).unwrap();
    }

    fn is_whole(&self, name: &str) -> bool {
        let folder = self.path(name);
        let size = |name| fs::metadata(folder.join(name)).map_or(0, |it| it.len());
        size("script.json") == 2
            && size("shots/0/video.mp4") == 10_000
            && size("shots/0/first_frame.png") == 5_000
    }

    #[track_caller]
    fn victim_is_whole(&self) {
        assert!(self.is_whole("victim/kept"));
        assert!(self.is_whole(&format!("victim/{ID}")));
    }

    fn link(&self, target: impl AsRef<Path>, name: &str) {
        std::os::unix::fs::symlink(target, self.path(name)).unwrap();
    }

    fn root(&self) -> ServiceFolder {
        ServiceFolder::open(&self.path("service")).unwrap()
    }

    /// Removes the folder of the job ID while no other job is there.
    fn remove(&self, working_dir: impl Into<Value>) -> Removal {
        let root = self.root();
        root.remove(ID, &working_dir.into(), &root.in_use())
    }

    fn exists(&self, name: &str) -> bool {
        self.path(name).symlink_metadata().is_ok()
    }

    /// The bytes that a folder and all in it take on the disk.
    fn room(&self, name: &str) -> u64 {
        fn of(path: &Path) -> u64 {
            let data = path.symlink_metadata().unwrap();
            let inside = || {
                fs::read_dir(path)
                    .unwrap()
                    .map(|it| of(&it.unwrap().path()))
            };
            data.blocks() * 512 + if data.is_dir() { inside().sum() } else { 0 }
        }
        of(&self.path(name))
    }
}

fn own(parent: &str) -> String {
    format!("{parent}/{ID}")
}

#[track_caller]
fn left(removal: Removal) -> FolderStay {
    match removal {
        Removal::Left { why, .. } => why,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn gone(removal: Removal) -> (u64, u64) {
    match removal {
        Removal::Gone { bytes, files } => (bytes, files),
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn failed(removal: Removal) -> (String, String) {
    match removal {
        Removal::Failed { path, why } => (path, why),
        other => panic!("{other:?}"),
    }
}
