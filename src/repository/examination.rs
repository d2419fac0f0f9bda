//! Examination: the capability of a backend whose database can be damaged, or be kept from working well, by what is around it.

use std::time::Duration;

use super::Result;
use crate::job::checkup::{Check, CheckupTerms, Finding, Judge};

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
    /// The rows that the judge was not shown, as the backend has found nothing in them that any wanted check tells of.
    pub unshown: u64,
}

/// The outcome of a fix.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fix {
    /// The jobs that were changed, or the things that were made.
    pub count: u64,
    /// The jobs that a rule of the table keeps as they are, or somebody else has changed meanwhile.
    pub left: u64,
    /// True when it was to stop before its end.
    pub stopped: bool,
}

/// What a fix is to do.
#[derive(Clone, Copy, Debug)]
pub struct FixTerms<'a> {
    pub check: Check,
    pub terms: &'a CheckupTerms,
    /// Only count.
    pub dry_run: bool,
}

/// A capability that not every backend has.
pub trait Examination {
    /// Shows every row to a judge, or each that a wanted check of rows may tell of, in one pass that keeps nobody waiting. The second
    /// judge, in a thread of its own, may be shown those that come behind the first one's.
    fn examine_rows(&mut self, terms: &CheckupTerms, judges: [&mut dyn Judge; 2])
    -> Result<Passed>;

    /// Examines the database and its table. `passed` is the pass over all rows that went before, and their number.
    fn examine_database(
        &mut self,
        terms: &CheckupTerms,
        depth: Depth,
        passed: Option<(&Passed, u64)>,
    ) -> Result<Examined>;

    /// Fixes what a check finds, in transactions as short as can be, between which `goes_on` is asked.
    fn fix(&mut self, fix: FixTerms<'_>, goes_on: &mut dyn FnMut() -> bool) -> Result<Fix>;

    /// Whether what is fixed of a check is kept as a run, which undo takes back.
    fn keeps_fix(&self, check: Check) -> bool;

    /// About how long nobody else can write while this is fixed; zero where it goes in short transactions.
    fn time_to_fix(&mut self, fix: FixTerms<'_>) -> Result<Duration>;
}
