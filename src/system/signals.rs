//! The signals that ask for the end of a run: SIGINT (Ctrl-C), SIGTERM (a service manager) and SIGHUP (a terminal that is
//! closed).

use std::io::{self, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use nix::sys::signal::{SigSet, SigmaskHow, Signal};
use signal_hook::SigId;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;
use signal_hook::low_level::{pipe, unregister};

use crate::error::Kind;
use crate::system::open;

/// The signals that end a run; SIGHUP not where `nohup`, or whoever started the run, has it ignored.
pub fn ending() -> impl Iterator<Item = i32> {
    let hang_up = (!is_ignored(SIGHUP)).then_some(SIGHUP);
    [SIGINT, SIGTERM].into_iter().chain(hang_up)
}

/// Sets the flag at each of these signals. A second SIGINT or SIGTERM ends the process at once; a second SIGHUP does not,
/// since a shell hands on the one that the terminal has sent already.
pub fn note_ending(seen: &Arc<AtomicBool>) -> io::Result<()> {
    let asked = Arc::<AtomicBool>::default();
    let status = i32::from(Kind::Interrupted.status());
    let _held = HeldBack::new();
    for signal in ending() {
        if signal != SIGHUP {
            // The order matters: the second signal finds the flag set by the first.
            let id = flag::register_conditional_shutdown(signal, status, Arc::clone(&asked))?;
            keep(signal, id);
            flag::register(signal, Arc::clone(&asked))?;
        }
        flag::register(signal, Arc::clone(seen))?;
    }
    Ok(())
}

/// Holds the signals that end a run back from this thread, until it is dropped: one that comes between two registrations would be
/// caught and do nothing. They are registered before there are other threads.
pub(crate) struct HeldBack(SigSet);

impl HeldBack {
    pub(crate) fn new() -> HeldBack {
        let all = [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP];
        let held: SigSet = all.into_iter().collect();
        // Those that were held back already stay so.
        let before = held.thread_swap_mask(SigmaskHow::SIG_BLOCK);
        HeldBack(before.unwrap_or(SigSet::empty()))
    }
}

impl Drop for HeldBack {
    fn drop(&mut self) {
        let _ = self.0.thread_set_mask();
    }
}

/// What would end the process at Ctrl-C, a list for the process as its signals are.
static AT_CTRL_C: Mutex<Vec<SigId>> = Mutex::new(Vec::new());

fn keep(signal: i32, id: SigId) {
    if signal == SIGINT {
        let mut kept = AT_CTRL_C.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push(id);
    }
}

/// Ctrl-C is for a program that this one has started, from now on: nothing that was registered here ends the process then.
pub fn leave_ctrl_c() {
    let mut kept = AT_CTRL_C.lock().unwrap_or_else(PoisonError::into_inner);
    for id in kept.drain(..) {
        unregister(id);
    }
}

/// The signals that end this run, as those see them who are in the middle of something. Left alone, the first one ends the process; what
/// waits for others heeds them for as long as that takes, and then ends what it has begun.
#[derive(Clone, Debug, Default)]
pub struct EndingSignals {
    /// False where they are left alone all the time, as in tests.
    are_caught: bool,
    state: Arc<SignalState>,
}

#[derive(Debug, Default)]
struct SignalState {
    /// One has come.
    seen: Arc<AtomicBool>,
    /// Nobody looks at this moment: the next one ends the process.
    unheeded: Arc<AtomicBool>,
    /// Somebody looks all the time.
    watched: AtomicBool,
    /// They are left to a sleep that has ways of its own.
    slept: AtomicBool,
    caught: OnceLock<()>,
    /// Becomes readable with the first one.
    wake: OnceLock<UnixStream>,
}

impl EndingSignals {
    pub fn of_process() -> EndingSignals {
        EndingSignals {
            are_caught: true,
            state: Arc::default(),
        }
    }

    pub fn have_come(&self) -> bool {
        self.state.seen.load(Ordering::Relaxed)
    }

    /// The flag that is set when one comes.
    pub fn seen(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.state.seen)
    }

    /// Whether somebody looks at them between the parts of the work, so that what ends soon need not be broken off.
    pub fn are_watched(&self) -> bool {
        self.state.watched.load(Ordering::Relaxed)
    }

    /// The caller looks at them from now on until the end of the run.
    pub fn watch(&self) -> io::Result<()> {
        self.state.watched.store(true, Ordering::Relaxed);
        self.state.unheeded.store(false, Ordering::Relaxed);
        self.catch()
    }

    /// They end a sleep of the caller, who is not to be ended by them otherwise.
    pub fn leave_to_sleep(&self) {
        self.state.slept.store(true, Ordering::Relaxed);
        self.state.watched.store(true, Ordering::Relaxed);
        self.state.unheeded.store(false, Ordering::Relaxed);
    }

    /// They are heeded as long as the answer lives.
    pub fn heed(&self) -> Heed<'_> {
        if self.are_caught && self.catch().is_ok() {
            self.state.unheeded.store(false, Ordering::Relaxed);
        }
        Heed(self)
    }

    /// Does something that a signal may end as if none was heeded, within the time in which they are.
    pub fn aside<T>(&self, work: impl FnOnce() -> T) -> T {
        self.relax();
        let done = work();
        self.state.unheeded.store(false, Ordering::Relaxed);
        done
    }

    /// Becomes readable when the first one comes, and stays so; None where they are left alone.
    pub fn wake(&self) -> io::Result<Option<UnixStream>> {
        if !self.are_caught {
            return Ok(None);
        }
        self.catch()?;
        if let Some(wake) = self.state.wake.get() {
            return wake.try_clone().map(Some);
        }
        let (wake, signalled) = UnixStream::pair()?;
        wake.set_nonblocking(true)?;
        for signal in ending() {
            pipe::register(signal, signalled.try_clone()?)?;
        }
        if self.have_come() {
            // It came before.
            (&signalled).write_all(&[0])?;
        }
        self.state.wake.get_or_init(|| wake).try_clone().map(Some)
    }

    fn catch(&self) -> io::Result<()> {
        let state = &self.state;
        if state.caught.set(()).is_err() {
            return Ok(());
        }
        self.relax();
        if state.slept.load(Ordering::Relaxed) {
            for signal in ending() {
                flag::register(signal, Arc::clone(&state.seen))?;
            }
            return Ok(());
        }
        let _held = HeldBack::new();
        for signal in ending() {
            let id = flag::register_conditional_default(signal, Arc::clone(&state.unheeded))?;
            keep(signal, id);
        }
        note_ending(&state.seen)
    }

    fn relax(&self) {
        let is_watched = self.are_watched();
        self.state.unheeded.store(!is_watched, Ordering::Relaxed);
    }
}

/// The time in which the signals that end a run are heeded.
pub struct Heed<'a>(&'a EndingSignals);

impl Drop for Heed<'_> {
    fn drop(&mut self) {
        self.0.relax();
    }
}

/// Whether the process was started with the signal ignored; true where that cannot be read, so that no run is ended which
/// was to go on.
fn is_ignored(signal: i32) -> bool {
    let status = open::read(Path::new("/proc/self/status"), 1 << 20).unwrap_or_default();
    let status = String::from_utf8_lossy(&status);
    is_in_mask(&status, signal).unwrap_or(true)
}

fn is_in_mask(status: &str, signal: i32) -> Option<bool> {
    let line = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = u64::from_str_radix(line?.trim(), 16).ok()?;
    Some(mask >> (signal - 1) & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::is_in_mask;

    #[test]
    fn a_mask_tells_what_is_ignored() {
        let status = "Name:\tjobctl\nSigBlk:\t0000000000000001\nSigIgn:\t0000000000001001\n";
        assert_eq!(is_in_mask(status, 1), Some(true));
        assert_eq!(is_in_mask(status, 2), Some(false));
        assert_eq!(is_in_mask(status, 13), Some(true));
        assert_eq!(is_in_mask("", 1), None);
    }
}
