//! Runs and changes of the history, as every format shows them.

use super::record::{Cells, Record};
use super::table::{JobTable, other_text};
use crate::job::row::write;
use crate::job::{JobId, Value};
use crate::repository::{JobChange, Run};
use crate::text::json::{self, Array, Layout, Object};
use crate::text::signs;
use crate::text::visible::{cut, grouped, one_line, width};
use crate::time::{self, Instant, Zone};

/// How lines for people are made.
#[derive(Clone, Copy)]
pub(crate) struct HistoryOptions<'a> {
    pub zone: &'a Zone,
    /// The columns of the terminal; None for a pipe, where nothing is cut.
    pub width: Option<usize>,
}

impl HistoryOptions<'_> {
    fn time(&self, at: Option<Instant>) -> String {
        at.map_or("-".to_owned(), |at| time::to_the_second(at, self.zone))
    }

    fn line(&self, out: &mut String, line: &str) {
        let line = line.trim_end();
        match self.width {
            Some(width) => out.push_str(&cut(line, width)),
            None => out.push_str(line),
        }
        out.push('\n');
    }
}

/// The names over the cells of runs.
pub(crate) const RUN_HEADINGS: [&str; 18] = [
    "run",
    "at",
    "user",
    "host",
    "version",
    "command",
    "argv",
    "created",
    "updated",
    "deleted",
    "undoable",
    "why_not",
    "undoes",
    "undone_by",
    "archive",
    "archive_start",
    "archive_bytes",
    "archive_sha256",
];

/// The cells of an archive, which are the last.
const ARCHIVE_CELLS: usize = 4;

/// The widths of the columns in which people see runs, from the run to the state.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RunColumns([usize; 5]);

const RUN_TITLES: [&str; 5] = ["RUN", "WHEN", "WHO", "CHANGES", "STATE"];

impl RunColumns {
    pub(crate) fn of(runs: &[Run], options: HistoryOptions) -> RunColumns {
        let mut widths = RUN_TITLES.map(width);
        for run in runs {
            for (widest, text) in widths.iter_mut().zip(run_texts(run, options)) {
                *widest = (*widest).max(width(&text));
            }
        }
        RunColumns(widths)
    }

    fn line(self, texts: [&str; 5], last: &str) -> String {
        let mut line = String::new();
        for (text, widest) in texts.into_iter().zip(self.0) {
            line.push_str(text);
            line.extend(std::iter::repeat_n(' ', widest + 2 - width(text)));
        }
        line + last
    }
}

fn run_texts(run: &Run, options: HistoryOptions) -> [String; 5] {
    let state = match (run.undone_by, run.undoes, &run.why_not) {
        (Some(by), _, _) if by.0 > 0 => format!("undone by {by}"),
        (Some(_), _, _) => "undone".to_owned(),
        (None, Some(undoes), _) => format!("undid {undoes}"),
        (None, None, Some(_)) => "cannot be undone".to_owned(),
        (None, None, None) => "-".to_owned(),
    };
    [
        run.id.to_string(),
        options.time(run.at),
        one_line(&format!("{}@{}", run.user, run.host)).into_owned(),
        counts(run),
        state,
    ]
}

/// A run, on one line for people.
pub(crate) struct RunRecord<'a> {
    pub run: &'a Run,
    pub id: &'a str,
    pub options: HistoryOptions<'a>,
    pub columns: RunColumns,
    /// Whether the titles of the columns stand before it.
    pub titled: bool,
}

/// `+1 ~2 -3`: created, updated, deleted.
pub(crate) fn counts(run: &Run) -> String {
    let counts = [('+', run.created), ('~', run.updated), ('-', run.deleted)];
    let told = counts.iter().filter(|(_, count)| *count > 0);
    let told: Vec<String> = told
        .map(|(sign, count)| format!("{sign}{}", grouped(*count)))
        .collect();
    told.join(" ")
}

fn is_undoable(run: &Run) -> bool {
    run.why_not.is_none() && run.undone_by.is_none()
}

/// The words of the command line; None where what was kept of it is damaged.
fn words(run: &Run) -> Option<Vec<String>> {
    serde_json::from_str(&run.argv).ok()
}

/// The command line as a person reads it.
pub(crate) fn command_line(run: &Run) -> String {
    let words = words(run).unwrap_or_else(|| vec![run.argv.clone()]);
    let quoted = words.iter().map(|word| {
        let needs_no_quotes = |c: char| c.is_alphanumeric() || "-_./:=@%+,\u{2026}".contains(c);
        if !word.is_empty() && word.chars().all(needs_no_quotes) {
            word.clone()
        } else {
            format!("'{}'", word.replace('\'', r"'\''"))
        }
    });
    let line: Vec<String> = quoted.collect();
    one_line(&line.join(" ")).into_owned()
}

impl Record for RunRecord<'_> {
    fn object(&self, out: &mut String, layout: Layout) {
        let run = self.run;
        let mut object = Object::begin(out, layout);
        object.string("run", self.id);
        match run.at {
            Some(at) => object.string("at", &time::rfc3339(at)),
            None => object.literal("at", "null"),
        }
        object.string("user", &run.user);
        object.string("host", &run.host);
        object.string("version", &run.version);
        object.string("command", &run.command);
        let mut argv = String::new();
        if words(run).is_some() {
            json::raw(&mut argv, &run.argv);
        } else {
            let mut array = Array::new(Layout::OneLine);
            array.next(&mut argv);
            json::string(&mut argv, &run.argv);
            array.end(&mut argv);
        }
        object.literal("argv", argv);
        object.literal(
            "counts",
            format!(
                "{{\"created\": {}, \"updated\": {}, \"deleted\": {}}}",
                run.created, run.updated, run.deleted
            ),
        );
        object.literal("undoable", is_undoable(run));
        match &run.why_not {
            Some(why) => object.string("why_not", why),
            None => object.literal("why_not", "null"),
        }
        for (key, other) in [("undoes", run.undoes), ("undone_by", run.undone_by)] {
            match other {
                Some(other) => object.string(key, &other.to_string()),
                None => object.literal(key, "null"),
            }
        }
        let mut archive = String::from("null");
        if let Some(kept) = &run.archive {
            archive.clear();
            let mut members = Object::begin(&mut archive, Layout::OneLine);
            members.string("path", &kept.path);
            members.literal("start", kept.start);
            members.literal("bytes", kept.bytes);
            members.string("sha256", &kept.sha256);
            members.end();
        }
        object.literal("archive", archive);
        object.end();
    }

    fn cells(&self, cells: &mut dyn Cells) {
        let run = self.run;
        cells.text(self.id);
        match run.at {
            Some(at) => cells.text(&time::rfc3339(at)),
            None => cells.null(),
        }
        for text in [&run.user, &run.host, &run.version, &run.command, &run.argv] {
            cells.text(text);
        }
        for count in [run.created, run.updated, run.deleted] {
            cells.number(&count);
        }
        cells.text(if is_undoable(run) { "true" } else { "false" });
        let others = [run.undoes, run.undone_by].map(|run| run.map(|run| run.to_string()));
        for text in [&run.why_not, &others[0], &others[1]] {
            match text {
                Some(text) => cells.text(text),
                None => cells.null(),
            }
        }
        match &run.archive {
            Some(kept) => {
                cells.text(&kept.path);
                cells.number(&kept.start);
                cells.number(&kept.bytes);
                cells.text(&kept.sha256);
            }
            None => (0..ARCHIVE_CELLS).for_each(|_| cells.null()),
        }
        cells.end_line();
    }

    fn id(&self) -> Option<JobId> {
        Some(JobId::new(self.id))
    }

    fn unquoted_id(&self) -> Option<&str> {
        Some(self.id)
    }

    fn show(&self, out: &mut String, _: Option<&mut JobTable>) {
        if self.titled {
            let titles = self.columns.line(RUN_TITLES, "COMMAND");
            self.options.line(out, &titles);
        }
        let texts = run_texts(self.run, self.options);
        let texts = texts.each_ref().map(String::as_str);
        let line = self.columns.line(texts, &command_line(self.run));
        self.options.line(out, &line);
    }
}

/// The names over the cells of changes: a line for each column.
pub(crate) const CHANGE_HEADINGS: [&str; 8] = [
    "job_id", "run", "at", "command", "op", "column", "before", "after",
];

/// A change of a job.
pub(crate) struct ChangeRecord<'a> {
    pub change: &'a JobChange,
    /// Whether the change says whose job it is; else its document does.
    pub names_job: bool,
    pub options: HistoryOptions<'a>,
}

fn json_value(value: Option<&Value>) -> String {
    let mut out = String::new();
    write::value(&mut out, value.unwrap_or(&Value::Null));
    out
}

impl Record for ChangeRecord<'_> {
    fn object(&self, out: &mut String, layout: Layout) {
        let change = self.change;
        let mut columns = String::new();
        let mut members = Object::begin(&mut columns, layout.nested());
        for column in &change.columns {
            let before = json_value(column.before.as_ref());
            let after = json_value(column.after.as_ref());
            let both = format!("{{\"before\": {before}, \"after\": {after}}}");
            members.literal(&column.name, both);
        }
        members.end();
        let mut object = Object::begin(out, layout);
        if self.names_job {
            object.string("job_id", &change.job.to_string());
        }
        object.string("run", &change.run.to_string());
        match change.at {
            Some(at) => object.string("at", &time::rfc3339(at)),
            None => object.literal("at", "null"),
        }
        object.string("command", &change.command);
        object.string("op", change.done.word());
        object.literal("columns", columns);
        object.end();
    }

    fn cells(&self, cells: &mut dyn Cells) {
        let change = self.change;
        for column in &change.columns {
            cells.text(&change.job.to_string());
            cells.text(&change.run.to_string());
            match change.at {
                Some(at) => cells.text(&time::rfc3339(at)),
                None => cells.null(),
            }
            cells.text(&change.command);
            cells.text(change.done.word());
            cells.text(&column.name);
            for value in [&column.before, &column.after] {
                match value {
                    None | Some(Value::Null) => cells.null(),
                    Some(value @ (Value::Integer(_) | Value::Real(_))) => {
                        cells.number(&value.display());
                    }
                    Some(value) => cells.text(&value.display()),
                }
            }
            cells.end_line();
        }
    }

    fn id(&self) -> Option<JobId> {
        Some(self.change.job.clone())
    }

    fn show(&self, out: &mut String, _: Option<&mut JobTable>) {
        let change = self.change;
        let job = if self.names_job {
            format!("{}  ", one_line(&change.job.to_string()))
        } else {
            String::new()
        };
        let line = format!(
            "{job}{:<6} {}  {} by {}",
            change.run.to_string(),
            self.options.time(change.at),
            change.done.word(),
            one_line(&change.command)
        );
        self.options.line(out, &line);
        for column in &change.columns {
            let text = |value: &Option<Value>| value.as_ref().map(other_text);
            let told = match (text(&column.before), text(&column.after)) {
                (Some(before), Some(after)) => format!("{before} {} {after}", signs::arrow()),
                (Some(one), None) | (None, Some(one)) => one,
                (None, None) => continue,
            };
            let line = format!("    {:<16} {told}", one_line(&column.name));
            self.options.line(out, &line);
        }
    }
}

/// The history of one job as a document of JSON.
pub(crate) struct JobHistory<'a> {
    pub job: String,
    pub changes: &'a [JobChange],
    pub options: HistoryOptions<'a>,
}

impl Record for JobHistory<'_> {
    fn object(&self, out: &mut String, layout: Layout) {
        let mut changes = String::new();
        let mut array = Array::new(layout.nested());
        for change in self.changes {
            array.next(&mut changes);
            let record = ChangeRecord {
                change,
                names_job: false,
                options: self.options,
            };
            record.object(&mut changes, layout.nested().nested());
        }
        array.end(&mut changes);
        let mut object = Object::begin(out, layout);
        object.string("job_id", &self.job);
        object.literal("changes", changes);
        object.end();
    }
}
