//! The columns that a table can have, which of them a terminal of some width has, and which go when they do not fit.

use std::borrow::Cow;
use std::sync::Arc;

use crate::job::any_column::other_label;
use crate::job::{Column, ColumnSet};
use crate::text::visible::one_line;

/// A column of the table, by what it shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Field {
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

impl Field {
    pub(super) fn heading(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Field::Id => Column::Id.heading(),
            Field::Status => Column::Status.heading(),
            Field::Progress | Field::Bar => "DONE",
            Field::Shots => Column::TotalShots.heading(),
            Field::Age => "AGE",
            Field::Ran => "RAN",
            Field::Quiet => "QUIET",
            Field::Column(column) => column.heading(),
            Field::Other(name) => {
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
            Field::Other(_) => return ColumnSet::OTHERS,
            Field::Id => &[Column::Id],
            Field::Status => &[Column::Status],
            Field::Progress | Field::Bar => &[Column::Progress],
            Field::Shots => &[Column::TotalShots, Column::CompletedShots],
            Field::Age => &[Column::CreatedAt],
            Field::Ran => &[Column::StartedAt, Column::CompletedAt, Column::Status],
            Field::Quiet => &[Column::UpdatedAt, Column::StartedAt, Column::CreatedAt],
            Field::Column(column) => std::slice::from_ref(column),
        })
    }

    pub(super) fn is_right(&self) -> bool {
        match self {
            Field::Progress
            | Field::Bar
            | Field::Shots
            | Field::Age
            | Field::Ran
            | Field::Quiet => true,
            Field::Column(column) => {
                matches!(
                    column,
                    Column::Progress | Column::TotalShots | Column::CompletedShots
                )
            }
            Field::Id | Field::Status | Field::Other(_) => false,
        }
    }

    /// The least width on a terminal; None for a column that is never cut.
    pub(super) fn least(&self) -> Option<usize> {
        match self {
            Field::Column(Column::Title) => Some(14),
            Field::Column(Column::Stage | Column::JobType) => Some(8),
            Field::Column(Column::CreatedAt | Column::UpdatedAt) => None,
            Field::Column(_) | Field::Other(_) => Some(10),
            // What the service writes is no wider; what somebody else wrote there must not push the rest out.
            Field::Id | Field::Status => Some(12),
            Field::Progress | Field::Bar => Some(10),
            Field::Shots | Field::Age | Field::Ran | Field::Quiet => None,
        }
    }
}

/// The columns of `list` in a pipe.
const STANDARD: &[Field] = &[
    Field::Id,
    Field::Status,
    Field::Column(Column::JobType),
    Field::Progress,
    Field::Column(Column::Stage),
    Field::Column(Column::Title),
    Field::Age,
    Field::Ran,
];

/// The columns of `list` on a terminal, each with the least width that it takes.
const BY_WIDTH: &[(usize, Field)] = &[
    (0, Field::Id),
    (0, Field::Status),
    (72, Field::Column(Column::JobType)),
    (0, Field::Bar),
    (120, Field::Shots),
    (0, Field::Column(Column::Stage)),
    (0, Field::Column(Column::Title)),
    (200, Field::Column(Column::Style)),
    (160, Field::Column(Column::Error)),
    (0, Field::Age),
    (100, Field::Ran),
];

/// The least width of a terminal in which the progress has a bar.
const BAR_FROM: usize = 72;

/// The cells of the bar in a table.
pub(super) const BAR: usize = 5;

/// The columns of `list`.
pub(crate) fn standard(width: Option<usize>) -> Vec<Field> {
    let Some(width) = width else {
        return STANDARD.to_vec();
    };
    let chosen = BY_WIDTH.iter().filter(|(least, _)| *least <= width);
    chosen
        .map(|(_, field)| match field {
            Field::Bar if width < BAR_FROM => Field::Progress,
            field => field.clone(),
        })
        .collect()
}

/// The columns of `list -o wide`.
pub(crate) const WIDE: &[Field] = &[
    Field::Id,
    Field::Status,
    Field::Column(Column::JobType),
    Field::Progress,
    Field::Shots,
    Field::Column(Column::Stage),
    Field::Column(Column::Title),
    Field::Column(Column::Style),
    Field::Column(Column::CreatedAt),
    Field::Column(Column::UpdatedAt),
    Field::Ran,
    Field::Column(Column::Error),
];

/// The columns that go when even the least widths do not fit, first to last.
pub(super) const DISPENSABLE: &[Field] = &[
    Field::Column(Column::JobType),
    Field::Column(Column::UpdatedAt),
    Field::Column(Column::Style),
    Field::Shots,
    Field::Ran,
    Field::Column(Column::CreatedAt),
    Field::Column(Column::Stage),
    Field::Column(Column::Error),
    Field::Age,
    Field::Bar,
    Field::Progress,
    Field::Column(Column::Title),
];

/// The least width in which something can be read.
pub(super) const BAREST: usize = 5;
