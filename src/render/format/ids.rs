//! `-o ids`: bare ids for the next program, one after the other.

use super::emitter::{Document, Emitter, Head, RecordForm, Style};
use crate::render::record::Record;
use crate::text::visible::one_line;

pub(super) struct IdsEmitter;

impl Emitter for IdsEmitter {
    fn word(&self) -> &'static str {
        "ids"
    }

    fn form(&self) -> RecordForm {
        RecordForm::Id
    }

    fn begin<'a>(&self, _: Head<'a>, style: Style) -> Box<dyn Document + 'a> {
        Box::new(List(style))
    }
}

struct List(Style);

impl Document for List {
    fn record(&mut self, out: &mut String, record: &dyn Record) {
        let end = if self.0.bare_ids.null { '\0' } else { '\n' };
        if let Some(id) = record.unquoted_id() {
            out.push_str(id);
            out.push(end);
            return;
        }
        let Some(id) = record.id().and_then(|id| self.0.bare_ids.take(&id)) else {
            return;
        };
        match (self.0.bare_ids.null, self.0.harmless) {
            (false, true) => out.push_str(&one_line(&id)),
            _ => out.push_str(&id),
        }
        out.push(end);
    }

    fn end(self: Box<Self>, _: &mut String, _: &str) {}
}
