//! `-o json`: one valid document, whatever it holds.

use super::emitter::{Document, Emitter, Envelope, Head, RecordForm, Style};
use crate::render::record::Record;
use crate::text::json::{Array, Layout};

pub(super) struct Json;

impl Emitter for Json {
    fn word(&self) -> &'static str {
        "json"
    }

    fn form(&self) -> RecordForm {
        RecordForm::Object
    }

    fn is_document(&self) -> bool {
        true
    }

    fn begin<'a>(&self, head: Head<'a>, _: Style) -> Box<dyn Document + 'a> {
        Box::new(Whole {
            around: head.around,
            array: match head.around {
                Envelope::Rows => Array::flush_left(),
                _ => Array::new(Layout::Lines(0)),
            },
            is_begun: false,
        })
    }
}

struct Whole {
    around: Envelope,
    array: Array,
    is_begun: bool,
}

impl Whole {
    fn begin(&mut self, out: &mut String) {
        if let (Envelope::Object(members), false) = (self.around, self.is_begun) {
            out.push('{');
            out.push_str(members);
        }
        self.is_begun = true;
    }
}

impl Document for Whole {
    fn record(&mut self, out: &mut String, record: &dyn Record) {
        if self.around == Envelope::Nothing {
            record.object(out, Layout::Lines(0));
            out.push('\n');
            return;
        }
        self.begin(out);
        self.array.next(out);
        record.element(out);
    }

    fn end(mut self: Box<Self>, out: &mut String, more: &str) {
        if self.around == Envelope::Nothing {
            return;
        }
        self.begin(out);
        self.array.end(out);
        if let Envelope::Object(_) = self.around {
            if !more.is_empty() {
                out.push_str(", ");
                out.push_str(more);
            }
            out.push('}');
        }
        out.push('\n');
    }
}
