//! The rules by which the server puts other statements in the place of those that change jobs, or beside them (CREATE RULE). What such a
//! rule does instead nobody is told, so that no outcome could be relied on; triggers it tells.

use super::errors::Label;
use crate::error::{Failure, Kind};
use crate::repository::{Access, Error, Result};

/// The names of the rules of a table.
#[derive(Clone, Debug, Default)]
pub(in crate::repository::postgres) struct TableRules {
    /// Of those that do something else instead.
    pub(super) instead: Option<String>,
    /// Of those of INSERT and UPDATE, beside which the server takes no ON CONFLICT.
    pub(super) writing: Option<String>,
    /// Of those of DELETE, beside which it takes no WITH.
    pub(super) removing: Option<String>,
}

impl TableRules {
    /// Refuses to change jobs where they leave it open what would be done.
    pub(super) fn check(&self, label: &Label, access: Access) -> Result<()> {
        let changes = access.writes() || matches!(access, Access::DryRun | Access::Preview);
        if let Some(rules) = self.instead.as_ref().filter(|_| changes) {
            return Err(refused(label, rules, "DO INSTEAD", "a change of jobs"));
        }
        let imports = matches!(access, Access::Import | Access::Preview);
        if let Some(rules) = self.writing.as_ref().filter(|_| imports) {
            return Err(refused(label, rules, "ON INSERT or ON UPDATE", "an import"));
        }
        Ok(())
    }

    /// The same of a cleanup.
    pub(in crate::repository::postgres) fn check_cleanup(&self, label: &Label) -> Result<()> {
        let Some(rules) = &self.removing else {
            return Ok(());
        };
        Err(refused(label, rules, "ON DELETE", "a cleanup"))
    }
}

fn refused(label: &Label, rules: &str, kind: &str, what: &str) -> Error {
    let message = format!(
        "{} has rules for video_generation_jobs ({kind}: {rules}), beside which {what} is not to be relied on",
        label.shown()
    );
    let hint = "let the table's owner make triggers of them: psql -c '\\d video_generation_jobs' shows them, DROP RULE takes one away; list, show and export work on";
    Error::Own(Failure::new(Kind::Refused, message).hint(hint))
}
