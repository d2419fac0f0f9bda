//! `-o jsonl`: JSON Lines, an object for each record, to be read before the next one comes.

use super::emitter::{Document, Emitter, Head, RecordForm, Style};
use crate::render::record::Record;
use crate::text::json::Layout;

pub(super) struct Jsonl;

impl Emitter for Jsonl {
    fn word(&self) -> &'static str {
        "jsonl"
    }

    fn form(&self) -> RecordForm {
        RecordForm::Object
    }

    fn begin<'a>(&self, _: Head<'a>, _: Style) -> Box<dyn Document + 'a> {
        Box::new(JsonLines)
    }
}

struct JsonLines;

impl Document for JsonLines {
    fn record(&mut self, out: &mut String, record: &dyn Record) {
        record.object(out, Layout::OneLine);
        out.push('\n');
    }

    fn end(self: Box<Self>, _: &mut String, _: &str) {}
}
