//! The checks of texts and JSON: what Python could not read, so that the service fails with the whole list that it is in.

use super::check::Check;
use super::finding::{Finding, Occurrences, Severity};
use super::row::{Cell, Row};
use super::terms::Wanted;
use crate::job::Column;
use crate::job::columns::Content;
use crate::text::json::is_json;

pub(super) struct Texts {
    wanted: Wanted,
    no_json: Occurrences,
    no_text: Occurrences,
}

impl Texts {
    pub(super) fn new(wanted: Wanted) -> Texts {
        Texts {
            wanted,
            no_json: Occurrences::default(),
            no_text: Occurrences::default(),
        }
    }

    pub(super) fn judge(&mut self, row: &Row<'_>) {
        let json = self.wanted.has(Check::BadJson);
        let text = self.wanted.has(Check::BrokenText);
        for (column, cell) in Column::ALL.iter().zip(row.cells) {
            match column.content() {
                Content::Json if json && !holds_json(cell) => {
                    self.no_json.add_job(row, *column);
                }
                Content::Text(_) if text && !holds_text(*column, cell) => {
                    self.no_text.add_job(row, *column);
                }
                _ => {}
            }
        }
    }

    pub(super) fn append(&mut self, later: Texts) {
        self.no_json.append(later.no_json);
        self.no_text.append(later.no_text);
    }

    pub(super) fn findings(self) -> Vec<Option<Finding>> {
        vec![
            self.no_json.finding(
                Check::BadJson,
                Severity::Error,
                "The column is for JSON, and something else stands in it. The service fails with this job, and with every list that it is in.",
                "jobctl update ID --result '{}' (or --request, --context) writes another value; jobctl show ID --full shows the old one",
            ),
            self.no_text.finding(
                Check::BrokenText,
                Severity::Error,
                "The column is for text, and its bytes are none (not UTF-8), as after a conversion that went wrong. The service fails with this job, and with every list that it is in.",
                "jobctl update ID --title 'another text' (or --content, --error ...) writes another one; jobctl show ID --full shows the old one",
            ),
        ]
    }
}

fn holds_json(cell: Cell<'_>) -> bool {
    match cell {
        Cell::Null | Cell::Integer(_) => true,
        Cell::Real(number) => number.is_finite(),
        Cell::Text(text) => simdutf8::basic::from_utf8(text).is_ok_and(is_json),
        Cell::Blob(_) => false,
    }
}

fn holds_text(column: Column, cell: Cell<'_>) -> bool {
    match cell {
        Cell::Text(text) => simdutf8::basic::from_utf8(text).is_ok(),
        // An odd id is told of as such.
        Cell::Blob(_) => column == Column::Id,
        _ => true,
    }
}
