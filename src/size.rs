//! Sizes in bytes, as people write them.

/// Bytes of `64MiB`, `10MB`, `500k`, `1g` or a bare number; a letter alone counts in 1,024s, as `dd` and `split` do.
pub fn parse_size(text: &str) -> Option<u64> {
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

/// Bytes in the largest unit that needs no fraction: `64MiB`.
pub fn spell_size(bytes: u64) -> String {
    let units = ["", "KiB", "MiB", "GiB", "TiB"];
    let mut power = 0;
    while power + 1 < units.len() && bytes > 0 && (bytes >> (10 * power)).is_multiple_of(1024) {
        power += 1;
    }
    format!("{}{}", bytes >> (10 * power), units[power])
}
