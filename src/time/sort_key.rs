//! The keys by which times are compared. A filter needs one of every row, so a text in the stored form is read as it is:
//! nothing is allocated, and no calendar is asked for most days of a month.

use super::form::{FORM, Form, has_form};
use super::{FIRST_YEAR, Instant, parse_stored, storable, stored};

/// The stored form of a time as two numbers: keys have the order of their times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SortKey {
    /// The first 16 bytes.
    head: u128,
    /// The last 16 bytes, of which six are in the head too.
    tail: u128,
}

impl SortKey {
    /// The key of a stored time in any spelling; None when it is no time.
    pub fn of_stored(text: &[u8]) -> Option<SortKey> {
        SortKey::with_form(text).map(|(key, _)| key)
    }

    /// The same, and whether the text is in the stored form.
    pub fn with_form(text: &[u8]) -> Option<(SortKey, bool)> {
        if let Ok(form) = <&Form>::try_from(text)
            && is_time(form)
        {
            return Some((SortKey::of_form(form), true));
        }
        let at = parse_stored(&String::from_utf8_lossy(text))?;
        Some((SortKey::of_bound(&bound(at)), false))
    }

    /// The key of a text that `bound` gave.
    pub fn of_bound(text: &str) -> SortKey {
        <&Form>::try_from(text.as_bytes()).map_or(
            SortKey {
                head: u128::MAX,
                tail: u128::MAX,
            },
            SortKey::of_form,
        )
    }

    fn of_form(form: &Form) -> SortKey {
        let half = |from: usize| {
            let mut bytes = [0; 16];
            bytes.copy_from_slice(&form[from..from + 16]);
            u128::from_be_bytes(bytes)
        };
        SortKey {
            head: half(0),
            tail: half(10),
        }
    }

    /// Whether `time::is_likely` holds for its time; `end` is the end of tomorrow.
    pub fn is_likely(self, end: Option<SortKey>) -> bool {
        let year = (self.head >> 96) as u32;
        let digit = |power: u32| (year >> (8 * power) & 0xf).cast_signed();
        digit(3) * 1000 + digit(2) * 100 + digit(1) * 10 + digit(0) >= FIRST_YEAR
            && end.is_none_or(|end| self < end)
    }
}

/// Whether a text is a time in the stored form.
#[inline]
pub fn is_stored_form(text: &[u8]) -> bool {
    <&Form>::try_from(text).is_ok_and(is_time)
}

/// A text whose key sorts as this time among those of stored times: the stored form, or a text below or above all.
pub fn bound(at: Instant) -> String {
    if storable(at) {
        return stored(at);
    }
    let filling = if at < Instant::default() { " " } else { "~" };
    filling.repeat(FORM.len())
}

/// Whether a text of the form's length has the form, and is a time.
fn is_time(text: &Form) -> bool {
    let pair = |at: usize| u16::from_be_bytes([text[at], text[at + 1]]);
    let (month, day) = (pair(5), pair(8));
    let within = |pair: u16, low: &[u8; 2], high: &[u8; 2]| {
        (u16::from_be_bytes(*low)..=u16::from_be_bytes(*high)).contains(&pair)
    };
    has_form(text)
        && text[..4] != FORM[..4]
        && within(month, b"01", b"12")
        && (within(day, b"01", b"28")
            || (within(day, b"29", b"30") && month != u16::from_be_bytes(*b"02"))
            || parse_stored(&String::from_utf8_lossy(text)).is_some())
        && pair(11) <= u16::from_be_bytes(*b"23")
        && text[14] < b'6'
        && text[17] < b'6'
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use chrono::{Days, NaiveDate, NaiveTime, TimeDelta};
    use proptest::prelude::*;

    use super::*;
    use crate::time::{is_likely, parse_spelled};

    /// As the reader of all spellings has it, which knows no form of its own.
    fn parsed(text: &str) -> Option<Instant> {
        let at = parse_spelled(text)?.utc()?;
        storable(at).then_some(at)
    }

    fn expected(text: &str) -> Option<SortKey> {
        assert_eq!(parse_stored(text), parsed(text), "{text}");
        parsed(text).map(|at| SortKey::of_bound(&stored(at)))
    }

    #[test]
    fn every_day_that_a_calendar_could_mean_is_judged_as_the_reader_judges_it() {
        for year in [0, 1, 1900, 1999, 2000, 2023, 2024, 2100, 9999] {
            for month in 0..=20 {
                for day in 0..=40 {
                    let text = format!("{year:04}-{month:02}-{day:02} 12:00:00.000000");
                    assert_eq!(
                        SortKey::of_stored(text.as_bytes()),
                        expected(&text),
                        "{text}"
                    );
                }
            }
        }
    }

    #[test]
    fn every_byte_counts() {
        let good = "2026-09-19 19:09:39.123456";
        assert!(is_time(good.as_bytes().try_into().unwrap()));
        for index in 0..good.len() {
            for byte in 0..=255 {
                let mut bytes: Form = good.as_bytes().try_into().unwrap();
                bytes[index] = byte;
                let text = String::from_utf8_lossy(&bytes).into_owned();
                let is_form = parse_stored(&text).is_some_and(|at| stored(at).as_bytes() == bytes);
                assert_eq!(is_time(&bytes), is_form, "{text:?}");
                assert_eq!(SortKey::of_stored(&bytes), expected(&text), "{text:?}");
            }
        }
    }

    #[test]
    fn what_cannot_be_stored_is_below_or_above_all() {
        let first = SortKey::of_stored(b"0001-01-01 00:00:00.000000").unwrap();
        let last = SortKey::of_stored(b"9999-12-31 23:59:59.999999").unwrap();
        assert!(SortKey::of_bound(&bound(Instant::MIN)) < first);
        assert!(SortKey::of_bound(&bound(Instant::MAX)) > last);
        let day = NaiveDate::from_ymd_opt(9999, 12, 31).unwrap();
        let next = day.checked_add_days(Days::new(1)).unwrap();
        assert!(SortKey::of_bound(&bound(next.and_time(NaiveTime::MIN))) > last);
        let day = NaiveDate::from_ymd_opt(0, 12, 31).unwrap();
        assert!(SortKey::of_bound(&bound(day.and_time(NaiveTime::MIN))) < first);
    }

    proptest! {
        #[test]
        fn keys_have_the_order_of_times(
            seconds in -62_135_596_800_i64..253_402_300_800,
            micros in 0_i64..1_000_000,
            apart in prop_oneof![-3_i64..3, -100_000_000_000_i64..100_000_000_000],
        ) {
            let at = crate::time::from_unix(seconds).unwrap() + TimeDelta::microseconds(micros);
            let other = at + TimeDelta::microseconds(apart);
            let key = |at| SortKey::of_bound(&bound(at));
            prop_assert_eq!(key(at).cmp(&key(other)), at.cmp(&other));
            prop_assert_eq!(SortKey::of_stored(stored(at).as_bytes()), Some(key(at)));
            prop_assert_eq!(key(at).is_likely(None), is_likely(at, None));
        }

        #[test]
        fn any_text_is_a_time_where_the_reader_says_so(text in "[0-9T :.,+Z-]{0,32}|\\PC{26}") {
            prop_assert_eq!(SortKey::of_stored(text.as_bytes()), expected(&text));
        }
    }
}
