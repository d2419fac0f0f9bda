//! Whole dumps: records in every container, on lines in every way, and where each of them stands.

use std::ops::Range;

use proptest::prelude::*;

use crate::json::{COMPACT, Node, SPACED, Style, pretty, quoted};
use crate::records::{Record, record};

/// A dump and what has to be found in it.
#[derive(Clone, Debug)]
pub struct Dump {
    pub text: String,
    pub placed: Vec<Placed>,
    pub plan: Plan,
}

#[derive(Clone, Debug)]
pub struct Placed {
    pub record: Record,
    pub key: Option<String>,
    pub store: Option<String>,
    pub at: Range<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// An object keyed by job id.
    Keyed,
    /// An object keyed by names that are no UUIDs.
    Named,
    Array,
    /// One record on each line.
    Lines,
    /// Records one after another, on lines or not.
    Series,
    /// `{"jobs": [...], "pagination": {...}}`
    Page,
    /// Several stores by name, keyed and arrays in turns.
    Stores,
    /// Stores and arrays within each other.
    Nested,
    /// An API page on each line.
    Pages,
}

pub const SHAPES: [Shape; 9] = [
    Shape::Keyed,
    Shape::Named,
    Shape::Array,
    Shape::Lines,
    Shape::Series,
    Shape::Page,
    Shape::Stores,
    Shape::Nested,
    Shape::Pages,
];

/// Those that are one value.
pub const ONE_VALUE: [Shape; 6] = [
    Shape::Keyed,
    Shape::Named,
    Shape::Array,
    Shape::Page,
    Shape::Stores,
    Shape::Nested,
];

#[derive(Clone, Debug)]
pub struct Plan {
    pub shape: Shape,
    pub style: Style,
    /// The records are one line each, though their container is not.
    pub record_on_a_line: bool,
    pub order_of_stores: usize,
    pub byte_order_mark: bool,
    pub blank_lines: bool,
    pub line_at_end: bool,
}

pub fn plan(
    shapes: &'static [Shape],
    style: impl Strategy<Value = Style>,
) -> impl Strategy<Value = Plan> {
    let flags = (
        prop::bool::weighted(0.3),
        prop::bool::weighted(0.2),
        prop::bool::weighted(0.2),
        any::<bool>(),
    );
    (prop::sample::select(shapes), style, 0..6_usize, flags).prop_map(
        |(shape, style, order, (line, mark, blank, end))| Plan {
            shape,
            style,
            record_on_a_line: line,
            order_of_stores: order,
            byte_order_mark: mark,
            blank_lines: blank,
            line_at_end: end,
        },
    )
}

pub fn any_style() -> impl Strategy<Value = Style> {
    let flat = Style {
        lines: Some(("\n", "")),
        ..SPACED
    };
    prop_oneof![2 => Just(COMPACT), 2 => Just(SPACED), 4 => pretty(), 1 => Just(flat)]
}

/// A whole dump of any kind.
pub fn dump() -> impl Strategy<Value = Dump> {
    dump_of(plan(&SHAPES, any_style()), record(), 0..7)
}

pub fn dump_of(
    plan: impl Strategy<Value = Plan>,
    record: impl Strategy<Value = Record>,
    count: Range<usize>,
) -> impl Strategy<Value = Dump> {
    (plan, prop::collection::vec(record, count)).prop_map(|(plan, records)| write(plan, records))
}

impl Dump {
    /// The same with other white space after each bracket, comma and colon.
    pub fn spread(mut self, blanks: &[&str]) -> Dump {
        let (mut text, mut in_string, mut escaped) = (String::new(), false, false);
        let mut moved = vec![0; self.text.len() + 1];
        let mut blanks = blanks.iter().cycle();
        for (at, c) in self.text.char_indices() {
            // Where a value begins, and behind the last one before this.
            moved[at] = text.len();
            text.push(c);
            (in_string, escaped) = match (escaped, c) {
                (true, _) => (in_string, false),
                (false, '\\') => (in_string, in_string),
                (false, '"') => (!in_string, false),
                _ => (in_string, false),
            };
            if !in_string && "{}[],:".contains(c) {
                text.push_str(blanks.next().unwrap_or(&""));
            }
        }
        for placed in &mut self.placed {
            placed.at = moved[placed.at.start]..moved[placed.at.end - 1] + 1;
        }
        self.text = text;
        self
    }
}

/// Keys that are no UUIDs and no names that a record or a page has.
const ODD_KEYS: [&str; 10] = [
    "job 1",
    "任務",
    "a\"b\\",
    "{",
    "}],",
    "",
    "\u{202e}\n\t",
    "8EF94495-C32E-4022-8080-803A0D32194",
    "000000000000000000000000000000000",
    "JOB_ID",
];

struct Writer {
    text: String,
    placed: Vec<Placed>,
    plan: Plan,
}

pub fn write(plan: Plan, records: Vec<Record>) -> Dump {
    let mut writer = Writer {
        text: String::new(),
        placed: Vec::new(),
        plan,
    };
    if writer.plan.byte_order_mark {
        writer.text.push('\u{feff}');
    }
    writer.dump(records);
    if writer.plan.line_at_end {
        let end = writer.end();
        writer.text.push_str(end);
    }
    Dump {
        text: writer.text,
        placed: writer.placed,
        plan: writer.plan,
    }
}

impl Writer {
    fn end(&self) -> &'static str {
        self.plan.style.lines.map_or("\n", |(end, _)| end)
    }

    fn dump(&mut self, records: Vec<Record>) {
        let style = self.plan.style;
        match self.plan.shape {
            Shape::Keyed => self.keyed(&records, None, 0),
            Shape::Named => self.named(&records),
            Shape::Array => self.array(&records, None, 0),
            Shape::Page => self.page(&records),
            Shape::Stores => self.stores(&records, 0),
            Shape::Lines | Shape::Pages => {
                // A document on each line, whatever the style.
                self.plan.style.lines = None;
                let end = style.lines.map_or("\n", |(end, _)| end);
                let several = if self.plan.shape == Shape::Lines {
                    1
                } else {
                    2
                };
                for (place, some) in records.chunks(several).enumerate() {
                    if place > 0 {
                        self.text.push_str(end);
                        if self.plan.blank_lines {
                            self.text.push_str(end);
                        }
                    }
                    match self.plan.shape {
                        Shape::Lines => self.record(&some[0], None, None, 0),
                        _ => self.page(some),
                    }
                }
                self.plan.style = style;
            }
            Shape::Series => {
                for (place, record) in records.iter().enumerate() {
                    if place > 0 {
                        self.text.push_str(style.lines.map_or(" ", |(end, _)| end));
                    }
                    self.record(record, None, None, 0);
                }
            }
            Shape::Nested => {
                self.text.push('{');
                style.line(&mut self.text, 1);
                self.name("data");
                self.text.push('[');
                style.line(&mut self.text, 2);
                self.text.push('[');
                style.line(&mut self.text, 3);
                let half = records.len() / 2;
                self.stores(&records[..half], 3);
                style.between(&mut self.text, 3);
                self.array(&records[half..], Some("data"), 3);
                for (depth, closer) in [(2, ']'), (1, ']'), (0, '}')] {
                    style.line(&mut self.text, depth);
                    self.text.push(closer);
                }
            }
        }
    }

    fn name(&mut self, name: &str) {
        self.text.push_str(&quoted(name));
        self.text.push_str(self.plan.style.colon);
    }

    fn record(&mut self, record: &Record, key: Option<&str>, store: Option<&str>, depth: usize) {
        let mut record = record.clone();
        if key.is_none()
            && !record.has_id
            && let Node::Object(members) = &mut record.node
        {
            members.insert(
                0,
                ("\"job_id\"".to_owned(), Node::Plain(quoted(&record.id))),
            );
        }
        let style = if self.plan.record_on_a_line {
            SPACED
        } else {
            self.plan.style
        };
        let from = self.text.len();
        record.node.write(&mut self.text, style, depth);
        self.placed.push(Placed {
            record,
            key: key.map(str::to_owned),
            store: store.map(str::to_owned),
            at: from..self.text.len(),
        });
    }

    /// The container's own brackets, with each of the parts on a line of its own.
    fn around<T>(
        &mut self,
        brackets: (char, char),
        depth: usize,
        parts: &[T],
        mut part: impl FnMut(&mut Self, &T),
    ) {
        let style = self.plan.style;
        self.text.push(brackets.0);
        for (place, one) in parts.iter().enumerate() {
            match place {
                0 => style.line(&mut self.text, depth + 1),
                _ => style.between(&mut self.text, depth + 1),
            }
            if self.plan.blank_lines && style.lines.is_some() {
                style.line(&mut self.text, depth + 1);
            }
            part(self, one);
        }
        if !parts.is_empty() {
            style.line(&mut self.text, depth);
        }
        self.text.push(brackets.1);
    }

    fn keyed(&mut self, records: &[Record], store: Option<&str>, depth: usize) {
        self.around(('{', '}'), depth, records, |writer, record| {
            writer.name(&record.id);
            writer.record(record, Some(&record.id), store, depth + 1);
        });
    }

    fn named(&mut self, records: &[Record]) {
        let all: Vec<_> = ODD_KEYS.iter().cycle().zip(records).collect();
        self.around(('{', '}'), 0, &all, |writer, (key, record)| {
            writer.name(key);
            // Its own id would have to be the key; of one alone it is the name of a wrapper.
            let key = (records.len() > 1).then_some(**key);
            writer.record(record, key, None, 1);
        });
    }

    fn array(&mut self, records: &[Record], store: Option<&str>, depth: usize) {
        self.around(('[', ']'), depth, records, |writer, record| {
            writer.record(record, None, store, depth + 1);
        });
    }

    fn page(&mut self, records: &[Record]) {
        let mut parts = ["jobs", "pagination", "total"];
        parts.rotate_left(self.plan.order_of_stores % 3);
        self.around(('{', '}'), 0, &parts, |writer, part| {
            writer.name(part);
            match *part {
                "jobs" => writer.array(records, Some("jobs"), 1),
                "pagination" => writer
                    .text
                    .push_str("{\"total\": 2, \"jobs\": [{\"id\": \"}\"}]}"),
                _ => writer.text.push('2'),
            }
        });
    }

    fn stores(&mut self, records: &[Record], depth: usize) {
        let mut names = ["jobs", "pipeline_jobs", "стор \"3\""];
        names.rotate_left(self.plan.order_of_stores % 3);
        let each = records.len().div_ceil(3).max(1);
        let mut parts: Vec<_> = names.into_iter().zip(records.chunks(each)).collect();
        parts.push(("none", &[]));
        let keyed_first = self.plan.order_of_stores.is_multiple_of(2);
        self.around(('{', '}'), depth, &parts, |writer, (name, some)| {
            writer.name(name);
            if (name.len() == 4) == keyed_first {
                writer.keyed(some, Some(name), depth + 1)
            } else {
                writer.array(some, Some(name), depth + 1)
            }
        });
    }
}
