//! The limits of a table: which values each of its columns holds, whichever database it stands in.

use std::sync::Arc;

use crate::job::Column;
use crate::job::columns::Content;

/// The values that a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// Text of at most this number of characters; `0` is unlimited.
    Text(usize),
    /// The same, without its blanks at the end.
    Trimmed(usize),
    Json,
    /// JSON whose text is lost.
    SortedJson,
    Real,
    Rounded(Precision),
    /// UUIDs in their canonical spelling alone, whichever they are given in.
    Uuid,
    /// Whole numbers from the first to the last.
    Integer(i64, i64),
    Time,
    /// Times of this many digits of a second.
    TimeTo(u8),
    /// Whatever the table itself takes.
    Anything,
}

/// How exactly numbers are kept that need not be whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// In 32 bits.
    Single,
    /// Fifteen digits.
    Decimal,
    /// The same, with at most so many before the point and behind it.
    DecimalTo(i16, i16),
    /// Whole numbers from the first to the last.
    Whole(i64, i64),
}

impl Holds {
    /// Whether some values are taken and kept otherwise.
    pub(super) fn alters(self) -> bool {
        matches!(
            self,
            Holds::Trimmed(_)
                | Holds::SortedJson
                | Holds::Uuid
                | Holds::Rounded(_)
                | Holds::Time
                | Holds::TimeTo(_)
        )
    }

    /// The values that a column holds in the table as the service makes it.
    pub fn usual(column: Column) -> Holds {
        match column.content() {
            Content::Text(most) => Holds::Text(most),
            Content::Json => Holds::Json,
            Content::Real => Holds::Real,
            Content::Integer => Holds::Integer(i32::MIN.into(), i32::MAX.into()),
            Content::Time => Holds::Time,
        }
    }
}

/// The limits of all columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    known: [Holds; Column::COUNT],
    others: Vec<(Arc<str>, Holds)>,
}

impl Default for Limits {
    /// Those of the table as the service makes it.
    fn default() -> Limits {
        Limits::of_table(Holds::usual, Vec::new())
    }
}

impl Limits {
    /// The limits of a table, with those of its unknown columns.
    pub fn of_table(known: impl Fn(Column) -> Holds, others: Vec<(Arc<str>, Holds)>) -> Limits {
        Limits {
            known: std::array::from_fn(|index| known(Column::ALL[index])),
            others,
        }
    }

    pub fn of(&self, column: Column) -> Holds {
        self.known[column as usize]
    }

    /// Those of an unknown column.
    pub fn of_other(&self, name: &str) -> Holds {
        let mut others = self.others.iter();
        let found = others.find(|(other, _)| **other == *name);
        found.map_or(Holds::Anything, |(_, holds)| *holds)
    }
}
