//! Tests of the reading of pieces.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use super::hash::RowHash;
use super::packing::IN_PARTS;
use super::piece::{Change, ID, Op, Piece, SERIES, put};
use super::unpacking::{Unpacker, unpack};
use crate::job::{Column, Value};

fn change(op: Op, rowid: i64, width: usize) -> Change {
    let odd = [
        Value::Text("\u{fc}".to_owned()),
        Value::Null,
        Value::Integer(i64::MIN),
        Value::Real(-0.0),
        Value::BrokenText(vec![0xff, 0]),
        Value::Blob(vec![1, 2, 3]),
    ];
    let row = odd.iter().cycle().take(width).cloned().collect();
    Change {
        op,
        rowid,
        dangling: if op == Op::Insert { 0 } else { SERIES },
        before: if op == Op::Insert { Vec::new() } else { row },
        wrote: match op {
            Op::Insert => vec![(ID, Value::from("an id"))],
            Op::Update => vec![(3, Value::Integer(-1)), (width - 1, Value::Null)],
            Op::Delete => Vec::new(),
        },
        hash: if op == Op::Delete {
            0
        } else {
            0xfeed_0000_1111_2222
        },
    }
}

#[test]
fn a_piece_is_read_as_it_was_written() {
    let known = Column::ALL.iter().map(|column| Arc::from(column.name()));
    let columns: Vec<Arc<str>> = known.chain([Arc::from("owner \"x\"")]).collect();
    let width = columns.len();
    let changes = vec![
        change(Op::Insert, 1, width),
        change(Op::Update, i64::MAX, width),
        change(Op::Delete, -7, width),
    ];
    let piece = Piece {
        columns,
        changes,
        ..Piece::default()
    };
    let packed = piece.pack().unwrap();
    assert_eq!(unpack(&packed), Some(piece.clone()));
    // Cut short anywhere it is no piece.
    let raw = piece.unpacked().raw;
    let whole = |end| unpack(&raw[..end]) == Some(piece.clone());
    assert_eq!((0..=raw.len()).filter(|end| whole(*end)).count(), 1);
    // Of one job its changes alone.
    for (id, count) in [("an id", 1), ("\u{fc}", 2), ("another", 0)] {
        let found = Unpacker::default()
            .unpack_of(&packed, &Value::from(id))
            .unwrap();
        assert_eq!(found.changes.len(), count, "{id}");
        let of_it = piece
            .changes
            .iter()
            .filter(|it| *it.id() == Value::from(id));
        assert!(found.changes.iter().eq(of_it));
    }
}

/// Enough for several parts, each job twice.
fn large() -> Piece {
    let known = Column::ALL.iter().map(|column| Arc::from(column.name()));
    let columns: Vec<Arc<str>> = known.collect();
    let changes = (0..400).map(|number| {
        let mut change = change(Op::Delete, number, columns.len());
        change.before[ID] = Value::from(format!("job {}", number % 200).as_str());
        change.before[3] = Value::Text(format!("{number} is long. ").repeat(200));
        change
    });
    Piece {
        changes: changes.collect(),
        columns,
        ..Piece::default()
    }
}

#[test]
fn the_ids_are_told_without_the_rows() {
    let mut unpacker = Unpacker::default();
    let large = large();
    let width = large.columns.len();
    let small = Piece {
        changes: vec![
            change(Op::Insert, 1, width),
            change(Op::Update, 2, width),
            change(Op::Delete, 3, width),
        ],
        columns: large.columns.clone(),
        ..Piece::default()
    };
    let raw = small.unpacked().raw;
    let pieces = [
        (&small, raw.clone()),
        (&small, zstd::bulk::compress(&raw, 1).unwrap()),
        (&large, large.pack().unwrap()),
    ];
    for (piece, packed) in pieces {
        let ids: Vec<Value> = piece.changes.iter().map(|it| it.id().clone()).collect();
        for most in [1, 2, ids.len() + 1] {
            let mut told = Vec::new();
            let goes_on = unpacker.ids(&packed, &mut |id| {
                told.push(Value::from(id));
                told.len() < most
            });
            assert_eq!(goes_on, Some(most > ids.len()));
            assert_eq!(told, ids[..most.min(ids.len())]);
        }
        let cut = &packed[..packed.len() - 1];
        assert_eq!(unpacker.ids(cut, &mut |_| true), None);
        // What another piece has left in its memory is not of this one.
        assert_eq!(unpacker.unpack(&packed).as_ref(), Some(piece));
    }
    assert_eq!(unpacker.ids(&[], &mut |_| true), None);
}

#[test]
fn a_large_piece_is_unpacked_by_parts() {
    let piece = large();
    let packed = piece.pack().unwrap();
    assert_eq!(packed[0], IN_PARTS);
    assert_eq!(unpack(&packed), Some(piece.clone()));
    for job in [0, 7, 199] {
        let id = Value::from(format!("job {job}").as_str());
        let found = Unpacker::default().unpack_of(&packed, &id).unwrap();
        let numbers: Vec<i64> = found.changes.iter().map(|it| it.rowid).collect();
        assert_eq!(numbers, [job, job + 200]);
    }
    let none = Unpacker::default()
        .unpack_of(&packed, &Value::from("job 200"))
        .unwrap();
    assert_eq!(none.changes, []);
    for end in (0..packed.len()).step_by(97) {
        assert_eq!(unpack(&packed[..end]), None, "{end}");
    }
    // A part that no longer is what was packed does not touch the jobs of others.
    let mut damaged = packed.clone();
    let last = damaged.len() - 3000;
    damaged[last..].fill(0);
    assert_eq!(unpack(&damaged), None);
    let found = Unpacker::default()
        .unpack_of(&damaged, &Value::from("job 7"))
        .unwrap();
    assert_eq!(found.changes.len(), 2);
}

/// Those of earlier versions have another hash, and are one part.
#[test]
fn a_piece_of_an_earlier_version_keeps_its_hash() {
    let piece = Piece {
        hashing: RowHash::Xxh64,
        ..large()
    };
    let raw = piece.unpacked().raw;
    assert_eq!(raw[0], 1);
    for packed in [raw.clone(), zstd::bulk::compress(&raw, 1).unwrap()] {
        assert_eq!(unpack(&packed), Some(piece.clone()));
        let found = Unpacker::default()
            .unpack_of(&packed, &Value::from("job 7"))
            .unwrap();
        assert_eq!(found.changes.len(), 2);
        assert_eq!(found.hashing, RowHash::Xxh64);
    }
    assert_eq!(unpack(&piece.pack().unwrap()), Some(piece.clone()));
    let row = [Value::from("abc")];
    let mut bytes = Vec::new();
    put(&mut bytes, row[0].stored());
    assert_eq!(piece.row_hash(&row), RowHash::Xxh64.of(&bytes));
    assert_eq!(large().row_hash(&row), RowHash::Xxh3.of(&bytes));
}
