//! A listing as a table. On a terminal its columns are chosen for the width, and fit it: the title gives way
//! first, then the stage, then whole columns. In a pipe nothing is cut. Rows come in blocks, so a listing of any length can stream.

mod cells;
mod field;
mod rows;

use self::cells::CellStyle;
use self::field::{BAREST, DISPENSABLE};
use self::rows::{GAP, Place, Rows, end_line, push_cell};
use crate::job::{Column, ColumnSet, Job, Status};
use crate::text::visible::{closed, cut, width};
use crate::time::{Instant, Zone};
pub(crate) use cells::{bar, column_text, marked, other_text, percent, status_text, time_text};
pub(crate) use field::{TableField, WIDE, standard};

/// The number of rows that are laid out together.
const BLOCK: usize = 200;

pub(crate) struct TableOptions<'a> {
    pub now: Instant,
    pub zone: &'a Zone,
    /// The columns of the terminal; None for a pipe, where nothing is cut.
    pub width: Option<usize>,
    pub color: bool,
    pub headings: bool,
}

/// A table whose columns are laid out by its first block of rows.
pub(crate) struct JobTable<'a> {
    fields: Vec<TableField>,
    options: TableOptions<'a>,
    /// That of the options, looked up once where times are told.
    zone: Zone,
    widths: Option<Vec<usize>>,
    /// The rows that wait to be laid out.
    rows: Rows,
}

impl<'a> JobTable<'a> {
    pub(crate) fn new(fields: &[TableField], options: TableOptions<'a>) -> Self {
        let tells_times =
            |field: &TableField| matches!(field, TableField::Column(column) if column.is_time());
        let zone = if fields.iter().any(tells_times) {
            options.zone.looked_up()
        } else {
            options.zone.clone()
        };
        JobTable {
            fields: fields.to_vec(),
            options,
            zone,
            widths: None,
            rows: Rows::default(),
        }
    }

    /// The columns of jobs that these fields read.
    pub(crate) fn reads(fields: &[TableField]) -> ColumnSet {
        fields
            .iter()
            .fold(ColumnSet::NONE, |set, field| set.union(field.reads()))
    }

    /// Adds a row. Once there are as many as are laid out together, they are appended.
    pub(crate) fn push(&mut self, out: &mut String, job: &Job) {
        self.take(job);
        if self.rows.len() >= BLOCK {
            self.flush(out);
        }
    }

    /// The lines of these rows, and the headings if they are the first.
    pub(crate) fn block(&mut self, jobs: &[Job]) -> Vec<String> {
        for job in jobs {
            self.take(job);
        }
        let mut text = String::new();
        self.flush(&mut text);
        text.split_terminator('\n').map(str::to_owned).collect()
    }

    fn take(&mut self, job: &Job) {
        let style = CellStyle {
            now: self.options.now,
            zone: &self.zone,
            short_ids: self.options.width.is_some(),
        };
        let status = job.status();
        for field in &self.fields {
            style.push(&mut self.rows.text, field, job, status);
            self.rows.end_cell();
        }
        self.rows.end_row(status);
    }

    /// Appends the lines of the rows that wait, and the headings if they are the first.
    pub(crate) fn flush(&mut self, out: &mut String) {
        let mut rows = std::mem::take(&mut self.rows);
        let first = self.widths.is_none();
        let widths = match self.widths.take() {
            Some(widths) => {
                if self.options.width.is_some() {
                    let all: Vec<usize> = (0..widths.len()).collect();
                    rows = fitted(&rows, widths.len(), &all, &widths);
                }
                widths
            }
            None => self.lay_out(&mut rows),
        };
        let headings: Vec<String> = if first && self.options.headings {
            let fields = self.fields.iter().zip(&widths);
            fields
                .map(|(field, space)| cut(&field.heading(), *space).into_owned())
                .collect()
        } else {
            Vec::new()
        };
        // What is wider than the first rows were has its place all the same.
        let mut spaces = rows.widest(widths.len());
        for (index, space) in spaces.iter_mut().enumerate() {
            let heading = headings.get(index).map_or(0, |heading| width(heading));
            *space = widths[index].max(*space).max(heading).max(1);
        }
        self.widths = Some(widths);
        let last = self.fields.len().saturating_sub(1);
        let mut places: Vec<Place> = (self.fields.iter().zip(spaces).enumerate())
            .map(|(index, (field, space))| Place {
                space,
                is_right: field.is_right(),
                is_last: index == last,
                style: self.options.color.then_some(BOLD),
            })
            .collect();
        if !headings.is_empty() {
            let begin = out.len();
            for (heading, place) in headings.iter().zip(&places) {
                push_cell(out, heading, width(heading), place);
            }
            end_line(out, begin);
        }
        let colors = self.options.color;
        let is_colored: Vec<bool> = (self.fields.iter())
            .map(|field| colors && matches!(field, TableField::Status | TableField::Bar))
            .collect();
        rows.each(places.len(), |cells, status| {
            let begin = out.len();
            for ((text, width), (place, is_colored)) in
                cells.zip(places.iter_mut().zip(&is_colored))
            {
                place.style = is_colored.then(|| color(status)).flatten();
                push_cell(out, text, width, place);
            }
            end_line(out, begin);
        });
        rows.clear();
        self.rows = rows;
    }

    /// Widths that fit the terminal; drops columns (and their cells) that do not, and cuts the others.
    fn lay_out(&mut self, rows: &mut Rows) -> Vec<usize> {
        let columns = self.fields.len();
        let mut widths = rows.widest(columns);
        if self.options.headings {
            for (field, widest) in self.fields.iter().zip(&mut widths) {
                *widest = width(&field.heading()).max(*widest);
            }
        }
        let mut kept: Vec<usize> = (0..columns).collect();
        let Some(space) = self.options.width else {
            return widths;
        };
        let total =
            |widths: &[usize]| widths.iter().sum::<usize>() + GAP * widths.len().saturating_sub(1);
        let least =
            |field: &TableField, width: usize| field.least().map_or(width, |l| l.min(width));
        for victim in DISPENSABLE {
            let shortest: Vec<usize> = self
                .fields
                .iter()
                .zip(&widths)
                .map(|(field, width)| {
                    if field == victim && *field == TableField::Column(Column::Title) {
                        BAREST.min(*width)
                    } else {
                        least(field, *width)
                    }
                })
                .collect();
            if total(&shortest) <= space {
                break;
            }
            if let Some(index) = self.fields.iter().position(|field| field == victim) {
                self.fields.remove(index);
                widths.remove(index);
                kept.remove(index);
            }
        }
        // The widest column that may be cut gives way, one column of the screen at a time.
        while total(&widths) > space {
            let widest = (0..widths.len())
                .filter(|index| widths[*index] > least(&self.fields[*index], widths[*index]))
                .max_by_key(|index| widths[*index]);
            // Beyond that the state is what stays readable longest, and then the id.
            let last = || {
                (0..widths.len()).max_by_key(|index| {
                    let rank = match self.fields[*index] {
                        _ if widths[*index] <= BAREST => 0,
                        TableField::Status => 1,
                        TableField::Id => 2,
                        _ => 3,
                    };
                    (rank, widths[*index])
                })
            };
            match widest.or_else(last) {
                Some(index) if widths[index] > 1 => widths[index] -= 1,
                _ => break,
            }
        }
        *rows = fitted(rows, columns, &kept, &widths);
        widths
    }
}

/// The rows with these of their columns, cut to the widths.
fn fitted(rows: &Rows, columns: usize, kept: &[usize], widths: &[usize]) -> Rows {
    let mut fitted = Rows::default();
    rows.each(columns, |cells, status| {
        let mut kept = kept.iter().zip(widths).peekable();
        for (index, (text, _)) in cells.enumerate() {
            if let Some((_, space)) = kept.next_if(|(column, _)| **column == index) {
                fitted.text.push_str(&closed(cut(text, *space)));
                fitted.end_cell();
            }
        }
        fitted.end_row(status);
    });
    fitted
}

/// What stands before a text in bold, and behind it.
const BOLD: (&str, &str) = ("\x1b[1m", "\x1b[0m");

/// What stands before a text in the colour of a status, and behind it.
fn color(status: Option<Status>) -> Option<(&'static str, &'static str)> {
    let color = match status {
        Some(Status::Queued) => return None,
        Some(Status::Processing) => "\x1b[38;5;14m",
        Some(Status::Completed) => "\x1b[38;5;10m",
        Some(Status::Failed) => "\x1b[38;5;9m",
        Some(Status::Cancelled) => "\x1b[38;5;8m",
        None => "\x1b[38;5;11m",
    };
    Some((color, "\x1b[39m"))
}
