//! Sizes in bytes, as people write them.

/// Bytes of `64MiB`, `10MB`, `500k`, `1g` or a bare number; a letter alone counts in 1,024s, as `dd` and `split` do.
pub(crate) fn parse_size(text: &str) -> Option<u64> {
    let text = text.trim();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().ok()?;
    let (prefix, base) = match unit.trim_start().to_ascii_lowercase().as_str() {
        "" | "b" => return Some(number),
        unit => {
            let prefix = unit.chars().next()?;
            let base = match &unit[prefix.len_utf8()..] {
                "" | "ib" => 1024_u64,
                "b" => 1000,
                _ => return None,
            };
            (prefix, base)
        }
    };
    let power = "kmgt".find(prefix)? as u32 + 1;
    number.checked_mul(base.checked_pow(power)?)
}

/// Bytes to one decimal, in units of thousands: `4.1 MB`.
pub(crate) fn about(bytes: u64) -> String {
    let units = ["kB", "MB", "GB", "TB"];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    let mut number = bytes as f64 / 1000.0;
    let mut unit = 0;
    // 999.95 would be rounded to 1000.0, which is 1.0 of the next unit.
    while number >= 999.95 && unit + 1 < units.len() {
        number /= 1000.0;
        unit += 1;
    }
    format!("{number:.1} {}", units[unit])
}

/// Bytes in the largest unit that needs no fraction: `64MiB`.
pub(crate) fn spell_size(bytes: u64) -> String {
    let units = ["", "KiB", "MiB", "GiB", "TiB"];
    let mut power = 0;
    while power + 1 < units.len() && bytes > 0 && (bytes >> (10 * power)).is_multiple_of(1024) {
        power += 1;
    }
    format!("{}{}", bytes >> (10 * power), units[power])
}

#[cfg(test)]
mod tests {
    use super::about;

    #[test]
    fn about_has_one_decimal() {
        let cases = [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1.0 kB"),
            (999_949, "999.9 kB"),
            (999_950, "1.0 MB"),
            (4_123_456, "4.1 MB"),
            (u64::MAX, "18446744.1 TB"),
        ];
        for (bytes, expected) in cases {
            assert_eq!(about(bytes), expected);
        }
    }
}
