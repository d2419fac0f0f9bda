//! Statistics as JSON and as CSV. Every key is always there; an unknown value is null, or empty in CSV.

use std::collections::BTreeMap;

use super::{View, seconds};
use crate::job::statistics::{Group, Key, Summary};
use crate::render::record::Cells;
use crate::text::json::{Layout, Object, array, string};
use crate::time::rfc3339;

/// Appends all of them as an object.
pub(super) fn object(out: &mut String, view: &View, layout: Layout) {
    let statistics = view.statistics;
    let mut object = Object::begin(out, layout);
    object.literal("total", statistics.total);
    object.key("by_status");
    counts(object.out, &statistics.by_status);
    object.key("by_type");
    counts(object.out, &statistics.by_type);
    object.literal("success_rate", or_null(statistics.success_rate()));
    object.key("queue_wait_seconds");
    summary(object.out, &statistics.queue_wait);
    object.key("run_seconds");
    summary(object.out, &statistics.run);
    object.key("per_day");
    array(
        object.out,
        layout.nested(),
        &statistics.per_day,
        |out, (day, count)| {
            one_line(out, |item| {
                item.string("day", &day.to_string());
                item.literal("jobs", count.jobs);
                item.literal("failed", count.failed);
            });
        },
    );
    object.key("oldest_queued");
    match &statistics.oldest_queued {
        None => object.out.push_str("null"),
        Some((created, id)) => one_line(object.out, |item| {
            item.string("job_id", &id.to_string());
            item.string("created_at", &rfc3339(*created));
            let age = (statistics.now - *created).num_microseconds();
            item.literal("age_seconds", or_null(age.map(seconds)));
        }),
    }
    object.key("stuck");
    one_line(object.out, |item| {
        item.literal("count", statistics.stuck.count);
        item.key("job_ids");
        let ids = statistics.stuck.longest.iter().map(|(_, id)| id);
        array(item.out, Layout::OneLine, ids, |out, id| {
            string(out, &id.to_string())
        });
        item.literal("after_seconds", statistics.stuck.after.as_secs_f64());
    });
    object.key("top_errors");
    array(
        object.out,
        layout.nested(),
        &statistics.top_errors,
        |out, error| {
            one_line(out, |item| {
                item.literal("count", error.count);
                item.key("message");
                text_or_null(item.out, error.message.as_deref());
                item.string("example_job_id", &error.example.to_string());
            });
        },
    );
    object.literal("other_errors", statistics.other_errors);
    object.key("foreign");
    one_line(object.out, |item| {
        let foreign = statistics.foreign;
        item.literal("unknown_status", foreign.unknown_status);
        item.literal("unreadable_time", foreign.unreadable_time);
        if foreign.unlikely_time > 0 {
            item.literal("unlikely_time", foreign.unlikely_time);
        }
        item.literal("no_created_at", foreign.no_created_at);
        item.literal("clock_went_back", foreign.clock_went_back);
    });
    match view.size {
        Some(size) => {
            object.key("file");
            one_line(object.out, |item| {
                item.literal("bytes", size.bytes);
                match size.free {
                    Some(free) => item.literal("free_bytes", free),
                    None => item.literal("free_bytes", "null"),
                }
            });
        }
        None => object.literal("file", "null"),
    }
    if let Some((by, groups)) = &statistics.groups {
        object.string("grouped_by", by.word());
        object.key("by");
        array(object.out, layout.nested(), groups, group);
    }
    object.end();
}

/// An object of one line.
fn one_line(out: &mut String, members: impl FnOnce(&mut Object)) {
    let mut object = Object::begin(out, Layout::OneLine);
    members(&mut object);
    object.end();
}

/// Counts by the words of a column. NULL is written as filters spell it, together with a word that is spelt the same.
fn counts(out: &mut String, counts: &[(Key, u64)]) {
    let mut merged: BTreeMap<&str, u64> = BTreeMap::new();
    for (key, count) in counts {
        *merged.entry(key.text()).or_default() += count;
    }
    one_line(out, |object| {
        for (key, _) in counts {
            if let Some(count) = merged.remove(key.text()) {
                object.literal(key.text(), count);
            }
        }
    });
}

fn summary(out: &mut String, summary: &Summary) {
    one_line(out, |object| {
        object.literal("mean", or_null(summary.mean.map(seconds)));
        object.literal("p50", or_null(summary.p50.map(seconds)));
        object.literal("p90", or_null(summary.p90.map(seconds)));
        object.literal("p99", or_null(summary.p99.map(seconds)));
        object.literal("count", summary.count);
    });
}

fn group(out: &mut String, group: &Group) {
    one_line(out, |object| {
        object.key("key");
        text_or_null(object.out, word(&group.key));
        object.literal("count", group.count);
        object.literal("completed", group.completed);
        object.literal("failed", group.failed);
        object.literal("success_rate", or_null(group.success_rate()));
        object.literal("run_seconds_p50", or_null(group.run_p50.map(seconds)));
    });
}

fn word(key: &Key) -> Option<&str> {
    match key {
        Key::Null => None,
        key => Some(key.text()),
    }
}

fn text_or_null(out: &mut String, text: Option<&str>) {
    match text {
        Some(text) => string(out, text),
        None => out.push_str("null"),
    }
}

fn or_null(number: Option<f64>) -> String {
    number.map_or("null".to_owned(), |number| number.to_string())
}

/// The headings of `cells`.
pub(crate) const HEADINGS: [&str; 6] = [
    "key",
    "count",
    "completed",
    "failed",
    "success_rate",
    "run_seconds_p50",
];

/// A line for a group.
pub(super) fn cells(cells: &mut dyn Cells, group: &Group) {
    match word(&group.key) {
        Some(word) => cells.text(word),
        None => cells.null(),
    }
    for count in [group.count, group.completed, group.failed] {
        cells.number(&count);
    }
    for number in [group.success_rate(), group.run_p50.map(seconds)] {
        match number {
            Some(number) => cells.number(&number),
            None => cells.null(),
        }
    }
    cells.end_line();
}
