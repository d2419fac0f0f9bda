//! A value that has been passed: what of it is held, and how it ended.

#[derive(Clone, Copy)]
pub(super) enum Held {
    Window {
        from: usize,
        length: usize,
    },
    Head,
    /// A record that was kept.
    Given,
}

/// A value that has been passed.
pub(super) struct Taken {
    pub(super) held: Held,
    pub(super) end: End,
    pub(super) too_long: bool,
    /// The lines that ended within it.
    pub(super) lines: usize,
    /// Where the string begins that does not end where it should.
    pub(super) fault: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Whole,
    Torn,
    /// The next job began on a new line.
    NextJob,
    /// The container was closed on a new line.
    LastJob,
    Input,
    /// The input ended, and the job should have before.
    Lost,
}

/// How much is kept of a value that is too long.
pub(super) const HEAD: usize = 4 << 10;
