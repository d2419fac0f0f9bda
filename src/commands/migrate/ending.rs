//! The words at the end of an import: what was done, and what went wrong.

use anyhow::Result;

use super::import::DumpImport;
use crate::error::{Failure, Kind};
use crate::render::format::RecordForm;
use crate::report::Report;
use crate::repository::Error;
use crate::text::visible::plural;

impl DumpImport<'_> {
    /// Says what was done, and then what went wrong, if anything.
    pub(super) fn say(mut self, done: Result<()>) -> Result<()> {
        let tally = &self.tally;
        let mut members = tally.json_members(&self.zone.name(), &self.problems, &self.pages);
        if let Some(moving) = &self.moving {
            members.push_str(&moving.members());
        }
        let written = self.rejected.alone();
        let is_told = self.told.is_some();
        let form = self.context.format.form();
        let terminal = &mut self.context.terminal;
        match (self.told.take(), form) {
            (Some(told), _) => told.end_with(terminal, &members, &written)?,
            (None, RecordForm::Object) => {
                let dry_run = if self.dry_run {
                    "\"dry_run\": true, "
                } else {
                    ""
                };
                terminal.line(&format!("{{{dry_run}{members}}}"))?;
            }
            _ => {}
        }
        self.rejected.tell(terminal);
        if let Some(gaps) = &self.gaps {
            terminal.warn(gaps);
        }
        if let Some(line) = tally.of_narrow_rows() {
            terminal.notice(&line);
        }
        for line in tally.lines(&self.zone.name(), self.dry_run) {
            terminal.note(&line);
        }
        if self.backup.is_some() {
            terminal.note("no backup was made: nothing was written");
        }
        if let Some(moving) = &self.moving {
            moving.tell(terminal, self.dry_run);
        }
        if self.takes_pages
            && let Some((_, line)) = self.pages.message()
        {
            terminal.note(&line);
        }
        for line in self.problems.lines_of_passed_over() {
            terminal.note(&line);
        }
        if self.dry_run && !is_told {
            terminal.note(&format!("dry run: {written}"));
        }
        done.map_err(|error| {
            if self.dry_run {
                of_dry_run(error)
            } else {
                in_words(error, self.tally.is_undone())
            }
        })?;
        let bad = self.bad_data();
        let failure = match &self.moving {
            Some(moving) => moving.failure(bad),
            None => bad,
        };
        match failure {
            Some(failure) => Err(failure.into()),
            None => Ok(()),
        }
    }

    /// The failure for bad input, although the good part of it was imported.
    fn bad_data(&self) -> Option<Failure> {
        let mut wrong = self.problems.messages();
        let rejected = self.tally.rejected();
        if rejected > 0 {
            let first = self.rejected.first();
            wrong.push(format!(
                "{} rejected; the first: {first}",
                plural(rejected, "record")
            ));
        }
        if wrong.is_empty() {
            return None;
        }
        let failure = Failure::new(Kind::BadData, wrong.join("; "));
        // A line that makes a dump of a file stands alone, to be copied into a shell.
        let lines = self.problems.remedies();
        if !lines.is_empty() {
            return Some(failure.hint(lines.join("; ")));
        }
        if self.tally.is_undone() {
            let hint = "nothing was imported; without --atomic, what came before would be";
            return Some(failure.hint(hint));
        }
        if self.could_fit {
            return Some(failure.hint(
                "--fit makes such values fit, and keeps the originals under context.legacy; or correct them (--rejects FILE keeps the records)",
            ));
        }
        if rejected > 0 && !self.rejected.has_file() {
            return Some(failure.hint("--rejects FILE keeps rejected records to be corrected"));
        }
        if self.dry_run || self.problems.is_empty() {
            return Some(failure);
        }
        let corrected = if rejected > 0 { " or corrected" } else { "" };
        Some(if self.problems.is_cut_off() {
            failure.hint(format!(
                "when the dump is whole{corrected}, run it again; what has been imported stays"
            ))
        } else {
            failure.hint("when it is corrected, run it again; what has been imported stays")
        })
    }
}

/// The error of a dry run, in which nothing was done that could stay done.
fn of_dry_run(error: anyhow::Error) -> anyhow::Error {
    match Report::of(&error) {
        Report::Say(failure) if failure.kind == Kind::Interrupted => {
            Failure::new(failure.kind, "interrupted; the rest was not looked at")
                .hint("run it again from the beginning")
                .into()
        }
        _ => in_words(error, false),
    }
}

/// The error with its meaning for this run.
fn in_words(error: anyhow::Error, undone: bool) -> anyhow::Error {
    let error = match error.downcast::<Error>() {
        Ok(exists @ Error::Exists { .. }) => {
            return Failure::refused(format!("{exists}; stopped there (--on-conflict fail)"))
                .hint("--on-conflict skip, newer or replace goes on")
                .into();
        }
        Ok(other) => other.into(),
        Err(other) => other,
    };
    match Report::of(&error) {
        Report::Say(failure) if undone => match failure.kind {
            Kind::Interrupted => Failure::new(failure.kind, "interrupted")
                .hint("nothing was imported; run it again")
                .into(),
            Kind::Io => Failure::new(failure.kind, failure.message)
                .hint("nothing was imported; when that is corrected, run it again")
                .into(),
            Kind::Locked => Failure::new(failure.kind, failure.message)
                .hint("nothing was imported; run it again, or wait longer with --busy-timeout 30s")
                .into(),
            _ => error,
        },
        _ => error,
    }
}
