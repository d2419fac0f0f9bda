//! The comparison of two job tables, pair by pair: how many jobs differ, in which columns, the first differences, and a sum of
//! each column by which a third copy can be compared.

mod excerpt;
mod value;

use std::sync::Arc;

use xxhash_rust::xxh64::xxh64;

use self::value::Counted;
use super::{Column, Job, JobId, Value};
use crate::system::sha256::RunningSum;

/// One of the two tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    A,
    B,
}

/// A difference between the two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    pub job: JobId,
    pub what: DifferenceKind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DifferenceKind {
    /// The job is in this table alone.
    Only(Side),
    /// The values of a column, shortened to where they differ; None where there is none (NULL).
    Values {
        column: Arc<str>,
        a: Option<String>,
        b: Option<String>,
    },
}

/// A column of both tables.
struct ColumnPair {
    name: Arc<str>,
    /// None of one that only the tables know.
    known: Option<Column>,
    different: u64,
    sums: ColumnSums,
}

/// The sums of a column, of both tables. As long as all values were the same the first is that of both.
#[derive(Default)]
struct ColumnSums {
    both: [RunningSum; 2],
    are_apart: bool,
}

impl ColumnSums {
    /// The two, which may differ from now on.
    fn apart(&mut self) -> &mut [RunningSum; 2] {
        if !self.are_apart {
            self.both[1] = self.both[0].clone();
            self.are_apart = true;
        }
        &mut self.both
    }

    fn add_to_both(&mut self, bytes: &[u8]) {
        self.both[0].add(bytes);
        if self.are_apart {
            self.both[1].add(bytes);
        }
    }

    fn end(mut self) -> [String; 2] {
        self.apart();
        self.both.map(RunningSum::end)
    }
}

/// A comparison that is going on. Jobs are to be told in the order of their ids.
pub struct Comparison {
    columns: Vec<ColumnPair>,
    result: ComparisonResult,
    /// The most differences that are kept.
    most: usize,
    bytes: Vec<u8>,
}

/// The result of a comparison.
#[derive(Clone, Debug, Default)]
pub struct ComparisonResult {
    /// The jobs of both tables.
    pub jobs: [u64; 2],
    pub equal: u64,
    pub different: u64,
    /// The jobs that are in one table alone.
    pub only: [u64; 2],
    /// The jobs that were passed over, because they changed while they were moved.
    pub meanwhile: u64,
    pub columns: Vec<ComparedColumn>,
    /// The first differences.
    pub first: Vec<Difference>,
    /// The columns that one table alone has.
    pub lone_columns: Vec<(Arc<str>, Side)>,
}

#[derive(Clone, Debug)]
pub struct ComparedColumn {
    pub name: Arc<str>,
    /// The jobs of both tables whose values differ.
    pub different: u64,
    /// The SHA-256 of all its values, of each table.
    pub sums: [String; 2],
}

impl ComparisonResult {
    pub fn is_equal(&self) -> bool {
        self.different == 0 && self.only == [0, 0] && self.lone_columns.is_empty()
    }

    /// The differences that are counted in jobs.
    pub fn differences(&self) -> u64 {
        self.different + self.only[0] + self.only[1]
    }
}

impl Comparison {
    /// `others` are the names of the unknown columns of both tables.
    pub fn new(others: [&[Arc<str>]; 2], most: usize) -> Comparison {
        let pair = |name: Arc<str>, known| ColumnPair {
            name,
            known,
            different: 0,
            sums: ColumnSums::default(),
        };
        let known = Column::ALL
            .iter()
            .map(|column| pair(column.name().into(), Some(*column)));
        let [a, b] = others;
        let common = a.iter().filter(|name| b.contains(name));
        let common = common.map(|name| pair(Arc::clone(name), None));
        let alone = |mine: &[Arc<str>], its: &[Arc<str>], side| -> Vec<_> {
            let alone = mine.iter().filter(|name| !its.contains(name));
            alone.map(|name| (Arc::clone(name), side)).collect()
        };
        let lone_columns = [alone(a, b, Side::A), alone(b, a, Side::B)].concat();
        Comparison {
            columns: known.chain(common).collect(),
            result: ComparisonResult {
                lone_columns,
                ..ComparisonResult::default()
            },
            most,
            bytes: Vec::new(),
        }
    }

    /// Whether two jobs of the same id differ.
    pub fn differs(&self, a: &Job, b: &Job) -> bool {
        self.columns.iter().any(|column| {
            let (a, b) = (column.value(a), column.value(b));
            a != b && column.counted(a) != column.counted(b)
        })
    }

    /// Two jobs of the same id.
    pub fn pair(&mut self, a: &Job, b: &Job) {
        self.result.jobs[0] += 1;
        self.result.jobs[1] += 1;
        let mut is_different = false;
        for column in &mut self.columns {
            let values = [column.value(a), column.value(b)];
            let counted = values.map(|value| column.counted(value));
            self.bytes.clear();
            counted[0].append(&mut self.bytes);
            if counted[0] == counted[1] {
                column.sums.add_to_both(&self.bytes);
                continue;
            }
            is_different = true;
            column.different += 1;
            let [of_a, of_b] = column.sums.apart();
            of_a.add(&self.bytes);
            self.bytes.clear();
            counted[1].append(&mut self.bytes);
            of_b.add(&self.bytes);
            if self.result.first.len() < self.most {
                let [a_told, b_told] = excerpt::of(values);
                self.result.first.push(Difference {
                    job: a.id(),
                    what: DifferenceKind::Values {
                        column: Arc::clone(&column.name),
                        a: a_told,
                        b: b_told,
                    },
                });
            }
        }
        if is_different {
            self.result.different += 1;
        } else {
            self.result.equal += 1;
        }
    }

    /// A job that is in one table alone.
    pub fn only(&mut self, side: Side, job: &Job) {
        self.result.jobs[side as usize] += 1;
        self.result.only[side as usize] += 1;
        for column in &mut self.columns {
            self.bytes.clear();
            column.counted(column.value(job)).append(&mut self.bytes);
            column.sums.apart()[side as usize].add(&self.bytes);
        }
        if self.result.first.len() < self.most {
            self.result.first.push(Difference {
                job: job.id(),
                what: DifferenceKind::Only(side),
            });
        }
    }

    /// A job that is in these tables, and whose differences mean nothing: somebody changed it while it was moved.
    pub fn pass_over(&mut self, sides: &[Side]) {
        self.result.meanwhile += 1;
        for side in sides {
            self.result.jobs[*side as usize] += 1;
        }
    }

    pub fn end(mut self) -> ComparisonResult {
        let ended = self.columns.into_iter().map(|column| ComparedColumn {
            name: column.name,
            different: column.different,
            sums: column.sums.end(),
        });
        self.result.columns = ended.collect();
        self.result
    }
}

static NOTHING: Value = Value::Null;

impl ColumnPair {
    fn value<'a>(&self, job: &'a Job) -> &'a Value {
        match self.known {
            Some(column) => job.get(column),
            None => job.other(&self.name).unwrap_or(&NOTHING),
        }
    }

    fn counted<'a>(&self, value: &'a Value) -> Counted<'a> {
        match self.known {
            Some(column) => Counted::of(column.content(), value),
            None => Counted::of_other(value),
        }
    }
}

/// A number that tells whether a job is still as it was: nearly all changes of what counts change it.
pub fn digest(job: &Job, bytes: &mut Vec<u8>) -> u64 {
    bytes.clear();
    for (column, value) in Column::ALL.iter().zip(job.values()) {
        Counted::of(column.content(), value).append(bytes);
    }
    for (name, value) in job.others() {
        bytes.extend_from_slice(name.as_bytes());
        Counted::of_other(value).append(bytes);
    }
    xxh64(bytes, 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(id: &str, title: &str) -> Job {
        Job::default()
            .with(Column::Id, id)
            .with(Column::Title, title)
    }

    fn title(result: &ComparisonResult) -> &ComparedColumn {
        let mut columns = result.columns.iter();
        let named = columns.find(|column| &*column.name == Column::Title.name());
        named.expect("every comparison has the known columns")
    }

    #[test]
    fn equal_tables_have_the_same_sums_and_no_difference() {
        let mut comparison = Comparison::new([&[], &[]], 10);
        comparison.pair(&job("a", "one"), &job("a", "one"));
        let result = comparison.end();
        assert!(result.is_equal());
        assert_eq!(result.jobs, [1, 1]);
        let sums = &title(&result).sums;
        assert_eq!(sums[0], sums[1]);
        let other = Comparison::new([&[], &[]], 10);
        assert_ne!(title(&other.end()).sums[0], sums[0]);
    }

    #[test]
    fn a_difference_is_counted_named_and_part_of_the_sum_of_its_column_alone() {
        let mut comparison = Comparison::new([&[], &[]], 2);
        comparison.pair(&job("a", "one"), &job("a", "one"));
        comparison.pair(&job("b", "one"), &job("b", "two"));
        comparison.only(Side::B, &job("c", "one"));
        comparison.only(Side::A, &job("d", "one"));
        let result = comparison.end();
        assert!(!result.is_equal());
        assert_eq!((result.equal, result.different), (1, 1));
        assert_eq!((result.only, result.jobs), ([1, 1], [3, 3]));
        assert_eq!(title(&result).different, 1);
        let named: Vec<String> = result.first.iter().map(|it| it.job.to_string()).collect();
        assert_eq!(named, ["b", "c"]);
        assert_eq!(
            result.first[0].what,
            DifferenceKind::Values {
                column: "project_title".into(),
                a: Some("one".to_owned()),
                b: Some("two".to_owned()),
            }
        );
    }

    #[test]
    fn what_changed_meanwhile_is_counted_and_nothing_else() {
        let mut comparison = Comparison::new([&[], &[]], 2);
        comparison.pass_over(&[Side::A, Side::B]);
        comparison.pass_over(&[Side::A]);
        let result = comparison.end();
        assert!(result.is_equal());
        assert_eq!((result.jobs, result.meanwhile), ([2, 1], 2));
    }

    #[test]
    fn a_column_of_one_table_alone_is_a_difference() {
        let of_a: Vec<Arc<str>> = vec!["owner".into(), "both".into()];
        let of_b: Vec<Arc<str>> = vec!["both".into()];
        let mut comparison = Comparison::new([&of_a, &of_b], 2);
        let mut one = job("a", "one");
        one.set_others(vec![("both".into(), 1_i64.into())]);
        let mut other = one.clone();
        comparison.pair(&one, &other);
        other.set_others(vec![("both".into(), 2_i64.into())]);
        assert!(comparison.differs(&one, &other));
        comparison.pair(&one, &other);
        let result = comparison.end();
        assert_eq!(result.lone_columns, [("owner".into(), Side::A)]);
        assert_eq!((result.equal, result.different), (1, 1));
    }

    #[test]
    fn the_digest_of_a_job_changes_with_it() {
        let mut bytes = Vec::new();
        let one = digest(&job("a", "one"), &mut bytes);
        assert_eq!(one, digest(&job("a", "one"), &mut bytes));
        assert_ne!(one, digest(&job("a", "two"), &mut bytes));
    }
}
