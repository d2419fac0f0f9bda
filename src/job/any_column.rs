//! Columns of the table, those that jobctl knows and those that a later version of the service added, by the names that
//! people use.

use std::borrow::Cow;
use std::sync::Arc;

use super::{Column, ColumnSet};

/// The name of all unknown columns, and the prefix of one whose name a known column has too.
const OTHER: &str = "other";

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnyColumn {
    Known(Column),
    Other(Arc<str>),
}

impl AnyColumn {
    /// The known ones, then these.
    pub fn all(others: &[Arc<str>]) -> Vec<AnyColumn> {
        let known = Column::ALL.iter().copied().map(AnyColumn::Known);
        let others = others.iter().cloned().map(AnyColumn::Other);
        known.chain(others).collect()
    }

    /// The columns of a name that people use: a known one by its flag, key or column name, another by its own in any
    /// case, with or without `other.` before it, and `other` for all of those. None: there is no such column.
    pub fn named(name: &str, others: &[Arc<str>]) -> Option<Vec<AnyColumn>> {
        if let Some(column) = Column::named(name) {
            return Some(vec![AnyColumn::Known(column)]);
        }
        let find = |name: &str| {
            let mut others = others.iter();
            let other = others.find(|other| other.eq_ignore_ascii_case(name))?;
            Some(vec![AnyColumn::Other(Arc::clone(other))])
        };
        let of_name = |name: &str| behind_other(name).and_then(find).or_else(|| find(name));
        let all = || name.trim().eq_ignore_ascii_case(OTHER) && !others.is_empty();
        of_name(name)
            .or_else(|| of_name(name.trim()))
            .or_else(|| all().then(|| others.iter().cloned().map(AnyColumn::Other).collect()))
    }

    /// The key in the job form, or the name that tells an unknown column from all others.
    pub fn label(&self) -> Cow<'_, str> {
        match self {
            AnyColumn::Known(column) => Cow::Borrowed(column.key()),
            AnyColumn::Other(name) => other_label(name),
        }
    }

    /// The columns to be read for these.
    pub fn reads(columns: &[AnyColumn]) -> ColumnSet {
        let read = |set: ColumnSet, column: &AnyColumn| match column {
            AnyColumn::Known(column) => set.union(ColumnSet::of(&[*column])),
            AnyColumn::Other(_) => set.union(ColumnSet::OTHERS),
        };
        columns.iter().fold(ColumnSet::NONE, read)
    }

    /// The known ones of these.
    pub fn known(columns: &[AnyColumn]) -> Vec<Column> {
        let known = |column: &AnyColumn| match column {
            AnyColumn::Known(column) => Some(*column),
            AnyColumn::Other(_) => None,
        };
        columns.iter().filter_map(known).collect()
    }
}

/// A name as it is taken, with `other.` before it where it would mean something else without.
pub fn other_label(name: &str) -> Cow<'_, str> {
    let is_trimmed = name.trim() == name && !name.is_empty();
    let means_another = name.eq_ignore_ascii_case(OTHER) || behind_other(name).is_some();
    if is_trimmed && !means_another && Column::named(name).is_none() {
        Cow::Borrowed(name)
    } else {
        Cow::Owned(format!("{OTHER}.{name}"))
    }
}

fn behind_other(name: &str) -> Option<&str> {
    let (before, behind) = name.split_once('.')?;
    before.eq_ignore_ascii_case(OTHER).then_some(behind)
}
