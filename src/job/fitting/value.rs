//! One value and the column that is to hold it.

use std::borrow::Cow;

use uuid::Uuid;

use super::limits::Holds;
use super::misfit::{Misfit, Misfits};
use super::rounding::{rounded, to_digits};
use crate::job::Value;
use crate::text::json::{is_json, sorted};
use crate::text::visible::grouped;
use crate::time::{self, is_stored_form};

/// A value as a column holds it, in the form in which that gives it back, and the kinds for which it had to be changed. Without a kind it
/// is the same value: numbers are compared by what they are worth, times as instants, JSON by its text.
#[derive(Clone, Debug, PartialEq)]
pub struct FittedValue<'a> {
    pub value: Cow<'a, Value>,
    pub misfits: Misfits,
}

impl<'a> FittedValue<'a> {
    fn same(value: &'a Value) -> FittedValue<'a> {
        FittedValue {
            value: Cow::Borrowed(value),
            misfits: Misfits::default(),
        }
    }

    fn other(value: impl Into<Value>, misfits: impl Into<Misfits>) -> FittedValue<'a> {
        FittedValue {
            value: Cow::Owned(value.into()),
            misfits: misfits.into(),
        }
    }

    fn empty(misfit: Misfit) -> FittedValue<'a> {
        FittedValue::other(Value::Null, misfit)
    }

    fn equal(value: impl Into<Value>) -> FittedValue<'a> {
        FittedValue::other(value, Misfits::default())
    }
}

/// Fits a value to a column.
pub fn fit_value(holds: Holds, value: &Value) -> FittedValue<'_> {
    match (holds, value) {
        (_, Value::Null) => FittedValue::same(value),
        (Holds::Anything, Value::Text(_) | Value::BrokenText(_)) => text(0, value),
        (Holds::Anything, _) => FittedValue::same(value),
        (Holds::Text(_) | Holds::Trimmed(_), Value::Integer(_) | Value::Real(_)) => {
            FittedValue::equal(spelled(value))
        }
        (Holds::Text(most), value) => text(most, value),
        (Holds::Trimmed(most), value) => trimmed(most, value),
        (Holds::Uuid, value) => uuid(value),
        (Holds::Json, value) => json(value),
        (Holds::SortedJson, value) => sorted_json(value),
        (Holds::Real, Value::Real(number)) if number.is_finite() => FittedValue::same(value),
        (Holds::Real, Value::Integer(number)) => FittedValue::equal(*number as f64),
        (Holds::Real | Holds::Rounded(_) | Holds::Integer(..), Value::Real(number))
            if !number.is_finite() =>
        {
            FittedValue::empty(Misfit::NotFinite)
        }
        (Holds::Rounded(precision), Value::Real(_) | Value::Integer(_)) => {
            let number = match value {
                Value::Integer(number) => *number as f64,
                Value::Real(number) => *number,
                _ => 0.0,
            };
            match rounded(precision, number) {
                None => FittedValue::empty(Misfit::OutOfRange),
                Some(kept) if kept == number => FittedValue::equal(kept),
                Some(kept) => FittedValue::other(kept, Misfit::Adapted),
            }
        }
        (Holds::Integer(least, most), Value::Integer(number)) => {
            if (least..=most).contains(number) {
                FittedValue::same(value)
            } else {
                FittedValue::empty(Misfit::OutOfRange)
            }
        }
        (Holds::Integer(least, most), Value::Real(number)) => whole(least, most, *number),
        (Holds::Real | Holds::Rounded(_) | Holds::Integer(..), _) => {
            FittedValue::empty(Misfit::OutOfRange)
        }
        (Holds::Time, Value::Text(text)) if is_stored_form(text.as_bytes()) => {
            FittedValue::same(value)
        }
        (Holds::Time, value) => match value.time() {
            Some(at) => FittedValue::other(time::stored(at), Misfit::Respelled),
            None => FittedValue::empty(Misfit::BadTime),
        },
        (Holds::TimeTo(digits), value) => {
            let fitted = fit_value(Holds::Time, value);
            match fitted.value.time().and_then(|at| to_digits(at, digits)) {
                Some(kept) => {
                    let mut misfits = fitted.misfits;
                    misfits.add(Misfit::Adapted);
                    FittedValue::other(time::stored(kept), misfits)
                }
                None => fitted,
            }
        }
    }
}

/// A text of a column of UUIDs. What is none the table refuses itself.
fn uuid(value: &Value) -> FittedValue<'_> {
    let parsed = value.as_str().and_then(|text| Uuid::try_parse(text).ok());
    match parsed.map(|uuid| uuid.to_string()) {
        Some(kept) if Some(kept.as_str()) != value.as_str() => {
            FittedValue::other(kept, Misfit::Adapted)
        }
        Some(_) => FittedValue::same(value),
        None => text(0, value),
    }
}

/// A text of a column that keeps no blanks at its end.
fn trimmed(most: usize, value: &Value) -> FittedValue<'_> {
    let (mut kept, mut misfits) = clean(value);
    let end = kept.trim_end_matches(' ').len();
    if end < kept.len() {
        misfits.add(Misfit::Adapted);
        kept.to_mut().truncate(end);
    }
    if let Some((end, _)) = kept.char_indices().nth(most).filter(|_| most > 0) {
        misfits.add(Misfit::TooLong);
        let end = kept[..end].trim_end_matches(' ').len();
        kept.to_mut().truncate(end);
    }
    if misfits == Misfits::default() {
        return FittedValue::same(value);
    }
    FittedValue::other(kept.into_owned(), misfits)
}

fn sorted_json(value: &Value) -> FittedValue<'_> {
    let fitted = json(value);
    let Some(text) = fitted.value.as_str() else {
        return fitted;
    };
    match sorted(text) {
        None => FittedValue::empty(Misfit::NotJson),
        Some(kept) if kept == text => fitted,
        Some(kept) => {
            let mut misfits = fitted.misfits;
            misfits.add(Misfit::Adapted);
            FittedValue::other(kept, misfits)
        }
    }
}

/// A number as a column of texts keeps it.
fn spelled(value: &Value) -> String {
    match value {
        Value::Real(number) => format!("{number:?}"),
        value => value.display().into_owned(),
    }
}

fn text(most: usize, value: &Value) -> FittedValue<'_> {
    let (text, mut misfits) = clean(value);
    let end = match most {
        0 => None,
        most if text.len() <= most => None,
        // Blanks at the end count as others do: the table would take them away without a word.
        most => text.char_indices().nth(most).map(|(end, _)| end),
    };
    match (end, text) {
        (Some(end), text) => {
            misfits.add(Misfit::TooLong);
            FittedValue::other(&text[..end], misfits)
        }
        (None, Cow::Borrowed(_)) if misfits == Misfits::default() => FittedValue::same(value),
        (None, text) => FittedValue::other(text.into_owned(), misfits),
    }
}

/// The text of a value that is one, or of bytes, without what no text holds.
fn clean(value: &Value) -> (Cow<'_, str>, Misfits) {
    let mut misfits = Misfits::default();
    let text = match value {
        Value::Text(text) => Cow::Borrowed(text.as_str()),
        Value::BrokenText(bytes) | Value::Blob(bytes) => {
            misfits.add(Misfit::NotUtf8);
            String::from_utf8_lossy(bytes)
        }
        _ => Cow::Borrowed(""),
    };
    if memchr::memchr(0, text.as_bytes()).is_none() {
        return (text, misfits);
    }
    misfits.add(Misfit::Nul);
    (Cow::Owned(text.replace('\0', "\u{fffd}")), misfits)
}

fn json(value: &Value) -> FittedValue<'_> {
    match value {
        Value::Text(text) if is_json(text) => FittedValue::same(value),
        Value::Text(_) | Value::BrokenText(_) => {
            let (text, mut misfits) = clean(value);
            if misfits != Misfits::default() && is_json(&text) {
                return FittedValue::other(text.into_owned(), misfits);
            }
            misfits.add(Misfit::NotJson);
            FittedValue::other(Value::Null, misfits)
        }
        Value::Integer(number) => FittedValue::equal(number.to_string()),
        Value::Real(_) => match value.json() {
            Some(Some(json)) => FittedValue::equal(json.into_owned()),
            _ => FittedValue::empty(Misfit::NotFinite),
        },
        _ => FittedValue::empty(Misfit::NotJson),
    }
}

fn whole<'a>(least: i64, most: i64, number: f64) -> FittedValue<'a> {
    if number.fract() != 0.0 {
        return FittedValue::empty(Misfit::NotWhole);
    }
    let is_exact = number.abs() < 9.2e18;
    let whole = number as i64;
    if is_exact && (least..=most).contains(&whole) {
        FittedValue::equal(whole)
    } else {
        FittedValue::empty(Misfit::OutOfRange)
    }
}

/// The fault of a value in a column of this name, as the end of a sentence about its job; None where the column holds it.
pub fn fault(name: &str, holds: Holds, value: &Value) -> Option<String> {
    let misfit = fit_value(holds, value).misfits.worst()?;
    Some(match (misfit, holds) {
        (Misfit::TooLong, Holds::Text(most) | Holds::Trimmed(most)) => {
            let length = value.display().chars().count();
            let (length, most) = (grouped(length as u64), grouped(most as u64));
            format!("its {name} has {length} characters; at most {most} are stored")
        }
        (Misfit::Nul, _) => format!("its {name} holds a NUL character"),
        (Misfit::NotUtf8, _) => format!("its {name} is no text (not UTF-8)"),
        (Misfit::NotJson, Holds::SortedJson) if value.as_str().is_some_and(is_json) => {
            format!("its {name} is JSON that a jsonb column does not take")
        }
        (Misfit::NotJson, _) => format!("its {name} is no JSON"),
        (Misfit::NotWhole, _) => format!("its {name} is {}, which is not whole", spelled(value)),
        (Misfit::NotFinite, _) => format!("its {name} is not finite"),
        (Misfit::OutOfRange, _) => match value {
            Value::Integer(_) | Value::Real(_) => {
                format!("its {name} is {}, which is out of range", spelled(value))
            }
            _ => format!("its {name} is no number"),
        },
        _ => format!("its {name} is no time"),
    })
}
