//! A value that has been read: the bytes of it that are held, and how it ended.

#[derive(Clone, Copy)]
pub(super) enum HeldBytes {
    Window {
        from: usize,
        length: usize,
    },
    Head,
    /// The record that was kept and is given out now.
    Given,
}

/// A value that has been read.
pub(super) struct ReadValue {
    pub(super) held: HeldBytes,
    pub(super) end: ValueEnd,
    pub(super) too_long: bool,
    /// The number of lines that ended within it.
    pub(super) lines: usize,
    /// The offset of the string that does not end where it should.
    pub(super) fault: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ValueEnd {
    Whole,
    Torn,
    /// The next job began on a new line.
    NextJob,
    /// The container was closed on a new line.
    LastJob,
    Input,
    /// The input ended, though the job should have ended before.
    Lost,
}

/// The bytes that are kept of a value that is too long.
pub(super) const HEAD: usize = 4 << 10;
