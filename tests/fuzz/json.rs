//! JSON texts as other programs spell them: escapes, scripts, odd names, long strings, and any white space.

use proptest::prelude::*;

/// A value whose scalars and names keep their spelling, so that a text of it can be found again byte by byte.
#[derive(Clone, Debug)]
pub enum Node {
    Plain(String),
    Object(Vec<(String, Node)>),
    Array(Vec<Node>),
}

/// How values stand on lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Between a name and its value.
    pub colon: &'static str,
    /// Between values that stand on one line.
    pub comma: &'static str,
    /// The line end and the indentation of a level, where each value has its own line.
    pub lines: Option<(&'static str, &'static str)>,
}

pub const COMPACT: Style = Style {
    colon: ":",
    comma: ",",
    lines: None,
};
pub const SPACED: Style = Style {
    colon: ": ",
    comma: ", ",
    lines: None,
};

/// Each value on its own line, by one of the indentations in use.
pub fn pretty() -> impl Strategy<Value = Style> {
    let ends = prop_oneof![3 => Just("\n"), 1 => Just("\r\n")];
    let indents = prop::sample::select(&["  ", "    ", "\t", " "][..]);
    (ends, indents).prop_map(|(end, indent)| Style {
        lines: Some((end, indent)),
        ..SPACED
    })
}

impl Style {
    /// Begins a line of its own at this depth, or goes on on the same one.
    pub fn line(self, out: &mut String, depth: usize) {
        if let Some((end, indent)) = self.lines {
            out.push_str(end);
            out.extend(std::iter::repeat_n(indent, depth));
        }
    }

    pub fn between(self, out: &mut String, depth: usize) {
        out.push_str(if self.lines.is_some() {
            ","
        } else {
            self.comma
        });
        self.line(out, depth);
    }
}

impl Node {
    pub fn write(&self, out: &mut String, style: Style, depth: usize) {
        match self {
            Node::Plain(text) => out.push_str(text),
            Node::Object(members) if members.is_empty() => out.push_str("{}"),
            Node::Array(values) if values.is_empty() => out.push_str("[]"),
            Node::Object(members) => {
                out.push('{');
                for (place, (name, value)) in members.iter().enumerate() {
                    match place {
                        0 => style.line(out, depth + 1),
                        _ => style.between(out, depth + 1),
                    }
                    out.push_str(name);
                    out.push_str(style.colon);
                    value.write(out, style, depth + 1);
                }
                style.line(out, depth);
                out.push('}');
            }
            Node::Array(values) => {
                out.push('[');
                for (place, value) in values.iter().enumerate() {
                    match place {
                        0 => style.line(out, depth + 1),
                        _ => style.between(out, depth + 1),
                    }
                    value.write(out, style, depth + 1);
                }
                style.line(out, depth);
                out.push(']');
            }
        }
    }

    pub fn text(&self, style: Style) -> String {
        let mut out = String::new();
        self.write(&mut out, style, 0);
        out
    }
}

/// A text between its quotes.
pub fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

/// Texts as they stand between quotes: what a scan by brackets and quotes could trip over, above all.
const TEXTS: [&str; 18] = [
    "",
    "A lighthouse keeper teaches a robot.",
    "第一場：雨打在窗上，「你說」",
    "say \\\"no\\\" \\\\",
    "\\\\\\\"",
    "}]}]",
    "{[{[",
    "},{\\\"job_id\\\": \\\"1\\\"},{",
    "\\n  },\\n  {\\n",
    "\\u7b2c\\u4e00 \\ud83d\\ude00 😀",
    "C:\\\\",
    "\\/\\b\\f\\r\\t",
    "\\u0000\\u001b[31m\\u202e",
    "\u{202e}\u{7f}\u{85}\u{2028}\u{feff}",
    ", ",
    ": {",
    "'",
    "// no /* comment */",
];

/// A string, quotes and all.
pub fn string() -> BoxedStrategy<String> {
    let several = prop::collection::vec(prop::sample::select(&TEXTS[..]), 1..4);
    let long = (prop::sample::select(&TEXTS[1..]), 100..2000_usize)
        .prop_map(|(text, count)| text.repeat(count));
    prop_oneof![
        40 => several.prop_map(|parts| parts.concat()),
        20 => "\\PC{0,20}".prop_map(|text| inside(&text)),
        1 => long,
    ]
    .prop_map(|text| format!("\"{text}\""))
    .boxed()
}

fn inside(text: &str) -> String {
    let quoted = quoted(text);
    quoted[1..quoted.len() - 1].to_owned()
}

/// Names that no store knows.
const NAMES: [&str; 14] = [
    "ratio",
    "键",
    "ключ",
    "",
    " ",
    "a\\\"b",
    "\\u0061\\u0062",
    "{",
    "]},",
    "\\\\",
    "jobs",
    "pagination",
    "\u{202e}x",
    "8ef94495-c32e-4022-8080-803a0d321948",
];

/// A member name, quotes and all, that means nothing to any store.
pub fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => prop::sample::select(&NAMES[..]).prop_map(|name| format!("\"{name}\"")),
        1 => "x\\PC{0,12}".prop_map(|name| quoted(&name)),
    ]
}

/// A number, a word or a string.
pub fn scalar() -> impl Strategy<Value = String> {
    let plain = prop::sample::select(
        &[
            "null",
            "true",
            "false",
            "0",
            "-0",
            "7",
            "-1.5e-7",
            "1E400",
            "0.1",
            "12345678901234567890123",
            "2.5e+3",
        ][..],
    );
    prop_oneof![plain.prop_map(str::to_owned), string()]
}

/// Any value, a few levels deep, or dozens.
pub fn value() -> BoxedStrategy<Node> {
    let leaf = scalar().prop_map(Node::Plain);
    let nested = leaf.prop_recursive(3, 10, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Node::Array),
            prop::collection::vec((name(), inner), 0..4).prop_map(Node::Object),
        ]
    });
    let deep = (1..60_usize, any::<bool>()).prop_map(|(depth, array)| {
        let (open, close) = if array { ("[", "]") } else { ("{\"a\":", "}") };
        Node::Plain(format!("{}1{}", open.repeat(depth), close.repeat(depth)))
    });
    prop_oneof![30 => nested, 1 => deep].boxed()
}
