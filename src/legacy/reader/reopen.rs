//! The return into a container that was closed too early, by a bracket too many within one of its jobs: the rest of that job
//! is skipped, and the jobs behind it are not lost.

use std::io::{self, Read};

use super::DumpReader;
use super::containers::{Expect, FoundItem, OpenContainer};
use super::job::found;
use super::names::is_uuid;
use super::recognize::{JobLayout, LINE_AHEAD, begins_job};
use super::scan::Bracket;

const TOO_EARLY: &str = "the container of the jobs is closed too early";

/// The most blank space that is skipped behind a comma.
const BLANK_AHEAD: usize = 64;
/// A UUID in quotes.
const KEY_AHEAD: usize = 40;

impl<R: Read> DumpReader<R> {
    /// Leaves the innermost container. It is remembered together with those within it that were closed just before.
    pub(super) fn close(&mut self) {
        self.end_names();
        let Some(frame) = self.stack.pop() else {
            return;
        };
        let depth = self.stack.len();
        if depth >= self.closed_in && self.is_part_of_job(frame.layout) {
            return;
        }
        if depth + 1 != self.closed_in {
            self.closed.clear();
        }
        self.closed.push(frame);
        self.closed_in = depth;
    }

    /// The layout of a closed container, the innermost first.
    fn closed_layout(&self, index: usize) -> JobLayout {
        self.closed
            .get(index)
            .map_or(JobLayout::Unknown, |frame| frame.layout)
    }

    /// Whether a container of this layout, behind the one that was closed, is a part of one of its jobs.
    fn is_part_of_job(&self, layout: JobLayout) -> bool {
        let job = self.closed_layout(0).opening();
        job.is_some_and(|(job, _)| layout.opening().is_none_or(|(indent, _)| indent > job))
    }

    /// Forgets the closed containers at a job of this layout, unless it is a part of one of theirs.
    pub(super) fn forget_closed(&mut self, layout: JobLayout) {
        if layout.opening().is_some() && !self.is_part_of_job(layout) {
            self.closed.clear();
        }
    }

    /// Whether the containers that were closed last were in the current one.
    fn closed_here(&self) -> bool {
        !self.closed.is_empty() && self.closed_in == self.stack.len()
    }

    /// Whether a container of jobs on lines was closed here, so that more of them may follow.
    pub(super) fn may_go_back(&self) -> bool {
        self.closed_here() && self.closed_layout(0).opening().is_some()
    }

    /// Whether the bracket at the beginning of a line, which closed the outermost container, is really its end: the jobs are
    /// indented further.
    pub(super) fn is_true_end(&self) -> bool {
        let is_further_in =
            |frame: &OpenContainer| frame.layout.opening().is_some_and(|(job, _)| job > 0);
        self.stack.is_empty() && self.closed_in == 0 && self.closed.iter().any(is_further_in)
    }

    /// Forgets the closed containers at a bracket behind the end, unless their lines tell that they were closed too early.
    pub(super) fn forget_end(&mut self, byte: u8) {
        if byte != b',' && self.closed_layout(0).opening().is_none() {
            self.closed.clear();
        }
    }

    fn go_back(&mut self, innermost: usize, expect: Expect) {
        self.expect(Expect::Comma);
        while self.closed.len() > innermost
            && let Some(frame) = self.closed.pop()
        {
            self.stack.push(OpenContainer {
                expect: Expect::Comma,
                ..frame
            });
        }
        self.closed_in = self.stack.len();
        self.expect(expect);
    }

    /// Goes back if the comma here, at the top, is followed by another member or job.
    pub(super) fn reopen(&mut self) -> io::Result<Option<FoundItem>> {
        self.window.ensure(BLANK_AHEAD + KEY_AHEAD)?;
        let data = self.window.data();
        let data = &data[1..data.len().min(BLANK_AHEAD + KEY_AHEAD)];
        let blank = data.iter().take_while(|b| b.is_ascii_whitespace()).count();
        let next = &data[blank..];
        let keyed = |frame: &OpenContainer| matches!(frame.layout, JobLayout::Keyed { .. });
        let index = match next.first() {
            _ if !self.closed_here() || blank >= BLANK_AHEAD => None,
            Some(b'{') => self
                .closed
                .iter()
                .position(|frame| frame.kind == Bracket::Square),
            Some(b'"') if next.get(1..37).is_some_and(is_uuid) => self
                .closed
                .iter()
                .position(keyed)
                .or_else(|| self.outermost_object()),
            Some(b'"') => self.outermost_object(),
            _ => None,
        };
        Ok(index.map(|index| {
            self.go_back(index, Expect::Value);
            self.note(1, TOO_EARLY)
        }))
    }

    fn outermost_object(&self) -> Option<usize> {
        self.closed
            .iter()
            .rposition(|frame| frame.kind == Bracket::Brace)
    }

    /// Goes back, from the top, if a line further on begins another job.
    pub(super) fn reopen_at_line(&mut self, byte: u8) -> io::Result<FoundItem> {
        let index =
            (0..self.closed.len()).find(|index| self.closed_layout(*index).opening().is_some());
        let layout = match index {
            Some(index) => self.closed_layout(index),
            None if self.closed_here() => JobLayout::Unknown,
            // Jobs may follow each other at the top.
            None => JobLayout::Bare {
                indent: 0,
                within: false,
            },
        };
        let found = found(byte);
        let Some((length, _)) = self.next_line(layout)? else {
            let reason = format!("expected another job or the end of the file, found {found}");
            return Ok(self.broken(reason));
        };
        let Some(index) = index else {
            return Ok(self.note(length, &format!("expected another job, found {found}")));
        };
        self.go_back(index, Expect::Value);
        Ok(self.note(length, TOO_EARLY))
    }

    /// Goes back if a line begins another job, though the containers around go on here.
    pub(super) fn reopen_here(&mut self, indent: Option<usize>) -> io::Result<Option<FoundItem>> {
        let here = match self.closed_layout(0) {
            JobLayout::Bare { indent: n, within } if !within && indent == Some(n) => {
                JobLayout::Bare { indent: 0, within }
            }
            JobLayout::Keyed { indent: n, within } if !within && indent == Some(n) => {
                JobLayout::Keyed { indent: 0, within }
            }
            _ => return Ok(None),
        };
        if !self.closed_here() {
            return Ok(None);
        }
        self.window.ensure(LINE_AHEAD)?;
        if !begins_job(self.window.data(), here) {
            return Ok(None);
        }
        self.go_back(0, Expect::Value);
        Ok(Some(self.note(0, TOO_EARLY)))
    }

    /// Whether a line of this indentation is no part of the jobs in the closed containers, which are indented further.
    pub(super) fn is_outside(&self, indent: Option<usize>) -> bool {
        let job = self.closed_layout(0).opening();
        indent.is_some_and(|indent| job.is_some_and(|(job, _)| indent < job))
    }

    /// Goes back behind the rest of a job here.
    pub(super) fn reopen_behind(&mut self, reason: &str) -> io::Result<Option<FoundItem>> {
        if !self.closed_here() {
            return Ok(None);
        }
        match self.next_line(self.closed_layout(0))? {
            Some((length, Expect::Value)) => {
                self.go_back(0, Expect::Value);
                Ok(Some(self.note(length, reason)))
            }
            _ => {
                self.closed.clear();
                Ok(None)
            }
        }
    }
}
