//! `-o tsv`: a line for each record and tabs between its values, escaped as PostgreSQL's COPY writes its text format, so
//! that COPY reads every value back as it was and `cut` and `awk` see a line as one record. NULL is `\N`: an empty text is
//! another value, and `cut` tells them apart. No formula is guarded, since a spreadsheet is not what this is for.

use super::emitter::{Document, Emitter, Head, RecordForm, Style};
use super::separated::{Rules, Separated};
use crate::text::bytes::{self, Word};

pub(super) struct Tsv;

impl Emitter for Tsv {
    fn word(&self) -> &'static str {
        "tsv"
    }

    fn form(&self) -> RecordForm {
        RecordForm::Cells
    }

    fn begin<'a>(&self, head: Head<'a>, style: Style) -> Box<dyn Document + 'a> {
        Box::new(Separated {
            mark: "",
            headings: head.headings,
            rules: Rules {
                separator: '\t',
                null: "\\N",
                line_end: "\n",
                harmless: style.harmless,
                text: escaped,
            },
        })
    }
}

fn escaped(out: &mut String, text: &str) {
    let may_be_special = |word: Word| word.below(b' ') | word.equal(b'\\');
    bytes::escaped(out, text, may_be_special, |out, rest| {
        let (special, _) = rest.split_at(1);
        out.push_str(rest.bytes().next().and_then(escape).unwrap_or(special));
        special.len()
    });
}

/// The escape that COPY writes for a character that it does not take as it is.
fn escape(special: u8) -> Option<&'static str> {
    Some(match special {
        b'\\' => "\\\\",
        b'\t' => "\\t",
        b'\n' => "\\n",
        b'\r' => "\\r",
        8 => "\\b",
        0xc => "\\f",
        0xb => "\\v",
        // COPY writes none, and takes a bare one for the end of its value; this it refuses.
        b'\0' => "\\000",
        _ => return None,
    })
}
