//! The bytes that the percent signs of a URL stand for.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Undecodable {
    /// A percent sign without two hexadecimal digits.
    NoToken,
    /// `%00`, which no text may hold.
    Nul,
}

/// Decodes a part of a URL. A percent sign that begins no token is refused, or stands for itself, as it does in Python.
pub(super) fn decoded(text: &[u8], strict: bool) -> Result<Vec<u8>, Undecodable> {
    let digit = |byte: Option<&u8>| char::from(*byte?).to_digit(16);
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [first, behind @ ..] = rest {
        let pair = digit(behind.first()).zip(digit(behind.get(1)));
        (rest, bytes) = match (first, pair) {
            (b'%', None) if strict => return Err(Undecodable::NoToken),
            (b'%', Some((0, 0))) => return Err(Undecodable::Nul),
            (b'%', Some((high, low))) => {
                bytes.push((high * 16 + low) as u8);
                (&behind[2..], bytes)
            }
            _ => {
                bytes.push(*first);
                (behind, bytes)
            }
        };
    }
    Ok(bytes)
}
