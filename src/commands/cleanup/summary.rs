//! The summary of a run: one line for people, and JSON.

use std::collections::BTreeMap;

use anyhow::Result;

use super::folders::FolderTally;
use super::latest::Latest;
use super::reclaim::Given;
use super::survey::StayingJobs;
use super::words;
use crate::archive::Moved;
use crate::commands::parts::removal::kept_by_table::KeptByRules;
use crate::commands::parts::removal::purge::Deleted;
use crate::context::Context;
use crate::job::Value;
use crate::job::retention::Stay;
use crate::repository::{Removed, RowName};
use crate::terminal::Terminal;
use crate::text::json::{self, Layout, Object};
use crate::text::visible::{grouped, one_line, plural};
use crate::text::{signs, size};

/// The most jobs with an odd time that are named.
const NAMED: usize = 10;

pub(super) struct Done {
    told: Deleted,
    by_status: BTreeMap<&'static str, u64>,
    /// The number of jobs that somebody changed or removed while they were about to go.
    pub(super) changed: u64,
    /// Jobs that the table did not let go.
    pub(super) held: KeptByRules,
    pub(super) folders: FolderTally,
    /// Bytes that the archive has grown by; None without one.
    pub(super) archived: Option<u64>,
    /// The damaged ends of the archive that were moved away.
    pub(super) moved: Vec<Moved>,
    /// Bytes that are free in the file now, and were not before; None where the jobs are not in a file.
    pub(super) freed: Option<u64>,
    /// The bytes that the system got back; None when nobody asked.
    pub(super) given_back: Option<Given>,
}

impl Done {
    /// The state at the beginning, when these ends of the archive were moved away.
    pub(super) fn after(context: &Context, moved: Vec<Moved>) -> Done {
        Done {
            told: Deleted::new(context),
            by_status: BTreeMap::new(),
            changed: 0,
            held: KeptByRules::default(),
            folders: FolderTally::default(),
            archived: None,
            moved,
            freed: None,
            given_back: None,
        }
    }

    pub(super) fn count(&self) -> u64 {
        self.told.count
    }

    pub(super) fn note(&mut self, terminal: &mut Terminal, removed: &Removed) {
        self.told.push(terminal, &removed.id);
        if let Some(status) = removed.status {
            *self.by_status.entry(status.word()).or_default() += 1;
        }
    }

    /// Ends the output, says the summary, and then what went wrong, if anything.
    pub(super) fn tell(
        self,
        context: &mut Context,
        kept: &StayingJobs,
        latest: &Latest,
        stopped: Option<anyhow::Error>,
    ) -> Result<()> {
        let mut summary = self.summary(kept);
        // A run that was stopped has not seen all.
        if let (Some(silence), None) = (latest.words(&context.zone), &stopped) {
            summary.push_str(&format!("; {silence}"));
        }
        if let Some(database) = context.unseen_database() {
            summary.push_str(&format!("; {database}"));
        }
        let members = self.json(kept, latest);
        let failed = self.folders.failure().or_else(|| self.held.failure());
        let told = self.told.end(&mut context.terminal, &members);
        context.terminal.note(&summary);
        match (stopped, failed) {
            (Some(stopped), failed) => {
                if let Some(failed) = failed {
                    context.terminal.warn(&one_line(&failed.message));
                }
                Err(stopped)
            }
            (None, Some(failed)) => Err(failed.into()),
            (None, None) => told,
        }
    }

    /// `removed 12 jobs (10 completed, 2 failed); kept 3 with an unknown status`
    fn summary(&self, kept: &StayingJobs) -> String {
        let mut text = format!("removed {}", plural(self.told.count, "job"));
        let states: Vec<String> = self
            .by_status
            .iter()
            .map(|(status, count)| format!("{} {status}", grouped(*count)))
            .collect();
        if !states.is_empty() {
            text.push_str(&format!(" ({})", states.join(", ")));
        }
        let mut say = |more: String| text.push_str(&format!("; {more}"));
        if self.told.count > 0 {
            match (&self.given_back, self.freed) {
                (Some(given), _) if given.bytes > 0 => {
                    say(format!("{} given back", size::about(given.bytes)));
                }
                (Some(given), _) if given.is_cleared => {
                    say("their room is free for new jobs".to_owned());
                }
                (_, Some(freed)) => say(format!("{} free in the file", size::about(freed))),
                (_, None) => {}
            }
        } else if let Some(given) = self.given_back.as_ref().filter(|given| given.bytes > 0) {
            say(format!("{} given back", size::about(given.bytes)));
        }
        if self.told.count > 0 && self.archived.is_none() {
            say("undo cannot bring them back, as --archive FILE could".to_owned());
        }
        if let Some(bytes) = self.archived.filter(|bytes| *bytes > 0) {
            say(format!("{} added to the archive", size::about(bytes)));
        }
        if !self.folders.is_idle() {
            say(self.folders.words());
        }
        if self.changed > 0 {
            say(format!("{} had changed and stayed", grouped(self.changed)));
        }
        if self.held.count > 0 {
            say(format!("{} kept by the table", grouped(self.held.count)));
        }
        if let Some(oddities) = oddities(kept) {
            say(oddities);
        }
        text
    }

    /// Further members of the document of `-o json`.
    fn json(&self, kept: &StayingJobs, latest: &Latest) -> String {
        let mut whole = String::new();
        let mut object = Object::begin(&mut whole, Layout::OneLine);
        object.key("by_status");
        let mut states = Object::begin(object.out, Layout::OneLine);
        for (status, count) in &self.by_status {
            states.literal(status, count);
        }
        states.end();
        object.literal("changed", self.changed);
        self.held.json(&mut object);
        object.literal("freed_bytes", self.freed.unwrap_or(0));
        if let Some(given) = &self.given_back {
            given.json(&mut object);
        }
        if let Some(bytes) = self.archived {
            object.literal("archived_bytes", bytes);
        }
        if !self.moved.is_empty() {
            object.key("moved_aside");
            json::array(object.out, Layout::OneLine, &self.moved, |out, moved| {
                let mut one = Object::begin(out, Layout::OneLine);
                one.key("file");
                json::string(one.out, &moved.name.to_string_lossy());
                one.literal("bytes", moved.bytes);
                one.literal("rows_kept", moved.rows);
                one.end();
            });
        }
        if !self.folders.is_idle() {
            self.folders.json(&mut object);
        }
        latest.json(&mut object);
        object.end();
        let members = whole.strip_prefix('{').unwrap_or(&whole);
        let members = members.strip_suffix('}').unwrap_or(members);
        format!("{members}, {}", kept_json(kept))
    }
}

/// The jobs that stay because something is wrong with them; None when there are none.
pub(super) fn oddities(kept: &StayingJobs) -> Option<String> {
    let odd: Vec<String> = Stay::ALL
        .into_iter()
        .filter(|why| why.is_odd())
        .filter_map(|why| Some((why, *kept.counts.get(&why)?)))
        .map(|(why, count)| {
            let mut named = names(kept, why);
            let text = format!("{} {}", grouped(count), words::of_several(why));
            if named.is_empty() {
                return text;
            }
            if count > named.len() as u64 {
                named.push(signs::ellipsis().to_owned());
            }
            format!("{text} ({})", named.join(", "))
        })
        .collect();
    (!odd.is_empty()).then(|| format!("kept {}", odd.join(", ")))
}

/// Some of their names: at most ten where somebody should look at the times.
fn names(kept: &StayingJobs, why: Stay) -> Vec<String> {
    let ids = kept.odd.get(&why).into_iter().flatten();
    let ids = ids.map(|id| one_line(&id.short()).into_owned());
    let mut rows: Vec<String> = match why {
        Stay::NoId => kept.nameless.iter().map(number).collect(),
        _ => Vec::new(),
    };
    if let (Some(first), Some(name)) = (rows.first_mut(), kept.nameless.first()) {
        first.insert_str(0, &format!("{} ", name.word));
    }
    let most = match why {
        Stay::UnreadableTime | Stay::Future => NAMED,
        _ => 3,
    };
    ids.chain(rows).take(most).collect()
}

fn number(row: &RowName) -> String {
    one_line(&row.number.display()).into_owned()
}

/// `"kept": {"not_ended": 3, …}`, and a few ids of the odd ones.
pub(super) fn kept_json(kept: &StayingJobs) -> String {
    let mut out = String::from("\"kept\": ");
    let mut object = Object::begin(&mut out, Layout::OneLine);
    for (why, count) in &kept.counts {
        object.literal(words::key(*why), count);
    }
    object.end();
    out.push_str(", \"odd_jobs\": ");
    let mut object = Object::begin(&mut out, Layout::OneLine);
    for (why, ids) in &kept.odd {
        object.key(words::key(*why));
        json::array(object.out, Layout::OneLine, ids, |out, id| {
            json::string(out, &id.to_string())
        });
    }
    if !kept.nameless.is_empty() {
        object.key(words::key(Stay::NoId));
        json::array(object.out, Layout::OneLine, &kept.nameless, |out, row| {
            let mut nameless = Object::begin(out, Layout::OneLine);
            match row.number {
                Value::Integer(number) => nameless.literal(row.word, number),
                _ => nameless.string(row.word, &row.number.display()),
            }
            nameless.end();
        });
    }
    object.end();
    out
}
