//! What the machine that runs the tests has, and what is said where it lacks something.

use std::io::Write as _;
use std::os::unix::fs::MetadataExt as _;

/// One line that a test was skipped, written past the test runner's capture, which would hide it.
pub fn skipped(why: &str) {
    let line = format!("skipped: {why}\n");
    std::io::stderr().write_all(line.as_bytes()).unwrap();
}

/// Whether the tests run as root, whom no file mode stops.
pub fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|it| it.uid() == 0)
}
