//! A finding of a check: how grave it is, how often and where it was met, what it means for somebody who does not know
//! databases, and the command that mends it.

use std::fmt;

use super::check::Check;
use super::row::Row;
use crate::job::Column;
use crate::text::shell::word;

/// The number of examples of a finding.
const EXAMPLES: usize = 3;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Something does not work, or will not.
    Error,
    /// Something is wrong, and works all the same.
    Warning,
    /// Something to be known.
    Info,
}

impl Severity {
    pub const fn word(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "info",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    pub check: Check,
    pub severity: Severity,
    pub count: u64,
    /// At most three, as stored: they are made harmless where they are shown.
    pub examples: Vec<String>,
    pub means: String,
    /// A command, or the next step in words; `jobctl` stands for the program as it was called.
    pub mend: String,
}

impl Finding {
    /// A finding that was met once.
    pub fn new(check: Check, severity: Severity) -> Finding {
        Finding {
            check,
            severity,
            count: 1,
            examples: Vec::new(),
            means: String::new(),
            mend: String::new(),
        }
    }

    pub fn example(mut self, example: impl Into<String>) -> Finding {
        self.examples.push(example.into());
        self
    }

    pub fn means(mut self, means: impl Into<String>) -> Finding {
        self.means = means.into();
        self
    }

    pub fn mend(mut self, mend: impl Into<String>) -> Finding {
        self.mend = mend.into();
        self
    }
}

/// How often something was met, and the first examples.
#[derive(Clone, Debug, Default)]
pub struct Occurrences {
    pub count: u64,
    examples: Vec<String>,
    /// The id of the first job.
    id: Option<String>,
}

impl Occurrences {
    pub fn add(&mut self, example: impl FnOnce() -> String) {
        self.count += 1;
        if self.examples.len() < EXAMPLES {
            self.examples.push(example());
        }
    }

    /// Adds a job, of which this column is told.
    pub fn add_job(&mut self, row: &Row<'_>, column: Column) {
        if self.count == 0 {
            self.id = Some(row.id().into_owned());
        }
        self.add(|| row.with(column));
    }

    /// Adds those of rows that come behind these.
    pub fn append(&mut self, later: Occurrences) {
        if self.count == 0 {
            self.id = later.id;
        }
        self.count += later.count;
        self.examples.extend(later.examples);
        self.examples.truncate(EXAMPLES);
    }

    /// The finding, if there is one. Where it is of one job, its id takes the place of `ID` in the command.
    pub fn finding(
        self,
        check: Check,
        severity: Severity,
        means: impl Into<String>,
        mend: impl Into<String>,
    ) -> Option<Finding> {
        let mend = mend.into();
        (self.count > 0).then(|| Finding {
            check,
            severity,
            count: self.count,
            examples: self.examples,
            means: means.into(),
            mend: match self.id {
                Some(id) if self.count == 1 => mend.replace(" ID ", &format!(" {} ", word(&id))),
                _ => mend,
            },
        })
    }
}
