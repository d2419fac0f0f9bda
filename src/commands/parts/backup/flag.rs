//! `--backup` of the commands that change jobs.

use std::ffi::OsString;
use std::path::Path;

use anyhow::Result;

use super::{BackupTerms, Target, make};
use crate::context::Context;
use crate::repository::Repository;

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct BackupArgs {
    /// Make a backup before the first change: beside the database, in a folder, or as a file
    ///
    /// It is made as jobctl backup makes one, and checked. Where that fails nothing is changed.
    #[arg(
        long,
        value_name = "FILE|FOLDER/",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "",
        value_hint = clap::ValueHint::AnyPath
    )]
    backup: Option<OsString>,
}

impl BackupArgs {
    /// Makes the backup that is asked for. To be called before the first write.
    pub(crate) fn make(
        &self,
        context: &mut Context,
        repository: &mut dyn Repository,
    ) -> Result<()> {
        let Some(named) = &self.backup else {
            return Ok(());
        };
        let target = Target::find(context, Some(Path::new(named)), None, false)?;
        let made = make(context, repository, &target, BackupTerms::default())
            .map_err(|error| error.context("nothing was changed, for lack of a backup"))?;
        context.terminal.note(&made.words());
        Ok(())
    }

    /// The same where the database may be one that is only made now, of which there is nothing to copy.
    pub(crate) fn make_unless_new(
        &self,
        context: &mut Context,
        repository: &mut dyn Repository,
        is_new: bool,
    ) -> Result<()> {
        if is_new && self.backup.is_some() {
            let note = "no backup was made: the database is not there yet";
            context.terminal.note(note);
            return Ok(());
        }
        self.make(context, repository)
    }
}
