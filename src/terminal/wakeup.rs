//! The sleep between two reads of a database that others change. The process sleeps; what cannot wait ends it early: Ctrl-C, a
//! key, another size of the terminal, a reader that has gone.

use std::io::{self, IsTerminal, Read};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use anyhow::{Context as _, Result};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use signal_hook::consts::{SIGQUIT, SIGTSTP, SIGWINCH};
use signal_hook::flag;
use signal_hook::low_level::{emulate_default_handler, pipe};

use crate::error::Quit;
use crate::system::signals;

/// The reason why a sleep is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WakeReason {
    Time,
    /// Ctrl-C, or another signal to end.
    Interrupted,
    /// The terminal has another size.
    Resized,
    /// Ctrl-Z.
    Suspended,
    /// The key `q`.
    Quit,
    /// Nobody reads stdout any more.
    NoReader,
}

pub(crate) struct InterruptibleSleep {
    /// A byte for every signal.
    signals: UnixStream,
    interrupted: Arc<AtomicBool>,
    resized: Arc<AtomicBool>,
    suspended: Arc<AtomicBool>,
    keys: bool,
    reader: bool,
}

impl InterruptibleSleep {
    /// A sleep that Ctrl-C ends; a second Ctrl-C ends the process at once.
    pub(crate) fn new() -> Result<InterruptibleSleep> {
        let (sleep, wake) = InterruptibleSleep::deaf()?;
        signals::note_ending(&sleep.interrupted).context("watching for Ctrl-C")?;
        for signal in signals::ending() {
            waken(signal, &wake)?;
        }
        Ok(sleep)
    }

    /// A sleep that Ctrl-C ends, or the end of stdout's reader.
    pub(crate) fn with_reader() -> Result<InterruptibleSleep> {
        let sleep = InterruptibleSleep::new()?;
        Ok(InterruptibleSleep {
            reader: true,
            ..sleep
        })
    }

    /// A sleep that every `WakeReason` can end, for a view on a terminal.
    pub(crate) fn of_screen() -> Result<InterruptibleSleep> {
        let (sleep, wake) = InterruptibleSleep::deaf()?;
        let _held = signals::HeldBack::new();
        for signal in signals::ending().chain([SIGQUIT]) {
            note(signal, &sleep.interrupted, &wake)?;
        }
        note(SIGWINCH, &sleep.resized, &wake)?;
        note(SIGTSTP, &sleep.suspended, &wake)?;
        Ok(InterruptibleSleep {
            keys: io::stdin().is_terminal(),
            reader: true,
            ..sleep
        })
    }

    /// A sleep that no signal ends yet, and the other end of `signals`.
    fn deaf() -> Result<(InterruptibleSleep, UnixStream)> {
        let (signals, wake) = UnixStream::pair().context("watching for Ctrl-C")?;
        signals
            .set_nonblocking(true)
            .context("watching for Ctrl-C")?;
        let sleep = InterruptibleSleep {
            signals,
            interrupted: Arc::default(),
            resized: Arc::default(),
            suspended: Arc::default(),
            keys: false,
            reader: false,
        };
        Ok((sleep, wake))
    }

    /// Whether the key `q` can end the sleep.
    pub(crate) fn has_keys(&self) -> bool {
        self.keys
    }

    /// Sleeps until then, or until something ends it early.
    pub(crate) fn until(&mut self, then: Instant) -> Result<WakeReason> {
        loop {
            let mut noted = [0; 64];
            while matches!(self.signals.read(&mut noted), Ok(1..)) {}
            if self.interrupted.load(Ordering::Relaxed) {
                return Ok(WakeReason::Interrupted);
            }
            if self.suspended.swap(false, Ordering::Relaxed) {
                return Ok(WakeReason::Suspended);
            }
            if self.resized.swap(false, Ordering::Relaxed) {
                return Ok(WakeReason::Resized);
            }
            if let Some(end) = self.sleep(then)? {
                return Ok(end);
            }
        }
    }

    /// Sleeps once; None after a signal, and after a key without a meaning.
    fn sleep(&mut self, then: Instant) -> Result<Option<WakeReason>> {
        let (stdin, stdout) = (io::stdin(), io::stdout());
        let mut polled = vec![PollFd::new(&self.signals, PollFlags::IN)];
        if self.reader {
            // The end of its reader is reported without being asked for.
            polled.push(PollFd::new(&stdout, PollFlags::empty()));
        }
        if self.keys {
            polled.push(PollFd::new(&stdin, PollFlags::IN));
        }
        let left = then.saturating_duration_since(Instant::now());
        let left = Timespec::try_from(left).ok();
        let ready = match poll(&mut polled, left.as_ref()) {
            Err(rustix::io::Errno::INTR) => return Ok(None),
            ready => ready.context("waiting")?,
        };
        if ready == 0 {
            return Ok(Some(WakeReason::Time));
        }
        let gone = PollFlags::ERR | PollFlags::HUP;
        if self.reader
            && polled
                .get(1)
                .is_some_and(|fd| fd.revents().intersects(gone))
        {
            return Ok(Some(WakeReason::NoReader));
        }
        let typed = self.keys && polled.last().is_some_and(|fd| !fd.revents().is_empty());
        drop(polled);
        if typed {
            return Ok(self.key());
        }
        Ok(None)
    }

    fn key(&mut self) -> Option<WakeReason> {
        let mut typed = [0; 64];
        match rustix::io::read(io::stdin().as_fd(), &mut typed) {
            Ok(0) | Err(_) => {
                // The keyboard has gone; signals still come.
                self.keys = false;
                None
            }
            Ok(count) => typed[..count]
                .iter()
                .any(|key| matches!(key, b'q' | b'Q'))
                .then_some(WakeReason::Quit),
        }
    }
}

/// Sets the flag at a signal, and then writes the byte that wakes the sleep.
fn note(signal: i32, seen: &Arc<AtomicBool>, wake: &UnixStream) -> Result<()> {
    flag::register(signal, Arc::clone(seen)).context("watching for signals")?;
    waken(signal, wake)
}

fn waken(signal: i32, wake: &UnixStream) -> Result<()> {
    wake.try_clone()
        .and_then(|wake| pipe::register(signal, wake))
        .map(|_| ())
        .context("watching for signals")
}

/// Stops the process as Ctrl-Z does, and comes back when it goes on.
pub(crate) fn suspend() -> Result<()> {
    emulate_default_handler(SIGTSTP).context("stopping")
}

/// The error of Ctrl-C where nothing was being done.
pub(crate) fn interrupted() -> anyhow::Error {
    Quit.into()
}
