//! A row as the checks see it: its values where they lie, so that a million of them can be judged without one copy.

use std::borrow::Cow;

use crate::job::value::hex;
use crate::job::{Column, JobId, Value};
use crate::text::visible::cut;

/// The longest part of a value in an example, in columns.
const SHOWN: usize = 60;

/// A stored value, borrowed.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Cell<'a> {
    #[default]
    Null,
    Integer(i64),
    Real(f64),
    /// Text, which need not be UTF-8.
    Text(&'a [u8]),
    Blob(&'a [u8]),
}

impl<'a> Cell<'a> {
    pub fn is_null(self) -> bool {
        self == Cell::Null
    }

    pub fn text(self) -> Option<&'a [u8]> {
        match self {
            Cell::Text(text) => Some(text),
            _ => None,
        }
    }

    pub fn number(self) -> Option<f64> {
        match self {
            Cell::Integer(number) => Some(number as f64),
            Cell::Real(number) => Some(number),
            _ => None,
        }
    }

    /// For an example: texts in quotes, and none of them long.
    fn shown(self) -> String {
        match self {
            Cell::Null => "nothing".to_owned(),
            Cell::Integer(number) => number.to_string(),
            Cell::Real(number) => format!("{number:?}"),
            Cell::Text(text) => {
                // Of a long text its beginning is enough.
                let begin = String::from_utf8_lossy(&text[..text.len().min(8 * SHOWN)]);
                format!("\"{}\"", cut(&begin, SHOWN))
            }
            Cell::Blob(bytes) => {
                let begin = hex(&bytes[..bytes.len().min(SHOWN / 2)]);
                format!("x'{begin}' ({} bytes)", bytes.len())
            }
        }
    }
}

impl<'a> From<&'a Value> for Cell<'a> {
    fn from(value: &'a Value) -> Cell<'a> {
        match value {
            Value::Null => Cell::Null,
            Value::Integer(number) => Cell::Integer(*number),
            Value::Real(number) => Cell::Real(*number),
            Value::Text(text) => Cell::Text(text.as_bytes()),
            Value::BrokenText(bytes) => Cell::Text(bytes),
            Value::Blob(bytes) => Cell::Blob(bytes),
        }
    }
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    pub cells: [Cell<'a>; Column::COUNT],
    /// The backend's own name of the row, for a job without an id: `rowid 17`.
    pub name: (&'static str, i64),
    /// The columns that name an episode or series that is not there.
    pub orphan: [Option<Column>; 2],
}

impl<'a> Row<'a> {
    pub fn get(&self, column: Column) -> Cell<'a> {
        self.cells[column as usize]
    }

    /// The id, or the backend's name of a row without one.
    pub fn id(&self) -> Cow<'_, str> {
        match self.get(Column::Id) {
            Cell::Null => Cow::Owned(format!("{} {}", self.name.0, self.name.1)),
            Cell::Text(text) => String::from_utf8_lossy(text),
            Cell::Integer(number) => Cow::Owned(number.to_string()),
            Cell::Real(number) => Cow::Owned(format!("{number:?}")),
            Cell::Blob(bytes) => Cow::Owned(JobId::Bytes(bytes.into(), false).to_string()),
        }
    }

    /// An example that names the job and what one of its columns holds.
    pub fn with(&self, column: Column) -> String {
        let (name, value) = (column.name(), self.get(column).shown());
        format!("{}  {name} = {value}", self.id())
    }
}

/// Judges rows, in whichever thread.
pub trait Judge: Send {
    fn judge(&mut self, row: &Row<'_>);
}
