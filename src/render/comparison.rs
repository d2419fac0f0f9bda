//! The comparison of two databases as text: for people, and as JSON.

use std::sync::Arc;

use super::record::Record;
use super::table::JobTable;
use crate::job::comparison::{ComparisonResult, Difference, DifferenceKind, Side};
use crate::text::json::{self, Layout, Object};
use crate::text::visible::{cut, grouped, one_line, plural, width};

pub(crate) struct ComparisonRecord<'a> {
    /// The names of the databases, without passwords.
    pub names: [&'a str; 2],
    pub result: &'a ComparisonResult,
    /// Columns of the terminal.
    pub width: Option<usize>,
}

const TITLES: [&str; 4] = ["JOB", "COLUMN", "A", "B"];

impl Record for ComparisonRecord<'_> {
    fn object(&self, out: &mut String, layout: Layout) {
        let mut whole = Object::begin(out, layout);
        whole.literal("is_equal", self.result.is_equal());
        members(&mut whole, self.names, self.result, layout.nested());
        whole.end();
    }

    fn show(&self, out: &mut String, _: Option<&mut JobTable>) {
        let lines: Vec<[String; 4]> = self.result.first.iter().map(cells).collect();
        if lines.is_empty() {
            return;
        }
        let mut widths = TITLES.map(width);
        for line in &lines {
            for (widest, text) in widths.iter_mut().zip(line) {
                *widest = (*widest).max(width(text));
            }
        }
        for line in std::iter::once(&TITLES.map(str::to_owned)).chain(&lines) {
            let mut text = String::new();
            for (cell, widest) in line.iter().zip(widths) {
                text.push_str(cell);
                text.extend(std::iter::repeat_n(' ', widest + 2 - width(cell)));
            }
            let text = text.trim_end();
            match self.width {
                Some(width) => out.push_str(&cut(text, width)),
                None => out.push_str(text),
            }
            out.push('\n');
        }
    }
}

fn cells(difference: &Difference) -> [String; 4] {
    let value = |text: &Option<String>| match text {
        None => "NULL".to_owned(),
        Some(text) => one_line(text).into_owned(),
    };
    let id = difference.job.to_string();
    let id = one_line(&id).into_owned();
    match &difference.what {
        DifferenceKind::Values { column, a, b } => {
            let column = one_line(column).into_owned();
            [id, column, value(a), value(b)]
        }
        DifferenceKind::Only(Side::A) => [id, "-".into(), "there".into(), "not there".into()],
        DifferenceKind::Only(Side::B) => [id, "-".into(), "not there".into(), "there".into()],
    }
}

/// The members of a JSON object that tell a comparison.
pub(crate) fn members(
    whole: &mut Object,
    names: [&str; 2],
    result: &ComparisonResult,
    layout: Layout,
) {
    for ((key, name), jobs) in ["a", "b"].iter().zip(names).zip(result.jobs) {
        whole.key(key);
        let mut side = Object::begin(whole.out, Layout::OneLine);
        side.string("database", name);
        side.literal("jobs", jobs);
        side.end();
    }
    whole.literal("equal", result.equal);
    whole.literal("different", result.different);
    whole.literal("only_a", result.only[0]);
    whole.literal("only_b", result.only[1]);
    whole.literal("changed_meanwhile", result.meanwhile);
    whole.key("columns");
    json::array(whole.out, layout, &result.columns, |out, column| {
        let mut object = Object::begin(out, Layout::OneLine);
        object.string("column", &column.name);
        object.literal("different", column.different);
        object.string("sha256_a", &column.sums[0]);
        object.string("sha256_b", &column.sums[1]);
        object.end();
    });
    for (key, side) in [("columns_only_a", Side::A), ("columns_only_b", Side::B)] {
        whole.key(key);
        let names = lone(result, side);
        json::array(whole.out, Layout::OneLine, &names, |out, name| {
            json::string(out, name);
        });
    }
    whole.key("differences");
    json::array(whole.out, layout, &result.first, |out, difference| {
        let mut object = Object::begin(out, Layout::OneLine);
        object.string("job_id", &difference.job.to_string());
        match &difference.what {
            DifferenceKind::Values { column, a, b } => {
                object.string("column", column);
                for (key, text) in [("a", a), ("b", b)] {
                    match text {
                        Some(text) => object.string(key, text),
                        None => object.literal(key, "null"),
                    }
                }
            }
            DifferenceKind::Only(Side::A) => object.string("only", "a"),
            DifferenceKind::Only(Side::B) => object.string("only", "b"),
        }
        object.end();
    });
}

fn lone(result: &ComparisonResult, side: Side) -> Vec<Arc<str>> {
    let lone = result.lone_columns.iter().filter(|(_, of)| *of == side);
    lone.map(|(name, _)| Arc::clone(name)).collect()
}

/// The comparison in one sentence: `equal: 3 jobs, 23 columns`. `words` call the two databases.
pub(crate) fn sentence(words: [&str; 2], result: &ComparisonResult) -> String {
    let [a, b] = words;
    let columns = plural(result.columns.len() as u64, "column");
    let meanwhile = match result.meanwhile {
        0 => String::new(),
        count => format!(
            "; {} changed in {a} meanwhile, which another run moves",
            plural(count, "job")
        ),
    };
    if result.is_equal() {
        let jobs = plural(result.equal, "job");
        return format!("equal: {jobs}, {columns}{meanwhile}");
    }
    let mut found = Vec::new();
    if result.different > 0 {
        let differ = result.columns.iter().filter(|column| column.different > 0);
        let differ: Vec<String> = differ
            .map(|column| format!("{} {}", one_line(&column.name), grouped(column.different)))
            .collect();
        let jobs = plural(result.different, "job");
        let verb = if result.different == 1 {
            "differs"
        } else {
            "differ"
        };
        found.push(format!("{jobs} {verb} ({})", differ.join(", ")));
    }
    for (count, word) in result.only.iter().zip(words) {
        if *count > 0 {
            found.push(format!("{} in {word} alone", plural(*count, "job")));
        }
    }
    for (side, word) in [(Side::A, a), (Side::B, b)] {
        let names = lone(result, side);
        if !names.is_empty() {
            let names: Vec<_> = names.iter().map(|name| one_line(name)).collect();
            found.push(format!("columns of {word} alone: {}", names.join(", ")));
        }
    }
    let [of_a, of_b] = result.jobs.map(|jobs| plural(jobs, "job"));
    let found = found.join("; ");
    format!("{found}; {of_a} in {a}, {of_b} in {b}{meanwhile}")
}

/// The sums of the columns, one line each.
pub(crate) fn sums(result: &ComparisonResult) -> Vec<String> {
    let line = |column: &crate::job::comparison::ComparedColumn| {
        let name = one_line(&column.name);
        match &column.sums {
            [a, b] if a == b => format!("sha256 {name}: {a}"),
            [a, b] => format!("sha256 {name}: A {a}, B {b}"),
        }
    };
    result.columns.iter().map(line).collect()
}
