//! `-o wide`: a table with more columns, whatever the width of the terminal.

use super::emitter::{Document, Emitter, Head, RecordForm, Style};
use super::table::TableLines;
use crate::render::table::{TableField, WIDE};

pub(super) struct Wide;

impl Emitter for Wide {
    fn word(&self) -> &'static str {
        "wide"
    }

    fn form(&self) -> RecordForm {
        RecordForm::Lines
    }

    fn fields(&self, _: Option<usize>, _: bool) -> Vec<TableField> {
        WIDE.to_vec()
    }

    fn begin<'a>(&self, head: Head<'a>, _: Style) -> Box<dyn Document + 'a> {
        Box::new(TableLines { table: head.table })
    }
}
