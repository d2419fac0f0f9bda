//! The stored form of a time, `2025-12-29 14:14:00.000000`, told and read eight bytes at a time, and written without a
//! formatter: each job of a list or of an import has four times.

use chrono::{Datelike, NaiveDate, NaiveDateTime, Timelike};

pub(super) type Form = [u8; 26];

/// The stored form, with a 0 for every digit.
pub(super) const FORM: &Form = b"0000-00-00 00:00:00.000000";

/// The offsets of the four words of eight bytes that cover the form.
const WORDS: [usize; 4] = [0, 8, 16, 18];

const BLANK: [u64; 4] = words(FORM);

/// The number with which a byte, XOR that of the form, reaches 128 if it is too large: from ten on for a digit, else from one.
const TO_LIMIT: [u64; 4] = words(&limits());

const HIGH_BITS: u64 = 0x8080_8080_8080_8080;

/// The time of a text in the stored form; None for any other, and for one that is no time.
pub(super) fn read_form(text: &[u8]) -> Option<NaiveDateTime> {
    let form = <&Form>::try_from(text).ok()?;
    if !has_form(form) {
        return None;
    }
    let number = |from: usize, to: usize| {
        let digits = form[from..to].iter();
        digits.fold(0, |sum, digit| sum * 10 + u32::from(digit & 0xf))
    };
    NaiveDate::from_ymd_opt(number(0, 4).cast_signed(), number(5, 7), number(8, 10))?
        .and_hms_micro_opt(
            number(11, 13),
            number(14, 16),
            number(17, 19),
            number(20, 26),
        )
}

/// The bytes of the form, and of the part of it that ends with the seconds.
pub(super) const WHOLE: usize = FORM.len();
pub(super) const SECONDS: usize = WHOLE - 7;

/// Appends the first bytes of the form of a time in the years 0 to 9999. `between` stands between day and hour, and is ASCII.
pub(super) fn push_form(out: &mut String, at: NaiveDateTime, between: char, length: usize) {
    let mut form = *FORM;
    let mut two = |index: usize, number: u32| {
        form[index] = b'0' + (number / 10 % 10) as u8;
        form[index + 1] = b'0' + (number % 10) as u8;
    };
    // Every time that is written is `storable`.
    let year = at.year().clamp(0, 9999).cast_unsigned();
    two(0, year / 100);
    two(2, year % 100);
    two(5, at.month());
    two(8, at.day());
    two(11, at.hour());
    two(14, at.minute());
    two(17, at.second());
    let micros = at.nanosecond() / 1000 % 1_000_000;
    two(20, micros / 10_000);
    two(22, micros / 100);
    two(24, micros);
    form[10] = between as u8;
    // Digits and signs are text.
    out.push_str(std::str::from_utf8(&form[..length]).unwrap_or_default());
}

/// Whether it has digits and signs where the form has them.
pub(super) fn has_form(text: &Form) -> bool {
    let mut too_large = 0;
    for (index, word) in words(text).into_iter().enumerate() {
        let over = word ^ BLANK[index];
        too_large |= over | over.wrapping_add(TO_LIMIT[index]);
    }
    too_large & HIGH_BITS == 0
}

const fn words(form: &Form) -> [u64; 4] {
    let mut words = [0; 4];
    let mut word = 0;
    while word < 4 {
        let mut byte = 8;
        while byte > 0 {
            byte -= 1;
            words[word] = words[word] << 8 | form[WORDS[word] + byte] as u64;
        }
        word += 1;
    }
    words
}

const fn limits() -> Form {
    let mut limits = *FORM;
    let mut index = 0;
    while index < limits.len() {
        limits[index] = if FORM[index] == b'0' { 128 - 10 } else { 127 };
        index += 1;
    }
    limits
}
