//! A job in the making: members of a record are taken into columns one by one, and the rest is kept under `context.legacy`.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::value::RawValue;

use super::{epoch, ids};
use crate::job::id::{checked, checked_id};
use crate::job::row::read;
use crate::job::{Column, Job, Status, Value, originals, stamp};
use crate::legacy::Store;
use crate::text::json::{self, Members, string};
use crate::text::visible::one_line;
use crate::time::{self, Fit, Instant, Zone};

/// Whether a record has local times that occurred twice in the time zone (`overlap`), or never (`gap`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fits {
    pub overlap: bool,
    pub gap: bool,
}

impl Fits {
    pub fn add(&mut self, fit: Fit) {
        self.overlap |= fit == Fit::Overlap;
        self.gap |= fit == Fit::Gap;
    }
}

/// The most characters of a text that a message shows.
const SHOWN: usize = 40;

/// The reason why a record with local times is rejected where no zone is known.
pub const NO_ZONE: &str = "its times are local, of no known zone";

pub(in crate::legacy) struct Draft<'a> {
    pub(in crate::legacy) members: Members<'a>,
    pub(in crate::legacy) job: Job,
    /// The zone of times without one; None is UTC.
    zone: Option<&'a Zone>,
    fits: Fits,
    /// Whether the record is from a dump of the table.
    pub(super) of_table: bool,
}

impl<'a> Draft<'a> {
    pub(in crate::legacy) fn new(members: Members<'a>, zone: Option<&'a Zone>) -> Self {
        Draft {
            members,
            job: Job::default(),
            zone,
            fits: Fits::default(),
            of_table: false,
        }
    }

    pub(in crate::legacy) fn id(&mut self, key: Option<&str>) -> Result<(), String> {
        let own = self.members.take("job_id");
        let own = own
            .filter(|own| !json::is_null(own))
            .or_else(|| self.members.take("id"));
        let mut given = None;
        if own.is_none_or(json::is_null)
            && let Some(raw) = self.members.peek("_id")
        {
            // The name in a document database.
            given = ids::id(raw);
            if given.is_some() {
                self.members.take("_id");
            }
        }
        let id = match given {
            Some(id) => checked(Some(id), key)?,
            None => checked_id(own, key)?,
        };
        self.job.set(Column::Id, id);
        Ok(())
    }

    /// Takes a text member out of the record.
    pub(in crate::legacy) fn text(&mut self, name: &str) -> Result<Option<String>, String> {
        match self.members.take(name) {
            Some(raw) => json::text(name, raw),
            None => Ok(None),
        }
    }

    /// Takes a text member into a column. When the column has another value already, the member stays
    /// and is kept with the leftovers.
    pub(in crate::legacy) fn text_into(
        &mut self,
        name: &str,
        column: Column,
    ) -> Result<(), String> {
        if let Some(raw) = self.members.peek(name) {
            let text = json::text(name, raw)?;
            self.fill(name, column, text);
        }
        Ok(())
    }

    /// As `text_into`, for JSON.
    pub(in crate::legacy) fn json_into(
        &mut self,
        name: &str,
        column: Column,
    ) -> Result<(), String> {
        if let Some(raw) = self.members.peek(name) {
            let json = json::document(name, raw)?.map(Cow::into_owned);
            self.fill(name, column, json);
        }
        Ok(())
    }

    /// As `json_into`, of a column by its own name: a text in which JSON stands is that JSON, for so SQLite gives it. In a
    /// dump of the table no other text can stand there.
    pub(in crate::legacy) fn stored_json_into(
        &mut self,
        name: &str,
        column: Column,
    ) -> Result<(), String> {
        let Some(raw) = self.members.peek(name) else {
            return Ok(());
        };
        if read::is_marked(raw) {
            return Err(format!(
                "\"{name}\" is a value as only whole rows hold it, and this one has a member more or less"
            ));
        }
        if !raw.get().starts_with('"') {
            return self.json_into(name, column);
        }
        let text = json::text(name, raw)?.unwrap_or_default();
        let is_document = text.trim() == "null" || text.trim_start().starts_with(['{', '[']);
        match serde_json::from_str::<&RawValue>(&text) {
            Ok(inner) if is_document || self.of_table => {
                let json = json::document(name, inner)?.map(Cow::into_owned);
                self.fill(name, column, json);
                Ok(())
            }
            Err(_) if self.of_table => Err(format!(
                "\"{name}\" must hold JSON, and its text is none: \"{}\"",
                one_line(&text.chars().take(SHOWN).collect::<String>())
            )),
            _ => self.json_into(name, column),
        }
    }

    fn fill(&mut self, name: &str, column: Column, value: Option<String>) {
        let old = self.job.get(column);
        match &value {
            Some(_) if old.is_null() => self.job.set(column, value),
            Some(value) if old.as_str() != Some(value) => return,
            _ => {}
        }
        self.members.take(name);
    }

    pub(in crate::legacy) fn time_into(
        &mut self,
        name: &str,
        column: Column,
    ) -> Result<(), String> {
        let Some(raw) = self.members.take(name) else {
            return Ok(());
        };
        let read = json::time(name, raw).map_err(|error| {
            let spelled = json::bare_text(raw).unwrap_or(raw.get());
            epoch::told(name, spelled).unwrap_or(error)
        });
        let Some(spelled) = read? else {
            return Ok(());
        };
        let at: Option<Instant> = match (spelled.offset, self.zone) {
            (None, Some(Zone::Unknown(_))) => return Err(NO_ZONE.to_owned()),
            (None, Some(zone)) => {
                let (at, fit) = zone.to_utc(spelled.naive);
                self.fits.add(fit);
                Some(at)
            }
            _ => spelled.utc(),
        };
        match at.filter(|at| time::storable(*at)) {
            Some(at) => self.job.set(column, stamp(at)),
            None => {
                return Err(format!(
                    "\"{name}\" lies outside the years 1 to 9999 in UTC"
                ));
            }
        }
        Ok(())
    }

    /// Adds a member to the result, which becomes an object if there is none. False when the result is no object, or has a
    /// member of this name.
    pub(in crate::legacy) fn add_to_result(&mut self, name: &str, text: &str) -> bool {
        let old = self.job.get(Column::Result).as_str().unwrap_or("{}");
        // Its text stays as it is spelled: numbers have more digits than a tree of values would keep.
        let Some(open) = old.trim_end().strip_suffix('}') else {
            return false;
        };
        let Ok(members) = Members::parse_text(old) else {
            return false;
        };
        if members.has(name) {
            return false;
        }
        let open = open.trim_end();
        let comma = if members.0.is_empty() { "" } else { ", " };
        let mut result = format!("{open}{comma}");
        string(&mut result, name);
        result.push_str(": ");
        string(&mut result, text);
        result.push('}');
        self.job.set(Column::Result, result);
        true
    }

    /// The status, with the store's own words translated.
    pub(in crate::legacy) fn status(&mut self, translate: &[(&str, Status)]) -> Result<(), String> {
        // The table's own default.
        let word = self.text("status")?;
        let word = word.unwrap_or_else(|| Status::Queued.word().to_owned());
        let known = translate.iter().find(|(theirs, _)| *theirs == word);
        let word = known.map_or(word.as_str(), |(_, ours)| ours.word());
        self.job.set(Column::Status, word);
        Ok(())
    }

    /// The finished job, with columns that follow from others, and the leftovers.
    pub(in crate::legacy) fn finish(mut self, store: Store) -> Result<(Job, Fits), String> {
        let job = &mut self.job;
        let fill = |job: &mut Job, column, from| {
            if job.get(column).is_null() {
                job.set(column, job.get(from).clone());
            }
        };
        for other in [Column::StartedAt, Column::UpdatedAt, Column::CompletedAt] {
            fill(job, Column::CreatedAt, other);
        }
        fill(job, Column::UpdatedAt, Column::CompletedAt);
        fill(job, Column::UpdatedAt, Column::CreatedAt);
        let status = job.status();
        if status.is_some_and(Status::is_end) {
            fill(job, Column::CompletedAt, Column::UpdatedAt);
        }
        if status == Some(Status::Completed) {
            job.set(Column::Progress, 100.0);
        } else if job.get(Column::Progress).is_null() {
            job.set(Column::Progress, 0.0);
        }
        for column in [Column::TotalShots, Column::CompletedShots] {
            if job.get(column).is_null() {
                job.set(column, 0_i64);
            }
        }
        if !self.members.0.is_empty() {
            self.keep_leftovers(store)?;
        }
        Ok((self.job, self.fits))
    }

    /// Takes members that may be columns which only the table knows: plain values in the spelling that is written here, so that
    /// they are kept whole even if the table has no such column.
    pub(super) fn others(&mut self) {
        let mut others: Vec<(Arc<str>, Value)> = Vec::new();
        let members = std::mem::take(&mut self.members.0);
        for (index, (name, raw)) in members.iter().enumerate() {
            let is_last = members[index + 1..].iter().all(|(other, _)| other != name);
            match simple_value(name, raw) {
                Some(value) if is_last => others.push((Arc::from(name.as_ref()), value)),
                _ => self.members.0.push((name.clone(), *raw)),
            }
        }
        self.job.set_others(others);
    }

    fn keep_leftovers(&mut self, store: Store) -> Result<(), String> {
        let members = std::mem::take(&mut self.members);
        let mut leftovers = Vec::new();
        for (index, (key, raw)) in members.0.iter().enumerate() {
            // Of several members of one name the last counts, as Python reads them.
            if members.0[index + 1..].iter().all(|(other, _)| other != key) {
                let json = json::document(key, raw)?.unwrap_or(Cow::Borrowed("null"));
                leftovers.push((key.as_ref(), json));
            }
        }
        originals::add(&mut self.job, store.name(), &leftovers);
        Ok(())
    }
}

/// A text, or a number that keeps its spelling.
fn simple_value(name: &str, raw: &RawValue) -> Option<Value> {
    if raw.get().starts_with('"') {
        return json::text(name, raw).ok()?.map(Value::from);
    }
    let number: serde_json::Number = serde_json::from_str(raw.get()).ok()?;
    let value = match number.as_i64() {
        Some(integer) => Value::Integer(integer),
        None => Value::Real(number.as_f64()?),
    };
    let mut spelled = String::new();
    crate::job::row::write::value(&mut spelled, &value);
    (spelled == raw.get()).then_some(value)
}

/// The members of an object in a record; none when it is null.
pub(in crate::legacy) fn object<'a>(key: &str, raw: &'a RawValue) -> Result<Members<'a>, String> {
    if json::is_null(raw) {
        return Ok(Members::default());
    }
    if !json::is_object(raw) {
        return Err(format!("\"{key}\" must be an object"));
    }
    Members::parse_text(raw.get())
}

/// A text member of a request, looked up under the first of the names that it has.
pub(in crate::legacy) fn text_of(
    members: &Members,
    names: &[&str],
) -> Result<Option<String>, String> {
    for name in names {
        if let Some(raw) = members.peek(name)
            && let Some(text) = json::text(name, raw)?
        {
            return Ok(Some(text));
        }
    }
    Ok(None)
}
