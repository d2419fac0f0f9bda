//! The row form of archives and exports: a mark, then the column names with the values as stored, JSON columns as the
//! text they are. `read` takes it back bit for bit, by the mark: other programs write the column names too, with
//! values that nobody has checked. It is written for a million rows at a time, so nothing is allocated on the way.

use std::fmt::Write;
use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::job::{Column, Job, Value};
use crate::text::json::string;

/// The first member of each row; its value is the version of the form.
pub const MARK: &str = "$row";

/// The version that is written here.
pub const VERSION: u64 = 1;

/// The key of bytes, in base64.
pub const BLOB: &str = "$blob";

/// The key beside `BLOB` of what the bytes are, when not of type blob.
pub const TYPE: &str = "$type";

/// The type of text that is not UTF-8.
pub const TEXT: &str = "text";

/// The key of a real that JSON cannot say: `inf`, `-inf`.
pub const REAL: &str = "$real";

/// The text before each value.
static BEFORE: LazyLock<Vec<String>> = LazyLock::new(|| {
    let before = |(index, column): (usize, &Column)| {
        let mark = match index {
            0 => format!("{{\"{MARK}\": {VERSION}"),
            _ => String::new(),
        };
        format!("{mark}, \"{}\": ", column.name())
    };
    Column::ALL.iter().enumerate().map(before).collect()
});

/// Appends a job as one object on one line, without a line break. A column that it lacks is left out.
pub fn append(out: &mut String, job: &Job) {
    for (column, value) in job.said() {
        out.push_str(&BEFORE[column as usize]);
        self::value(out, value);
    }
    for (name, value) in job.others() {
        out.push_str(", ");
        if is_like_mark(name) {
            string(out, &format!("${name}"));
        } else {
            string(out, name);
        }
        out.push_str(": ");
        self::value(out, value);
    }
    out.push('}');
}

/// Whether a column has the name of the mark, or that with more dollars before it: it is written with one more.
pub fn is_like_mark(name: &str) -> bool {
    let bare = name.trim_start_matches('$');
    bare.len() < name.len() && bare == &MARK[1..]
}

/// Appends a value as the row form has it.
pub fn value(out: &mut String, value: &Value) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Integer(integer) => {
            let _ = write!(out, "{integer}");
        }
        // Always with a fraction or an exponent, which tells it from an integer.
        Value::Real(real) if real.is_finite() => {
            let _ = write!(out, "{real:?}");
        }
        Value::Real(real) => {
            let _ = write!(out, "{{\"{REAL}\": \"{real}\"}}");
        }
        Value::Text(text) => string(out, text),
        Value::BrokenText(bytes) => {
            blob(out, bytes);
            let _ = write!(out, ", \"{TYPE}\": \"{TEXT}\"}}");
        }
        Value::Blob(bytes) => {
            blob(out, bytes);
            out.push('}');
        }
    }
}

/// Appends bytes as an object that is left open.
fn blob(out: &mut String, bytes: &[u8]) {
    out.push_str("{\"");
    out.push_str(BLOB);
    out.push_str("\": \"");
    STANDARD.encode_string(bytes, out);
    out.push('"');
}
