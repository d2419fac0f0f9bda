//! The examination of jobs: the rules by which a row cannot be, or calls for somebody. Each group of checks is a file; what
//! a database may lack is examined by its backend.

mod check;
mod finding;
mod fixes;
mod ids;
mod numbers;
mod parents;
mod postgres;
mod row;
mod states;
mod terms;
mod texts;
mod times;

pub use check::Check;
pub use finding::{Finding, Occurrences, Severity};
pub use fixes::{FIXABLE, fixes};
pub use postgres::PostgresChecks;
pub use row::{Cell, Judge, Row};
pub use terms::{CheckupTerms, Wanted};

/// The checks of rows, all of them in one pass.
pub struct RowChecks {
    pub rows: u64,
    ids: ids::IdChecks,
    states: states::States,
    texts: texts::Texts,
    times: times::Times,
    numbers: numbers::Numbers,
    parents: parents::Parents,
}

impl RowChecks {
    pub fn new(terms: CheckupTerms) -> RowChecks {
        RowChecks {
            rows: 0,
            ids: ids::IdChecks::new(terms.wanted),
            states: states::States::new(&terms),
            texts: texts::Texts::new(terms.wanted),
            times: times::Times::new(&terms),
            numbers: numbers::Numbers::new(terms.wanted),
            parents: parents::Parents::default(),
        }
    }

    /// Adds what was found in the rows behind these.
    pub fn append(&mut self, later: RowChecks) {
        self.rows += later.rows;
        self.ids.append(later.ids);
        self.states.append(later.states);
        self.texts.append(later.texts);
        self.times.append(later.times);
        self.numbers.append(later.numbers);
        self.parents.append(later.parents);
    }

    pub fn findings(self) -> Vec<Finding> {
        let groups = [
            self.ids.findings(),
            self.states.findings(),
            self.texts.findings(),
            self.times.findings(),
            self.numbers.findings(),
            self.parents.findings(),
        ];
        groups.into_iter().flatten().flatten().collect()
    }
}

impl Judge for RowChecks {
    fn judge(&mut self, row: &Row<'_>) {
        self.rows += 1;
        self.ids.judge(row);
        self.states.judge(row);
        self.texts.judge(row);
        self.times.judge(row);
        self.numbers.judge(row);
        self.parents.judge(row);
    }
}
