//! The few parts of a certificate that are not asked of the encryption library: how it is signed, and how long it is good.

use sha2::{Digest, Sha256, Sha384, Sha512};

/// One DER element: its tag, what is in it, and what comes behind.
fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let [tag, first, rest @ ..] = bytes else {
        return None;
    };
    let (length, rest) = match first {
        0..=0x7f => (usize::from(*first), rest),
        0x81..=0x84 => {
            let (length, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            let length = length
                .iter()
                .fold(0, |sum, byte| sum << 8 | usize::from(*byte));
            (length, rest)
        }
        _ => return None,
    };
    let (content, behind) = rest.split_at_checked(length)?;
    Some((*tag, content, behind))
}

const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1];
const ECDSA: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4];

/// The hash of a certificate by which a password exchange is bound to its connection (RFC 5929); None for one signed in a way
/// that has none.
pub(super) fn binding(certificate: &[u8]) -> Option<Vec<u8>> {
    let (_, whole, _) = element(certificate)?;
    let (_, _, behind) = element(whole)?;
    let (_, algorithm, _) = element(behind)?;
    let (_, name, _) = element(algorithm)?;
    let rsa = name.strip_prefix(RSA);
    let ecdsa = name.strip_prefix(ECDSA);
    match (rsa, ecdsa) {
        (Some([4 | 5 | 11]), _) | (_, Some([1] | [3, 2])) => {
            Some(Sha256::digest(certificate).to_vec())
        }
        (Some([12]), _) | (_, Some([3, 3])) => Some(Sha384::digest(certificate).to_vec()),
        (Some([13]), _) | (_, Some([3, 4])) => Some(Sha512::digest(certificate).to_vec()),
        _ => None,
    }
}

/// The first and the last second of a certificate since 1970.
pub(super) fn validity(certificate: &[u8]) -> Option<(i64, i64)> {
    let (_, whole, _) = element(certificate)?;
    let (_, mut rest, _) = element(whole)?;
    if rest.first() == Some(&0xa0) {
        rest = element(rest)?.2;
    }
    // The number, the algorithm and the issuer stand before it.
    for _ in 0..3 {
        rest = element(rest)?.2;
    }
    let (_, validity, _) = element(rest)?;
    let (kind, from, rest) = element(validity)?;
    let (last_kind, to, _) = element(rest)?;
    Some((second(kind, from)?, second(last_kind, to)?))
}

/// `YYMMDDHHMMSSZ`, or with the whole year.
fn second(kind: u8, text: &[u8]) -> Option<i64> {
    let digits = text.strip_suffix(b"Z")?;
    let mut pairs = digits.chunks(2).map(|pair| {
        let text = std::str::from_utf8(pair).ok()?;
        text.parse::<u32>().ok()
    });
    let mut next = || pairs.next().flatten();
    let first = next()?;
    let year = match kind {
        0x17 if first < 50 => 2000 + first,
        0x17 => 1900 + first,
        _ => first * 100 + next()?,
    };
    let date = chrono::NaiveDate::from_ymd_opt(year.cast_signed(), next()?, next()?)?;
    let at = date.and_hms_opt(next()?, next()?, next()?)?;
    Some(at.and_utc().timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_two_spellings() {
        assert_eq!(second(0x17, b"700101000001Z"), Some(1));
        assert_eq!(second(0x17, b"300101000000Z"), Some(1_893_456_000));
        assert_eq!(second(0x18, b"20500101000000Z"), Some(2_524_608_000));
        assert_eq!(second(0x17, b"7001010000Z"), None);
    }

    #[test]
    fn a_torn_certificate_has_no_parts() {
        for bytes in [&b""[..], b"\x30", b"\x30\x82\x01", b"\x30\x05\x30\x01\x00"] {
            assert_eq!(binding(bytes), None);
            assert_eq!(validity(bytes), None);
        }
    }
}
