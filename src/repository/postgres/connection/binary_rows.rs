//! Rows in the binary form of COPY, for a table that stores the known columns by the types of the service.

use bytes::{BufMut as _, Bytes, BytesMut};

use super::values::{Argument, micros_of};

const HEAD: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
const NULL: i32 = -1;
const END: i16 = -1;

/// The rows, of as many values each as the table has known columns.
pub(in crate::repository::postgres) fn binary_rows<'a>(
    rows: impl Iterator<Item = &'a [Argument]>,
) -> Bytes {
    let mut out = BytesMut::from(HEAD);
    for row in rows {
        out.put_i16(row.len() as i16);
        row.iter().for_each(|value| put(&mut out, value));
    }
    out.put_i16(END);
    out.freeze()
}

fn put(out: &mut BytesMut, value: &Argument) {
    match value {
        Argument::Text(Some(text)) => {
            out.put_i32(text.len() as i32);
            out.put_slice(text.as_bytes());
        }
        Argument::Real(Some(number)) => {
            out.put_i32(8);
            out.put_f64(*number);
        }
        // A value that fits is within the range of the column.
        Argument::Integer(Some(number)) => {
            out.put_i32(4);
            out.put_i32(*number as i32);
        }
        Argument::Time(Some(at)) => {
            out.put_i32(8);
            out.put_i64(micros_of(*at));
        }
        _ => out.put_i32(NULL),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_has_its_length_before_it() {
        let rows = [[
            Argument::text("ab"),
            Argument::Text(None),
            Argument::Integer(Some(-2)),
            Argument::Real(Some(1.0)),
        ]];
        let bytes = binary_rows(rows.iter().map(|row| row.as_slice()));
        let mut expected = HEAD.to_vec();
        expected.extend([0, 4, 0, 0, 0, 2, b'a', b'b', 255, 255, 255, 255]);
        expected.extend([0, 0, 0, 4, 255, 255, 255, 254]);
        expected.extend([0, 0, 0, 8, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0, 255, 255]);
        assert_eq!(&bytes[..], expected);
    }
}
