//! Numbers and times as columns keep them that are less exact than the service's.

use chrono::TimeDelta;

use super::limits::Precision;
use crate::time::Instant;

/// A finite number as it is kept; None where it is out of range.
pub(super) fn rounded(precision: Precision, number: f64) -> Option<f64> {
    let kept = match precision {
        Precision::Single => f64::from(number as f32),
        Precision::Whole(least, most) => {
            let kept = number.round_ties_even();
            return (least as f64 <= kept && kept <= most as f64).then_some(kept);
        }
        Precision::Decimal => decimal(number, None)?,
        Precision::DecimalTo(before, behind) => {
            let kept = decimal(number, Some(behind))?;
            return (kept.abs() < 10_f64.powi(before.into())).then_some(kept);
        }
    };
    let is_lost = kept == 0.0 && number != 0.0;
    (kept.is_finite() && !is_lost).then_some(kept)
}

/// The number of fifteen digits, and of these at most so many behind the point.
fn decimal(number: f64, behind: Option<i16>) -> Option<f64> {
    let text = format!("{number:.14e}");
    let (mantissa, exponent) = text.split_once('e')?;
    let digits: i64 = mantissa.replace('.', "").parse().ok()?;
    let exponent = exponent.parse::<i32>().ok()? - 14;
    let more = behind.map_or(0, |behind| -exponent - i32::from(behind));
    let (digits, exponent) = match u32::try_from(more) {
        Ok(0) | Err(_) => (digits, exponent),
        Ok(more @ 1..=17) => {
            let unit = 10_i64.pow(more);
            let half = unit / 2 * digits.signum();
            ((digits + half) / unit, exponent + more as i32)
        }
        Ok(_) => (0, 0),
    };
    format!("{digits}e{exponent}").parse().ok()
}

/// The time as it is kept with so many digits of a second; None where that is the same.
pub(super) fn to_digits(at: Instant, digits: u8) -> Option<Instant> {
    let unit = 10_i64.pow(6 - u32::from(digits.min(6)));
    let micros = at.and_utc().timestamp_micros();
    // The server counts from 2000 on, and rounds away from there.
    let since = micros - EPOCH;
    let half = unit / 2 * since.signum();
    let kept = (since + half) / unit * unit;
    (kept != since).then(|| at.checked_add_signed(TimeDelta::microseconds(kept - since)))?
}

/// The year 2000 in microseconds since 1970.
const EPOCH: i64 = 946_684_800_000_000;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{parse_stored, stored};

    #[test]
    fn numbers_are_kept_as_their_columns_are() {
        let two = Precision::DecimalTo(3, 2);
        let int = Precision::Whole(-100, 100);
        for (precision, given, kept) in [
            (two, 33.333, Some(33.33)),
            (two, 33.335, Some(33.34)),
            (two, -0.005, Some(-0.01)),
            (two, 1e-30, Some(0.0)),
            (two, 50.0, Some(50.0)),
            (two, 999.994, Some(999.99)),
            (two, -999.995, None),
            (Precision::DecimalTo(5, -2), 149.0, Some(100.0)),
            (Precision::Decimal, 0.1 + 0.2, Some(0.3)),
            (Precision::Decimal, 1e300, Some(1e300)),
            (Precision::Single, 0.5, Some(0.5)),
            (Precision::Single, 1e300, None),
            (Precision::Single, 1e-300, None),
            (int, 2.5, Some(2.0)),
            (int, -33.6, Some(-34.0)),
            (int, 101.0, None),
        ] {
            assert_eq!(rounded(precision, given), kept, "{precision:?} {given}");
        }
    }

    #[test]
    fn times_are_rounded_away_from_2000() {
        for (digits, given, kept) in [
            (
                3,
                "2026-01-02 03:04:05.678500",
                Some("2026-01-02 03:04:05.679000"),
            ),
            (
                0,
                "2026-01-02 23:59:59.500000",
                Some("2026-01-03 00:00:00.000000"),
            ),
            (
                0,
                "1999-12-31 23:59:58.500000",
                Some("1999-12-31 23:59:58.000000"),
            ),
            (3, "2026-01-02 03:04:05.678000", None),
        ] {
            let found = parse_stored(given).and_then(|at| to_digits(at, digits));
            assert_eq!(found.map(stored).as_deref(), kept, "{given}");
        }
    }
}
