//! A value of a row that is borrowed from wherever the row is: a statement of SQLite, a row of a server, a job.

use crate::job::Value;

#[derive(Clone, Copy, Debug)]
pub(in crate::repository) enum BorrowedValue<'a> {
    Null,
    Integer(i64),
    Real(f64),
    /// Bytes that may be no UTF-8.
    Text(&'a [u8]),
    Blob(&'a [u8]),
}

impl<'a> From<&'a Value> for BorrowedValue<'a> {
    fn from(value: &'a Value) -> Self {
        match value {
            Value::Null => BorrowedValue::Null,
            Value::Integer(i) => BorrowedValue::Integer(*i),
            Value::Real(r) => BorrowedValue::Real(*r),
            Value::Text(text) => BorrowedValue::Text(text.as_bytes()),
            Value::BrokenText(bytes) => BorrowedValue::Text(bytes),
            Value::Blob(bytes) => BorrowedValue::Blob(bytes),
        }
    }
}

impl BorrowedValue<'_> {
    pub(in crate::repository) fn to_value(self) -> Value {
        match self {
            BorrowedValue::Null => Value::Null,
            BorrowedValue::Integer(i) => Value::Integer(i),
            BorrowedValue::Real(r) => Value::Real(r),
            BorrowedValue::Text(bytes) => match simdutf8::basic::from_utf8(bytes) {
                Ok(text) => Value::Text(text.to_owned()),
                Err(_) => Value::BrokenText(bytes.to_vec()),
            },
            BorrowedValue::Blob(bytes) => Value::Blob(bytes.to_vec()),
        }
    }
}
