//! Early syncs: a file and its journal are brought to disk while more is written into them, so that a commit has little
//! left to wait for. SQLite does its own syncs at the right moments all the same: these come early and change nothing but
//! the waiting. It is SQLite that opens both files here too, and so keeps its locks.

use std::fs;
use std::path::Path;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

use buffered_vfs::Second;

use crate::system::open::with_suffix;

const EVERY: Duration = Duration::from_millis(100);

/// The files that are brought to disk early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::repository::sqlite) enum Early {
    /// The database too: its pages are written from one end to the other, each once.
    DatabaseAndJournal,
    /// The journal alone: pages of the database's indexes are changed all over, again and again, and each early sync would
    /// bring the same ones to disk.
    Journal,
}

/// The thread of early syncs, which goes on until this is dropped.
pub(in crate::repository::sqlite) struct Syncing {
    go_on: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Syncing {
    /// Starts it; None when the file cannot be opened, without which only the waiting is longer.
    pub(in crate::repository::sqlite) fn start(path: &Path, early: Early) -> Option<Syncing> {
        let path = fs::canonicalize(path).ok()?;
        let mut file = match early {
            Early::DatabaseAndJournal => Some(Second::of_database(&path)?),
            Early::Journal => None,
        };
        let journal = with_suffix(&path, "-journal");
        let (go_on, ended) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            while let Err(RecvTimeoutError::Timeout) = ended.recv_timeout(EVERY) {
                // What fails here fails again in SQLite's own sync.
                if let Some(file) = &mut file {
                    file.sync();
                }
                // It comes and goes.
                if let Some(mut journal) = Second::of_journal(&journal) {
                    journal.sync();
                }
            }
        });
        Some(Syncing {
            go_on: Some(go_on),
            thread: Some(thread),
        })
    }
}

impl Drop for Syncing {
    fn drop(&mut self) {
        self.go_on = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
