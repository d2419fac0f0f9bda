//! Points in time and durations: as flags say them, as the table stores them, as people read them.
//!
//! The service stores naive UTC text of exactly 26 characters and compares it as text, so writing has
//! one form; files in the field hold other spellings, so reading takes all of them.

mod duration;
mod form;
mod sort_key;
mod zone;

use chrono::{
    DateTime, Datelike, Days, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, SubsecRound,
    TimeDelta, Timelike, Utc,
};

pub use duration::{
    before, brief, parse_duration, parse_point, push_brief, push_duration, push_to_the_second,
    spell_duration, to_the_second,
};
pub use sort_key::{SortKey, bound, is_stored_form};
pub use zone::{Fit, Zone};

/// A point in time in UTC, with the microseconds that the table keeps.
pub type Instant = NaiveDateTime;

/// The first year whose times count: programs that have no time write year 1, or 1970.
const FIRST_YEAR: i32 = 2000;

/// Whether a time is plausible: not before 2000, nor after tomorrow where `now` is given.
pub fn is_likely(at: Instant, now: Option<Instant>) -> bool {
    let is_past = || now.and_then(first_unlikely).is_none_or(|end| at < end);
    at.year() >= FIRST_YEAR && is_past()
}

/// The end of tomorrow.
pub fn first_unlikely(now: Instant) -> Option<Instant> {
    let day = now.date().checked_add_days(Days::new(2))?;
    Some(day.and_time(NaiveTime::MIN))
}

/// The form in which the table stores a time: exactly 26 characters, `2025-12-29 14:14:00.000000`.
pub fn stored(at: Instant) -> String {
    let mut text = String::with_capacity(form::WHOLE);
    form::push_form(&mut text, at, ' ', form::WHOLE);
    text
}

/// RFC 3339 UTC with six digits and `Z`, the form of the JSON output.
pub fn rfc3339(at: Instant) -> String {
    let mut text = String::with_capacity(form::WHOLE + 1);
    push_rfc3339(&mut text, at);
    text
}

/// Appends the same.
pub fn push_rfc3339(out: &mut String, at: Instant) {
    form::push_form(out, at, 'T', form::WHOLE);
    out.push('Z');
}

/// A spelling of a time, split from its zone: `offset` is None when the text names none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spelled {
    pub naive: NaiveDateTime,
    pub offset: Option<FixedOffset>,
}

impl Spelled {
    /// The instant, reading a text without zone as UTC.
    pub fn utc(self) -> Option<Instant> {
        match self.offset {
            None => Some(self.naive),
            Some(offset) => self
                .naive
                .checked_sub_signed(TimeDelta::seconds(offset.local_minus_utc().into())),
        }
    }
}

/// Reads every spelling of a time that files in the field hold: `YYYY-MM-DD`, then optionally a space
/// or `T`, hours and minutes, seconds, a fraction of any length (cut to microseconds), and `Z` or an offset.
pub fn parse_spelled(text: &str) -> Option<Spelled> {
    let bytes = text.as_bytes();
    if !text.is_ascii() || bytes.len() < 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    let date = NaiveDate::from_ymd_opt(
        digits(&bytes[0..4])? as i32,
        digits(&bytes[5..7])?,
        digits(&bytes[8..10])?,
    )?;
    if bytes.len() == 10 {
        return Some(Spelled {
            naive: date.and_time(NaiveTime::MIN),
            offset: None,
        });
    }
    if !matches!(bytes[10], b' ' | b'T' | b't') || bytes.len() < 16 || bytes[13] != b':' {
        return None;
    }
    let (hour, minute) = (digits(&bytes[11..13])?, digits(&bytes[14..16])?);
    let mut rest = &bytes[16..];
    let (mut second, mut micros) = (0, 0);
    if rest.len() >= 3 && rest[0] == b':' {
        second = digits(&rest[1..3])?;
        rest = &rest[3..];
        if let [b'.' | b',', fraction @ ..] = rest {
            let len = fraction.iter().take_while(|b| b.is_ascii_digit()).count();
            if len == 0 {
                return None;
            }
            micros = fraction[..len.min(6)]
                .iter()
                .fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0'))
                * 10_u32.pow(6 - len.min(6) as u32);
            rest = &fraction[len..];
        }
    }
    Some(Spelled {
        naive: date.and_hms_micro_opt(hour, minute, second, micros)?,
        offset: parse_offset(rest)?,
    })
}

/// The offset that `Z`, `+08:00`, `+0800` or `+08` spell, none for `""`; anything else is no time.
fn parse_offset(bytes: &[u8]) -> Option<Option<FixedOffset>> {
    let bytes = bytes.trim_ascii_start();
    let (sign, rest) = match bytes {
        [] => return Some(None),
        b"Z" | b"z" => return Some(FixedOffset::east_opt(0)),
        [b'+', rest @ ..] => (1, rest),
        [b'-', rest @ ..] => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = match rest {
        [_, _] => (digits(rest)?, 0),
        [_, _, b':', _, _] => (digits(&rest[..2])?, digits(&rest[3..])?),
        [_, _, _, _] => (digits(&rest[..2])?, digits(&rest[2..])?),
        _ => return None,
    };
    if hours > 23 || minutes > 59 {
        return None;
    }
    Some(FixedOffset::east_opt(
        sign * (hours * 3600 + minutes * 60) as i32,
    ))
}

fn digits(bytes: &[u8]) -> Option<u32> {
    bytes.iter().try_fold(0, |sum, byte| {
        byte.is_ascii_digit()
            .then(|| sum * 10 + u32::from(byte - b'0'))
    })
}

/// A stored time as an instant; text without a zone is UTC (DESIGN section 1).
pub fn parse_stored(text: &str) -> Option<Instant> {
    let read = form::read_form(text.as_bytes());
    let at = read.or_else(|| parse_spelled(text)?.utc())?;
    storable(at).then_some(at)
}

/// The source of the present moment. `JOBCTL_TEST_NOW` (RFC 3339) stops it, for tests.
#[derive(Clone, Copy, Debug)]
pub enum Clock {
    System,
    Stopped(Instant),
}

impl Clock {
    pub fn now(self) -> Instant {
        match self {
            Clock::System => Utc::now().naive_utc().trunc_subsecs(6),
            Clock::Stopped(at) => at,
        }
    }
}

/// The instant of a whole second count since 1970, for file times and tests.
pub fn from_unix(seconds: i64) -> Option<Instant> {
    DateTime::from_timestamp(seconds, 0).map(|at| at.naive_utc())
}

/// Whether an instant can be written in 26 characters: the years 0001 to 9999, as Python knows them.
pub fn storable(at: Instant) -> bool {
    (1..=9999).contains(&at.year()) && at.nanosecond() < 1_000_000_000
}
