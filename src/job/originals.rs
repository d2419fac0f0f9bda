//! The `legacy` member of a job's context, for what no column takes: members of a record, and values that were made to fit. The job's
//! own context stays as it was spelled; nothing in it is overwritten.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::row::write;
use super::{Column, Job, Value};
use crate::text::json::{self, Layout, Members, Object};

const LEGACY: &str = "legacy";

/// Adds members (name and JSON) to `context.legacy`, beside the name of the store that the job comes from.
pub fn add(job: &mut Job, store: &str, additions: &[(&str, Cow<str>)]) {
    let mut own = String::new();
    match job.get(Column::Context) {
        Value::Null => {}
        Value::Text(text) if text.trim().is_empty() || json::is_json(text) => own.clone_from(text),
        // A row that is restored as it was can hold anything.
        value => write::value(&mut own, value),
    }
    let own = own.as_str();
    let members = Members::parse_text(own);
    let added: usize = additions.iter().map(|(_, json)| json.len() + 40).sum();
    let mut context = String::with_capacity(own.len() + added + 60);
    let mut object = Object::begin(&mut context, Layout::OneLine);
    let mut old = None;
    match &members {
        Ok(members) => {
            for (key, raw) in &members.0 {
                match key.as_ref() {
                    LEGACY => old = Some(*raw),
                    key => member(&mut object, key, raw.get()),
                }
            }
        }
        // A context that is no object.
        Err(_) if !own.trim().is_empty() => member(&mut object, Column::Context.key(), own),
        Err(_) => {}
    }
    object.key(LEGACY);
    legacy(object.out, store, additions, old);
    object.end();
    job.set(Column::Context, context);
}

/// The new `legacy`. An older one is continued where no name stands in both with different values, and kept
/// whole under its own name otherwise.
fn legacy(out: &mut String, store: &str, additions: &[(&str, Cow<str>)], old: Option<&RawValue>) {
    let store = format!("\"{store}\"");
    let mut ours = vec![(Cow::Borrowed("store"), store.as_str())];
    for (name, json) in additions {
        let mut name = Cow::Borrowed(*name);
        // These two names are taken.
        while ours.iter().any(|(other, _)| *other == name) || name == LEGACY && old.is_some() {
            name.to_mut().push('_');
        }
        ours.push((name, json));
    }
    let old_members = old.and_then(|raw| Members::parse_text(raw.get()).ok());
    let continued = old_members.as_ref().filter(|members| {
        ours.iter()
            .all(|(name, json)| members.peek(name).is_none_or(|raw| raw.get() == *json))
    });
    let mut object = Object::begin(out, Layout::OneLine);
    if let Some(members) = continued {
        for (key, raw) in &members.0 {
            member(&mut object, key, raw.get());
        }
    }
    for (name, json) in &ours {
        if continued.is_none_or(|members| !members.has(name)) {
            member(&mut object, name, json);
        }
    }
    if let (Some(old), None) = (old, continued) {
        member(&mut object, LEGACY, old.get());
    }
    object.end();
}

fn member(object: &mut Object, key: &str, json: &str) {
    object.key(key);
    object.out.push_str(json);
}
