//! Brings a file and its journal to disk while more is written into them, so that little is left to be waited for when
//! a page is written over and at a commit. SQLite does its own syncs at the right moments all the same: these come early
//! and change nothing but the waiting.

use std::fs::File;
use std::path::Path;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::aside::with_suffix;

const EVERY: Duration = Duration::from_millis(100);

/// Goes on until it is dropped. The file must be closed in this process by then, for a process that closes a file gives up
/// all the locks that it has on it, SQLite's too.
pub(super) struct Syncing {
    go_on: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Syncing {
    /// None when the file cannot be opened, which matters to nobody here.
    pub(super) fn start(path: &Path) -> Option<Syncing> {
        let file = File::open(path).ok()?;
        let journal = with_suffix(path, "-journal");
        let (go_on, ended) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            while let Err(RecvTimeoutError::Timeout) = ended.recv_timeout(EVERY) {
                // What fails here fails again in SQLite's own sync.
                let _ = file.sync_data();
                // It comes and goes, and SQLite has no locks on it.
                let _ = File::open(&journal).and_then(|journal| journal.sync_data());
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
