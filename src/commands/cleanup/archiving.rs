//! Jobs are brought to the archive on a thread of their own, while those before them, which are on disk there, are
//! removed from the table.

use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::Result;

use crate::archive::Archive;
use crate::background;
use crate::error::{Failure, Kind};
use crate::render::row;
use crate::repository::Swept;

/// How long a batch is waited for while a transaction may be open: shorter than one that is held while nobody else writes.
const SOON: Duration = Duration::from_millis(100);

pub(super) struct Archiving {
    todo: Option<Sender<Swept>>,
    done: Receiver<Result<(Swept, u64)>>,
    thread: Option<JoinHandle<()>>,
    /// Batches that are at the archive.
    under_way: usize,
    /// By how many bytes the archive has grown.
    pub(super) added: u64,
    /// What a killed run had left torn at its end, and was cut away.
    pub(super) mended: u64,
}

impl Archiving {
    pub(super) fn start(mut archive: Archive) -> Archiving {
        let (todo, batches) = mpsc::channel::<Swept>();
        let (acknowledge, done) = mpsc::channel();
        let mended = archive.mended();
        let thread = background::spawn(move || {
            let mut lines = String::new();
            for swept in batches {
                lines.clear();
                for found in &swept.rows {
                    row::append(&mut lines, &found.job);
                    lines.push('\n');
                }
                let kept = archive.append(lines.as_bytes());
                let failed = kept.is_err();
                let told = acknowledge.send(kept.map(|()| (swept, archive.added())));
                if failed || told.is_err() {
                    break;
                }
            }
        });
        Archiving {
            todo: Some(todo),
            done,
            thread: Some(thread),
            under_way: 0,
            added: 0,
            mended,
        }
    }

    pub(super) fn under_way(&self) -> usize {
        self.under_way
    }

    /// The rows come back from `take` when they are on disk.
    pub(super) fn give(&mut self, swept: Swept) {
        // A thread that has ended has told why, which `take` gives.
        let _ = self.todo.as_ref().map(|todo| todo.send(swept));
        self.under_way += 1;
    }

    /// The next batch, if it is on disk soon.
    pub(super) fn take_soon(&mut self) -> Option<Result<Swept>> {
        let answer = self.done.recv_timeout(SOON).ok()?;
        Some(self.settle(answer))
    }

    pub(super) fn take(&mut self) -> Result<Swept> {
        let ended = || Failure::new(Kind::Failed, "the archive was not written to its end");
        let answer = self.done.recv().map_err(|_| ended())?;
        self.settle(answer)
    }

    fn settle(&mut self, answer: Result<(Swept, u64)>) -> Result<Swept> {
        self.under_way -= 1;
        let (swept, added) = answer?;
        self.added = added;
        Ok(swept)
    }
}

impl Drop for Archiving {
    /// The archive is closed, with all that was given to it, before the run ends.
    fn drop(&mut self) {
        self.todo = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
