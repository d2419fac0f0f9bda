//! The types of columns there, by their names in the server's catalog: which values they hold, and which they are given.

use crate::job::Value;
use crate::job::columns::Takes;
use crate::job::fitting::{Holds, Precision};

/// The values that an unknown column of this type holds; `most` and `digits` as the functions of these names give them.
pub(super) fn holds(base: &str, most: usize, digits: Option<i16>) -> Holds {
    match takes(base) {
        _ if base == "uuid" => Holds::Uuid,
        Takes::Text if base == "bpchar" => Holds::Trimmed(most),
        Takes::Text => Holds::Text(most),
        Takes::Json => document(base),
        Takes::Integer if base == "bool" => Holds::Integer(0, 1),
        Takes::Integer => whole(base),
        Takes::Real => real(base, most, digits),
        Takes::Time => time(digits),
        Takes::Anything => Holds::Anything,
    }
}

/// The most characters or digits by the modifier of a type of texts or `numeric`; of other types it means nothing.
pub(super) fn most(base: &str, modifier: &Value) -> usize {
    match modifier {
        Value::Integer(modifier) => {
            let most = usize::try_from(*modifier - 4).unwrap_or(0);
            if base == "numeric" { most >> 16 } else { most }
        }
        _ => 0,
    }
}

/// The digits behind the point that a type of times or numbers keeps by its modifier; None where that says nothing of them.
pub(super) fn digits(base: &str, modifier: &Value) -> Option<i16> {
    match (base, modifier) {
        ("timestamp" | "timestamptz", Value::Integer(digits @ 0..=5)) => {
            i16::try_from(*digits).ok()
        }
        // Eleven bits with a sign, behind those for all digits.
        ("numeric", Value::Integer(modifier @ 4..)) => {
            let behind = (*modifier - 4) & 0x7ff;
            i16::try_from((behind ^ 1024) - 1024).ok()
        }
        _ => None,
    }
}

/// The JSON that a type holds.
pub(super) fn document(base: &str) -> Holds {
    if base == "jsonb" {
        Holds::SortedJson
    } else {
        Holds::Json
    }
}

/// The numbers that a type holds for those that need not be whole.
pub(super) fn real(base: &str, most: usize, digits: Option<i16>) -> Holds {
    match (base, whole(base)) {
        ("float4", _) => Holds::Rounded(Precision::Single),
        ("numeric", _) => Holds::Rounded(match (i16::try_from(most), digits) {
            (Ok(most), Some(behind)) => Precision::DecimalTo(most - behind, behind),
            _ => Precision::Decimal,
        }),
        ("int2" | "int4" | "int8", Holds::Integer(least, most)) => {
            Holds::Rounded(Precision::Whole(least, most))
        }
        _ => Holds::Real,
    }
}

pub(super) fn time(digits: Option<i16>) -> Holds {
    let digits = digits.and_then(|digits| u8::try_from(digits).ok());
    digits.map_or(Holds::Time, Holds::TimeTo)
}

/// The whole numbers that a type of numbers holds.
pub(super) fn whole(base: &str) -> Holds {
    match base {
        "int2" => Holds::Integer(i16::MIN.into(), i16::MAX.into()),
        "int4" => Holds::Integer(i32::MIN.into(), i32::MAX.into()),
        _ => Holds::Integer(i64::MIN, i64::MAX),
    }
}

/// The values that a column of this type takes.
pub(super) fn takes(base: &str) -> Takes {
    match base {
        "timestamp" | "timestamptz" | "date" => Takes::Time,
        "json" | "jsonb" => Takes::Json,
        "int2" | "int4" | "int8" | "bool" => Takes::Integer,
        "float4" | "float8" | "numeric" => Takes::Real,
        "text" | "varchar" | "bpchar" => Takes::Text,
        _ => Takes::Anything,
    }
}
