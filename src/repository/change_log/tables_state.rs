//! What can be wrong with the tables in which jobctl keeps what its commands changed, whichever database they stand in. No job depends
//! on them.

use crate::job::checkup::{Check, Finding, Occurrences, Severity};

/// What is wrong with them.
#[derive(Default)]
pub(in crate::repository) struct TablesState {
    pub(in crate::repository) shape: Occurrences,
    /// True when the time for which runs are kept is none.
    pub(in crate::repository) bad_lifetime: bool,
    /// The index that is missing.
    pub(in crate::repository) lacks_index: Option<&'static str>,
    /// The number of changes that belong to no run.
    pub(in crate::repository) orphans: i64,
}

impl TablesState {
    /// The number of things that a fix puts right.
    pub(in crate::repository) fn fixable(&self) -> u64 {
        if self.shape.count > 0 {
            return 0;
        }
        [
            self.lacks_index.is_some(),
            self.orphans > 0,
            self.bad_lifetime,
        ]
        .into_iter()
        .map(u64::from)
        .sum()
    }

    /// `shows` is the command that shows the tables.
    pub(in crate::repository) fn finding(self, shows: &str, settings: &str) -> Option<Finding> {
        if self.shape.count > 0 {
            return self.shape.finding(
                Check::OwnTables,
                Severity::Warning,
                "A table in which jobctl keeps what its commands changed is not as jobctl makes it. Changes may no longer be kept, so that undo cannot take them back, or not for as long as was said. No job depends on it.",
                format!("another program may have made it: {shows} shows it; rename or drop jobctl_run and jobctl_change, or jobctl_setting; new ones are made by themselves"),
            );
        }
        let mut tally = Occurrences::default();
        if let Some(index) = self.lacks_index {
            tally.add(|| format!("the index {index} is missing"));
        }
        if self.bad_lifetime {
            tally.add(|| format!("{settings} says no age, so that runs are kept for 7 days"));
        }
        if self.orphans > 0 {
            tally.add(|| format!("{} kept changes of no run", self.orphans));
        }
        tally.finding(
            Check::OwnTables,
            Severity::Warning,
            "The tables in which jobctl keeps what its commands changed have been touched by somebody else: a part of the history cannot be used, takes space, or is slow to read. No job depends on it.",
            "jobctl doctor --fix own-tables",
        )
    }
}
