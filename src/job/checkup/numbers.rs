//! The checks of numbers: progress and shots.

use super::check::Check;
use super::finding::{Finding, Occurrences, Severity};
use super::row::{Cell, Row};
use super::terms::Wanted;
use crate::job::Column;

pub(super) struct Numbers {
    wanted: Wanted,
    progress: Occurrences,
    shots: Occurrences,
}

impl Numbers {
    pub(super) fn new(wanted: Wanted) -> Numbers {
        Numbers {
            wanted,
            progress: Occurrences::default(),
            shots: Occurrences::default(),
        }
    }

    pub(super) fn judge(&mut self, row: &Row<'_>) {
        let progress = row.get(Column::Progress);
        if self.wanted.has(Check::ProgressRange)
            && !progress.is_null()
            && !progress
                .number()
                .is_some_and(|it| (0.0..=100.0).contains(&it))
        {
            self.progress.add_job(row, Column::Progress);
        }
        if self.wanted.has(Check::ShotCounts)
            && let Some(column) = odd_count(row)
        {
            self.shots.add(|| match column {
                Column::CompletedShots if is_count(row.get(column)) => {
                    let total = row.get(Column::TotalShots).number().unwrap_or(0.0);
                    format!("{} of {total}", row.with(column))
                }
                column => row.with(column),
            });
        }
    }

    pub(super) fn append(&mut self, later: Numbers) {
        self.progress.append(later.progress);
        self.shots.append(later.shots);
    }

    pub(super) fn findings(self) -> Vec<Option<Finding>> {
        vec![
            self.progress.finding(
                Check::ProgressRange,
                Severity::Warning,
                "The progress is no number from 0 to 100. Bars and percentages that are made of it are nonsense.",
                "jobctl update ID --progress 0",
            ),
            self.shots.finding(
                Check::ShotCounts,
                Severity::Warning,
                "A count of shots is no whole number from 0 on, or there are more completed shots than shots.",
                "jobctl update ID --total-shots N --completed-shots M",
            ),
        ]
    }
}

/// The column whose count cannot be.
fn odd_count(row: &Row<'_>) -> Option<Column> {
    let (total, completed) = (row.get(Column::TotalShots), row.get(Column::CompletedShots));
    if !total.is_null() && !is_count(total) {
        Some(Column::TotalShots)
    } else if !completed.is_null() && !is_count(completed) {
        Some(Column::CompletedShots)
    } else {
        let is_more = completed.number()? > total.number()?;
        is_more.then_some(Column::CompletedShots)
    }
}

fn is_count(cell: Cell<'_>) -> bool {
    cell.number()
        .is_some_and(|it| it >= 0.0 && it.fract() == 0.0)
}
