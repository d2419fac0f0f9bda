//! The conversion between stored values and those of the server, in its binary form: nothing is spelled and read again.

use std::error::Error;

use bytes::{BufMut as _, BytesMut};
use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Column, Row};

use crate::job::Value;
use crate::job::columns::Content;
use crate::job::value::StoredValue;
use crate::time::{self, Instant};

/// A bound value of a statement.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::repository::postgres) enum Argument {
    /// NULL where it is None.
    Text(Option<String>),
    Texts(Vec<String>),
    Numbers(Vec<i64>),
    /// Places of rows, as they are read.
    Places(Vec<i64>),
    Time(Option<Instant>),
    /// A time as the server counts it, beyond what the service could hold too.
    Micros(Option<i64>),
    Bytes(Option<Vec<u8>>),
    Real(Option<f64>),
    Integer(Option<i64>),
    /// Values of one of these kinds but for the arrays, as one; at least one.
    Column(Vec<Argument>),
}

impl Argument {
    pub(in crate::repository::postgres) fn text(text: impl Into<String>) -> Argument {
        Argument::Text(Some(text.into()))
    }

    pub(in crate::repository::postgres) fn kind(&self) -> Type {
        match self {
            Argument::Text(_) => Type::TEXT,
            Argument::Texts(_) => Type::TEXT_ARRAY,
            Argument::Numbers(_) => Type::INT8_ARRAY,
            Argument::Places(_) => Type::TID_ARRAY,
            Argument::Time(_) | Argument::Micros(_) => Type::TIMESTAMP,
            Argument::Bytes(_) => Type::BYTEA,
            Argument::Real(_) => Type::FLOAT8,
            Argument::Integer(_) => Type::INT8,
            Argument::Column(values) => match values.first() {
                Some(Argument::Time(_)) => Type::TIMESTAMP_ARRAY,
                Some(Argument::Real(_)) => Type::FLOAT8_ARRAY,
                Some(Argument::Integer(_)) => Type::INT8_ARRAY,
                _ => Type::TEXT_ARRAY,
            },
        }
    }
}

/// The type as which the values of a column are sent.
pub(in crate::repository::postgres) fn sent(column: crate::job::Column) -> &'static str {
    match column.content() {
        Content::Text(_) | Content::Json => "text",
        Content::Real => "float8",
        Content::Integer => "int8",
        Content::Time => "timestamp",
    }
}

impl ToSql for Argument {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Argument::Text(text) => text.to_sql(kind, out),
            Argument::Texts(texts) => texts.to_sql(kind, out),
            Argument::Numbers(numbers) => numbers.to_sql(kind, out),
            Argument::Places(places) => {
                let places: Vec<Place> = places.iter().copied().map(Place).collect();
                places.to_sql(kind, out)
            }
            Argument::Column(values) => values.to_sql(kind, out),
            Argument::Bytes(bytes) => bytes.to_sql(kind, out),
            Argument::Micros(None) => Ok(IsNull::Yes),
            Argument::Micros(Some(micros)) => {
                out.put_i64(*micros);
                Ok(IsNull::No)
            }
            Argument::Real(number) => number.to_sql(kind, out),
            Argument::Integer(number) => number.to_sql(kind, out),
            Argument::Time(None) => Ok(IsNull::Yes),
            Argument::Time(Some(at)) => {
                out.put_i64(micros_of(*at));
                Ok(IsNull::No)
            }
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// The bits of a place that say which row of its block it is.
const ROW_BITS: u32 = 16;

/// The place of a row: its block, and which of that. It is never 0, as rows are counted from 1.
#[derive(Debug)]
struct Place(i64);

impl ToSql for Place {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        out.put_u32((self.0 >> ROW_BITS) as u32);
        out.put_u16(self.0 as u16);
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

fn place(raw: &[u8]) -> Result<i64, Box<dyn Error + Sync + Send>> {
    let (block, row) = raw.split_at_checked(4).ok_or("no place of a row")?;
    let block = u32::from_be_bytes(block.try_into()?);
    let row = u16::from_be_bytes(row.try_into()?);
    Ok(i64::from(block) << ROW_BITS | i64::from(row))
}

/// The time from which the server counts microseconds.
fn epoch() -> NaiveDateTime {
    NaiveDate::from_ymd_opt(2000, 1, 1)
        .and_then(|day| day.and_hms_opt(0, 0, 0))
        .unwrap_or_default()
}

/// A time as the server counts it.
pub(super) fn micros_of(at: Instant) -> i64 {
    at.signed_duration_since(epoch())
        .num_microseconds()
        .unwrap_or(i64::MAX)
}

/// A value as it is read.
struct Read(Value);

impl<'a> FromSql<'a> for Read {
    fn from_sql(kind: &Type, raw: &'a [u8]) -> Result<Read, Box<dyn Error + Sync + Send>> {
        Ok(Read(match *kind {
            Type::INT2 => Value::Integer(i16::from_sql(kind, raw)?.into()),
            Type::INT4 => Value::Integer(i32::from_sql(kind, raw)?.into()),
            Type::INT8 => Value::Integer(i64::from_sql(kind, raw)?),
            Type::FLOAT4 => Value::Real(f32::from_sql(kind, raw)?.into()),
            Type::FLOAT8 => Value::Real(f64::from_sql(kind, raw)?),
            Type::BOOL => Value::Integer(bool::from_sql(kind, raw)?.into()),
            Type::BYTEA => Value::Blob(raw.to_vec()),
            Type::TID => Value::Integer(place(raw)?),
            Type::TIMESTAMP => time_value(i64::from_be_bytes(raw.try_into()?)),
            // A database without an encoding holds any bytes.
            _ => match simdutf8::basic::from_utf8(raw) {
                Ok(text) => Value::Text(text.to_owned()),
                Err(_) => Value::BrokenText(raw.to_vec()),
            },
        }))
    }

    fn from_sql_null(_: &Type) -> Result<Read, Box<dyn Error + Sync + Send>> {
        Ok(Read(Value::Null))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// The stored form of a time; that of the server where the table of the service could not hold it.
fn time_value(micros: i64) -> Value {
    match micros {
        i64::MAX => return "infinity".into(),
        i64::MIN => return "-infinity".into(),
        _ => {}
    }
    match epoch().checked_add_signed(TimeDelta::microseconds(micros)) {
        Some(at) if time::storable(at) => time::stored(at).into(),
        Some(at) => at.format("%Y-%m-%d %H:%M:%S%.6f").to_string().into(),
        None => micros.into(),
    }
}

/// The way back from what `time_value` gave: None inside for NULL, and None for what is no time.
pub(in crate::repository::postgres) fn micros(value: &Value) -> Option<Option<i64>> {
    let text = match value {
        Value::Null => return Some(None),
        Value::Integer(micros) => return Some(Some(*micros)),
        value => value.as_str()?,
    };
    match text {
        "infinity" => return Some(Some(i64::MAX)),
        "-infinity" => return Some(Some(i64::MIN)),
        _ => {}
    }
    let at = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f").ok()?;
    Some(at.signed_duration_since(epoch()).num_microseconds())
}

/// The value as which one that is bound is read again, where the server stores it as it is.
pub(in crate::repository::postgres) fn given(argument: &Argument) -> Value {
    match argument {
        Argument::Text(Some(text)) => Value::Text(text.clone()),
        Argument::Real(Some(number)) => Value::Real(*number),
        Argument::Integer(Some(number)) => Value::Integer(*number),
        Argument::Bytes(Some(bytes)) => Value::Blob(bytes.clone()),
        Argument::Micros(Some(micros)) => time_value(*micros),
        Argument::Time(Some(at)) => {
            let micros = at.signed_duration_since(epoch()).num_microseconds();
            micros.map_or(Value::Null, time_value)
        }
        _ => Value::Null,
    }
}

/// A value as it came, in the server's binary form.
struct Raw<'a>(&'a [u8]);

impl<'a> FromSql<'a> for Raw<'a> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Raw<'a>, Box<dyn Error + Sync + Send>> {
        Ok(Raw(raw))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// Gives the same value as `value` without making a text of its own of it, but for times.
pub(in crate::repository::postgres) fn with_stored(
    row: &Row,
    index: usize,
    take: impl FnOnce(StoredValue<'_>),
) {
    let kind = row.columns().get(index).map(Column::type_);
    match kind {
        Some(&(Type::TEXT | Type::VARCHAR | Type::JSON)) => {
            match row.try_get::<_, Option<Raw<'_>>>(index) {
                Ok(Some(Raw(bytes))) => take(StoredValue::Text(bytes)),
                _ => take(StoredValue::Null),
            }
        }
        _ => take(value(row, index).stored()),
    }
}

/// The value of a column of a row.
pub(in crate::repository::postgres) fn value(row: &Row, index: usize) -> Value {
    row.try_get::<_, Read>(index)
        .map_or(Value::Null, |read| read.0)
}

/// The same of one that holds text alone.
pub(in crate::repository::postgres) fn text(row: &Row, index: usize) -> Option<String> {
    match value(row, index) {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn times_are_counted_from_2000() {
        let at = |micros| time_value(micros);
        assert_eq!(at(0), "2000-01-01 00:00:00.000000".into());
        assert_eq!(at(-1), "1999-12-31 23:59:59.999999".into());
        assert_eq!(at(i64::MAX), "infinity".into());
        assert_eq!(
            at(252_455_616_000_000_000),
            "+10000-01-01 00:00:00.000000".into()
        );
        for count in [
            0,
            -1,
            i64::MAX,
            i64::MIN,
            252_455_616_000_000_000,
            -70_000_000_000_000_000,
        ] {
            assert_eq!(micros(&at(count)), Some(Some(count)), "{count}");
        }
        assert_eq!(micros(&Value::Null), Some(None));
        assert_eq!(micros(&"soon".into()), None);
        let mut out = BytesMut::new();
        let at = Argument::Time(time::parse_stored("1999-12-31 23:59:59.999999"));
        at.to_sql(&Type::TIMESTAMP, &mut out).unwrap();
        assert_eq!(&out[..], (-1_i64).to_be_bytes());
    }

    #[test]
    fn places_of_rows_are_bound_as_they_were_read() {
        for (block, row) in [(0_u32, 1_u16), (7, 291), (u32::MAX - 1, u16::MAX)] {
            let raw = [&block.to_be_bytes()[..], &row.to_be_bytes()].concat();
            let mut out = BytesMut::new();
            let read = place(&raw).unwrap();
            Place(read).to_sql(&Type::TID, &mut out).unwrap();
            assert_eq!(out, raw);
            assert!(read > 0);
        }
        assert!(place(&[0, 0]).is_err());
    }
}
