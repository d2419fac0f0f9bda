//! The signals that ask for the end of a run: SIGINT (Ctrl-C), SIGTERM (a service manager) and SIGHUP (a terminal that is
//! closed).

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;

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
    for signal in ending() {
        if signal != SIGHUP {
            // The order matters: the second signal finds the flag set by the first.
            flag::register_conditional_shutdown(signal, status, Arc::clone(&asked))?;
            flag::register(signal, Arc::clone(&asked))?;
        }
        flag::register(signal, Arc::clone(seen))?;
    }
    Ok(())
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
