//! `-o table`: the format for people, when they name no other.

use super::emitter::{Document, Emitter, Head, RecordForm, Style};
use crate::render::record::Record;
use crate::render::table::{JobTable, TableField, standard};

pub(super) struct TableEmitter;

impl Emitter for TableEmitter {
    fn word(&self) -> &'static str {
        "table"
    }

    fn form(&self) -> RecordForm {
        RecordForm::Lines
    }

    /// Who looks for jobs that are stuck wants to see for how long.
    fn fields(&self, width: Option<usize>, stuck: bool) -> Vec<TableField> {
        let mut fields = standard(width);
        if stuck {
            fields.push(TableField::Quiet);
        }
        fields
    }

    fn begin<'a>(&self, head: Head<'a>, _: Style) -> Box<dyn Document + 'a> {
        Box::new(TableLines { table: head.table })
    }
}

pub(super) struct TableLines<'a> {
    pub(super) table: Option<JobTable<'a>>,
}

impl Document for TableLines<'_> {
    fn record(&mut self, out: &mut String, record: &dyn Record) {
        record.show(out, self.table.as_mut());
    }

    fn end(self: Box<Self>, out: &mut String, _: &str) {
        if let Some(mut table) = self.table {
            table.flush(out);
        }
    }
}
