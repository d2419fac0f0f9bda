//! Statistics on a page for people. On a terminal each line fits the width; in a pipe no text is cut. What calls for
//! somebody stands in `attention`.

use chrono::{Days, NaiveDate, TimeDelta};

use super::View;
use super::line::{
    BAD, BOLD, BUSY, DIM, GONE, GOOD, ODD, PageLine, UNCOLOURED, bar, left, right, sparkline,
};
use crate::job::statistics::{By, Day, Group, Key, Summary};
use crate::job::{JobId, Status};
use crate::render::table::TableOptions;
use crate::text::signs;
use crate::text::visible::{grouped, one_line, plural, width};
use crate::time::brief;

/// The columns of the longest bar, and the width of a line in a pipe.
const LONGEST_BAR: usize = 40;
const PIPE: usize = 80;

/// Days that get a line each.
const DAYS: u64 = 14;

/// The widest column for a stored word on a terminal.
const WORD: usize = 24;

pub(super) fn lines(view: &View, options: &TableOptions) -> Vec<String> {
    let mut page = StatisticsPage {
        view,
        options,
        lines: Vec::new(),
    };
    page.head();
    page.statuses();
    page.types();
    page.groups();
    page.times();
    page.days();
    page.queue();
    page.errors();
    page.foreign();
    page.file();
    let lines = page.lines.iter();
    lines
        .map(|line| line.render(options.width, options.color))
        .collect()
}

pub(super) struct StatisticsPage<'a> {
    pub(super) view: &'a View<'a>,
    pub(super) options: &'a TableOptions<'a>,
    lines: Vec<PageLine>,
}

impl StatisticsPage<'_> {
    pub(super) fn push(&mut self, line: PageLine) {
        self.lines.push(line);
    }

    pub(super) fn section(&mut self, name: &str, remark: &str) {
        self.push(PageLine::default());
        self.push(PageLine::of(name, BOLD).with(remark, DIM));
    }

    fn width(&self) -> usize {
        self.options.width.unwrap_or(PIPE)
    }

    fn bar_width(&self, used: usize) -> usize {
        self.width().saturating_sub(used).min(LONGEST_BAR)
    }

    /// A stored word: harmless, and on a terminal not too long.
    fn word(&self, key: &Key) -> String {
        let text = match key {
            Key::Null => "(none)".to_owned(),
            key => one_line(key.text()).into_owned(),
        };
        match self.options.width {
            Some(_) => crate::text::visible::cut(&text, WORD).into_owned(),
            None => text,
        }
    }

    pub(super) fn id(&self, id: &JobId) -> String {
        let text = match self.options.width {
            Some(_) => id.short(),
            None => id.to_string(),
        };
        one_line(&text).into_owned()
    }

    fn head(&mut self) {
        let jobs = plural(self.view.statistics.total, "job");
        let selection = match self.view.selection {
            "" => String::new(),
            selection => format!(" with {}", one_line(selection)),
        };
        let database = one_line(self.view.database);
        self.push(PageLine::of(jobs, BOLD).with(format!("{selection} in {database}"), UNCOLOURED));
    }

    fn statuses(&mut self) {
        let counts = &self.view.statistics.by_status;
        let words = counts.iter().map(|(key, count)| {
            let symbol = signs::mark(key.status().map_or("?", Status::symbol));
            (format!("{symbol} {}", self.word(key)), *count, code(key))
        });
        let words = words.collect();
        self.section("Status", "");
        self.counts(words);
        let statistics = self.view.statistics;
        let rate = match statistics.success_rate() {
            None => "  success rate: none, as no job completed or failed".to_owned(),
            Some(rate) => format!(
                "  success rate {}: {} completed, {} failed",
                percent(rate),
                grouped(statistics.of_status(Status::Completed)),
                grouped(statistics.of_status(Status::Failed))
            ),
        };
        self.push(PageLine::uncoloured(rate));
    }

    fn types(&mut self) {
        let counts = &self.view.statistics.by_type;
        if counts.is_empty() {
            return;
        }
        let words = counts
            .iter()
            .map(|(key, count)| (self.word(key), *count, BUSY))
            .collect();
        self.section("Type", "");
        self.counts(words);
    }

    /// A bar for each count.
    fn counts(&mut self, counts: Vec<(String, u64, &'static str)>) {
        let total = self.view.statistics.total;
        let most = counts.iter().map(|(_, count, _)| *count).max().unwrap_or(0);
        let name = counts
            .iter()
            .map(|(word, ..)| width(word))
            .max()
            .unwrap_or(0);
        let digits = width(&grouped(most));
        let space = self.bar_width(2 + name + 2 + digits + 2 + 5 + 2);
        for (word, count, code) in counts {
            let share = match total {
                0 => "-".to_owned(),
                total => share(count as f64 / total as f64),
            };
            let text = format!(
                "  {}  {}  {}  ",
                left(&word, name),
                right(&grouped(count), digits),
                right(&share, 5)
            );
            self.push(PageLine::uncoloured(text).with(bar(count, most, space), code));
        }
    }

    fn groups(&mut self) {
        let Some((by, groups)) = &self.view.statistics.groups else {
            return;
        };
        let key = |group: &Group| self.word(&group.key);
        let name = groups.iter().map(|group| width(&key(group)));
        let name = name.chain([by.word().len()]).max().unwrap_or(0);
        let cells = |group: &Group| {
            [
                grouped(group.count),
                grouped(group.failed),
                group.success_rate().map_or("-".to_owned(), percent),
                span(group.run_p50),
            ]
        };
        let headings = ["jobs", "failed", "success", "run p50"].map(str::to_owned);
        let rows: Vec<(String, [String; 4])> = groups
            .iter()
            .map(|group| (key(group), cells(group)))
            .collect();
        let heading = if *by == By::Day { "day" } else { by.word() };
        self.section(&format!("By {heading}"), "");
        self.table((String::new(), headings), &rows, name);
    }

    /// Rows of four numbers, under their headings.
    fn table(
        &mut self,
        heading: (String, [String; 4]),
        rows: &[(String, [String; 4])],
        name: usize,
    ) {
        let columns: Vec<usize> = (0..4)
            .map(|column| {
                let cells = rows
                    .iter()
                    .chain([&heading])
                    .map(|(_, cells)| width(&cells[column]));
                cells.max().unwrap_or(0)
            })
            .collect();
        let line = |(word, cells): &(String, [String; 4])| {
            let cells = cells.iter().zip(&columns);
            let cells: Vec<String> = cells.map(|(cell, space)| right(cell, *space)).collect();
            format!("  {}  {}", left(word, name), cells.join("  "))
        };
        self.push(PageLine::of(line(&heading), DIM));
        for row in rows {
            self.push(PageLine::uncoloured(line(row)));
        }
    }

    fn times(&mut self) {
        let row = |word: &str, summary: &Summary| {
            let spans = [summary.mean, summary.p50, summary.p90, summary.p99].map(span);
            (format!("{word} ({})", plural(summary.count, "job")), spans)
        };
        let rows = [
            row("queue wait", &self.view.statistics.queue_wait),
            row("run", &self.view.statistics.run),
        ];
        let name = rows.iter().map(|(word, _)| width(word)).max().unwrap_or(0);
        let headings = ["mean", "p50", "p90", "p99"].map(str::to_owned);
        self.section("Times", "");
        self.table((String::new(), headings), &rows, name);
    }

    fn days(&mut self) {
        let per_day = &self.view.statistics.per_day;
        let today = self.options.zone.to_local(self.options.now).date();
        // A day to come is not the last one, unless there is no other.
        let last = per_day
            .range(..=today)
            .next_back()
            .or(per_day.iter().next());
        let (Some((&first, _)), Some((&last, _))) = (per_day.iter().next(), last) else {
            return;
        };
        let first = first.min(last);
        let span = (last - first).num_days().unsigned_abs() + 1;
        self.section("Days", &format!("  {first} to {last}, by creation"));
        if span > DAYS {
            self.sparklines(last, span);
        }
        let shown: Vec<(NaiveDate, Day)> = self.until(last, span.min(DAYS));
        let most = shown.iter().map(|(_, day)| day.jobs).max().unwrap_or(0);
        let digits = width(&grouped(most));
        let tails: Vec<String> = shown.iter().map(|(_, day)| failures(*day)).collect();
        let tail = tails.iter().map(|tail| width(tail)).max().unwrap_or(0);
        let space = self.bar_width(2 + 10 + 2 + digits + 2 + tail + 2);
        for ((date, day), failures) in shown.iter().zip(tails) {
            let good = bar(day.jobs, most, space);
            let text = format!("  {date}  {}  ", right(&grouped(day.jobs), digits));
            let failures = format!("{}  {failures}", " ".repeat(space - width(&good)));
            self.push(
                PageLine::uncoloured(text)
                    .with(good, BUSY)
                    .with(failures, BAD),
            );
        }
    }

    fn sparklines(&mut self, last: NaiveDate, span: u64) {
        let space = self.width().saturating_sub(2 + 8 + 22).max(10) as u64;
        let days = self.until(last, span.min(space));
        for (name, code, values) in [
            (
                "jobs",
                BUSY,
                days.iter().map(|(_, day)| day.jobs).collect::<Vec<_>>(),
            ),
            (
                "failed",
                BAD,
                days.iter().map(|(_, day)| day.failed).collect(),
            ),
        ] {
            let most = values.iter().copied().max().unwrap_or(0);
            let text = format!("  {name:<8}");
            let tail = format!("  up to {} a day", grouped(most));
            let line = PageLine::uncoloured(text).with(sparkline(&values, most), code);
            self.push(line.with(tail, DIM));
        }
    }

    /// This number of days up to the last, those without jobs among them.
    fn until(&self, last: NaiveDate, count: u64) -> Vec<(NaiveDate, Day)> {
        let per_day = &self.view.statistics.per_day;
        let dates = (0..count)
            .rev()
            .filter_map(|back| last.checked_sub_days(Days::new(back)));
        dates
            .map(|date| (date, per_day.get(&date).copied().unwrap_or_default()))
            .collect()
    }
}

/// The colour of a status, as in a listing.
fn code(key: &Key) -> &'static str {
    match key.status() {
        Some(Status::Queued) => UNCOLOURED,
        Some(Status::Processing) => BUSY,
        Some(Status::Completed) => GOOD,
        Some(Status::Failed) => BAD,
        Some(Status::Cancelled) => GONE,
        None => ODD,
    }
}

fn failures(day: Day) -> String {
    match day.failed {
        0 => String::new(),
        failed => format!("{} failed", grouped(failed)),
    }
}

fn span(micros: Option<i64>) -> String {
    micros.map_or("-".to_owned(), |micros| {
        brief(TimeDelta::microseconds(micros))
    })
}

/// `83.3%`; 0% and 100% only where it is none or all of them.
fn percent(rate: f64) -> String {
    let shown = (rate * 1000.0).round() / 10.0;
    let shown = match rate {
        0.0 | 1.0 => shown,
        _ => shown.clamp(0.1, 99.9),
    };
    format!("{shown:.1}%")
}

/// `83%`, `<1%`.
fn share(rate: f64) -> String {
    match rate {
        rate if rate > 0.0 && rate < 0.01 => "<1%".to_owned(),
        rate => format!("{:.0}%", rate * 100.0),
    }
}
