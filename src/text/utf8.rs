//! The check that bytes are UTF-8. The fast way asks the processor first what it can do, which costs a virtual machine as much as
//! a hundred kilobytes checked the other way: a command over a few rows does without.

use std::sync::atomic::{AtomicUsize, Ordering};

/// The bytes that are checked without asking.
const FEW: usize = 64 << 10;

static CHECKED: AtomicUsize = AtomicUsize::new(0);

/// The bytes as text, where they are UTF-8.
#[inline]
pub(crate) fn text(bytes: &[u8]) -> Option<&str> {
    let checked = CHECKED.load(Ordering::Relaxed);
    if checked < FEW {
        // Threads that miss one another's count ask a little later.
        CHECKED.store(checked + bytes.len(), Ordering::Relaxed);
        return std::str::from_utf8(bytes).ok();
    }
    simdutf8::basic::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use crate::text::utf8::*;

    #[test]
    fn both_ways_take_and_refuse_the_same() {
        let long = "\u{fc}".repeat(FEW);
        for _ in 0..3 {
            assert_eq!(text("a \u{1f98a}".as_bytes()), Some("a \u{1f98a}"));
            assert_eq!(text(b"\xff"), None);
            assert_eq!(text(b"\xed\xa0\x80"), None);
            assert_eq!(text(b""), Some(""));
            assert_eq!(text(long.as_bytes()), Some(long.as_str()));
        }
        assert!(CHECKED.load(Ordering::Relaxed) >= FEW);
    }
}
