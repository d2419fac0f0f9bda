//! What is told of the indexes that a table lacks and of what its database has counted in it: of every backend the same, but for who it
//! is that reads.

use crate::job::checkup::{Check, Finding, Severity, Wanted};
use crate::text::size::about;
use crate::text::visible::plural;

/// The number of jobs from which on an index is worth its space, and counting is needed.
pub(in crate::repository) const MANY: u64 = 10_000;

/// Who reads the table, and what is read where no index helps.
pub(in crate::repository) struct Reader {
    pub(in crate::repository) name: &'static str,
    /// The same at the beginning of a sentence.
    pub(in crate::repository) begins: &'static str,
    pub(in crate::repository) whole: &'static str,
}

/// An index that the table lacks.
pub(in crate::repository) struct LackingIndex {
    pub(in crate::repository) name: &'static str,
    /// Its columns, as SQL lists them.
    pub(in crate::repository) columns: String,
    /// Whether it is one of jobctl alone.
    pub(in crate::repository) is_ours: bool,
    pub(in crate::repository) use_of: IndexUse,
}

/// What is slow without an index, and what that reads then and with it.
#[derive(Clone, Copy)]
pub(in crate::repository) struct IndexUse {
    pub(in crate::repository) slow: &'static str,
    pub(in crate::repository) without: &'static str,
    pub(in crate::repository) with: &'static str,
}

/// Whether one is told of: ours where it is worth its space, or where somebody asks for it.
pub(in crate::repository) fn is_told(is_ours: bool, wanted: Wanted, count: u64) -> bool {
    !is_ours || count >= MANY || wanted.names(Check::MissingIndex)
}

pub(in crate::repository) fn lacking(
    told: &[LackingIndex],
    count: u64,
    bytes: u64,
    reader: &Reader,
) -> Option<Finding> {
    let is_slow = count >= MANY && told.iter().any(|index| !index.is_ours);
    let severity = if is_slow {
        Severity::Warning
    } else {
        Severity::Info
    };
    let jobs = plural(count, "job");
    let examples = told.iter().map(|index| {
        let (name, columns) = (index.name, &index.columns);
        let IndexUse {
            slow,
            without,
            with,
        } = index.use_of;
        format!("{name} on ({columns}): without it {slow} {without} {jobs}, with it {with}")
    });
    (!told.is_empty()).then(|| Finding {
        check: Check::MissingIndex,
        severity,
        count: told.len() as u64,
        examples: examples.take(3).collect(),
        means: format!(
            "An index lets {} go to the jobs that are sought instead of reading the whole {} ({} for {jobs}). Reading becomes as much faster as fewer jobs are \
             read; each change of a job takes a little longer.",
            reader.name,
            reader.whole,
            about(bytes)
        ),
        mend: "jobctl doctor --fix missing-index".to_owned(),
    })
}

/// `known` are the rows that the database takes the table to have; None when it was never counted.
pub(in crate::repository) fn outdated(
    known: Option<u64>,
    count: u64,
    reader: &Reader,
) -> Option<Finding> {
    let example = match known {
        None => "nothing is known".to_owned(),
        Some(known) if known / 10 > count || known.saturating_mul(10) < count => {
            format!(
                "{} known, {} there",
                plural(known, "job"),
                plural(count, "job")
            )
        }
        Some(_) => return None,
    };
    let means = format!(
        "{} chooses among its indexes by what it has counted in the table, and it has not counted, or long ago. It may then take a slow way.",
        reader.begins
    );
    let finding = Finding::new(Check::Statistics, Severity::Info).example(example);
    Some(finding.means(means).mend("jobctl doctor --fix statistics"))
}
