//! The columns that a table can have, which of them a terminal of some width has, and which go when they do not fit.

use std::borrow::Cow;
use std::sync::Arc;

use crate::job::any_column::other_label;
use crate::job::{Column, ColumnSet};
use crate::text::visible::one_line;

/// A column of the table, by what it shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TableField {
    /// The id: short on a terminal.
    Id,
    /// The status with its symbol.
    Status,
    Progress,
    /// The progress with a bar before it.
    Bar,
    /// `3/12`
    Shots,
    /// The time since creation.
    Age,
    /// The time that it ran, or has been running.
    Ran,
    /// The time since the last sign of life.
    Quiet,
    /// The text of a known column.
    Column(Column),
    /// The text of an unknown column.
    Other(Arc<str>),
}

impl TableField {
    pub(super) fn heading(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            TableField::Id => Column::Id.heading(),
            TableField::Status => Column::Status.heading(),
            TableField::Progress | TableField::Bar => "DONE",
            TableField::Shots => Column::TotalShots.heading(),
            TableField::Age => "AGE",
            TableField::Ran => "RAN",
            TableField::Quiet => "QUIET",
            TableField::Column(column) => column.heading(),
            TableField::Other(name) => {
                // SQLite knows no other capitals, and what is told is to be a name for --fields.
                let name = other_label(name);
                let name = if name.is_ascii() {
                    Cow::Owned(name.to_ascii_uppercase())
                } else {
                    name
                };
                return Cow::Owned(one_line(&name).into_owned());
            }
        })
    }

    pub(super) fn reads(&self) -> ColumnSet {
        ColumnSet::of(match self {
            TableField::Other(_) => return ColumnSet::OTHERS,
            TableField::Id => &[Column::Id],
            TableField::Status => &[Column::Status],
            TableField::Progress | TableField::Bar => &[Column::Progress],
            TableField::Shots => &[Column::TotalShots, Column::CompletedShots],
            TableField::Age => &[Column::CreatedAt],
            TableField::Ran => &[Column::StartedAt, Column::CompletedAt, Column::Status],
            TableField::Quiet => &[Column::UpdatedAt, Column::StartedAt, Column::CreatedAt],
            TableField::Column(column) => std::slice::from_ref(column),
        })
    }

    pub(super) fn is_right(&self) -> bool {
        match self {
            TableField::Progress
            | TableField::Bar
            | TableField::Shots
            | TableField::Age
            | TableField::Ran
            | TableField::Quiet => true,
            TableField::Column(column) => {
                matches!(
                    column,
                    Column::Progress | Column::TotalShots | Column::CompletedShots
                )
            }
            TableField::Id | TableField::Status | TableField::Other(_) => false,
        }
    }

    /// The least width on a terminal; None for a column that is never cut.
    pub(super) fn least(&self) -> Option<usize> {
        match self {
            TableField::Column(Column::Title) => Some(14),
            TableField::Column(Column::Stage | Column::JobType) => Some(8),
            TableField::Column(Column::CreatedAt | Column::UpdatedAt) => None,
            TableField::Column(_) | TableField::Other(_) => Some(10),
            // What the service writes is no wider; what somebody else wrote there must not push the rest out.
            TableField::Id | TableField::Status => Some(12),
            TableField::Progress | TableField::Bar => Some(10),
            TableField::Shots | TableField::Age | TableField::Ran | TableField::Quiet => None,
        }
    }
}

/// The columns of `list` in a pipe.
const STANDARD: &[TableField] = &[
    TableField::Id,
    TableField::Status,
    TableField::Column(Column::JobType),
    TableField::Progress,
    TableField::Column(Column::Stage),
    TableField::Column(Column::Title),
    TableField::Age,
    TableField::Ran,
];

/// The columns of `list` on a terminal, each with the least width that it takes.
const BY_WIDTH: &[(usize, TableField)] = &[
    (0, TableField::Id),
    (0, TableField::Status),
    (72, TableField::Column(Column::JobType)),
    (0, TableField::Bar),
    (120, TableField::Shots),
    (0, TableField::Column(Column::Stage)),
    (0, TableField::Column(Column::Title)),
    (200, TableField::Column(Column::Style)),
    (160, TableField::Column(Column::Error)),
    (0, TableField::Age),
    (100, TableField::Ran),
];

/// The least width of a terminal in which the progress has a bar.
const BAR_FROM: usize = 72;

/// The cells of the bar in a table.
pub(super) const BAR: usize = 5;

/// The columns of `list`.
pub(crate) fn standard(width: Option<usize>) -> Vec<TableField> {
    let Some(width) = width else {
        return STANDARD.to_vec();
    };
    let chosen = BY_WIDTH.iter().filter(|(least, _)| *least <= width);
    chosen
        .map(|(_, field)| match field {
            TableField::Bar if width < BAR_FROM => TableField::Progress,
            field => field.clone(),
        })
        .collect()
}

/// The columns of `list -o wide`.
pub(crate) const WIDE: &[TableField] = &[
    TableField::Id,
    TableField::Status,
    TableField::Column(Column::JobType),
    TableField::Progress,
    TableField::Shots,
    TableField::Column(Column::Stage),
    TableField::Column(Column::Title),
    TableField::Column(Column::Style),
    TableField::Column(Column::CreatedAt),
    TableField::Column(Column::UpdatedAt),
    TableField::Ran,
    TableField::Column(Column::Error),
];

/// The columns that go when even the least widths do not fit, first to last.
pub(super) const DISPENSABLE: &[TableField] = &[
    TableField::Column(Column::JobType),
    TableField::Column(Column::UpdatedAt),
    TableField::Column(Column::Style),
    TableField::Shots,
    TableField::Ran,
    TableField::Column(Column::CreatedAt),
    TableField::Column(Column::Stage),
    TableField::Column(Column::Error),
    TableField::Age,
    TableField::Bar,
    TableField::Progress,
    TableField::Column(Column::Title),
];

/// The least width in which something can be read.
pub(super) const BAREST: usize = 5;
