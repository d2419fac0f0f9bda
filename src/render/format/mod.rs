//! The formats of `-o`: one emitter a format, each in a file of its own. What a command hands over are records, and a
//! format makes text of any of them; nothing is written here.

mod csv;
mod ids;
mod json;
mod jsonl;
mod prometheus;
mod table;
mod tsv;
mod wide;

pub use ids::BareIds;

use super::record::Record;
use super::table::{Field, JobTable};

/// All formats, in the order in which people are told of them.
static FORMATS: &[Format] = &[
    TABLE,
    &wide::Wide,
    &json::Json,
    JSONL,
    &csv::Csv,
    &tsv::Tsv,
    IDS,
    &prometheus::Prometheus,
];

/// What is printed when no format is named.
pub const TABLE: Format = &table::Table;

/// What an export is when no format is named.
pub const JSONL: Format = &jsonl::Jsonl;

/// What `create` prints for people too.
pub const IDS: Format = &ids::Ids;

pub type Format = &'static dyn Emitter;

/// What a command prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    Jobs,
    /// Jobs with what is in their working folders.
    Folders,
    /// Jobs as the table has them.
    Rows,
    Statistics,
    /// What happens to jobs, for as long as somebody looks on.
    Events,
}

/// What becomes of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
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
pub trait Emitter: Sync {
    /// What `-o` calls it.
    fn word(&self) -> &'static str;

    fn form(&self) -> Form;

    /// Whether all records stand in one document, which says more behind them.
    fn is_document(&self) -> bool {
        false
    }

    /// Whether `--excel` has a meaning.
    fn is_for_excel(&self) -> bool {
        false
    }

    /// The columns of a table of jobs when none are named; the last sign of life is for those that may be stuck.
    fn fields(&self, _width: Option<usize>, _stuck: bool) -> Vec<Field> {
        Vec::new()
    }

    fn begin<'a>(&self, head: Head<'a>, style: Style) -> Box<dyn Document + 'a>;

    /// Whether a command can print this so.
    fn takes(&self, output: Output) -> bool {
        match (output, self.form()) {
            (Output::Jobs, form) => form != Form::Metrics,
            (Output::Folders, form) => matches!(form, Form::Lines | Form::Object),
            (Output::Rows, form) => matches!(form, Form::Object | Form::Cells),
            (Output::Statistics, form) => form != Form::Id,
            (Output::Events, Form::Lines) => true,
            (Output::Events, form) => form == Form::Object && !self.is_document(),
        }
    }
}

/// Records on their way into text.
pub trait Document: Send {
    /// Appends a record, and what stands before the first one.
    fn record(&mut self, out: &mut String, record: &dyn Record);

    /// Appends the end. `more` are further members of a document in JSON: `"count": 2`, or nothing.
    fn end(self: Box<Self>, out: &mut String, more: &str);
}

/// What stands before the records, and around them.
#[derive(Default)]
pub struct Head<'a> {
    /// Over the cells.
    pub headings: Vec<String>,
    pub around: Around,
    /// Where jobs are rows of a table for people.
    pub table: Option<JobTable<'a>>,
}

/// What stands around the records in JSON.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Around {
    /// Nothing: there is one record.
    Nothing,
    #[default]
    Array,
    /// An array with each record at the beginning of its line.
    Rows,
    /// An object, of which this stands before the array: `"jobs": `.
    Object(&'static str),
}

/// How things are written, whatever they are.
#[derive(Clone, Debug)]
pub struct Style {
    /// For the eyes, on a terminal: nothing acts on it.
    pub harmless: bool,
    pub excel: bool,
    pub bare_ids: BareIds,
}

/// The format of that name.
pub fn named(word: &str) -> Option<Format> {
    let mut formats = FORMATS.iter().copied();
    formats.find(|format| format.word() == word)
}

/// The names of all formats, each with whether it can print this.
pub fn words(output: Output) -> impl Iterator<Item = (&'static str, bool)> {
    FORMATS
        .iter()
        .map(move |format| (format.word(), format.takes(output)))
}

/// `json, csv or ids`: those that can print this, one of them first.
pub fn told(output: Output, first: Format) -> String {
    let others = words(output).filter(|(word, takes)| *takes && *word != first.word());
    let mut words: Vec<&str> = vec![first.word()];
    words.extend(others.map(|(word, _)| word));
    match words.split_last() {
        Some((last, before)) if !before.is_empty() => format!("{} or {last}", before.join(", ")),
        _ => words.concat(),
    }
}
