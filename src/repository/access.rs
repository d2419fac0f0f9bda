//! The access that a command needs to the database.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    Read,
    /// As `Read`, and no job may be hidden: what is copied, compared or counted on is all of the table.
    ReadAll,
    /// As `ReadAll`, for the dry run of a change, and refused where the change itself would be.
    DryRun,
    /// Read what can be read just now, and leave no trace: what would have to be recovered first stays as it is.
    Glance,
    Write,
    /// As `Write`, and many jobs are changed.
    WriteMany,
    /// Read, and take a database that is not there, or is empty, for one without jobs.
    Preview,
    /// Write, and make the database, or the table in an empty one, when it is not there.
    Create,
    /// As `Create`, but a database that is not there appears, whole, when an import into it has ended.
    Import,
}

impl Access {
    pub(in crate::repository) fn only_reads(self) -> bool {
        matches!(
            self,
            Access::Read | Access::ReadAll | Access::DryRun | Access::Glance
        )
    }

    /// Changes the database that is there, or one that it makes.
    pub fn writes(self) -> bool {
        !self.only_reads() && self != Access::Preview
    }

    /// Takes what it does not see for what is not there.
    pub(in crate::repository) fn needs_all(self) -> bool {
        !matches!(self, Access::Read | Access::Glance)
    }

    /// Makes a database that is not there.
    pub(in crate::repository) fn creates(self) -> bool {
        matches!(self, Access::Create | Access::Import)
    }
}
