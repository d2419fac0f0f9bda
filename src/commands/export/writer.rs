//! The thread that writes rows as text, beside the one that reads them: both take about as long. The bytes on the way
//! are bounded, so that a slow reader at the other end of a pipe fills no memory.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Error, Result, anyhow};
use indicatif::ProgressBar;

use crate::commands::parts::interrupt::Interrupt;
use crate::error::{Failure, Kind};
use crate::job::{Column, Job};
use crate::render::format::Document;
use crate::render::record::RowRecord;
use crate::repository::{self, Sink};
use crate::system::byte_budget::{ByteBudget, Reserved};
use crate::system::compression::CompressedFile;
use crate::terminal::TO_STDOUT;

/// The bytes of rows that are handed over at once.
const BATCH: usize = 512 << 10;

/// The most bytes of rows on the way; a larger single row goes alone.
const ON_THE_WAY: usize = 2 << 20;

/// The most bytes of a text buffer that is kept from one batch to the next.
const KEPT: usize = 1 << 20;

/// The most bytes of rows that were written and whose memory is kept for the next ones.
const SPARE: usize = 1 << 20;

/// The time between two looks for the end and for Ctrl-C.
const GLANCE: Duration = Duration::from_millis(50);

pub(super) struct Writer {
    batch: Vec<Job>,
    size: usize,
    /// Rows that were written. New ones take their memory: it is many times faster than to allocate it on one thread and to free
    /// it on another.
    spare: Vec<Job>,
    written: Receiver<Vec<Job>>,
    on_the_way: Arc<ByteBudget>,
    messages: Sender<Message>,
    ended: Receiver<io::Result<()>>,
    /// The thread ended before it was told to, and says why.
    stopped: bool,
    interrupt: Interrupt,
    /// The file that is written, as messages name it; None for stdout.
    file: Option<String>,
    bar: ProgressBar,
    /// The number of rows that were taken.
    pub(super) count: u64,
    /// The number of those without an id.
    pub(super) nameless: u64,
}

enum Message {
    Batch(Vec<Job>, Reserved),
    End,
}

impl Writer {
    /// Starts the thread. `file` is the name for messages; None for stdout. `others` are the unknown columns.
    pub(super) fn start(
        document: Box<dyn Document>,
        out: CompressedFile,
        interrupt: Interrupt,
        file: Option<String>,
        others: Vec<Arc<str>>,
        bar: ProgressBar,
    ) -> Writer {
        let (messages, incoming) = mpsc::channel();
        let (end, ended) = mpsc::channel();
        let (back, written) = mpsc::channel();
        // It is not waited for after an error: a pipe that nobody reads may hold it for ever.
        thread::spawn(move || {
            let _ = end.send(write(document, out, &incoming, &back, &others));
        });
        Writer {
            batch: Vec::new(),
            size: 0,
            spare: Vec::new(),
            written,
            on_the_way: ByteBudget::new(ON_THE_WAY),
            messages,
            ended,
            stopped: false,
            interrupt,
            file,
            bar,
            count: 0,
            nameless: 0,
        }
    }

    fn check_interrupt(&self) -> Result<()> {
        if self.interrupt.is_set() {
            Err(self.interrupted())
        } else {
            Ok(())
        }
    }

    fn interrupted(&self) -> Error {
        let message = match &self.file {
            Some(file) => format!("interrupted; {file} was not written"),
            None => "interrupted; the export is cut off".to_owned(),
        };
        let failure = Failure::new(Kind::Interrupted, message);
        failure.hint("run it again from the beginning").into()
    }

    fn send(&mut self) -> Result<()> {
        let size = std::mem::take(&mut self.size);
        let reserved = self
            .on_the_way
            .take_unless(size, || self.interrupt.is_set());
        let Some(reserved) = reserved else {
            return Err(self.interrupted());
        };
        let next = Vec::with_capacity(self.batch.len());
        let batch = std::mem::replace(&mut self.batch, next);
        self.tell(Message::Batch(batch, reserved))?;
        self.take_back();
        Ok(())
    }

    /// Takes back the rows that were written since.
    fn take_back(&mut self) {
        let mut bytes: usize = self.spare.iter().map(Job::memory).sum();
        for job in self.written.try_iter().flatten() {
            bytes += job.memory();
            if bytes > SPARE {
                break;
            }
            self.spare.push(job);
        }
    }

    fn tell(&mut self, message: Message) -> Result<()> {
        self.messages.send(message).map_err(|_| {
            self.stopped = true;
            anyhow!("the rows could not be written")
        })
    }

    /// Waits until everything is written. `read` is the end of the reading, which may have failed for what went wrong here.
    pub(super) fn end(mut self, read: Result<()>) -> Result<()> {
        let told = read
            .and_then(|()| self.send())
            .and_then(|()| self.tell(Message::End));
        match told {
            Err(error) if is_interrupted(&error) => return Err(self.interrupted()),
            Err(error) if !self.stopped => return Err(error),
            _ => {}
        }
        loop {
            match self.ended.recv_timeout(GLANCE) {
                Ok(written) => {
                    let written = written.map_err(Error::from);
                    return match &self.file {
                        Some(file) => written.with_context(|| format!("writing {file}")),
                        None => written.context(TO_STDOUT),
                    };
                }
                Err(RecvTimeoutError::Timeout) => self.check_interrupt()?,
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(anyhow!("the rows could not be written"));
                }
            }
        }
    }
}

impl Sink for Writer {
    fn row(&mut self, job: &mut Job) -> Result<()> {
        self.count += 1;
        self.nameless += u64::from(job.get(Column::Id).is_null());
        self.size += job.memory();
        let next = self.spare.pop().unwrap_or_default();
        self.batch.push(std::mem::replace(job, next));
        Ok(())
    }

    fn is_full(&self) -> bool {
        self.size >= BATCH
    }

    fn pass_on(&mut self) -> Result<()> {
        self.bar.set_position(self.count);
        self.check_interrupt()?;
        if self.batch.is_empty() {
            return Ok(());
        }
        self.send()
    }
}

/// Whether it was interrupted while it waited for a lock.
fn is_interrupted(error: &Error) -> bool {
    matches!(
        error.downcast_ref(),
        Some(repository::Error::Interrupted { .. })
    )
}

/// Writes what comes. When it ends without `Message::End` the reading failed, and so the document has no end either.
fn write(
    mut document: Box<dyn Document>,
    mut out: CompressedFile,
    incoming: &Receiver<Message>,
    back: &Sender<Vec<Job>>,
    others: &[Arc<str>],
) -> io::Result<()> {
    let mut text = String::new();
    while let Ok(message) = incoming.recv() {
        let Message::Batch(jobs, reserved) = message else {
            document.end(&mut text, "");
            out.write_all(text.as_bytes())?;
            return out.end();
        };
        for job in &jobs {
            document.record(&mut text, &RowRecord { job, others });
        }
        out.write_all(text.as_bytes())?;
        // Who is told nothing any more has ended.
        let _ = back.send(jobs);
        drop(reserved);
        text.clear();
        text.shrink_to(KEPT);
    }
    Ok(())
}
