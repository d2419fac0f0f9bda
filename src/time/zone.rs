//! Time zones: the machine's own, which `TZ` may name in every way that libc knows, and those of `--timezone`. Zone
//! data is bundled, so that a machine without zone files does not silently take a name for UTC.

use std::io;
use std::path::Path;

use chrono::{Datelike, NaiveDateTime, TimeDelta, Timelike};
use jiff::Timestamp;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone, TimeZoneDatabase};

use super::{Instant, parse_offset};

/// The most bytes of a file of zone data.
const MOST: usize = 1 << 20;

/// A function that reads a file of at most the given bytes. Files are opened by folders above this one.
pub(super) type ReadFile = fn(&Path, usize) -> io::Result<Vec<u8>>;

/// A time zone: the machine's own, looked up when it is first needed, or one that was named.
#[derive(Clone, Debug, PartialEq)]
pub enum Zone {
    Machine,
    Of(TimeZone),
    /// A zone spelled out as POSIX has it: `CST-8`.
    Spelled(String, TimeZone),
    /// A `TZ` that names no zone. Times are shown in UTC then, as libc does, and none is read; the text says why.
    Unknown(String),
}

/// The way in which a local time without a zone became an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    Exact,
    /// A time that occurred twice that night; the first one was taken, as Python does.
    Overlap,
    /// A time that did not occur; it was read with the offset before the gap, as Python does.
    Gap,
}

impl Zone {
    pub const UTC: Zone = Zone::Of(TimeZone::UTC);

    /// The machine's zone, which `TZ` may name. Set and empty it is UTC, as libc has it.
    pub fn machine(tz: Option<&str>, read: ReadFile) -> Zone {
        let Some(given) = tz else {
            return Zone::Machine;
        };
        let text = given.strip_prefix(':').unwrap_or(given);
        if text.is_empty() {
            return Zone::UTC;
        }
        match named(text, read) {
            // libc looks for a file of exactly this name.
            Ok(Zone::Of(zone)) if is_other_case(&zone, text) => {
                let name = zone.iana_name().unwrap_or_default();
                Zone::Unknown(format!("TZ={given} names no zone; did you mean {name}?"))
            }
            Ok(zone) => zone,
            Err(why) => Zone::Unknown(format!("TZ={given} names no zone{why}")),
        }
    }

    /// `local`, an IANA name, an offset such as `+08:00`, or anything else that `TZ` may be.
    pub fn parse(text: &str, machine: &Zone, read: ReadFile) -> Result<Zone, String> {
        const WHAT: &str =
            "a zone is a name such as Asia/Shanghai, an offset such as +08:00, or local";
        if text.eq_ignore_ascii_case("local") {
            return Ok(machine.clone());
        }
        if text.starts_with(['+', '-']) {
            let offset = parse_offset(text.as_bytes()).flatten();
            let offset =
                offset.and_then(|offset| Offset::from_seconds(offset.local_minus_utc()).ok());
            return match offset {
                Some(offset) => Ok(Zone::Of(offset.to_time_zone())),
                None => Err(WHAT.to_owned()),
            };
        }
        let text = text.strip_prefix(':').unwrap_or(text);
        if let Some(offset) = after_greenwich(text) {
            return Err(format!(
                "{WHAT}; east of Greenwich is +{offset}, west of it -{offset}, and TZ has it the other way round"
            ));
        }
        named(text, read).map_err(|why| format!("{WHAT}{why}"))
    }

    /// The zone, where there is one to read times in.
    pub fn known(&self) -> Result<&Zone, String> {
        match self {
            Zone::Unknown(why) => Err(format!("it is local time, and {why}")),
            zone => Ok(zone),
        }
    }

    /// The same, with the machine's own looked up: for who asks of many times.
    pub fn looked_up(&self) -> Zone {
        match self {
            Zone::Machine => Zone::Of(TimeZone::system()),
            zone => zone.clone(),
        }
    }

    fn zone(&self) -> TimeZone {
        match self {
            Zone::Machine => TimeZone::system(),
            Zone::Of(zone) | Zone::Spelled(_, zone) => zone.clone(),
            Zone::Unknown(_) => TimeZone::UTC,
        }
    }

    pub fn name(&self) -> String {
        if let Zone::Spelled(text, _) = self {
            return text.clone();
        }
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

/// The folder of zone files, on a machine that has them.
const FILES: &str = "/usr/share/zoneinfo";

/// The zone that a name, a file or a spelling gives. The error continues the caller's message, and may be empty.
fn named(text: &str, read: ReadFile) -> Result<Zone, String> {
    if text.starts_with('/') {
        return in_file(text, read);
    }
    if let Some(name) = text.strip_prefix("posix/") {
        return named(name, read);
    }
    if let Some(name) = text.strip_prefix("right/") {
        return Err(leap_seconds(name));
    }
    if let Ok(zone) = TimeZoneDatabase::bundled().get(text) {
        return Ok(Zone::Of(zone));
    }
    // The name may be newer than the bundled data.
    let is_name = !text.split('/').any(|part| part.is_empty() || part == "..");
    let file = Path::new(FILES).join(text);
    if is_name && let Ok(data) = read(&file, MOST) {
        return from_data(text, &data);
    }
    // Without a rule for its summers, libc takes the one of the USA.
    let with_rule = || TimeZone::posix(&format!("{text},M3.2.0,M11.1.0"));
    match TimeZone::posix(text).or_else(|_| with_rule()) {
        Ok(zone) => Ok(Zone::Spelled(text.to_owned(), zone)),
        Err(_) => Err(match nearest(text) {
            Some(name) => format!("; did you mean {name}?"),
            None => String::new(),
        }),
    }
}

fn in_file(path: &str, read: ReadFile) -> Result<Zone, String> {
    if path == "/etc/localtime" {
        return Ok(Zone::Machine);
    }
    let name = path.split_once("/zoneinfo/").map(|(_, name)| name);
    if let Some(name) = name.and_then(|name| name.strip_prefix("right/")) {
        return Err(leap_seconds(name));
    }
    match (read(Path::new(path), MOST), name) {
        (Ok(data), name) => from_data(name.unwrap_or(path), &data),
        (Err(_), Some(name)) => named(name, read),
        (Err(error), None) => Err(format!(": {error}")),
    }
}

fn from_data(name: &str, data: &[u8]) -> Result<Zone, String> {
    if counts_leap_seconds(data) {
        return Err(leap_seconds(name));
    }
    match TimeZone::tzif(name, data) {
        Ok(zone) => Ok(Zone::Of(zone)),
        Err(_) => Err(": that is no file of a time zone".to_owned()),
    }
}

/// Whether the data of a zone has a table of leap seconds, in either of its two blocks.
fn counts_leap_seconds(data: &[u8]) -> bool {
    const MAGIC: &[u8] = b"TZif";
    memchr::memmem::find_iter(data, MAGIC).any(|at| {
        data.get(at + 28..at + 32)
            .is_some_and(|count| count != [0; 4])
    })
}

fn leap_seconds(name: &str) -> String {
    format!(": it counts leap seconds, which stored times do not; write {name}")
}

fn is_other_case(zone: &TimeZone, text: &str) -> bool {
    let text = text.strip_prefix("posix/").unwrap_or(text);
    zone.iana_name()
        .is_some_and(|name| name != text && name.eq_ignore_ascii_case(text))
}

/// The digits behind `UTC+` or `GMT-`, which as POSIX has it mean the other side of Greenwich.
fn after_greenwich(text: &str) -> Option<&str> {
    let offset = text.get(..3).and_then(|name| {
        let is_greenwich = name.eq_ignore_ascii_case("utc") || name.eq_ignore_ascii_case("gmt");
        is_greenwich.then(|| &text[3..])
    })?;
    let number = offset.strip_prefix(['+', '-'])?;
    // `GMT+0` is a name, and on both sides.
    number
        .starts_with(|c: char| c.is_ascii_digit())
        .then_some(number)
        .filter(|number| number.bytes().any(|digit| (b'1'..=b'9').contains(&digit)))
}

/// The zone that a mistyped name most likely means: by all of it, or by its last part.
fn nearest(text: &str) -> Option<String> {
    const LEAST: f64 = 0.85;
    let wanted = text.to_lowercase().replace(' ', "_");
    let likeness = |name: &str| {
        let name = name.to_lowercase();
        let last = name.rsplit('/').next().unwrap_or(&name);
        let by_last = strsim::jaro_winkler(&wanted, last);
        strsim::jaro_winkler(&wanted, &name).max(by_last)
    };
    TimeZoneDatabase::bundled()
        .available()
        .map(|name| (likeness(name.as_str()), name))
        .filter(|(likeness, _)| *likeness > LEAST)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name.to_string())
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
