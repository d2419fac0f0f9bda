//! The history of a database, which not every one keeps.

use anyhow::Result;

use crate::error::{Failure, Kind};
use crate::job::JobId;
use crate::repository::{History, Repository};
use crate::text::visible::one_line;

pub(crate) fn needed(repository: &mut dyn Repository) -> Result<&mut dyn History, Failure> {
    let name = repository.name();
    repository
        .history()
        .ok_or_else(|| Failure::refused(format!("{} keeps no history", one_line(&name))))
}

/// The job that a name means in the history: one that has been deleted, in small letters or in capital ones.
pub(crate) fn resolve(repository: &mut dyn Repository, name: &str) -> Result<Option<JobId>> {
    let history = needed(repository)?;
    let mut found = history.resolve(name)?;
    if found.is_empty() && name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        found = history.resolve(&name.to_ascii_lowercase())?;
    }
    match found.as_slice() {
        [] => Ok(None),
        [_] => Ok(found.pop()),
        several => {
            let ids: Vec<String> = several.iter().map(ToString::to_string).collect();
            let (name, ids) = (one_line(name), one_line(&ids.join(", ")).into_owned());
            let message = format!("\"{name}\" is ambiguous: {ids}");
            let hint = "use more characters of the id";
            Err(Failure::new(Kind::NotFound, message).hint(hint).into())
        }
    }
}
