//! The history of a database, which not every one keeps.

use crate::error::Failure;
use crate::repository::{History, Repository};
use crate::text::visible::one_line;

pub(crate) fn needed(repository: &mut dyn Repository) -> Result<&mut dyn History, Failure> {
    let name = repository.name();
    repository
        .history()
        .ok_or_else(|| Failure::refused(format!("{} keeps no history", one_line(&name))))
}
