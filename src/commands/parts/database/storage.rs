//! The storage of a database, which some flags need and not every one has.

use anyhow::Result;

use crate::context::Context;
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

pub(crate) const EXCLUSIVE: &str = "--exclusive";

/// Whether `--exclusive` keeps others out; with `-v` it is said where it does not.
pub(crate) fn tell_exclusive(
    context: &mut Context,
    repository: &mut dyn Repository,
) -> Result<bool, Failure> {
    let keeps_others_out = needed(repository, EXCLUSIVE)?.keeps_others_out();
    if !keeps_others_out {
        let name = repository.name();
        let name = one_line(&name);
        context.terminal.detail(&format!(
            "{name} locks rows alone: {EXCLUSIVE} keeps nobody out and makes the batches larger"
        ));
    }
    Ok(keeps_others_out)
}

/// The size of the database, where it has one.
pub(crate) fn space(repository: &mut dyn Repository) -> repository::Result<Option<Space>> {
    repository.storage().map(Storage::space).transpose()
}
