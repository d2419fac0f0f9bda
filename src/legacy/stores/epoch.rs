//! Numbers where a time belongs, as pandas and JavaScript write them. Whether they count seconds or fractions of them is
//! nowhere said, so they are not taken: the message has the time that one would be and the line of shell that converts it.

use crate::time;

/// A unit of time, and the number of them in a second.
const UNITS: [(&str, u32); 4] = [
    ("seconds", 1),
    ("milliseconds", 1_000),
    ("microseconds", 1_000_000),
    ("nanoseconds", 1_000_000_000),
];

/// The years 2000 to 2099, in seconds since 1970. In no two units a number lies in them.
const LIKELY: std::ops::Range<f64> = 946_684_800.0..4_102_444_800.0;

/// The message about a number, as spelled, in the member of this name. None when it is no number.
pub(crate) fn told(name: &str, spelled: &str) -> Option<String> {
    let is_number = |byte: u8| byte.is_ascii_digit() || b"+-.eE".contains(&byte);
    let number: f64 = if spelled.bytes().all(is_number) {
        spelled.parse().ok()?
    } else {
        return None;
    };
    let short: String = spelled.chars().take(40).collect();
    let unit = |(_, a_second): &&(&str, u32)| LIKELY.contains(&(number / f64::from(*a_second)));
    let Some((unit, a_second)) = UNITS.iter().find(unit) else {
        return Some(format!("\"{name}\" is no date and time: {short}"));
    };
    let micros = (number / f64::from(*a_second) * 1e6).round() as i64;
    let at = chrono::DateTime::from_timestamp_micros(micros)?.naive_utc();
    Some(format!(
        "\"{name}\" is {short}, a number: as {unit} since 1970 it would be {} UTC; {} FILE writes such times out",
        time::stored(at),
        converter(*a_second)
    ))
}

/// The command that makes times of the numbers, in a dump of any shape and in a file of rejects.
fn converter(a_second: u32) -> String {
    let (whole, fraction) = match a_second {
        1 => (
            "floor".to_owned(),
            "(. * 1000000 | round) % 1000000 + 1000000".to_owned(),
        ),
        n => (format!(". / {n} | floor"), format!(". % {n} + {n}")),
    };
    format!(
        "jq '(.. | objects | (.created_at, .updated_at, .started_at, .completed_at) | select(tostring | test(\"^[0-9.]+$\"))) \
         |= (tonumber | \"\\({whole} | strftime(\"%FT%T\")).\\({fraction} | tostring | .[1:])Z\")'"
    )
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::told;

    #[test]
    fn a_number_is_told_in_the_unit_in_which_it_is_likely() {
        for (spelled, words) in [
            (
                "1766921414",
                "as seconds since 1970 it would be 2025-12-28 11:30:14.000000 UTC",
            ),
            (
                "1766921414.482",
                "as seconds since 1970 it would be 2025-12-28 11:30:14.482000 UTC",
            ),
            (
                "1.766921414e9",
                "as seconds since 1970 it would be 2025-12-28 11:30:14.000000 UTC",
            ),
            (
                "1766921414482",
                "as milliseconds since 1970 it would be 2025-12-28 11:30:14.482000 UTC",
            ),
            (
                "1766921414482913",
                "as microseconds since 1970 it would be 2025-12-28 11:30:14.482913 UTC",
            ),
            (
                "1766921414482000000",
                "as nanoseconds since 1970 it would be 2025-12-28 11:30:14.482000 UTC",
            ),
            ("0", "\"t\" is no date and time: 0"),
            ("-1766921414", "\"t\" is no date and time: -1766921414"),
            ("17", "\"t\" is no date and time: 17"),
            ("1e400", "\"t\" is no date and time: 1e400"),
            ("99999999999999999999999999", "\"t\" is no date and time"),
        ] {
            let told = told("t", spelled).unwrap();
            assert!(told.contains(words), "{told}");
        }
        for spelled in ["", "today", "1-2", "e", "."] {
            assert_eq!(told("t", spelled), None, "{spelled}");
        }
    }
}
