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
use crate::job::packed::Unpacking;
use crate::job::{Column, ColumnSet, Job, PackedRows};
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

/// The most bytes of memory of written rows that is kept for the next ones.
const SPARE: usize = 3 << 20;

/// The time between two looks for the end and for Ctrl-C.
const GLANCE: Duration = Duration::from_millis(50);

/// The number of jobs without an id.
type Nameless = u64;

pub(super) struct Writer {
    batch: Vec<PackedRows>,
    /// Rows that were written. New ones take their memory: it is faster than to allocate it on one thread and to free it on another.
    spare: Vec<PackedRows>,
    written: Receiver<Vec<PackedRows>>,
    on_the_way: Arc<ByteBudget>,
    messages: Sender<Message>,
    ended: Receiver<io::Result<Nameless>>,
    /// The thread ended before it was told to, and says why.
    stopped: bool,
    interrupt: Interrupt,
    /// The file that is written, as messages name it; None for stdout.
    file: Option<String>,
    bar: ProgressBar,
    /// The number of rows that were taken.
    pub(super) count: u64,
}

enum Message {
    Batch(Vec<PackedRows>, Reserved),
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
        let size = self.size();
        let reserved = self
            .on_the_way
            .take_unless(size, || self.interrupt.is_set());
        let Some(reserved) = reserved else {
            return Err(self.interrupted());
        };
        let batch = std::mem::take(&mut self.batch);
        self.tell(Message::Batch(batch, reserved))?;
        self.take_back();
        Ok(())
    }

    /// Takes back the memory of rows that were written since.
    fn take_back(&mut self) {
        for rows in self.written.try_iter().flatten() {
            let bytes: usize = self.spare.iter().map(PackedRows::capacity).sum();
            if bytes + rows.capacity() > SPARE {
                break;
            }
            self.spare.push(rows);
        }
    }

    fn size(&self) -> usize {
        self.batch.iter().map(PackedRows::size).sum()
    }

    /// The rows of these columns.
    fn rows_of(&mut self, columns: ColumnSet, others: &Arc<[Arc<str>]>) -> &mut PackedRows {
        if !self
            .batch
            .last()
            .is_some_and(|rows| rows.has(columns, others))
        {
            let mut rows = self.spare.pop().unwrap_or_default();
            rows.begin(columns, others);
            self.batch.push(rows);
        }
        let last = self.batch.len() - 1;
        &mut self.batch[last]
    }

    fn tell(&mut self, message: Message) -> Result<()> {
        self.messages.send(message).map_err(|_| {
            self.stopped = true;
            anyhow!("the rows could not be written")
        })
    }

    /// Waits until everything is written, and gives the number of jobs without an id. `read` is the end of the reading, which may have failed for what went wrong here.
    pub(super) fn end(mut self, read: Result<()>) -> Result<Nameless> {
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
        let others = job.others().iter().map(|(name, _)| Arc::clone(name));
        let others: Arc<[Arc<str>]> = others.collect();
        self.count += 1;
        self.rows_of(ColumnSet::WHOLE, &others).push_job(job);
        Ok(())
    }

    fn packed(&mut self, columns: ColumnSet, others: &Arc<[Arc<str>]>) -> Option<&mut PackedRows> {
        self.count += 1;
        Some(self.rows_of(columns, others))
    }

    fn is_full(&self) -> bool {
        self.size() >= BATCH
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
    back: &Sender<Vec<PackedRows>>,
    others: &[Arc<str>],
) -> io::Result<Nameless> {
    let mut text = String::new();
    let mut unpacking = Unpacking::default();
    let mut nameless = 0;
    while let Ok(message) = incoming.recv() {
        let Message::Batch(batch, reserved) = message else {
            document.end(&mut text, "");
            out.write_all(text.as_bytes())?;
            return out.end().map(|()| nameless);
        };
        for rows in &batch {
            unpacking.each(rows, &mut |job| {
                nameless += u64::from(job.get(Column::Id).is_null());
                document.record(&mut text, &RowRecord { job, others });
            });
        }
        out.write_all(text.as_bytes())?;
        // Who is told nothing any more has ended.
        let _ = back.send(batch);
        drop(reserved);
        text.clear();
        text.shrink_to(KEPT);
    }
    Ok(nameless)
}
