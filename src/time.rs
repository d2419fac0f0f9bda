//! Points in time and durations: as flags say them, as the table stores them, as people read them.
//!
//! The service stores naive UTC text of exactly 26 characters and compares it as text, so writing has
//! one form; files in the field hold other spellings, so reading takes all of them.

use std::time::Duration;

use chrono::{
    DateTime, Datelike, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, SubsecRound, TimeDelta,
    Timelike, Utc,
};
use jiff::Timestamp;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone, TimeZoneDatabase};

/// A point in time in UTC, with the microseconds that the table keeps.
pub type Instant = NaiveDateTime;

/// The form in which the table stores a time: exactly 26 characters, `2025-12-29 14:14:00.000000`.
pub fn stored(at: Instant) -> String {
    spell(at, ' ')
}

/// RFC 3339 UTC with six digits and `Z`, the form of the JSON output.
pub fn rfc3339(at: Instant) -> String {
    let mut text = spell(at, 'T');
    text.push('Z');
    text
}

/// Four times in each job of an import, which is why no formatter is asked.
fn spell(at: Instant, between: char) -> String {
    let mut text = String::with_capacity(27);
    let mut number = |value: u32, digits: u32, behind: Option<char>| {
        for place in (0..digits).rev() {
            let digit = value / 10_u32.pow(place) % 10;
            text.push(char::from(b'0' + digit as u8));
        }
        text.extend(behind);
    };
    // `storable` is what holds for every time that is written.
    number(at.year().clamp(0, 9999).cast_unsigned(), 4, Some('-'));
    number(at.month(), 2, Some('-'));
    number(at.day(), 2, Some(between));
    number(at.hour(), 2, Some(':'));
    number(at.minute(), 2, Some(':'));
    number(at.second(), 2, Some('.'));
    number(at.nanosecond() / 1000 % 1_000_000, 6, None);
    text
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

/// `""` is no offset, `Z`, `+08:00`, `+0800`, `+08` are one; anything else is not a time.
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
    parse_spelled(text)?.utc().filter(|at| storable(*at))
}

/// A time zone: the machine's own, looked up when it is first needed, or one that was named.
#[derive(Clone, Debug, PartialEq)]
pub enum Zone {
    Machine,
    Of(TimeZone),
}

/// How a local time without a zone became an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    Exact,
    /// It happened twice that night; the first of the two was taken, as Python does.
    Overlap,
    /// It did not happen at all; read with the offset in force before the gap, as Python does.
    Gap,
}

impl Zone {
    pub const UTC: Zone = Zone::Of(TimeZone::UTC);

    /// The machine's zone. What `TZ` names is read from the bundled zone data, so that a machine without
    /// zone files does not silently take it for UTC.
    pub fn machine(tz: Option<&str>) -> Zone {
        let name = tz.map_or("", |name| name.trim_start_matches(':'));
        match bundled(name) {
            Some(zone) => Zone::Of(zone),
            None => Zone::Machine,
        }
    }

    /// `local`, an IANA name, or an offset such as `+08:00`.
    pub fn parse(text: &str, machine: &Zone) -> Option<Zone> {
        if text.eq_ignore_ascii_case("local") {
            return Some(machine.clone());
        }
        if text.starts_with(['+', '-']) {
            let offset = parse_offset(text.as_bytes())??;
            let offset = Offset::from_seconds(offset.local_minus_utc()).ok()?;
            return Some(Zone::Of(offset.to_time_zone()));
        }
        bundled(text).map(Zone::Of)
    }

    fn zone(&self) -> TimeZone {
        match self {
            Zone::Machine => TimeZone::system(),
            Zone::Of(zone) => zone.clone(),
        }
    }

    pub fn name(&self) -> String {
        let zone = self.zone();
        match (zone.iana_name(), zone.to_fixed_offset()) {
            (Some(name), _) => name.to_owned(),
            (None, Ok(offset)) => offset.to_string(),
            (None, Err(_)) => "local".to_owned(),
        }
    }

    pub fn to_local(&self, at: Instant) -> NaiveDateTime {
        let offset = match Timestamp::from_second(at.and_utc().timestamp()) {
            Ok(timestamp) => self.zone().to_offset(timestamp).seconds(),
            Err(_) => 0,
        };
        at + TimeDelta::seconds(offset.into())
    }

    /// The instant of a local time, resolved as Python's `datetime.timestamp()` does (fold 0).
    pub fn to_utc(&self, local: NaiveDateTime) -> (Instant, Fit) {
        let Some(civil) = civil(local) else {
            return (local, Fit::Exact);
        };
        let (offset, fit) = match self.zone().to_ambiguous_timestamp(civil).offset() {
            AmbiguousOffset::Unambiguous { offset } => (offset, Fit::Exact),
            AmbiguousOffset::Gap { before, .. } => (before, Fit::Gap),
            AmbiguousOffset::Fold { before, .. } => (before, Fit::Overlap),
        };
        (local - TimeDelta::seconds(offset.seconds().into()), fit)
    }
}

fn bundled(name: &str) -> Option<TimeZone> {
    match name {
        "" => None,
        name => TimeZoneDatabase::bundled().get(name).ok(),
    }
}

fn civil(local: NaiveDateTime) -> Option<jiff::civil::DateTime> {
    jiff::civil::DateTime::new(
        local.year().try_into().ok()?,
        local.month().try_into().ok()?,
        local.day().try_into().ok()?,
        local.hour().try_into().ok()?,
        local.minute().try_into().ok()?,
        local.second().try_into().ok()?,
        0,
    )
    .ok()
}

/// A duration as flags say it: `90s`, `36h`, `7d12h`, `500ms`, `2w`. A bare number is an error.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    const UNITS: &str = "use a number with a unit: ms, s, m, h, d or w, such as 36h or 7d12h";
    let mut rest = text.trim();
    if rest.is_empty() {
        return Err(format!("it is empty; {UNITS}"));
    }
    if rest.bytes().all(|b| b.is_ascii_digit()) {
        return Err(format!("a bare number has no unit; {UNITS}"));
    }
    let mut total = Duration::ZERO;
    while !rest.is_empty() {
        let number_len = rest.bytes().take_while(u8::is_ascii_digit).count();
        let unit_len = rest[number_len..]
            .bytes()
            .take_while(u8::is_ascii_alphabetic)
            .count();
        let number: u64 = rest[..number_len].parse().map_err(|_| UNITS.to_owned())?;
        let millis = match &rest[number_len..number_len + unit_len] {
            "ms" => 1,
            "s" => 1000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            "w" => 604_800_000,
            _ => return Err(UNITS.to_owned()),
        };
        total = number
            .checked_mul(millis)
            .and_then(|ms| total.checked_add(Duration::from_millis(ms)))
            .filter(|sum| sum.as_secs() < 3_000 * 366 * 86_400)
            .ok_or_else(|| "that is longer than 3000 years".to_owned())?;
        rest = &rest[number_len + unit_len..];
    }
    Ok(total)
}

/// What flags such as `--since` take: a time, a day word, or an age counted back from now.
pub fn parse_point(text: &str, now: Instant, zone: &Zone) -> Result<Instant, String> {
    let text = text.trim();
    let midnight = |days| {
        let day = zone.to_local(now).date() - TimeDelta::days(days);
        zone.to_utc(day.and_time(NaiveTime::MIN)).0
    };
    match text {
        "now" => return Ok(now),
        "today" => return Ok(midnight(0)),
        "yesterday" => return Ok(midnight(1)),
        _ => {}
    }
    if let Some(spelled) = parse_spelled(text) {
        return match spelled.offset {
            Some(_) => spelled.utc().ok_or_else(|| "out of range".to_owned()),
            None => Ok(zone.to_utc(spelled.naive).0),
        };
    }
    if text.len() >= 8 && text.contains('-') {
        return Err(
            "not a date and time that exists; write YYYY-MM-DD, YYYY-MM-DD HH:MM[:SS] or RFC 3339"
                .into(),
        );
    }
    match parse_duration(text) {
        Ok(age) => before(now, age).ok_or_else(|| "out of range".to_owned()),
        Err(reason) => Err(format!(
            "{reason}; or a time: YYYY-MM-DD[ HH:MM[:SS]], RFC 3339, now, today, yesterday"
        )),
    }
}

/// `now` less an age.
pub fn before(now: Instant, age: Duration) -> Option<Instant> {
    now.checked_sub_signed(TimeDelta::from_std(age).ok()?)
}

/// An age or duration as people say it, in at most five characters: `45s`, `3m`, `2h05`, `12d`, `3y`.
pub fn brief(span: TimeDelta) -> String {
    let (sign, seconds) = match span.num_seconds() {
        s if s < 0 => ("-", -s),
        s => ("", s),
    };
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    let text = match seconds {
        0..60 => format!("{seconds}s"),
        60..3600 => format!("{minutes}m"),
        3600..36_000 => format!("{hours}h{:02}", minutes % 60),
        36_000..172_800 => format!("{hours}h"),
        _ if days < 1000 => format!("{days}d"),
        _ => format!("{}y", days / 365),
    };
    format!("{sign}{text}")
}

/// `2025-12-29 14:14:00` in the given zone, to the second.
pub fn to_the_second(at: Instant, zone: &Zone) -> String {
    zone.to_local(at).format("%Y-%m-%d %H:%M:%S").to_string()
}

/// Where the present moment comes from. `JOBCTL_TEST_NOW` (RFC 3339) stops it, for tests.
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

/// A duration as `parse_duration` reads it: `7d12h`.
pub fn spell_duration(span: Duration) -> String {
    let mut rest = span.as_millis();
    let mut text = String::new();
    for (unit, millis) in [
        ("d", 86_400_000),
        ("h", 3_600_000),
        ("m", 60_000),
        ("s", 1000),
        ("ms", 1),
    ] {
        if rest >= millis {
            text.push_str(&format!("{}{unit}", rest / millis));
            rest %= millis;
        }
    }
    match text.is_empty() {
        true => "0s".to_owned(),
        false => text,
    }
}
