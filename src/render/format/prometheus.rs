//! `-o prometheus`: the text format of Prometheus, for statistics alone.

use super::emitter::{Document, Emitter, Head, RecordForm, Style};
use crate::render::record::Record;
use crate::text::visible::one_line;

pub(super) struct Prometheus;

impl Emitter for Prometheus {
    fn word(&self) -> &'static str {
        "prometheus"
    }

    fn form(&self) -> RecordForm {
        RecordForm::Metrics
    }

    fn begin<'a>(&self, _: Head<'a>, style: Style) -> Box<dyn Document + 'a> {
        Box::new(Samples {
            harmless: style.harmless,
        })
    }
}

struct Samples {
    harmless: bool,
}

impl Document for Samples {
    fn record(&mut self, out: &mut String, record: &dyn Record) {
        let metrics = record.metrics();
        if !self.harmless {
            out.push_str(&metrics);
            return;
        }
        for line in metrics.lines() {
            out.push_str(&one_line(line));
            out.push('\n');
        }
    }

    fn end(self: Box<Self>, _: &mut String, _: &str) {}
}
