//! Durations and ages as flags spell them and as people read them, and the points in time that they name.

use std::fmt::Write;
use std::time::Duration;

use chrono::{Datelike, NaiveTime, TimeDelta};

use super::form::{SECONDS, push_form};
use super::{Instant, Zone, parse_spelled};

/// A duration as flags spell it: `90s`, `36h`, `7d12h`, `500ms`, `2w`. A bare number is an error.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    const UNITS: &str = "use a number with a unit: ms, s, m, h, d or w, such as 36h or 7d12h";
    let mut rest = text.trim();
    if rest.is_empty() {
        return Err(format!("it is empty; {UNITS}"));
    }
    if let Some(age) = without_sign(rest) {
        return Err(format!("it takes no sign; write {age}"));
    }
    if let Some(age) = meant(rest) {
        return Err(format!("write {age}"));
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
        let unit = match &rest[number_len..number_len + unit_len] {
            "ms" => 1,
            "s" => 1000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            "w" => 604_800_000,
            _ => return Err(UNITS.to_owned()),
        };
        let number = match number_len {
            0 => return Err(UNITS.to_owned()),
            // More digits than a number holds: too long an age in any unit.
            _ => rest[..number_len].parse().unwrap_or(u64::MAX),
        };
        total = number
            .checked_mul(unit)
            .and_then(|ms| total.checked_add(Duration::from_millis(ms)))
            .filter(|sum| sum.as_secs() < 3_000 * 366 * 86_400)
            .ok_or_else(|| "it is longer than 3000 years; write less, such as 36500d".to_owned())?;
        rest = &rest[number_len + unit_len..];
    }
    Ok(total)
}

/// The age of a text that says one with blanks, in capitals or with whole words: `7 d`, `7D`, `7 days`. A capital M may be a
/// month.
fn meant(text: &str) -> Option<String> {
    const WORDS: [(&str, &str); 16] = [
        ("days", "d"),
        ("day", "d"),
        ("hours", "h"),
        ("hour", "h"),
        ("hrs", "h"),
        ("hr", "h"),
        ("minutes", "m"),
        ("minute", "m"),
        ("mins", "m"),
        ("min", "m"),
        ("seconds", "s"),
        ("second", "s"),
        ("secs", "s"),
        ("sec", "s"),
        ("weeks", "w"),
        ("week", "w"),
    ];
    if text.contains('M') {
        return None;
    }
    let mut age: String = text.split_whitespace().collect();
    age.make_ascii_lowercase();
    for (word, unit) in WORDS {
        age = age.replace(word, unit);
    }
    let is_age = age != text && age.ends_with(|c: char| c.is_ascii_alphabetic());
    (is_age && parse_duration(&age).is_ok()).then_some(age)
}

/// The age of a text that says one with a sign before it, or with "ago" behind: `-7d`, `+7d`, `7d ago`.
fn without_sign(text: &str) -> Option<String> {
    // A dash of a document's typography too.
    let signed = text.strip_prefix(['-', '+', '\u{2212}', '\u{2013}']);
    let age = match signed {
        Some(age) => age,
        None => text.strip_suffix(" ago")?,
    };
    let age = age.trim();
    match parse_duration(age) {
        Ok(_) => Some(age.to_owned()),
        Err(_) => meant(age),
    }
}

/// The point in time that flags such as `--since` take: a time, a day word, or an age counted back from now.
pub fn parse_point(text: &str, now: Instant, zone: &Zone) -> Result<Instant, String> {
    let text = text.trim();
    let midnight = |days| {
        let zone = zone.known()?;
        let day = zone.to_local(now).date() - TimeDelta::days(days);
        Ok(zone.to_utc(day.and_time(NaiveTime::MIN)).0)
    };
    match text {
        "now" => return Ok(now),
        "today" => return midnight(0),
        "yesterday" => return midnight(1),
        _ => {}
    }
    if let Some(age) = without_sign(text) {
        return Err(format!("an age counts back from now; write {age}"));
    }
    if let Some(spelled) = parse_spelled(text) {
        return match spelled.offset {
            Some(_) => spelled.utc().ok_or_else(|| "out of range".to_owned()),
            None => Ok(zone.known()?.to_utc(spelled.naive).0),
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
    let mut text = String::new();
    push_brief(&mut text, span);
    text
}

/// Appends the same.
pub fn push_brief(out: &mut String, span: TimeDelta) {
    let seconds = span.num_seconds();
    if seconds < 0 {
        out.push('-');
    }
    let seconds = seconds.unsigned_abs();
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    // A text takes everything.
    let _ = match seconds {
        0..60 => write!(out, "{seconds}s"),
        60..3600 => write!(out, "{minutes}m"),
        3600..36_000 => write!(out, "{hours}h{:02}", minutes % 60),
        36_000..172_800 => write!(out, "{hours}h"),
        _ if days < 1000 => write!(out, "{days}d"),
        _ => write!(out, "{}y", days / 365),
    };
}

/// `2025-12-29 14:14:00` in the given zone, to the second.
pub fn to_the_second(at: Instant, zone: &Zone) -> String {
    let mut text = String::new();
    push_to_the_second(&mut text, at, zone);
    text
}

/// Appends the same.
pub fn push_to_the_second(out: &mut String, at: Instant, zone: &Zone) {
    let local = zone.to_local(at);
    if (0..=9999).contains(&local.year()) {
        push_form(out, local, ' ', SECONDS);
    } else {
        // Of a year that the zone makes, and that has more digits or fewer.
        let _ = write!(out, "{}", local.format("%Y-%m-%d %H:%M:%S"));
    }
}

/// A duration as `parse_duration` reads it: `7d12h`.
pub fn spell_duration(span: Duration) -> String {
    let mut text = String::new();
    push_duration(&mut text, span);
    text
}

/// Appends what `spell_duration` gives.
pub fn push_duration(out: &mut String, span: Duration) {
    let mut rest = span.as_millis();
    if rest == 0 {
        return out.push_str("0s");
    }
    for (unit, millis) in [
        ("d", 86_400_000),
        ("h", 3_600_000),
        ("m", 60_000),
        ("s", 1000),
        ("ms", 1),
    ] {
        if rest >= millis {
            // A text takes everything.
            let _ = write!(out, "{}{unit}", rest / millis);
            rest %= millis;
        }
    }
}
