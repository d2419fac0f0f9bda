//! The storage of a database, which some flags need and not every one has.

use anyhow::Result;

use crate::error::Failure;
use crate::repository::{self, Repository, Space, Storage};
use crate::text::visible::one_line;

/// The storage that a flag needs.
pub(crate) fn needed<'a>(
    repository: &'a mut dyn Repository,
    flag: &str,
) -> Result<&'a mut dyn Storage, Failure> {
    let name = repository.name();
    repository.storage().ok_or_else(|| {
        let name = one_line(&name);
        Failure::usage(format!("'{flag}' means nothing for {name}")).hint("leave it out")
    })
}

/// The size of the database, where it has one.
pub(crate) fn space(repository: &mut dyn Repository) -> repository::Result<Option<Space>> {
    repository.storage().map(Storage::space).transpose()
}
