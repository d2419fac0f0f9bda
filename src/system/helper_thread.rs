//! Threads that prepare what another one writes. A run takes as long as the thread that writes, and what is prepared
//! earlier only waits; so they leave the core to it where both want one.

use std::thread;

/// Starts a thread that steps back. On Linux niceness is a thread's own; elsewhere it is the process's, and would
/// hold back the one that writes too.
pub fn spawn<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> thread::JoinHandle<T> {
    thread::spawn(move || {
        #[cfg(target_os = "linux")]
        let _ = rustix::process::nice(5);
        work()
    })
}
