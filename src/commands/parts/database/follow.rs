//! A database that is read again and again: it may be locked at times, and most of the time nothing has changed.

use anyhow::Result;

use crate::context::Context;
use crate::repository::{Access, Error, Repository, Version};

/// The followed database, open from the first reading at which it can be.
#[derive(Default)]
pub(crate) struct FollowedDatabase {
    repository: Option<Box<dyn Repository>>,
    /// The version that was last read whole.
    read: Option<Version>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FollowState {
    /// The database cannot be read at this moment.
    Locked,
    Same,
    /// The database has changed since it was last read.
    Changed(Version),
}

impl FollowedDatabase {
    pub(crate) fn state(&mut self, context: &mut Context) -> Result<FollowState> {
        let repository = match &mut self.repository {
            Some(repository) => repository,
            closed => match context.open(Access::Read) {
                Ok(opened) => closed.insert(opened),
                Err(error) if is_passing(&error) => return Ok(FollowState::Locked),
                Err(error) => return Err(error),
            },
        };
        match repository.version().map_err(anyhow::Error::from) {
            Ok(version) if self.read == Some(version) => Ok(FollowState::Same),
            Ok(version) => Ok(FollowState::Changed(version)),
            Err(error) if is_passing(&error) => Ok(FollowState::Locked),
            Err(error) => Err(error),
        }
    }

    /// Reads the state that `state` found; false when a lock has come between, so that the next reading has to take it.
    pub(crate) fn read(
        &mut self,
        state: FollowState,
        read: impl FnOnce(&mut dyn Repository) -> Result<()>,
    ) -> Result<bool> {
        let Some(repository) = &mut self.repository else {
            return Ok(false);
        };
        match read(repository.as_mut()) {
            Ok(()) => {
                if let FollowState::Changed(version) = state {
                    self.read = Some(version);
                }
                Ok(true)
            }
            Err(error) if is_passing(&error) => {
                self.read = None;
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }
}

/// Whether the error passes: a lock, or the half-done write of a killed process, which `version` mends.
fn is_passing(error: &anyhow::Error) -> bool {
    matches!(
        error.downcast_ref(),
        Some(Error::Locked { .. } | Error::ReadOnly { .. })
    )
}
