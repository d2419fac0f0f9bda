//! What a command would do, job by job with the reason, when it is told to do nothing.

use anyhow::Result;

use super::consent::plural;
use crate::job::JobId;
use crate::render::csv;
use crate::settings::options::Format;
use crate::terminal::Terminal;
use crate::text::json::{Layout, Object};
use crate::text::visible::one_line;

/// How a dry run ends.
pub const NOTHING: &str = "nothing was written";

/// Streams the jobs of a dry run; the document of `-o json` is
/// `{"dry_run": true, "jobs": [{"job_id", "reason"}, …], "count": N, …}`.
pub struct DryRun {
    verb: &'static str,
    count: u64,
    begun: bool,
    /// Whether the JSON array has an element.
    listed: bool,
}

impl DryRun {
    /// `verb` begins the summary: `would delete`.
    pub fn new(verb: &'static str) -> DryRun {
        DryRun {
            verb,
            count: 0,
            begun: false,
            listed: false,
        }
    }

    pub fn push(&mut self, terminal: &mut Terminal, id: &JobId, reason: &str) -> Result<()> {
        self.push_with(terminal, id, reason, true, |_| {})
    }

    /// With further members of its JSON object. A job that does not count is one that would stay.
    pub fn push_with(
        &mut self,
        terminal: &mut Terminal,
        id: &JobId,
        reason: &str,
        counts: bool,
        more: impl FnOnce(&mut Object),
    ) -> Result<()> {
        let first = !self.begun;
        self.begin(terminal)?;
        self.count += u64::from(counts);
        let (bare, id) = (id, id.to_string());
        let mut object = String::new();
        let mut members = Object::begin(&mut object, Layout::OneLine);
        members.string("job_id", &id);
        members.string("reason", reason);
        more(&mut members);
        members.end();
        match terminal.format {
            Format::Table | Format::Wide | Format::Prometheus => {
                terminal.line(&format!("{}  {}", one_line(&id), one_line(reason)))
            }
            Format::Ids if !counts => Ok(()),
            Format::Ids => terminal.bare_id(bare),
            Format::Jsonl => terminal.line(&object),
            Format::Csv => {
                terminal.csv_line(&format!("{},{}", csv::field(&id), csv::field(reason)))
            }
            Format::Json => {
                terminal.data(if first { "\n  " } else { ",\n  " })?;
                self.listed = true;
                terminal.data(&object)
            }
        }
    }

    /// None of them counts after all.
    pub fn take_back(&mut self) {
        self.count = 0;
    }

    fn begin(&mut self, terminal: &mut Terminal) -> Result<()> {
        if std::mem::replace(&mut self.begun, true) {
            return Ok(());
        }
        match terminal.format {
            Format::Json => terminal.data("{\"dry_run\": true, \"jobs\": ["),
            Format::Csv => terminal.csv_line("job_id,reason"),
            _ => Ok(()),
        }
    }

    /// `more` are further members of the JSON document, `"kept": {…}`, or nothing.
    pub fn end(self, terminal: &mut Terminal, more: &str) -> Result<()> {
        self.end_with(terminal, more, NOTHING)
    }

    /// `written` says what was written: `NOTHING`, or nothing but something.
    pub fn end_with(mut self, terminal: &mut Terminal, more: &str, written: &str) -> Result<()> {
        self.begin(terminal)?;
        if terminal.format == Format::Json {
            let close = if self.listed { "\n]" } else { "]" };
            terminal.data(&format!("{close}, \"count\": {}", self.count))?;
            if !more.is_empty() {
                terminal.data(", ")?;
                terminal.data(more)?;
            }
            terminal.data("}\n")?;
        }
        terminal.note(&format!(
            "{} {}; {written}",
            self.verb,
            plural(self.count, "job")
        ));
        Ok(())
    }
}
