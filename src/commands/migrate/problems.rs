//! The faults of whole dumps, and the lines of shell that mend them.

use crate::legacy::threads::messages::{PassedOver, Problem, Remedy};
use crate::text::json::{self, Layout, Object};
use crate::text::visible::{one_line, plural};

/// The most lines of shell in one hint.
const MOST_LINES: usize = 3;

#[derive(Debug, Default)]
pub(super) struct Problems {
    /// The problems, each with the name of its dump.
    all: Vec<(String, Problem)>,
    passed_over: Vec<(String, PassedOver)>,
}

/// A member of an archive as messages name it.
pub(super) fn name(source: &str, member: &str) -> String {
    format!("{source}:{}", one_line(member))
}

impl Problems {
    pub(super) fn add(&mut self, source: &str, problems: Vec<Problem>, passed_over: PassedOver) {
        for problem in problems {
            let name = match &problem.member {
                Some(member) => name(source, member),
                None => source.to_owned(),
            };
            self.all.push((name, problem));
        }
        if passed_over.count > 0 {
            self.passed_over.push((source.to_owned(), passed_over));
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Whether one of the dumps lacks something.
    pub(super) fn is_cut_off(&self) -> bool {
        self.all
            .iter()
            .any(|(_, problem)| problem.remedy == Remedy::Whole)
    }

    pub(super) fn messages(&self) -> Vec<String> {
        self.all
            .iter()
            .map(|(name, problem)| format!("{name}: {}", problem.what))
            .collect()
    }

    /// The first lines of shell that mend something, each once.
    pub(super) fn remedies(&self) -> Vec<&str> {
        let mut lines: Vec<&str> = Vec::new();
        for (_, problem) in &self.all {
            if let Remedy::Line(line) = &problem.remedy
                && !lines.contains(&line.as_str())
                && lines.len() < MOST_LINES
            {
                lines.push(line);
            }
        }
        lines
    }

    /// The members of archives that are not dumps.
    pub(super) fn lines_of_passed_over(&self) -> Vec<String> {
        let line = |(source, passed): &(String, PassedOver)| {
            let named: Vec<String> = passed
                .named
                .iter()
                .map(|(name, what)| {
                    format!("{} ({})", one_line(name), what.trim_start_matches("it is "))
                })
                .collect();
            let more = passed.count - passed.named.len() as u64;
            let more = match more {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let verb = if passed.count == 1 {
                "is no dump and was"
            } else {
                "are no dumps and were"
            };
            format!(
                "{source}: {} {verb} passed over: {}{more}",
                plural(passed.count, "member"),
                named.join(", ")
            )
        };
        self.passed_over.iter().map(line).collect()
    }

    /// The members of the JSON document.
    pub(super) fn members(&self, object: &mut Object) {
        object.key("problems");
        json::array(
            object.out,
            Layout::OneLine,
            &self.all,
            |out, (name, problem)| {
                let mut text = format!("{name}: {}", problem.what);
                if let Remedy::Line(line) = &problem.remedy {
                    text.push_str(": ");
                    text.push_str(line);
                }
                json::string(out, &text);
            },
        );
        if self.passed_over.is_empty() {
            return;
        }
        object.key("passed_over");
        let mut sources = Object::begin(object.out, Layout::OneLine);
        for (source, passed) in &self.passed_over {
            sources.key(source);
            let mut members = Object::begin(sources.out, Layout::OneLine);
            members.literal("count", passed.count);
            members.key("first");
            json::array(
                members.out,
                Layout::OneLine,
                &passed.named,
                |out, (name, what)| {
                    let mut one = Object::begin(out, Layout::OneLine);
                    one.string("name", name);
                    one.string("what", what);
                    one.end();
                },
            );
            members.end();
        }
        sources.end();
    }
}
