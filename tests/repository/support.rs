//! A repository of its own for each test.

use std::path::PathBuf;
use std::time::Duration;

use jobctl::job::{Column, Job};
use jobctl::repository::{self, Access, Location, Repository};
use tempfile::TempDir;

pub struct Place {
    pub dir: TempDir,
}

impl Place {
    pub fn new() -> Place {
        Place {
            dir: tempfile::tempdir().unwrap(),
        }
    }

    /// A file in which a reader keeps writers out, as the service's are: an empty one keeps its journal mode.
    pub fn in_delete_mode() -> Place {
        let place = Place::new();
        std::fs::write(place.path(), "").unwrap();
        place
    }

    pub fn path(&self) -> PathBuf {
        self.dir.path().join("jobs.db")
    }

    pub fn location(&self) -> Location {
        Location::of_file(self.path(), "from a test")
    }

    pub fn open(&self, access: Access) -> Box<dyn Repository> {
        repository::open(&self.location(), access, Duration::from_millis(50)).unwrap()
    }

    pub fn create(&self) -> Box<dyn Repository> {
        self.open(Access::Create)
    }
}

/// A job with an id made of a number, created that many minutes after midnight.
pub fn job(number: u32) -> Job {
    let at = format!(
        "2026-01-01 {:02}:{:02}:00.000000",
        number / 60 % 24,
        number % 60
    );
    Job::default()
        .with(
            Column::Id,
            format!("{number:08x}-0000-4000-8000-000000000000"),
        )
        .with(Column::JobType, "idea2video")
        .with(Column::Status, "queued")
        .with(Column::CreatedAt, at.as_str())
        .with(Column::UpdatedAt, at.as_str())
}
