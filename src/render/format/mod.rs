//! The formats of `-o`: one emitter a format, each in a file of its own. A format makes text of any record
//! that a command hands over; nothing is written here.

mod csv;
mod emitter;
mod ids;
mod json;
mod jsonl;
mod prometheus;
mod separated;
mod table;
mod tsv;
mod wide;

use std::path::Path;

pub(crate) use emitter::{Document, Envelope, Format, Head, Output, RecordForm, Style};

/// All formats, in the order in which people are told of them.
static FORMATS: &[Format] = &[
    TABLE,
    &wide::Wide,
    &json::Json,
    JSONL,
    &csv::Csv,
    &tsv::Tsv,
    IDS,
    PROMETHEUS,
];

/// The format when none is named.
pub(crate) const TABLE: Format = &table::TableEmitter;

/// The format of an export when none is named.
pub(crate) const JSONL: Format = &jsonl::Jsonl;

/// The format in which `create` prints for people too.
pub(crate) const IDS: Format = &ids::IdsEmitter;

/// The format of metrics, whose files end otherwise than it is called.
const PROMETHEUS: Format = &prometheus::Prometheus;

/// The format of that name.
pub(crate) fn named(word: &str) -> Option<Format> {
    let mut formats = FORMATS.iter().copied();
    formats.find(|format| format.word() == word)
}

/// The format for this that the name of a file tells, also before the ending of a packing: `jobs.csv.gz`.
pub(crate) fn of_file(path: &Path, output: Output) -> Option<Format> {
    let name = path.file_name()?.to_string_lossy().to_ascii_lowercase();
    let unpacked = [".gz", ".zst"]
        .iter()
        .find_map(|ending| name.strip_suffix(ending));
    let format = match unpacked.unwrap_or(&name).rsplit_once('.')?.1 {
        "ndjson" => Some(JSONL),
        "prom" => Some(PROMETHEUS),
        ending => named(ending),
    };
    format.filter(|format| format.takes(output))
}

/// The names of all formats, each with whether it can print this.
pub(crate) fn words(output: Output) -> impl Iterator<Item = (&'static str, bool)> {
    FORMATS
        .iter()
        .map(move |format| (format.word(), format.takes(output)))
}

/// `json, csv or ids`: those that can print this, one of them first.
pub(crate) fn told(output: Output, first: Format) -> String {
    let others = words(output).filter(|(word, takes)| *takes && *word != first.word());
    let mut words: Vec<&str> = vec![first.word()];
    words.extend(others.map(|(word, _)| word));
    match words.split_last() {
        Some((last, before)) if !before.is_empty() => format!("{} or {last}", before.join(", ")),
        _ => words.concat(),
    }
}
