//! The stored form of a time, `2025-12-29 14:14:00.000000`, told and read eight bytes at a time.

use chrono::{NaiveDate, NaiveDateTime};

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
