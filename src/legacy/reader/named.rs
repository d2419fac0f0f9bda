//! Objects whose keys are no UUIDs: dictionaries of jobs, or wrappers around one. Which of them an object is shows when a
//! second job begins in it or when it ends, so the first job is kept until then. Other values beside jobs are skipped.

use std::io::{self, Read};

use serde_json::value::RawValue;

use super::DumpReader;
use super::containers::Beside;
use super::containers::FoundItem;
use super::job::form;
use super::names::is_uuid;
use super::page::ListingPage;
use super::queue::{KeptItem, QueuedItem};
use super::read_value::{HeldBytes, ValueEnd};
use super::recognize::{JobLayout, is_envelope};
use super::scan::end_of;
use crate::legacy::stores::ids::{self, ID_NAMES};
use crate::legacy::stores::{shape, status};
use crate::text::json::Members;

/// The most bytes of a value beside jobs, and the most such values in a container; others are taken for jobs.
const SMALL: usize = 4 << 10;
const MOST_BESIDE: usize = 64;

/// Names of wrappers, which are no ids though there are several in an object.
const WRAPPERS: &[&str] = &[
    "job",
    "data",
    "record",
    "item",
    "source",
    "_source",
    "doc",
    "document",
    "fields",
    "attributes",
    "payload",
    "result",
    "body",
    "value",
    "node",
    "object",
    "row",
    "entry",
    "before",
    "after",
    "old",
    "new",
    "message",
    "previous",
    "current",
    "parent",
    "content",
    "request",
    "context",
];

impl<R: Read> DumpReader<R> {
    /// Whether nothing that was kept, found or ended needs to be arranged.
    pub(super) fn is_settled(&self, found: Option<&FoundItem>) -> bool {
        let is_named = |found: &FoundItem| found.keyed && !self.by_id;
        self.kept.is_empty() && self.waiting.is_empty() && !found.is_some_and(is_named)
    }

    /// Decides which kept items are released now, and whether the one that was found is kept. The order stays.
    pub(super) fn arrange(&mut self, found: Option<FoundItem>) {
        let Some(mut found) = found else {
            let depth = self.stack.len();
            if self.kept.iter().any(|kept| kept.done || kept.depth > depth) {
                self.release_kept();
            }
            return;
        };
        let is_named = found.is_record() && found.keyed && !self.by_id;
        let beside = self.stack.last().map(|frame| &frame.beside);
        if is_named && beside.is_some_and(|beside| beside.begun == 1) {
            if self.kept.iter().any(|kept| !kept.is_value) {
                self.release_kept();
            }
            let kept = self.copy(&found);
            self.kept.push(kept);
            return;
        }
        self.release_kept();
        let has_id = self
            .stack
            .last()
            .is_some_and(|frame| frame.beside.id.is_some());
        if is_named && (has_id || WRAPPERS.contains(&self.key.as_str())) {
            found.keyed = false;
        }
        self.waiting.push_back(QueuedItem::Found(found));
    }

    fn copy(&self, found: &FoundItem) -> KeptItem {
        let bytes = match found.held {
            HeldBytes::Window { from, length } => self.window.passed(from, length),
            HeldBytes::Head | HeldBytes::Given => &self.head,
        };
        self.keep(bytes.to_vec(), found.position, found.line)
    }

    fn keep(&self, bytes: Vec<u8>, position: u64, line: u64) -> KeptItem {
        KeptItem {
            store: self.stack.last().and_then(|frame| frame.store.clone()),
            key: self.key.clone(),
            bytes,
            position,
            line,
            as_key: false,
            id: None,
            status: false,
            depth: self.stack.len(),
            is_value: false,
            direct: true,
            done: false,
        }
    }

    /// Releases all kept items, but for values beside jobs.
    pub(super) fn release_kept(&mut self) {
        for mut kept in std::mem::take(&mut self.kept) {
            let frame = self.stack.get(kept.depth.wrapping_sub(1));
            let beside = frame.map(|frame| &frame.beside);
            if kept.is_value {
                // The item that was found deeper counts as a job.
                let is_deeper = kept.depth < self.stack.len();
                if is_deeper || beside.is_some_and(Beside::is_around_jobs) {
                    self.left_out += 1;
                    continue;
                }
                kept.as_key = true;
                self.waiting.push_back(QueuedItem::Kept(Box::new(kept)));
                continue;
            }
            // An id beside several jobs belongs to none of them.
            let several = kept.direct && beside.is_some_and(|beside| beside.begun > 1);
            let is_dictionary = several && beside.is_some_and(|beside| beside.id.is_none());
            if is_dictionary && !WRAPPERS.contains(&kept.key.as_str()) {
                kept.as_key = true;
            } else if !several {
                let mut depth = kept.depth.min(self.stack.len());
                while !kept.done && depth > 0 {
                    kept.learn(&self.stack, depth);
                    depth -= 1;
                }
            }
            self.waiting.push_back(QueuedItem::Kept(Box::new(kept)));
        }
    }

    /// Decides on the kept items of the innermost container, which is about to end.
    pub(super) fn end_names(&mut self) {
        let depth = self.stack.len();
        let Some(frame) = self.stack.last() else {
            return;
        };
        let ends = |kept: &KeptItem| kept.is_value && kept.depth == depth;
        if self.kept.iter().any(ends) {
            if frame.beside.is_around_jobs() {
                let before = self.kept.len();
                self.kept.retain(|kept| !ends(kept));
                self.left_out += (before - self.kept.len()) as u64;
            } else {
                // No jobs are beside these values, so they count as jobs.
                self.release_kept();
            }
        }
        for kept in self.kept.iter_mut().filter(|kept| kept.depth == depth) {
            kept.learn(&self.stack, depth);
            kept.depth -= 1;
            kept.direct = false;
        }
        let Some(frame) = self.stack.last_mut() else {
            return;
        };
        let holds_jobs = frame.jobs || frame.beside.holds_jobs;
        let page = std::mem::take(&mut frame.beside.page);
        if frame.beside.begun == 0 && page.is_known() {
            self.pages.push(page.of(self.records - frame.beside.before));
        }
        if holds_jobs && let [.., parent, _] = self.stack.as_mut_slice() {
            parent.beside.holds_jobs = true;
        }
    }

    /// Skips a member whose value, at which the window is, is no job and holds none; false for any other.
    pub(super) fn pass_member(&mut self, byte: u8, field: bool) -> io::Result<bool> {
        let Some(beside) = self.stack.last().map(|frame| &frame.beside) else {
            return Ok(false);
        };
        let is_dictionary = beside.begun > 1 || self.stack.last().is_some_and(|frame| frame.by_id);
        let opens = matches!(byte, b'{' | b'[');
        // In a dictionary the name of a field belongs to a job that was closed too early.
        if is_dictionary && (field || opens) {
            return Ok(false);
        }
        let data = self.window.ahead(SMALL)?;
        let value = end_of(data, 0).map(|end| &data[..end]);
        let rank = ID_NAMES.iter().position(|name| *name == self.key);
        let id = match (rank, value) {
            (Some(rank), Some(value)) if !is_dictionary => {
                raw(value).and_then(ids::id).map(|id| (rank, id))
            }
            _ => None,
        };
        let is_status = value
            .and_then(raw)
            .is_some_and(|value| status::is_beside(&self.key, value));
        let is_envelope = is_envelope(self.key.as_bytes());
        let page = value.and_then(|value| ListingPage::read(&self.key, raw(value)?));
        let is_scalar = match byte {
            b'"' => !self.leaves_line()? && !self.is_name()?,
            b'-' | b'0'..=b'9' => true,
            b't' | b'f' | b'n' => value.is_some_and(|value| raw(value).is_some()),
            _ => false,
        };
        let is_small = opens && !is_envelope && !self.key.ends_with("jobs") && {
            let data = self.window.data();
            let data = &data[..data.len().min(SMALL)];
            end_of(data, 0).is_some_and(|end| is_metadata(&data[..end]))
        };
        let is_kept = is_small && id.is_none() && self.kept.len() < MOST_BESIDE;
        let is_id = id.is_some();
        if is_kept {
            let end = end_of(self.window.data(), 0).unwrap_or_default();
            let bytes = self.window.data()[..end].to_vec();
            let kept = self.keep(bytes, self.window.position(), self.window.line());
            let is_value = true;
            self.kept.push(KeptItem { is_value, ..kept });
        }
        if let Some(frame) = self.stack.last_mut() {
            let beside = &mut frame.beside;
            if let Some((rank, id)) = id
                && beside.id.as_ref().is_none_or(|(other, _)| rank < *other)
            {
                beside.id = Some((rank, id));
            }
            beside.status |= is_scalar && is_status;
            if let Some(page) = page {
                beside.page.add(page);
            }
        }
        if !is_scalar && !is_id && !is_kept {
            return Ok(false);
        }
        self.left_out += u64::from(is_scalar && !is_envelope && !is_id);
        if self.take(form(byte), JobLayout::Unknown, false)?.end == ValueEnd::Input {
            // The end of the file is reported behind it.
            return Ok(true);
        }
        Ok(true)
    }
}

fn raw(value: &[u8]) -> Option<&RawValue> {
    serde_json::from_slice(value).ok()
}

/// Whether an object or array holds data, and neither is nor holds a job, nor what is meant to be one.
fn is_metadata(value: &[u8]) -> bool {
    raw(value).is_some_and(|value| holds_scalar(value) && holds_nothing(value))
}

fn holds_scalar(value: &RawValue) -> bool {
    match value.get().as_bytes().first() {
        Some(b'{') => Members::parse_text(value.get())
            .is_ok_and(|members| members.0.iter().any(|(_, value)| holds_scalar(value))),
        Some(b'[') => serde_json::from_str::<Vec<&RawValue>>(value.get())
            .is_ok_and(|values| values.into_iter().any(holds_scalar)),
        _ => true,
    }
}

fn holds_nothing(value: &RawValue) -> bool {
    match value.get().as_bytes().first() {
        Some(b'{') => Members::parse_text(value.get()).is_ok_and(|members| {
            !shape::resembles_job(&members)
                && !members.has("record")
                && members.0.iter().all(|(name, value)| {
                    !is_uuid(name.as_bytes()) && !name.ends_with("jobs") && holds_nothing(value)
                })
        }),
        Some(b'[') => serde_json::from_str::<Vec<&RawValue>>(value.get())
            .is_ok_and(|values| values.into_iter().all(holds_nothing)),
        _ => true,
    }
}
