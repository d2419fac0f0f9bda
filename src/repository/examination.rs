//! Examination: the capability of a backend whose database can be damaged, or be kept from working well, by what is around it.

use super::Result;
use crate::job::checkup::{Finding, Judge, Terms};

/// How much of the database is read to find damage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// As much as keeps nobody waiting.
    Quick,
    /// All of it, however long others have to wait.
    Full,
}

/// What was found about the database.
#[derive(Debug, Default)]
pub struct Examined {
    pub findings: Vec<Finding>,
    /// What was not looked at, in words.
    pub left_out: Option<String>,
}

/// The outcome of a pass over all rows.
#[derive(Debug, Default)]
pub struct Passed {
    /// The damage at which it ended, in the backend's words.
    pub damage: Option<String>,
    /// True when nobody has written since it began.
    pub is_still: bool,
}

/// A capability that not every backend has.
pub trait Examination {
    /// Shows every row to the judge, in one pass that keeps nobody waiting.
    fn examine_rows(&mut self, terms: &Terms, judge: &mut dyn Judge) -> Result<Passed>;

    /// Examines the database and its table. `passed` is the pass over all rows that went before, and their number.
    fn examine_database(
        &mut self,
        terms: &Terms,
        depth: Depth,
        passed: Option<(&Passed, u64)>,
    ) -> Result<Examined>;
}
