//! Statistics in the text format of Prometheus, for the textfile collector of its node exporter. Names and units are by
//! its conventions: base units, `_ratio` from 0 to 1, a label where there are several numbers of one kind.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{View, seconds};
use crate::job::statistics::{Key, Summary};

/// The whole document.
pub(super) fn text(view: &View) -> String {
    let statistics = view.statistics;
    let mut page = Exposition::default();
    page.gauge("jobctl_jobs", "Jobs in the table, by status.");
    page.counts("jobctl_jobs", "status", &statistics.by_status);
    page.gauge("jobctl_jobs_by_type", "Jobs in the table, by type.");
    page.counts("jobctl_jobs_by_type", "type", &statistics.by_type);
    page.one(
        "jobctl_success_ratio",
        "Completed jobs among those that completed or failed; NaN when there are none.",
        statistics.success_rate().unwrap_or(f64::NAN),
    );
    page.summary(
        "jobctl_queue_wait_seconds",
        "Time from creation to start.",
        &statistics.queue_wait,
    );
    page.summary(
        "jobctl_run_duration_seconds",
        "Time from start to end of ended jobs.",
        &statistics.run,
    );
    let waited = statistics.oldest_queued.as_ref();
    let waited = waited.and_then(|(created, _)| (statistics.now - *created).num_microseconds());
    page.one(
        "jobctl_oldest_queued_age_seconds",
        "Time since the creation of the oldest queued job; 0 when none is queued.",
        waited.map_or(0.0, |age| seconds(age.max(0))),
    );
    page.one(
        "jobctl_stuck_jobs",
        "Processing jobs without a sign of life for longer than jobctl_stuck_after_seconds.",
        statistics.stuck.count,
    );
    page.one(
        "jobctl_stuck_after_seconds",
        "Time without a sign of life after which a processing job is stuck.",
        statistics.stuck.after.as_secs_f64(),
    );
    page.gauge("jobctl_foreign_jobs", "Jobs that the service would not leave so, by what is odd; one job may count several times.");
    let foreign = statistics.foreign;
    for (kind, count) in [
        ("unknown_status", foreign.unknown_status),
        ("unreadable_time", foreign.unreadable_time),
        ("unlikely_time", foreign.unlikely_time),
        ("no_created_at", foreign.no_created_at),
        ("clock_went_back", foreign.clock_went_back),
    ] {
        page.sample("jobctl_foreign_jobs", Some(("kind", kind)), count);
    }
    if let Some(size) = view.size {
        let help = match size.free {
            Some(_) => "Size of the database file.",
            None => "Size of the tables of the jobs and their history, with indexes.",
        };
        page.one("jobctl_database_size_bytes", help, size.bytes);
        if let Some(free) = size.free {
            page.one(
                "jobctl_database_free_bytes",
                "Free space inside the database file.",
                free,
            );
        }
    }
    page.one(
        "jobctl_stats_timestamp_seconds",
        "When these numbers were taken, in seconds since 1970.",
        seconds(statistics.now.and_utc().timestamp_micros()),
    );
    page.0
}

#[derive(Default)]
struct Exposition(String);

impl Exposition {
    fn head(&mut self, name: &str, help: &str, kind: &str) {
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn gauge(&mut self, name: &str, help: &str) {
        self.head(name, help, "gauge");
    }

    fn one(&mut self, name: &str, help: &str, value: impl std::fmt::Display) {
        self.gauge(name, help);
        self.sample(name, None, value);
    }

    fn sample(&mut self, name: &str, label: Option<(&str, &str)>, value: impl std::fmt::Display) {
        let _ = match label {
            Some((label, word)) => {
                writeln!(self.0, "{name}{{{label}=\"{}\"}} {value}", escaped(word))
            }
            None => writeln!(self.0, "{name} {value}"),
        };
    }

    /// A series must not come twice, so NULL and a word that is spelt the same are one.
    fn counts(&mut self, name: &str, label: &str, counts: &[(Key, u64)]) {
        let mut merged: BTreeMap<&str, u64> = BTreeMap::new();
        for (key, count) in counts {
            *merged.entry(key.text()).or_default() += count;
        }
        for (key, _) in counts {
            if let Some(count) = merged.remove(key.text()) {
                self.sample(name, Some((label, key.text())), count);
            }
        }
    }

    fn summary(&mut self, name: &str, help: &str, summary: &Summary) {
        self.head(name, help, "summary");
        for (quantile, micros) in [
            ("0.5", summary.p50),
            ("0.9", summary.p90),
            ("0.99", summary.p99),
        ] {
            let value = micros.map_or(f64::NAN, seconds);
            self.sample(name, Some(("quantile", quantile)), value);
        }
        let sum = summary.sum as f64 / 1e6;
        self.sample(&format!("{name}_sum"), None, sum);
        self.sample(&format!("{name}_count"), None, summary.count);
    }
}

fn escaped(word: &str) -> String {
    word.replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}
