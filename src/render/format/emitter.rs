//! The trait of a format: it makes text of any record that a command hands over, where it takes what the command prints.

use crate::render::bare_ids::BareIds;
use crate::render::record::Record;
use crate::render::table::{JobTable, TableField};

pub(crate) type Format = &'static dyn Emitter;

/// The kind of records that a command prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Output {
    Jobs,
    /// Jobs with what is in their working folders.
    Folders,
    /// Jobs as the table has them.
    Rows,
    Statistics,
    /// What is wrong with a database.
    Findings,
    /// Where two databases differ.
    Differences,
    /// Changes of jobs, for as long as somebody looks on.
    Events,
}

/// The shape into which a format brings a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RecordForm {
    /// Lines for people.
    Lines,
    /// An object of JSON.
    Object,
    /// Values side by side.
    Cells,
    /// The id of its job.
    Id,
    /// Numbers for a monitor.
    Metrics,
}

/// A format.
pub(crate) trait Emitter: Sync {
    /// The name for `-o`.
    fn word(&self) -> &'static str;

    fn form(&self) -> RecordForm;

    /// Whether all records stand in one document, which says more behind them.
    fn is_document(&self) -> bool {
        false
    }

    /// Whether `--excel` has a meaning.
    fn is_for_excel(&self) -> bool {
        false
    }

    /// The columns of a table of jobs when none are named; the last sign of life is for those that may be stuck.
    fn fields(&self, _width: Option<usize>, _stuck: bool) -> Vec<TableField> {
        Vec::new()
    }

    fn begin<'a>(&self, head: Head<'a>, style: Style) -> Box<dyn Document + 'a>;

    /// Whether a command can print this so.
    fn takes(&self, output: Output) -> bool {
        match (output, self.form()) {
            (Output::Jobs, form) => form != RecordForm::Metrics,
            (Output::Folders | Output::Findings | Output::Differences, form) => {
                matches!(form, RecordForm::Lines | RecordForm::Object)
            }
            (Output::Rows, form) => matches!(form, RecordForm::Object | RecordForm::Cells),
            (Output::Statistics, form) => form != RecordForm::Id,
            (Output::Events, RecordForm::Lines) => true,
            (Output::Events, form) => form == RecordForm::Object && !self.is_document(),
        }
    }
}

/// Records on their way into text.
pub(crate) trait Document: Send {
    /// Appends a record, and what stands before the first one.
    fn record(&mut self, out: &mut String, record: &dyn Record);

    /// Appends the end. `more` are further members of a document in JSON: `"count": 2`, or nothing.
    fn end(self: Box<Self>, out: &mut String, more: &str);
}

/// The texts before the records, and around them.
#[derive(Default)]
pub(crate) struct Head<'a> {
    /// The names over the cells.
    pub headings: Vec<String>,
    pub around: Envelope,
    /// The table for people whose rows are jobs.
    pub table: Option<JobTable<'a>>,
}

/// The JSON around the records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Envelope {
    /// Nothing: there is one record.
    Nothing,
    #[default]
    Array,
    /// An array with each record at the beginning of its line.
    Rows,
    /// An object, of which this stands before the array: `"jobs": `.
    Object(&'static str),
}

/// The style of all that is written.
#[derive(Clone, Debug)]
pub(crate) struct Style {
    /// For a terminal: no control character reaches it.
    pub harmless: bool,
    pub excel: bool,
    pub bare_ids: BareIds,
}
