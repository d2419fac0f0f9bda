//! The words for verdicts, for people and in JSON.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use crate::job::retention::{Fate, Policy, Rule, Stay, Verdict};
use crate::job::{Column, DECIDING, Job};
use crate::time::push_duration;

/// The spelling of each rule of a policy, made once: a dry run tells the rule of each job.
pub(super) struct SpelledRules<'a> {
    policy: &'a Policy,
    spelled: RefCell<Vec<(Rule, Rc<str>)>>,
}

impl<'a> SpelledRules<'a> {
    pub(super) fn of(policy: &'a Policy) -> SpelledRules<'a> {
        SpelledRules {
            policy,
            spelled: RefCell::default(),
        }
    }

    pub(super) fn spell(&self, rule: Rule) -> Rc<str> {
        let mut spelled = self.spelled.borrow_mut();
        if let Some((_, text)) = spelled.iter().find(|(known, _)| *known == rule) {
            return Rc::clone(text);
        }
        let text = Rc::from(self.policy.spell(rule));
        spelled.push((rule, Rc::clone(&text)));
        text
    }
}

/// Appends `failed, 100d old by completed_at (--older-than 30d)`, or `completed, 3d old by updated_at: too young (…)`.
pub(super) fn push_reason(out: &mut String, rules: &SpelledRules, job: &Job, verdict: &Verdict) {
    match job.get(Column::Status) {
        status if status.is_null() => out.push_str("no status"),
        status => out.push_str(&status.display()),
    }
    if let (Some(age), Some(column)) = (verdict.age, verdict.column) {
        out.push_str(", ");
        push_age(out, age);
        out.push_str(" old by ");
        out.push_str(column.name());
    }
    if let Fate::Stays(why) = verdict.fate {
        out.push_str(": ");
        match (why, verdict.column) {
            (Stay::UnreadableTime, Some(column)) => {
                out.push_str(column.name());
                out.push_str(" cannot be read");
            }
            (Stay::UnreadableTime, None) => {
                let is_empty = DECIDING.iter().all(|it| job.get(*it).is_null());
                out.push_str(if is_empty {
                    "no time at all"
                } else {
                    "no time from 2000 to tomorrow"
                });
            }
            (Stay::Future, Some(column)) => {
                out.push_str(column.name());
                out.push_str(" lies in the future");
            }
            (why, _) => out.push_str(short(why)),
        }
    }
    if let Some(rule) = verdict.rule {
        out.push_str(" (");
        out.push_str(&rules.spell(rule));
        out.push(')');
    }
}

/// An age without seconds, which nobody wants of one in days.
fn push_age(out: &mut String, age: Duration) {
    push_duration(out, Duration::from_secs(age.as_secs() / 60 * 60));
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
