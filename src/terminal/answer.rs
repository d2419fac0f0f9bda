//! The answer to a question. A command that watches for Ctrl-C notes it in a flag, and the system goes on reading behind that: so
//! the line is read beside, and the flag is looked at until it is there.

use std::io::{self, BufRead};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// The time between two looks at the flag.
const LOOK: Duration = Duration::from_millis(50);

/// The line; None where the flag is set before it is there.
pub(super) fn read(
    input: impl FnOnce() -> Box<dyn BufRead> + Send + 'static,
    interrupted: &AtomicBool,
) -> io::Result<Option<String>> {
    let (answered, answer) = mpsc::channel();
    thread::spawn(move || {
        let mut line = String::new();
        let read = input().read_line(&mut line);
        // Nobody waits for it behind Ctrl-C.
        let _ = answered.send(read.map(|_| line));
    });
    loop {
        match answer.recv_timeout(LOOK) {
            Ok(line) => return line.map(Some),
            Err(RecvTimeoutError::Disconnected) => return Ok(Some(String::new())),
            Err(RecvTimeoutError::Timeout) if interrupted.load(Ordering::Relaxed) => {
                return Ok(None);
            }
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::io::{BufReader, Write as _};
    use std::os::unix::net::UnixStream;

    use super::*;

    #[test]
    fn a_question_ends_with_the_answer_or_at_ctrl_c() {
        for (typed, is_interrupted, expected) in [
            ("y\n", false, Some("y\n")),
            ("", true, None),
            ("half a li", true, None),
        ] {
            let (mut keys, input) = UnixStream::pair().unwrap();
            keys.write_all(typed.as_bytes()).unwrap();
            let interrupted = AtomicBool::new(is_interrupted);
            let answer = read(move || Box::new(BufReader::new(input)), &interrupted);
            assert_eq!(answer.unwrap().as_deref(), expected, "{typed}");
        }
    }
}
