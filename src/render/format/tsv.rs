//! `-o tsv`: a line for each record and tabs between its values, escaped as PostgreSQL's COPY writes its text format, so
//! that COPY reads every value back as it was and `cut` and `awk` see a line as one record. NULL is `\N`: an empty text is
//! another value, and `cut` tells them apart. No formula is guarded, since a spreadsheet is not what this is for.

use super::emitter::{Document, Emitter, Head, RecordForm, Style};
use super::separated::{Rules, Separated};

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
    let mut rest = text;
    while let Some(offset) = rest.find(|c| escape(c).is_some()) {
        out.push_str(&rest[..offset]);
        // All of them are ASCII.
        let (special, behind) = rest[offset..].split_at(1);
        out.extend(special.chars().filter_map(escape));
        rest = behind;
    }
    out.push_str(rest);
}

/// The escape that COPY writes for a character that it does not take as it is.
fn escape(c: char) -> Option<&'static str> {
    Some(match c {
        '\\' => "\\\\",
        '\t' => "\\t",
        '\n' => "\\n",
        '\r' => "\\r",
        '\u{8}' => "\\b",
        '\u{c}' => "\\f",
        '\u{b}' => "\\v",
        // COPY writes none, and takes a bare one for the end of its value; this it refuses.
        '\0' => "\\000",
        _ => return None,
    })
}
