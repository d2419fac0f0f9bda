//! The first write of an import, before which `--backup` makes its backup. Until a batch has something new the import is a preview, which
//! writes nothing, so that one with nothing new makes no backup.

use anyhow::Result;

use super::feed::Feed;
use super::import::{DumpImport, Session};
use crate::commands::parts::database::storage;
use crate::repository::Repository;
use crate::text::visible::one_line;

impl DumpImport<'_> {
    /// Imports everything, behind the backup that is wanted; an error where that cannot be made.
    pub(super) fn import(
        &mut self,
        repository: &mut dyn Repository,
        feed: &mut Feed,
    ) -> Result<Result<()>> {
        loop {
            let mut session = match self.begin(repository) {
                Ok(session) => session,
                Err(error) => {
                    self.tally.undo(self.terms.atomic);
                    return Ok(Err(error));
                }
            };
            let read = self.all(session.as_mut(), feed);
            if read.is_err() || self.kept.is_none() {
                return Ok(self.settle(session, read));
            }
            drop(session);
            self.rejected.sync()?;
            if let Some(backup) = self.backup.take() {
                let bar = self.bar.clone();
                let made = bar.suspend(|| backup.make(self.context, repository));
                made?;
            }
        }
    }

    fn begin<'r>(&mut self, repository: &'r mut dyn Repository) -> Result<Box<Session<'r>>> {
        if self.dry_run || self.backup.is_some() {
            return Ok(repository.begin_preview(self.terms)?);
        }
        if let Some(alone) = self.alone {
            let name = repository.name();
            storage::needed(repository, storage::EXCLUSIVE)?.use_alone()?;
            if alone.keeps_others_out {
                self.context.terminal.note(&format!(
                    "{} is kept locked until the import is done (--exclusive)",
                    one_line(&name)
                ));
            }
        }
        Ok(repository.begin_import(self.terms)?)
    }
}
