//! The words for verdicts, for people and in JSON.

use std::time::Duration;

use crate::job::retention::{Fate, Policy, Stay, Verdict};
use crate::job::{Column, DECIDING, Job};
use crate::time::spell_duration;

/// `failed, 100d old by completed_at (--older-than 30d)`, `completed, 3d old by updated_at: too young (…)`.
pub(super) fn reason(policy: &Policy, job: &Job, verdict: &Verdict) -> String {
    let mut text = match job.get(Column::Status) {
        status if status.is_null() => "no status".to_owned(),
        status => status.display().into_owned(),
    };
    if let (Some(age), Some(column)) = (verdict.age, verdict.column) {
        text.push_str(&format!(", {} old by {}", spell_age(age), column.name()));
    }
    if let Fate::Stays(why) = verdict.fate {
        text.push_str(": ");
        text.push_str(&match (why, verdict.column) {
            (Stay::UnreadableTime, Some(column)) => {
                format!("{} cannot be read", column.name())
            }
            (Stay::UnreadableTime, None) => {
                if DECIDING.iter().all(|it| job.get(*it).is_null()) {
                    "no time at all".to_owned()
                } else {
                    "no time from 2000 to tomorrow".to_owned()
                }
            }
            (Stay::Future, Some(column)) => format!("{} lies in the future", column.name()),
            (why, _) => short(why).to_owned(),
        });
    }
    if let Some(rule) = verdict.rule {
        text.push_str(&format!(" ({})", policy.spell(rule)));
    }
    text
}

/// An age without seconds, which nobody wants of one in days.
fn spell_age(age: Duration) -> String {
    spell_duration(Duration::from_secs(age.as_secs() / 60 * 60))
}

/// The words for a sentence about one job.
fn short(why: Stay) -> &'static str {
    match why {
        Stay::NotEnded => "not ended",
        Stay::UnknownStatus => "a status that is not known",
        Stay::NoRule => "no rule names it",
        Stay::Young => "too young",
        Stay::Never => "kept for ever",
        Stay::AmongLast => "among the last",
        Stay::UnreadableTime => "a time that cannot be read",
        Stay::Future => "a time in the future",
        Stay::NoId => "no id",
    }
}

/// The words for a sentence about several: `kept 3 …`.
pub(super) fn of_several(why: Stay) -> &'static str {
    match why {
        Stay::NotEnded => "not ended",
        Stay::UnknownStatus => "with an unknown status",
        Stay::NoRule => "that no rule names",
        Stay::Young => "too young",
        Stay::Never => "kept for ever",
        Stay::AmongLast => "among the last",
        Stay::UnreadableTime => "with a time that cannot be read",
        Stay::Future => "with a time in the future",
        Stay::NoId => "without an id",
    }
}

/// The key in JSON.
pub(super) fn key(why: Stay) -> &'static str {
    match why {
        Stay::NotEnded => "not_ended",
        Stay::UnknownStatus => "unknown_status",
        Stay::NoRule => "no_rule",
        Stay::Young => "young",
        Stay::Never => "never",
        Stay::AmongLast => "among_last",
        Stay::UnreadableTime => "unreadable_time",
        Stay::Future => "future",
        Stay::NoId => "no_id",
    }
}
