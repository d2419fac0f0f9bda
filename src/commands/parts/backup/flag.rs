//! `--backup` of the commands that change jobs.

use std::ffi::OsString;
use std::path::Path;

use anyhow::Result;

use super::{BackupTerms, Target, make};
use crate::commands::parts::interrupt::Interrupt;
use crate::context::Context;
use crate::error::{Failure, Kind};
use crate::job::JobId;
use crate::repository::{self, Error, Repository};

/// The reason for which a trial refuses a job that would be changed.
pub(crate) const AFTER_BACKUP: &str = "a backup is made first";

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
        let interrupt = Interrupt::watch(context)?;
        let made = make(context, repository, &target, BackupTerms::default())
            .map_err(|error| error.context("nothing was changed, for lack of a backup"))?;
        context.terminal.note(&made.words());
        if interrupt.is_set() {
            let message = "interrupted; the backup is made, and nothing was changed";
            return Err(Failure::new(Kind::Interrupted, message).into());
        }
        Ok(())
    }

    pub(crate) fn is_wanted(&self) -> bool {
        self.backup.is_some()
    }

    /// Changes jobs in one transaction, before which the backup is made that is asked for. Whether anything is to be changed
    /// is found out in a transaction too: in the first, a trial, the change refuses for `AFTER_BACKUP` what it would do.
    pub(crate) fn before<T>(
        &self,
        context: &mut Context,
        repository: &mut dyn Repository,
        change: &mut dyn FnMut(&mut dyn Repository, bool) -> repository::Result<T>,
    ) -> Result<T> {
        if self.is_wanted() {
            match change(repository, true) {
                Err(Error::Refused { jobs, of })
                    if jobs.iter().any(|(_, why)| why == AFTER_BACKUP) =>
                {
                    let is_other = |(_, why): &(JobId, String)| why != AFTER_BACKUP;
                    let jobs: Vec<_> = jobs.into_iter().filter(is_other).collect();
                    if !jobs.is_empty() {
                        return Err(Error::Refused { jobs, of }.into());
                    }
                }
                done => return Ok(done?),
            }
            self.make(context, repository)?;
        }
        Ok(change(repository, false)?)
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
