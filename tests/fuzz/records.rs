//! Sound records of every store, with members of their own beside those that the store writes.

use jobctl::job::Column;
use jobctl::legacy::{Store, rejects};
use proptest::prelude::*;

use crate::json::{Node, SPACED, name, quoted, scalar, string, value};

/// A record that can be imported.
#[derive(Clone, Debug)]
pub struct Record {
    pub id: String,
    pub store: Store,
    pub node: Node,
    /// It has its id in itself, so that it can do without a key.
    pub has_id: bool,
}

type Members = Vec<(String, Node)>;

fn plain(name: &str, text: impl Into<String>) -> (String, Node) {
    (quoted(name), Node::Plain(text.into()))
}

fn word(words: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::sample::select(words).prop_map(quoted)
}

fn time() -> impl Strategy<Value = String> {
    word(&[
        "2025-12-28T11:30:14.482913",
        "2025-12-28 11:30:14",
        "2024-02-29T23:59:59.999999Z",
        "2025-12-28T11:30:14+08:00",
        "1999-01-01",
    ])
}

fn or_null(strategy: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    prop_oneof![4 => strategy, 1 => Just("null".to_owned())]
}

const STATUSES: &[&str] = &["queued", "processing", "completed", "failed", "cancelled"];
const KINDS: &[&str] = &["idea2video", "script2video", "conversational", "第二"];

/// An id as a service gives it. Few of them, so that some stand twice in a dump.
pub fn id() -> impl Strategy<Value = String> {
    prop_oneof![9 => any::<u32>(), 1 => 0..4_u32]
        .prop_map(|n| format!("{n:08x}-22da-4152-8b4d-b5aa923cea37"))
}

fn api_server() -> BoxedStrategy<Members> {
    let request = (string(), or_null(string()), or_null(string()), value()).prop_map(
        |(idea, wish, style, more)| {
            Node::Object(vec![
                plain("idea", idea),
                plain("user_requirement", wish),
                plain("style", style),
                ("\"more\"".to_owned(), more),
            ])
        },
    );
    let shots = prop::collection::vec(word(STATUSES), 0..4).prop_map(|all| {
        let shot = |status| Node::Object(vec![plain("status", status), plain("n", "1")]);
        Node::Array(all.into_iter().map(shot).collect())
    });
    (
        word(KINDS),
        word(STATUSES),
        time(),
        request,
        shots,
        or_null(string()),
        0..=100_u8,
    )
        .prop_map(|(kind, status, time, request, shots, stage, progress)| {
            vec![
                plain("type", kind),
                plain("status", status),
                plain("created_at", time),
                ("\"request\"".to_owned(), request),
                plain("current_stage", stage),
                ("\"shots\"".to_owned(), shots),
                plain("progress", progress.to_string()),
            ]
        })
        .boxed()
}

fn pipeline() -> BoxedStrategy<Members> {
    let states = word(&["pending", "running", "completed", "failed"]);
    let request = (string(), value()).prop_map(|(idea, more)| {
        Node::Object(vec![
            plain("idea", idea),
            plain("series_id", "null"),
            ("\"more\"".to_owned(), more),
        ])
    });
    (
        word(KINDS),
        states,
        request,
        or_null(string()),
        time(),
        0..=8_u8,
    )
        .prop_map(|(kind, state, request, path, time, eighths)| {
            vec![
                plain("pipeline_type", kind),
                plain("status", state),
                plain("progress", (f64::from(eighths) / 8.0).to_string()),
                plain("video_path", path),
                ("\"request_data\"".to_owned(), request),
                plain("created_at", time),
            ]
        })
        .boxed()
}

fn manager() -> BoxedStrategy<Members> {
    let names = prop::sample::select(
        &[
            ["content", "result", "error"],
            ["content", "result_data", "error_message"],
        ][..],
    );
    (
        names,
        word(&["idea", "script"]),
        word(STATUSES),
        or_null(string()),
        value(),
        or_null(string()),
        time(),
        prop::option::of(word(KINDS)),
    )
        .prop_map(
            |(names, mode, status, content, result, error, time, kind)| {
                let kind = kind.map_or_else(|| plain("mode", mode), |kind| plain("job_type", kind));
                // A text in a column of JSON must hold JSON.
                let result = match result {
                    Node::Plain(text) if names[1] == "result_data" && text.starts_with('"') => {
                        Node::Array(vec![Node::Plain(text)])
                    }
                    result => result,
                };
                vec![
                    kind,
                    plain("status", status),
                    plain(names[0], content),
                    (quoted(names[1]), result),
                    plain(names[2], error),
                    plain("total_shots", "3"),
                    plain("created_at", time),
                ]
            },
        )
        .boxed()
}

/// The row form: all columns, each as it is stored, whatever that is.
fn row(id: String) -> impl Strategy<Value = Record> {
    let stored = prop_oneof![
        2 => Just("null".to_owned()),
        2 => string(),
        1 => Just("-17".to_owned()),
        1 => Just("0.5".to_owned()),
        1 => Just("{\"$blob\": \"AP+A\"}".to_owned()),
        1 => Just("{\"$blob\": \"/w==\", \"$type\": \"text\"}".to_owned()),
    ];
    prop::collection::vec(stored, Column::COUNT).prop_map(move |values| {
        let member = |(column, value): (&Column, String)| match column {
            Column::Id => plain(column.name(), quoted(&id)),
            Column::JobType if value == "null" => plain(column.name(), "\"idea2video\""),
            _ => plain(column.name(), value),
        };
        Record {
            id: id.clone(),
            store: Store::Jobctl,
            node: Node::Object(
                std::iter::once(plain("$row", "1"))
                    .chain(Column::ALL.iter().zip(values).map(member))
                    .collect(),
            ),
            has_id: true,
        }
    })
}

/// Members between the others: of names that no store knows, and some of those that are there once more.
fn with_more(
    members: Members,
    more: Vec<(prop::sample::Index, Option<String>, Node)>,
    scalar: Option<String>,
) -> Members {
    let mut all = members;
    for (place, name, value) in more {
        // Not in front, where an object or array could hold jobs.
        let place = 1 + place.index(all.len());
        match name {
            Some(name) => all.insert(place, (name, value)),
            None => all.push(all[place - 1].clone()),
        }
    }
    if let Some(scalar) = scalar.filter(|text| text.len() < 1000) {
        all.insert(0, plain("odd", scalar));
    }
    all
}

/// A record of the stores that say what they are by their members.
fn of_members(id: String, odd_first: u8) -> impl Strategy<Value = Record> {
    let store = prop_oneof![
        api_server().prop_map(|members| (Store::ApiServer, members)),
        pipeline().prop_map(|members| (Store::DirectPipeline, members)),
        manager().prop_map(|members| (Store::JobManager, members)),
    ];
    let more = (
        any::<prop::sample::Index>(),
        prop_oneof![3 => name().prop_map(Some), 1 => Just(None)],
        value(),
    );
    (
        store,
        prop::collection::vec(more, 0..4),
        (0..10_u8, scalar()).prop_map(move |(n, text)| (n < odd_first).then_some(text)),
        prop::bool::weighted(0.8),
    )
        .prop_map(move |((store, mut members), more, scalar, has_id)| {
            if has_id {
                members.insert(0, plain("job_id", quoted(&id)));
            }
            Record {
                id: id.clone(),
                store,
                node: Node::Object(with_more(members, more, scalar)),
                has_id,
            }
        })
}

/// A record as it stands in a line of a rejects file.
fn wrap(record: Record) -> Record {
    let text = record.node.text(SPACED);
    let key = (!record.has_id).then_some(record.id.as_str());
    let line = rejects::line(
        "旧 \"dump\".json",
        17,
        3,
        key,
        "\u{202e}why",
        text.as_bytes(),
    );
    Record {
        node: Node::Plain(line),
        has_id: true,
        ..record
    }
}

/// A record of any store and form. Now and then its first member has a name that nobody knows.
pub fn record() -> BoxedStrategy<Record> {
    any_record(2)
}

/// A record that begins with a member that its store writes.
pub fn usual_record() -> BoxedStrategy<Record> {
    any_record(0)
}

/// A record of the older stores whose texts and names have neither brackets nor quotes in them.
pub fn plain_record() -> BoxedStrategy<Record> {
    id().prop_flat_map(|id| of_members(id, 0))
        .prop_map(|record| Record {
            node: without_brackets(record.node),
            ..record
        })
        .boxed()
}

fn without_brackets(node: Node) -> Node {
    let text = |text: String| match text.strip_prefix('"').and_then(|t| t.strip_suffix('"')) {
        Some(inside) => format!(
            "\"{}\"",
            inside.replace(['{', '}', '[', ']', '"', '\\'], "x")
        ),
        None => text,
    };
    match node {
        Node::Plain(plain) => Node::Plain(text(plain)),
        Node::Array(values) => Node::Array(values.into_iter().map(without_brackets).collect()),
        Node::Object(members) => Node::Object(
            members
                .into_iter()
                .map(|(name, value)| (text(name), without_brackets(value)))
                .collect(),
        ),
    }
}

/// Of ten records this number begin with an odd member.
fn any_record(odd_first: u8) -> BoxedStrategy<Record> {
    id().prop_flat_map(move |id| {
        prop_oneof![
            8 => of_members(id.clone(), odd_first),
            1 => row(id.clone()),
            1 => of_members(id, odd_first).prop_map(wrap),
        ]
    })
    .boxed()
}
