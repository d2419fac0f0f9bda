//! The reasons for which a run, or one of its jobs, cannot be taken back, as people read them.

use crate::error::Failure;
use crate::repository::Error;

/// The most bytes of packed rows of a run.
pub(in crate::repository) const MOST_KEPT: i64 = 64 << 20;

/// A run of more than `MOST_KEPT`.
pub(in crate::repository) const TOO_LARGE: &str = "its rows take more than 64 MiB";

/// A run of cleanup.
pub(in crate::repository) const SWEPT: &str =
    "cleanup keeps no rows in the history: what retention removes is gone, but for an archive";

/// A run of redact.
pub(in crate::repository) const REDACTED: &str = "what a redaction takes out is gone";

pub(in crate::repository) const CHANGED: &str = "it has changed since";
pub(in crate::repository) const GONE: &str = "it is gone";
pub(in crate::repository) const TAKEN: &str = "a job with its id is there again";
pub(in crate::repository) const OTHERWISE: &str = "a rule of the table stores it otherwise";

pub(in crate::repository) fn lacks_column(name: &str) -> String {
    format!("the table has no column {name} any more")
}

/// The error where a history is demanded, and cannot be written.
pub(in crate::repository) fn demanded(why: &Error) -> Error {
    let message = format!("the history cannot be kept, and is demanded: {why}");
    let hint = "--history auto changes jobs without, where it must";
    Error::Own(Failure::refused(message).hint(hint))
}
