//! The report of an error at the end of a run: its exit status, its message, and the next step. No other file knows the
//! errors of all folders.

use std::io::{self, ErrorKind};

use crate::error::{Failure, Kind, Quit, Told};
use crate::repository;
use crate::system::access::hint_of_write;
use crate::system::open;

/// The end of a run as `lib.rs` reports it.
pub(crate) enum Report {
    /// The reader of our output has gone; nothing to say, exit 0.
    BrokenPipe,
    /// The person watching has seen enough: nothing to say, exit 130.
    Quit,
    /// What was printed says it all, exit 1.
    Told,
    Say(Failure),
}

impl Report {
    pub(crate) fn of(error: &anyhow::Error) -> Report {
        for cause in error.chain() {
            // An error of the command's own code in the middle of a read is not the repository's.
            if let Some(repository::Error::Caller(inner)) = cause.downcast_ref() {
                return Report::of(inner);
            }
            if cause.is::<Quit>() {
                return Report::Quit;
            }
            if cause.is::<Told>() {
                return Report::Told;
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
