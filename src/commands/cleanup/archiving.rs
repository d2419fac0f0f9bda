//! The thread that brings jobs to the archive, while those before them, which are on disk there, are removed from the
//! table.

use std::path::Path;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::Result;

use crate::archive::{Archive, Moved};
use crate::error::{Failure, Kind};
use crate::job::row::write;
use crate::repository::Swept;
use crate::system::helper_thread;
use crate::text::size;
use crate::text::visible::{grouped, one_line};

/// The wait for a batch while a transaction may be open: shorter than one that is held while nobody else writes.
const SOON: Duration = Duration::from_millis(100);

/// The sentence of what was wrong with the archive, and of where that part is now.
pub(super) fn moved_aside(moved: &Moved) -> String {
    let name = moved.name.to_string_lossy();
    let kept = match moved.rows {
        0 => "no row of it was whole".to_owned(),
        1 => "the one whole row of it stays in the archive".to_owned(),
        rows => format!("{} whole rows of it stay in the archive", grouped(rows)),
    };
    format!(
        "the end of the archive was damaged, {} of it; that was moved into {}, and {kept}",
        size::about(moved.bytes),
        one_line(&name),
    )
}

/// The same where nothing is to be written; None where nothing is wrong.
pub(super) fn would_move(path: &Path) -> Result<Option<String>> {
    let bytes = Archive::damaged_bytes(path)?;
    Ok(bytes.map(|bytes| {
        format!(
            "the end of the archive is damaged, {} of it; the run would move that into a file beside it, and keep whole rows of it in the archive",
            size::about(bytes),
        )
    }))
}

pub(super) struct Archiving {
    todo: Option<Sender<Swept>>,
    done: Receiver<Result<(Swept, u64)>>,
    thread: Option<JoinHandle<()>>,
    /// The number of batches that are at the archive.
    under_way: usize,
    /// The bytes that the archive has grown by.
    pub(super) added: u64,
}

impl Archiving {
    pub(super) fn start(mut archive: Archive) -> Archiving {
        let (todo, batches) = mpsc::channel::<Swept>();
        let (acknowledge, done) = mpsc::channel();
        let thread = helper_thread::spawn(move || {
            let mut lines = String::new();
            for swept in batches {
                lines.clear();
                for job in swept.jobs() {
                    write::append(&mut lines, job);
                    lines.push('\n');
                }
                let kept = archive.append_missing(lines.as_bytes());
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
        }
    }

    pub(super) fn under_way(&self) -> usize {
        self.under_way
    }

    /// Hands rows to the archive; they come back from `take` when they are on disk.
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
    /// Closes the archive, with all that was given to it, before the run ends.
    fn drop(&mut self) {
        self.todo = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
