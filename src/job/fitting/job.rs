//! A whole job and its table. Whatever has to be changed is kept as it stood, under `context.legacy`, by the name of its column.

use std::borrow::Cow;

use uuid::Uuid;

use super::limits::{Holds, Limits};
use super::misfit::{Misfit, Misfits};
use super::value::{FittedValue, fault, fit_value};
use crate::job::row::write;
use crate::job::{Column, Job, Value, originals};

/// The reason for which the table does not take the job as it is, to be read behind the job's name; None where it fits.
pub fn refusal(job: &Job, limits: &Limits) -> Option<String> {
    beyond_fitting(job, limits)
        .or_else(|| {
            let mut said = job.said();
            said.find_map(|(column, value)| fault(column.name(), limits.of(column), value))
        })
        .or_else(|| {
            let mut others = job.others().iter();
            others.find_map(|(name, value)| fault(name, limits.of_other(name), value))
        })
}

/// The reason for which no fitting helps: an id is never altered, as two might become one, and a job without a type is none.
fn beyond_fitting(job: &Job, limits: &Limits) -> Option<String> {
    for column in Column::DEMANDED {
        if job.get(column).is_null() {
            return Some(format!("it has no {}", column.name()));
        }
    }
    match job.get(Column::Id) {
        Value::Integer(_) | Value::Real(_) => Some("its id is no text".to_owned()),
        id => {
            let holds = limits.of(Column::Id);
            other_spelling(holds, id).or_else(|| fault(Column::Id.name(), holds, id))
        }
    }
}

/// The reason for which a column does not take an id by whose spelling it would not be found there.
fn other_spelling(holds: Holds, id: &Value) -> Option<String> {
    if holds != Holds::Uuid {
        return None;
    }
    if id.as_str().is_none_or(|id| Uuid::try_parse(id).is_err()) {
        return Some("its id is no UUID, and the column takes no other".to_owned());
    }
    let kept = fit_value(holds, id).value;
    (*kept != *id).then(|| format!("the column of its id spells it {}", kept.display()))
}

/// The kinds of a job that fits as it is, and of which a value is kept otherwise.
pub fn told(job: &Job, limits: &Limits) -> Misfits {
    let known = job.said().map(|(column, value)| (limits.of(column), value));
    let others = job.others().iter();
    let others = others.map(|(name, value)| (limits.of_other(name), value));
    let mut told = Misfits::default();
    for (holds, value) in known.chain(others).filter(|(holds, _)| holds.alters()) {
        for misfit in fit_value(holds, value).misfits.into_fitting() {
            told.add(misfit);
        }
    }
    told
}

/// Makes a job fit: the values that the table does not hold are altered or left out, and the originals kept under `context.legacy`
/// beside the name of the store that the job comes from. `orphans` are the columns that name an episode or series that is not there.
/// Values that fit get the form in which the table gives them back. A job that cannot be made to fit stays as it is: the reason is the
/// end of a sentence about it.
pub fn fit(
    job: &mut Job,
    limits: &Limits,
    orphans: &[Column],
    store: &str,
) -> Result<Misfits, String> {
    if let Some(why) = beyond_fitting(job, limits) {
        return Err(why);
    }
    let mut misfits = Misfits::default();
    let mut kept: Vec<(String, Cow<str>)> = Vec::new();
    let mut changed: Vec<(Column, Value)> = Vec::new();
    for (column, value) in job.said() {
        let fitted = if orphans.contains(&column) {
            FittedValue {
                value: Cow::Owned(Value::Null),
                misfits: Misfit::NoParent.into(),
            }
        } else {
            fit_value(limits.of(column), value)
        };
        keep(&mut kept, column.name(), value, fitted.misfits);
        misfits.add_all(fitted.misfits);
        if let Cow::Owned(value) = fitted.value {
            changed.push((column, value));
        }
    }
    let mut others = Vec::new();
    for (index, (name, value)) in job.others().iter().enumerate() {
        let fitted = fit_value(limits.of_other(name), value);
        keep(&mut kept, name, value, fitted.misfits);
        misfits.add_all(fitted.misfits);
        if let Cow::Owned(value) = fitted.value {
            others.push((index, value));
        }
    }
    if !kept.is_empty() && job.lacking().contains(Column::Context) {
        return Err("it lacks context, which would keep the values that do not fit".to_owned());
    }
    for (column, value) in changed {
        job.set(column, value);
    }
    for (index, value) in others {
        job.others_mut()[index].1 = value;
    }
    if !kept.is_empty() {
        let kept: Vec<(&str, Cow<str>)> = kept
            .iter()
            .map(|(name, json)| (name.as_str(), Cow::Borrowed(json.as_ref())))
            .collect();
        originals::add(job, store, &kept);
    }
    Ok(misfits)
}

/// Keeps the original of a value that had to be changed, in its row form.
fn keep(kept: &mut Vec<(String, Cow<str>)>, name: &str, value: &Value, misfits: Misfits) {
    if misfits.worst().is_some() {
        let mut json = String::new();
        write::value(&mut json, value);
        kept.push((name.to_owned(), json.into()));
    }
}
