//! What can go wrong, said once: a kind of failure has one exit status, one machine-readable code,
//! and carries a sentence for the person at the prompt and, where there is one, the next step.

use std::fmt;
use std::io::{self, ErrorKind};

use crate::repository;
use crate::system::access::Hindrance;
use crate::system::open;

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
    Io = 74,
    Locked = 75,
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
    (74, "input/output error, disk full"),
    (75, "the database is locked; try again"),
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
            Kind::Io => "io_error",
            Kind::Locked => "locked",
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

/// Ctrl-C in a view that changes nothing and has no other end. It is no failure of anything.
#[derive(Debug)]
pub struct Left;

impl fmt::Display for Left {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("interrupted")
    }
}

impl std::error::Error for Left {}

/// What is left of an error when it reaches `lib.rs`.
pub enum Report {
    /// The reader of our output has gone; nothing to say, exit 0.
    BrokenPipe,
    /// Who looked on has seen enough: nothing to say, exit 130.
    Left,
    Say(Failure),
}

impl Report {
    pub fn of(error: &anyhow::Error) -> Report {
        for cause in error.chain() {
            // What a command's own code said in the middle of a read is its error, not the repository's.
            if let Some(repository::Error::Caller(inner)) = cause.downcast_ref() {
                return Report::of(inner);
            }
            if cause.is::<Left>() {
                return Report::Left;
            }
            if let Some(io) = cause.downcast_ref::<io::Error>()
                && io.kind() == ErrorKind::BrokenPipe
            {
                return Report::BrokenPipe;
            }
        }
        let message = error
            .chain()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(": ");
        let (kind, hint) = error
            .chain()
            .find_map(kind_and_hint)
            .unwrap_or((Kind::Failed, None));
        Report::Say(Failure {
            kind,
            message,
            hint,
        })
    }
}

fn kind_and_hint(cause: &(dyn std::error::Error + 'static)) -> Option<(Kind, Option<String>)> {
    if let Some(failure) = cause.downcast_ref::<Failure>() {
        return Some((failure.kind, failure.hint.clone()));
    }
    if let Some(error) = cause.downcast_ref::<repository::Error>() {
        return Some((error.kind(), error.hint()));
    }
    let io = cause.downcast_ref::<io::Error>()?;
    if open::is_refusal(io) {
        return Some((Kind::Usage, Some("name another file".to_owned())));
    }
    let kind = match io.kind() {
        ErrorKind::NotFound => Kind::NoInput,
        _ => Kind::Io,
    };
    Some((kind, hint_of_write(io)))
}

/// The next step where something could not be written.
pub fn hint_of_write(error: &io::Error) -> Option<String> {
    let found = error.get_ref().and_then(|inner| inner.downcast_ref());
    if let Some(hindrance) = found.filter(|it: &&Hindrance| it.is_read_only_system()) {
        return Some(hindrance.hint());
    }
    let hint = match error.kind() {
        ErrorKind::PermissionDenied => "run as a user who may write there, or name another place",
        ErrorKind::ReadOnlyFilesystem => {
            "name a place that may be written; a systemd service with ProtectSystem=strict needs ReadWritePaths= for it"
        }
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            "make room there, or name another place"
        }
        ErrorKind::FileTooLarge => "raise the limit on the size of files (ulimit -f)",
        _ => return None,
    };
    Some(hint.to_owned())
}
