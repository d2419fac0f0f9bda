//! Threads that prepare data for another one to write. The writing thread decides how long a run takes, so that helpers
//! leave the core to it where both want one.

use std::thread;

/// Starts a thread of low priority. On Linux niceness is a thread's own; elsewhere it is the process's, and would hold back
/// the writing thread too.
pub fn spawn<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> thread::JoinHandle<T> {
    thread::spawn(move || {
        #[cfg(target_os = "linux")]
        let _ = rustix::process::nice(5);
        work()
    })
}
