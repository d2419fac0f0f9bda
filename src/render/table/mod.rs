//! A listing as a table. On a terminal its columns are chosen for the width, and fit it: the title gives way
//! first, then the stage, then whole columns. In a pipe nothing is cut. Rows come in blocks, so a listing of any length can stream.

mod field;

use comfy_table::{Cell, CellAlignment, Color, ColumnConstraint, ContentArrangement, Table, Width};

use self::field::{BAR, BAREST, DISPENSABLE};
use crate::job::{Column, ColumnSet, Job, JobId, Status, Value};
use crate::text::signs;
use crate::text::visible::{closed, cut, one_line, width};
use crate::time::{self, Instant, Zone};
pub(crate) use field::{TableField, WIDE, standard};

/// The number of rows that are laid out together.
const BLOCK: usize = 200;

/// The blanks between two columns.
const GAP: usize = 2;

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
    widths: Option<Vec<usize>>,
    /// The rows that wait to be laid out: their cells, and the status, which has a colour.
    rows: Vec<(Vec<String>, Option<Status>)>,
}

impl<'a> JobTable<'a> {
    pub(crate) fn new(fields: &[TableField], options: TableOptions<'a>) -> Self {
        JobTable {
            fields: fields.to_vec(),
            options,
            widths: None,
            rows: Vec::new(),
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

    /// Appends the lines of the rows that wait, and the headings if they are the first.
    pub(crate) fn flush(&mut self, out: &mut String) {
        for line in self.lines() {
            out.push_str(&line);
            out.push('\n');
        }
    }

    /// The lines of these rows, and the headings if they are the first.
    pub(crate) fn block(&mut self, jobs: &[Job]) -> Vec<String> {
        for job in jobs {
            self.take(job);
        }
        self.lines()
    }

    fn take(&mut self, job: &Job) {
        let cells = self.fields.iter().map(|field| self.text(field, job));
        let row = (cells.collect(), job.status());
        self.rows.push(row);
    }

    fn lines(&mut self) -> Vec<String> {
        let (mut rows, states): (Vec<Vec<String>>, Vec<Option<Status>>) =
            std::mem::take(&mut self.rows).into_iter().unzip();
        let first = self.widths.is_none();
        let widths = match self.widths.take() {
            Some(widths) => widths,
            None => self.lay_out(&mut rows),
        };
        let mut table = Table::new();
        table
            .load_style(comfy_table::presets::NOTHING)
            .set_content_arrangement(ContentArrangement::Disabled);
        if self.options.color {
            table.enforce_styling()
        } else {
            table.force_no_tty()
        };
        if first && self.options.headings {
            let headings = self.fields.iter().zip(&widths).map(|(field, space)| {
                let cell = Cell::new(cut(&field.heading(), *space));
                if self.options.color {
                    cell.add_attribute(comfy_table::Attribute::Bold)
                } else {
                    cell
                }
            });
            table.set_header(headings.collect::<Vec<_>>());
        }
        for (row, status) in rows.iter().zip(states) {
            let cells = self.fields.iter().zip(row).zip(&widths);
            let cells = cells.map(|((field, text), space)| {
                let cell = match self.options.width {
                    Some(_) => Cell::new(closed(cut(text, *space))),
                    None => Cell::new(text),
                };
                match (field, self.options.color) {
                    (TableField::Status | TableField::Bar, true) => colored(cell, status),
                    _ => cell,
                }
            });
            table.add_row(cells.collect::<Vec<_>>());
        }
        let last = self.fields.len().saturating_sub(1);
        for (index, field) in self.fields.iter().enumerate() {
            if let Some(column) = table.column_mut(index) {
                column.set_padding((0, if index == last { 0 } else { GAP as u16 }));
                let gap = if index == last { 0 } else { GAP };
                let space = u16::try_from(widths[index] + gap).unwrap_or(u16::MAX);
                column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(space)));
                if field.is_right() {
                    column.set_cell_alignment(CellAlignment::Right);
                }
            }
        }
        self.widths = Some(widths);
        table
            .lines()
            .map(|line| line.trim_end().to_owned())
            .collect()
    }

    /// Widths that fit the terminal; drops columns (and their cells) that do not.
    fn lay_out(&mut self, rows: &mut [Vec<String>]) -> Vec<usize> {
        let heading = |field: &TableField| {
            if self.options.headings {
                width(&field.heading())
            } else {
                0
            }
        };
        let mut widths: Vec<usize> = (0..self.fields.len())
            .map(|index| {
                rows.iter()
                    .map(|row| width(&row[index]))
                    .chain([heading(&self.fields[index])])
                    .max()
                    .unwrap_or(0)
            })
            .collect();
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
                for row in rows.iter_mut() {
                    row.remove(index);
                }
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
        widths
    }

    fn text(&self, field: &TableField, job: &Job) -> String {
        let span = |span: Option<chrono::TimeDelta>| span.map_or("-".to_owned(), time::brief);
        match field {
            TableField::Id => match (self.options.width, job.id()) {
                (Some(_), id @ JobId::Uuid(_)) => id.short(),
                (_, id) => one_line(&id.to_string()).into_owned(),
            },
            TableField::Status => status_text(job),
            TableField::Progress => progress_text(job.get(Column::Progress)),
            TableField::Bar => match percent(job) {
                Some(percent) => format!("{} {percent:>3.0}%", bar(percent, BAR)),
                None => progress_text(job.get(Column::Progress)),
            },
            TableField::Shots => match job.integer(Column::TotalShots) {
                None | Some(0) => "-".to_owned(),
                Some(total) => {
                    let done = job.integer(Column::CompletedShots).unwrap_or(0);
                    format!("{done}/{total}")
                }
            },
            TableField::Age => span(job.age(self.options.now)),
            TableField::Ran => span(job.duration(self.options.now)),
            TableField::Quiet => span(
                job.last_sign(self.options.now)
                    .map(|at| self.options.now - at),
            ),
            TableField::Column(column) => column_text(
                *column,
                job.get(*column),
                self.options.zone,
                self.options.now,
            ),
            TableField::Other(name) => other_text(job.other(name).unwrap_or(&Value::Null)),
        }
    }
}

/// The status with its symbol; a foreign one is marked.
pub(crate) fn status_text(job: &Job) -> String {
    match (job.status(), job.get(Column::Status)) {
        (Some(status), _) => format!("{} {}", signs::mark(status.symbol()), status.word()),
        (None, Value::Null) => "? (none)".to_owned(),
        (None, foreign) => format!("? {}", one_line(&foreign.display())),
    }
}

/// The progress, where it is a number that can be shown.
pub(crate) fn percent(job: &Job) -> Option<f64> {
    job.number(Column::Progress).filter(|p| p.is_finite())
}

/// `▓▓▓░░`
pub(crate) fn bar(percent: f64, cells: usize) -> String {
    let filled = (percent / 100.0 * cells as f64).round();
    let filled = filled.clamp(0.0, cells as f64) as usize;
    let (done, open) = signs::cells();
    format!("{}{}", done.repeat(filled), open.repeat(cells - filled))
}

fn progress_text(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::Real(r) if r.is_finite() => format!("{r:.0}%"),
        Value::Integer(i) => format!("{i}%"),
        foreign => marked(foreign),
    }
}

/// A value of any column on one line, marked when it is not one that the service would write.
pub(crate) fn column_text(column: Column, value: &Value, zone: &Zone, now: Instant) -> String {
    if value.is_null() {
        return "-".to_owned();
    }
    match value.time() {
        Some(at) if column.is_time() => time_text(at, zone, now),
        _ if column.understands(value) => one_line(&value.display()).into_owned(),
        _ => marked(value),
    }
}

/// A value of a column that is not known, on one line.
pub(crate) fn other_text(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::BrokenText(_) | Value::Blob(_) => marked(value),
        value => one_line(&value.display()).into_owned(),
    }
}

/// A time; marked where it is not a likely one.
pub(crate) fn time_text(at: Instant, zone: &Zone, now: Instant) -> String {
    let text = time::to_the_second(at, zone);
    if time::is_likely(at, Some(now)) {
        text
    } else {
        format!("{text} (?)")
    }
}

/// A value that cannot be understood: as stored, and marked.
pub(crate) fn marked(value: &Value) -> String {
    format!("{} (?)", one_line(&value.display()))
}

fn colored(cell: Cell, status: Option<Status>) -> Cell {
    match status {
        Some(Status::Queued) => cell,
        Some(Status::Processing) => cell.fg(Color::Cyan),
        Some(Status::Completed) => cell.fg(Color::Green),
        Some(Status::Failed) => cell.fg(Color::Red),
        Some(Status::Cancelled) => cell.fg(Color::DarkGrey),
        None => cell.fg(Color::Yellow),
    }
}
