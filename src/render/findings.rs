//! Findings about a database as text: for people, and as JSON.

use super::record::Record;
use super::table::JobTable;
use crate::job::checkup::{Check, Finding, Severity};
use crate::text::json::{Array, Layout, Object, string};
use crate::text::visible::{grouped, one_line, width};

/// The columns of a text in a pipe, and the least on a terminal.
const COLUMNS: usize = 100;
const LEAST: usize = 40;

/// A fix that was made, or in a dry run would be.
#[derive(Clone, Debug)]
pub(crate) struct Fixed {
    pub check: Check,
    pub count: u64,
    /// Whether it is kept as a run.
    pub is_kept: bool,
    /// The run by which it can be undone.
    pub run: Option<String>,
}

/// The time for which runs are kept from now on, and for which they were, as flags spell them, and the older runs that went.
#[derive(Clone, Debug)]
pub(crate) struct KeptRuns {
    pub lifetime: String,
    pub was: String,
    pub removed: u64,
}

pub(crate) struct FindingsRecord<'a> {
    pub database: &'a str,
    pub findings: &'a [Finding],
    pub fixed: &'a [Fixed],
    pub kept: Option<&'a KeptRuns>,
    pub dry_run: bool,
    /// Columns of the terminal.
    pub width: Option<usize>,
    pub color: bool,
}

impl Record for FindingsRecord<'_> {
    fn object(&self, out: &mut String, layout: Layout) {
        let mut whole = Object::begin(out, layout);
        whole.string("database", self.database);
        if self.dry_run {
            whole.literal("dry_run", true);
        }
        let inner = layout.nested();
        whole.key("findings");
        let mut array = Array::new(inner);
        for finding in self.findings {
            array.next(whole.out);
            object(whole.out, finding, inner.nested());
        }
        array.end(whole.out);
        whole.key("fixed");
        let mut array = Array::new(inner);
        for fixed in self.fixed {
            array.next(whole.out);
            let mut object = Object::begin(whole.out, inner.nested());
            object.string("check", fixed.check.name());
            object.literal("count", fixed.count);
            match &fixed.run {
                Some(run) => object.string("run", run),
                None => object.literal("run", "null"),
            }
            object.end();
        }
        array.end(whole.out);
        if let Some(kept) = self.kept {
            whole.key("history");
            let mut object = Object::begin(whole.out, inner);
            object.string("keep", &kept.lifetime);
            object.string("was", &kept.was);
            object.literal("removed", kept.removed);
            object.end();
        }
        whole.end();
    }

    fn show(&self, out: &mut String, _: Option<&mut JobTable>) {
        let columns = self.width.unwrap_or(COLUMNS).clamp(LEAST, COLUMNS);
        for (index, finding) in self.findings.iter().enumerate() {
            if index > 0 {
                out.push('\n');
            }
            self.lines(out, finding, columns);
        }
    }
}

fn object(out: &mut String, finding: &Finding, layout: Layout) {
    let mut object = Object::begin(out, layout);
    object.string("check", finding.check.name());
    object.string("severity", finding.severity.word());
    object.literal("count", finding.count);
    object.key("examples");
    let mut array = Array::new(layout.nested());
    for example in &finding.examples {
        array.next(object.out);
        string(object.out, example);
    }
    array.end(object.out);
    object.string("means", &finding.means);
    object.string("mend", &finding.mend);
    object.end();
}

impl FindingsRecord<'_> {
    fn lines(&self, out: &mut String, finding: &Finding, columns: usize) {
        let code = match finding.severity {
            Severity::Error => "1;31",
            Severity::Warning => "1;33",
            Severity::Info => "1;36",
        };
        let word = finding.severity.word();
        let check = finding.check;
        let count = match finding.count {
            1 => String::new(),
            count => format!(" ({})", grouped(count)),
        };
        if self.color {
            out.push_str(&format!(
                "\x1b[{code}m{word}\x1b[0m \x1b[1m{check}\x1b[0m{count}\n"
            ));
        } else {
            out.push_str(&format!("{word} {check}{count}\n"));
        }
        for line in wrapped(&finding.means, columns - 2) {
            out.push_str(&format!("  {line}\n"));
        }
        for example in &finding.examples {
            out.push_str(&format!("    {}\n", one_line(example)));
        }
        if finding.count > finding.examples.len() as u64 && finding.examples.len() > 1 {
            let more = finding.count - finding.examples.len() as u64;
            out.push_str(&format!("    and {} more\n", grouped(more)));
        }
        out.push_str(&format!("  fix: {}\n", one_line(&finding.mend)));
    }
}

/// A text in lines of at most this many columns, broken at blanks.
fn wrapped(text: &str, columns: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if width(line) + 1 + width(word) <= columns => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
