//! The reasons for which a run stops instead of rejecting a record.

use crate::error::{Failure, Kind};
use crate::repository::Error;

/// Whether the repository failed, rather than a record.
pub(super) fn is_of_repository(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<Error>()
        .is_some_and(|error| !matches!(error, Error::Exists { .. }))
}

/// Whether the command line was wrong, which only the dump could tell.
pub(super) fn is_of_usage(error: &anyhow::Error) -> bool {
    let failure = error.downcast_ref::<Failure>();
    failure.is_some_and(|failure| failure.kind == Kind::Usage)
}

pub(super) fn is_taken_place(error: &anyhow::Error) -> bool {
    matches!(
        error.downcast_ref::<Error>(),
        Some(Error::MadeMeanwhile { .. })
    )
}
