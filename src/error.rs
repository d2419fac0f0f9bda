//! The failures of the program, said once: a kind of failure has one exit status, one machine-readable code,
//! and carries a sentence for the person at the prompt and, where there is one, the next step.

use std::fmt;

/// The exit statuses of DESIGN section 3; the discriminant is the status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    Failed = 1,
    Usage = 2,
    NotFound = 3,
    Refused = 4,
    BadData = 65,
    NoInput = 66,
    Unreachable = 69,
    Io = 74,
    Locked = 75,
    Denied = 77,
    TimedOut = 124,
    Interrupted = 130,
}

/// Every exit status with its meaning, for `--help`, the man pages and the README.
pub const EXIT_STATUSES: &[(u8, &str)] = &[
    (0, "done, or nothing to do"),
    (1, "failed"),
    (2, "usage: an unknown flag, or a bad value of one"),
    (3, "no such job, or an ambiguous prefix"),
    (
        4,
        "refused: the job's state, a guard, an existing id, a missing confirmation, --max",
    ),
    (
        65,
        "bad input data; the good part of it may be imported, as the summary says",
    ),
    (66, "no such file or database"),
    (69, "the database's server cannot be reached, or was lost"),
    (74, "input/output error, disk full"),
    (75, "the database is locked; try again"),
    (77, "the database's server denies access"),
    (124, "wait ran out of time"),
    (130, "interrupted"),
];

impl Kind {
    pub fn status(self) -> u8 {
        self as u8
    }

    /// The `code` of the JSON error object.
    pub fn code(self) -> &'static str {
        match self {
            Kind::Failed => "failed",
            Kind::Usage => "usage",
            Kind::NotFound => "not_found",
            Kind::Refused => "refused",
            Kind::BadData => "bad_data",
            Kind::NoInput => "no_input",
            Kind::Unreachable => "unreachable",
            Kind::Io => "io_error",
            Kind::Locked => "locked",
            Kind::Denied => "denied",
            Kind::TimedOut => "timed_out",
            Kind::Interrupted => "interrupted",
        }
    }
}

/// A failure told to the user: what, which, and what to do next.
#[derive(Clone, Debug)]
pub struct Failure {
    pub kind: Kind,
    pub message: String,
    pub hint: Option<String>,
}

impl Failure {
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Failure {
            kind,
            message: message.into(),
            hint: None,
        }
    }

    pub fn usage(message: impl Into<String>) -> Self {
        Failure::new(Kind::Usage, message)
    }

    pub fn refused(message: impl Into<String>) -> Self {
        Failure::new(Kind::Refused, message)
    }

    /// Ctrl-C between two batches.
    pub fn interrupted() -> Self {
        Failure::new(
            Kind::Interrupted,
            "interrupted; what was done before stays done",
        )
        .hint("run it again to finish")
    }

    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

/// An end whose reasons have been told as data: nothing more to say, exit 1.
#[derive(Debug)]
pub struct Told;

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("see what was printed")
    }
}

impl std::error::Error for Told {}

/// Ctrl-C in a view that changes nothing and has no other end. It is no failure of anything.
#[derive(Debug)]
pub struct Quit;

impl fmt::Display for Quit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("interrupted")
    }
}

impl std::error::Error for Quit {}
