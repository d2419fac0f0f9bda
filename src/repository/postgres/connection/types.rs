//! The types of columns there, by their names in the server's catalog: which values they hold, and which they are given.

use crate::job::Value;
use crate::job::columns::Takes;
use crate::job::fitting::Holds;

/// The values that an unknown column of this type holds; `most` as `most` gives it.
pub(super) fn holds(base: &str, most: usize) -> Holds {
    match takes(base) {
        Takes::Text if base == "bpchar" => Holds::Anything,
        Takes::Text => Holds::Text(most),
        Takes::Json => Holds::Json,
        Takes::Integer if base == "bool" => Holds::Integer(0, 1),
        Takes::Integer => whole(base),
        Takes::Real => Holds::Real,
        Takes::Time => Holds::Time,
        Takes::Anything => Holds::Anything,
    }
}

/// The most characters by the modifier of a type of texts; of other types it means nothing.
pub(super) fn most(modifier: &Value) -> usize {
    match modifier {
        Value::Integer(modifier) => usize::try_from(*modifier - 4).unwrap_or(0),
        _ => 0,
    }
}

/// Whether a type of times with this modifier keeps fewer digits of a second than the six that it has without one.
pub(super) fn rounds(base: &str, modifier: &Value) -> bool {
    matches!(
        (takes(base), modifier),
        (Takes::Time, Value::Integer(0..=5))
    )
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
