//! A listing as a table. On a terminal it fits the width: the title gives way first, then the stage, then
//! whole columns. In a pipe nothing is cut. Rows come in blocks, so a listing of any length can stream.

use comfy_table::{Cell, CellAlignment, Color, ColumnConstraint, ContentArrangement, Table, Width};

use super::text::{cut, one_line, width};
use crate::job::{Column, ColumnSet, Job, JobId, Status, Value};
use crate::time::{self, Instant, Zone};

/// What a column of the table shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The id: short on a terminal.
    Id,
    /// The status with its symbol.
    Status,
    Progress,
    /// `3/12`
    Shots,
    /// Since creation.
    Age,
    /// How long it ran, or has been running.
    Ran,
    /// A column's own text.
    Column(Column),
}

impl Field {
    fn heading(self) -> &'static str {
        match self {
            Field::Id => Column::Id.heading(),
            Field::Status => Column::Status.heading(),
            Field::Progress => "DONE",
            Field::Shots => Column::TotalShots.heading(),
            Field::Age => "AGE",
            Field::Ran => "RAN",
            Field::Column(column) => column.heading(),
        }
    }

    fn reads(self) -> ColumnSet {
        ColumnSet::of(match &self {
            Field::Id => &[Column::Id],
            Field::Status => &[Column::Status],
            Field::Progress => &[Column::Progress],
            Field::Shots => &[Column::TotalShots, Column::CompletedShots],
            Field::Age => &[Column::CreatedAt],
            Field::Ran => &[Column::StartedAt, Column::CompletedAt, Column::Status],
            Field::Column(column) => std::slice::from_ref(column),
        })
    }

    fn is_right(self) -> bool {
        match self {
            Field::Progress | Field::Shots | Field::Age | Field::Ran => true,
            Field::Column(column) => {
                matches!(
                    column,
                    Column::Progress | Column::TotalShots | Column::CompletedShots
                )
            }
            Field::Id | Field::Status => false,
        }
    }

    /// The least width on a terminal; None for a column that is never cut.
    fn least(self) -> Option<usize> {
        match self {
            Field::Column(Column::Title) => Some(20),
            Field::Column(Column::Stage | Column::JobType) => Some(8),
            Field::Column(Column::CreatedAt | Column::UpdatedAt) => None,
            Field::Column(_) => Some(10),
            _ => None,
        }
    }
}

/// The columns of `list`.
pub const STANDARD: &[Field] = &[
    Field::Id,
    Field::Status,
    Field::Column(Column::JobType),
    Field::Progress,
    Field::Column(Column::Stage),
    Field::Column(Column::Title),
    Field::Age,
    Field::Ran,
];

/// The columns of `list -o wide`.
pub const WIDE: &[Field] = &[
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

/// Which columns go when even the least widths do not fit, first to last.
const DISPENSABLE: &[Field] = &[
    Field::Column(Column::JobType),
    Field::Column(Column::UpdatedAt),
    Field::Column(Column::Style),
    Field::Shots,
    Field::Ran,
    Field::Column(Column::CreatedAt),
    Field::Column(Column::Stage),
    Field::Column(Column::Error),
    Field::Age,
    Field::Progress,
];

/// Columns between two columns.
const GAP: usize = 2;

pub struct Look<'a> {
    pub now: Instant,
    pub zone: &'a Zone,
    /// None: a pipe, nothing is cut.
    pub width: Option<usize>,
    pub color: bool,
}

/// A table whose columns are laid out by its first block of rows.
pub struct JobTable<'a> {
    fields: Vec<Field>,
    look: Look<'a>,
    widths: Option<Vec<usize>>,
}

impl<'a> JobTable<'a> {
    pub fn new(fields: &[Field], look: Look<'a>) -> Self {
        JobTable {
            fields: fields.to_vec(),
            look,
            widths: None,
        }
    }

    /// What rows must have read.
    pub fn reads(fields: &[Field]) -> ColumnSet {
        fields
            .iter()
            .fold(ColumnSet::NONE, |set, field| set.union(field.reads()))
    }

    /// The lines of a block of rows; the first block comes with the headings.
    pub fn block(&mut self, jobs: &[Job]) -> Vec<String> {
        let mut rows: Vec<Vec<String>> = jobs
            .iter()
            .map(|job| {
                self.fields
                    .iter()
                    .map(|field| self.text(*field, job))
                    .collect()
            })
            .collect();
        let first = self.widths.is_none();
        let widths = match self.widths.take() {
            Some(widths) => widths,
            None => self.lay_out(&mut rows),
        };
        let mut table = Table::new();
        table
            .load_style(comfy_table::presets::NOTHING)
            .set_content_arrangement(ContentArrangement::Disabled);
        match self.look.color {
            true => table.enforce_styling(),
            false => table.force_no_tty(),
        };
        if first {
            let headings = self.fields.iter().zip(&widths).map(|(field, room)| {
                let cell = Cell::new(cut(field.heading(), *room));
                match self.look.color {
                    true => cell.add_attribute(comfy_table::Attribute::Bold),
                    false => cell,
                }
            });
            table.set_header(headings.collect::<Vec<_>>());
        }
        for (row, job) in rows.iter().zip(jobs) {
            let cells = self.fields.iter().zip(row).zip(&widths);
            let cells = cells.map(|((field, text), room)| {
                let cell = match self.look.width {
                    Some(_) => Cell::new(cut(text, *room)),
                    None => Cell::new(text),
                };
                match (field, self.look.color) {
                    (Field::Status, true) => colored(cell, job.status()),
                    _ => cell,
                }
            });
            table.add_row(cells.collect::<Vec<_>>());
        }
        let last = self.fields.len().saturating_sub(1);
        for (place, field) in self.fields.iter().enumerate() {
            if let Some(column) = table.column_mut(place) {
                column.set_padding((0, if place == last { 0 } else { GAP as u16 }));
                let gap = if place == last { 0 } else { GAP };
                let room = u16::try_from(widths[place] + gap).unwrap_or(u16::MAX);
                column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(room)));
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
        let mut widths: Vec<usize> = (0..self.fields.len())
            .map(|place| {
                rows.iter()
                    .map(|row| width(&row[place]))
                    .chain([width(self.fields[place].heading())])
                    .max()
                    .unwrap_or(0)
            })
            .collect();
        let Some(room) = self.look.width else {
            return widths;
        };
        let total =
            |widths: &[usize]| widths.iter().sum::<usize>() + GAP * widths.len().saturating_sub(1);
        let least = |field: &Field, width: usize| field.least().map_or(width, |l| l.min(width));
        for victim in DISPENSABLE {
            let shortest: Vec<usize> = self
                .fields
                .iter()
                .zip(&widths)
                .map(|(field, width)| least(field, *width))
                .collect();
            if total(&shortest) <= room {
                break;
            }
            if let Some(place) = self.fields.iter().position(|field| field == victim) {
                self.fields.remove(place);
                widths.remove(place);
                for row in rows.iter_mut() {
                    row.remove(place);
                }
            }
        }
        // The widest column that may be cut gives way, one column of the screen at a time.
        while total(&widths) > room {
            let widest = (0..widths.len())
                .filter(|place| widths[*place] > least(&self.fields[*place], widths[*place]))
                .max_by_key(|place| widths[*place]);
            match widest.or_else(|| (0..widths.len()).max_by_key(|place| widths[*place])) {
                Some(place) if widths[place] > 1 => widths[place] -= 1,
                _ => break,
            }
        }
        widths
    }

    fn text(&self, field: Field, job: &Job) -> String {
        let span = |span: Option<chrono::TimeDelta>| span.map_or("-".to_owned(), time::brief);
        match field {
            Field::Id => match (self.look.width, job.id()) {
                (Some(_), id @ JobId::Uuid(_)) => id.short(),
                (_, id) => one_line(&id.to_string()).into_owned(),
            },
            Field::Status => status_text(job),
            Field::Progress => progress_text(job.get(Column::Progress)),
            Field::Shots => match job.integer(Column::TotalShots) {
                None | Some(0) => "-".to_owned(),
                Some(total) => {
                    let done = job.integer(Column::CompletedShots).unwrap_or(0);
                    format!("{done}/{total}")
                }
            },
            Field::Age => span(job.age(self.look.now)),
            Field::Ran => span(job.duration(self.look.now)),
            Field::Column(column) => column_text(column, job.get(column), self.look.zone),
        }
    }
}

/// The status with its symbol; a foreign one is marked.
pub fn status_text(job: &Job) -> String {
    match (job.status(), job.get(Column::Status)) {
        (Some(status), _) => format!("{} {}", status.symbol(), status.word()),
        (None, Value::Null) => "? (none)".to_owned(),
        (None, foreign) => format!("? {}", one_line(&foreign.display())),
    }
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
pub fn column_text(column: Column, value: &Value, zone: &Zone) -> String {
    if value.is_null() {
        return "-".to_owned();
    }
    match value.time() {
        Some(at) if column.is_time() => time::to_the_second(at, zone),
        _ if column.understands(value) => one_line(&value.display()).into_owned(),
        _ => marked(value),
    }
}

/// A value that cannot be understood: as stored, and marked.
pub fn marked(value: &Value) -> String {
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
