//! The part of the page that somebody may have to act on: jobs that wait, are stuck, failed or are odd, and the size of
//! the file.

use indicatif::BinaryBytes;

use super::line::{BAD, DIM, ODD, PageLine, UNCOLOURED, right};
use super::page::StatisticsPage;
use crate::text::signs;
use crate::text::visible::{grouped, one_line, plural, width};
use crate::time::{brief, spell_duration};

impl StatisticsPage<'_> {
    pub(super) fn queue(&mut self) {
        let statistics = self.view.statistics;
        self.section("Now", "");
        match &statistics.oldest_queued {
            None => self.push(PageLine::uncoloured("  oldest queued  none")),
            Some((created, id)) => {
                let age = brief(statistics.now - *created);
                let id = self.id(id);
                self.push(PageLine::uncoloured(format!(
                    "  oldest queued  {id}, created {age} ago"
                )));
                self.push(PageLine::of(
                    format!("                 jobctl show {id}"),
                    DIM,
                ));
            }
        }
        let stuck = &statistics.stuck;
        let after = spell_duration(stuck.after);
        if stuck.count == 0 {
            let text = "  stuck          none; updated_at is the only sign of life";
            self.push(PageLine::uncoloured(text));
            return;
        }
        let text = format!("  stuck          {}", grouped(stuck.count));
        let silent = format!(" processing, silent for {after} or more");
        self.push(PageLine::of(text, ODD).with(silent, UNCOLOURED));
        for (sign, id) in &stuck.longest {
            let silent = brief(statistics.now - *sign);
            let text = format!("                 {}, silent for {silent}", self.id(id));
            self.push(PageLine::uncoloured(text));
        }
        for text in [
            format!("jobctl list --stuck {after}"),
            "(updated_at is the only sign of life)".to_owned(),
        ] {
            self.push(PageLine::of(format!("                 {text}"), DIM));
        }
    }

    pub(super) fn errors(&mut self) {
        let statistics = self.view.statistics;
        if statistics.top_errors.is_empty() {
            return;
        }
        self.section("Errors", "  numbers, ids, paths folded; newest job of each");
        let counts: Vec<String> = statistics
            .top_errors
            .iter()
            .map(|error| grouped(error.count))
            .chain((statistics.other_errors > 0).then(|| grouped(statistics.other_errors)))
            .collect();
        let digits = counts.iter().map(|count| width(count)).max().unwrap_or(0);
        for error in &statistics.top_errors {
            let message = match &error.message {
                // This sign at the end is ours: the shape was cut.
                Some(message) => match message.strip_suffix('…') {
                    Some(begin) => format!("{}{}", one_line(begin), signs::ellipsis()),
                    None => one_line(message).into_owned(),
                },
                None => "(no message)".to_owned(),
            };
            let count = right(&grouped(error.count), digits);
            let id = self.id(&error.example);
            self.push(
                PageLine::of(format!("  {count}"), BAD)
                    .with(format!("  {id}  {message}"), UNCOLOURED),
            );
        }
        if statistics.other_errors > 0 {
            let count = right(&grouped(statistics.other_errors), digits);
            self.push(PageLine::uncoloured(format!("  {count}  others (--top)")));
        }
    }

    pub(super) fn foreign(&mut self) {
        let foreign = self.view.statistics.foreign;
        let odd = [
            (foreign.unknown_status, "with an unknown status"),
            (foreign.unreadable_time, "with a time that cannot be read"),
            (
                foreign.unlikely_time,
                "with a time before 2000 or after tomorrow",
            ),
            (
                foreign.no_created_at,
                "without a time of creation, and so in no day",
            ),
            (
                foreign.clock_went_back,
                "ended or started too early; left out of the times",
            ),
        ];
        if odd.iter().all(|(count, _)| *count == 0) {
            return;
        }
        self.section("Odd jobs", "");
        for (count, what) in odd.into_iter().filter(|(count, _)| *count > 0) {
            self.push(
                PageLine::of(format!("  {}", grouped(count)), ODD)
                    .with(format!(" {what}"), UNCOLOURED),
            );
        }
    }

    pub(super) fn file(&mut self) {
        let Some(size) = self.view.size else {
            return;
        };
        let bytes = BinaryBytes(size.bytes);
        let (title, text) = match size.free {
            Some(free) => {
                let free = BinaryBytes(free);
                ("File", format!("  {bytes}, {free} of it free for new jobs"))
            }
            None => ("Tables", format!("  {bytes} with indexes and history")),
        };
        self.section(title, "");
        self.push(PageLine::uncoloured(text));
        let statistics = self.view.statistics;
        let ended = statistics.ended();
        // The size is that of all jobs: the share of a selection is not known.
        if ended == 0 || !self.view.filter.is_empty() {
            return;
        }
        let used = size.bytes.saturating_sub(size.known_free()) as f64;
        let bytes = (used * ended as f64 / statistics.total as f64) as u64;
        let text = format!(
            "  {} ended, by their share about {}: what cleanup may free",
            plural(ended, "job"),
            BinaryBytes(bytes)
        );
        self.push(PageLine::uncoloured(text));
    }
}
