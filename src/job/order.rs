//! The order of a listing, and the job behind which its next page begins.

use std::cmp::Ordering;

use super::Job;
use super::columns::Column;
use super::value::Value;

/// An order by one column, then by id in the same direction, so that no two jobs are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    pub column: Column,
    pub descending: bool,
}

impl Order {
    pub const NEWEST_FIRST: Order = Order {
        column: Column::CreatedAt,
        descending: true,
    };

    /// How two jobs stand in this direction that stand so in the ascending one.
    pub fn directed(self, ascending: Ordering) -> Ordering {
        if self.descending {
            ascending.reverse()
        } else {
            ascending
        }
    }

    /// `created`, `created:desc`, `title:asc`.
    pub fn parse(text: &str) -> Result<Order, String> {
        let (name, direction) = text.split_once(':').unwrap_or((text, "asc"));
        let column = Column::named(name).ok_or_else(|| format!("there is no column \"{name}\""))?;
        let descending = match direction {
            "asc" => false,
            "desc" => true,
            other => return Err(format!("the direction is asc or desc, not \"{other}\"")),
        };
        Ok(Order { column, descending })
    }
}

/// The last job of a page: its value of the order's column and its id. It stays good when that job is gone.
#[derive(Clone, Debug, PartialEq)]
pub struct Cursor {
    pub order: Order,
    pub value: Value,
    pub id: Value,
}

impl Cursor {
    pub fn at(job: &Job, order: Order) -> Cursor {
        Cursor {
            order,
            value: job.get(order.column).clone(),
            id: job.get(Column::Id).clone(),
        }
    }

    /// One word without characters that a shell would touch.
    pub fn encode(&self) -> String {
        let direction = if self.order.descending { "desc" } else { "asc" };
        let order = format!("{}:{direction}", self.order.column.flag());
        format!("{order}/{}/{}", encode(&self.value), encode(&self.id))
    }

    pub fn decode(text: &str) -> Option<Cursor> {
        let mut parts = text.split('/');
        let order = Order::parse(parts.next()?).ok()?;
        let (value, id) = (decode(parts.next()?)?, decode(parts.next()?)?);
        parts
            .next()
            .is_none()
            .then_some(Cursor { order, value, id })
    }
}

fn encode(value: &Value) -> String {
    let (tag, bytes) = match value {
        Value::Null => return "n".to_owned(),
        Value::Integer(i) => return format!("i{i}"),
        Value::Real(r) => return format!("r{:016x}", r.to_bits()),
        Value::Text(text) => ('t', text.as_bytes()),
        Value::BrokenText(bytes) => ('u', bytes.as_slice()),
        Value::Blob(bytes) => ('b', bytes.as_slice()),
    };
    let mut text = String::from(tag);
    for byte in bytes {
        match byte {
            b' ' => text.push('_'),
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b':' => {
                text.push(char::from(*byte));
            }
            other => text.push_str(&format!("%{other:02x}")),
        }
    }
    text
}

fn decode(text: &str) -> Option<Value> {
    let rest = text.get(1..)?;
    let bytes = || {
        let mut bytes = Vec::with_capacity(rest.len());
        let mut input = rest.bytes();
        while let Some(byte) = input.next() {
            bytes.push(match byte {
                b'_' => b' ',
                b'%' => {
                    let pair = [input.next()?, input.next()?];
                    u8::from_str_radix(std::str::from_utf8(&pair).ok()?, 16).ok()?
                }
                other => other,
            });
        }
        Some(bytes)
    };
    Some(match text.as_bytes()[0] {
        b'n' if rest.is_empty() => Value::Null,
        b'i' => Value::Integer(rest.parse().ok()?),
        b'r' => Value::Real(f64::from_bits(u64::from_str_radix(rest, 16).ok()?)),
        b't' => Value::Text(String::from_utf8(bytes()?).ok()?),
        b'u' => Value::BrokenText(bytes()?),
        b'b' => Value::Blob(bytes()?),
        _ => return None,
    })
}
