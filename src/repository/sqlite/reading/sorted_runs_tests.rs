//! Runs of keys, merged, beside a sort of all of them.

use proptest::prelude::*;

use super::row_key::RowKey;
use super::short_id::ShortId;
use super::sorted_runs::SortedRuns;
use crate::job::order::Order;
use crate::job::{Column, Value};

fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        1 => Just(Value::Null),
        1 => (-3_i64..3).prop_map(Value::Integer),
        1 => (-3_i32..3).prop_map(|number| Value::Real(f64::from(number) / 2.0)),
        4 => "[a-c]{0,2}".prop_map(Value::Text),
        // Longer than what is read at once.
        1 => "[a-c]{100,300}".prop_map(Value::Text),
        1 => Just(Value::BrokenText(vec![b'a', 0xff])),
        1 => proptest::collection::vec(0_u8..3, 0..3).prop_map(Value::Blob),
    ]
}

fn any_id() -> impl Strategy<Value = Value> {
    prop_oneof![
        3 => any::<u128>().prop_map(|number| uuid::Uuid::from_u128(number).to_string().into()),
        1 => any_value(),
    ]
}

/// What the key of a row carries: nothing, no bytes, or some.
fn carried_of(row: i64) -> Option<Box<[u8]>> {
    let length = usize::try_from(row % 3).unwrap().checked_sub(1)?;
    Some(vec![7; length * 20].into())
}

proptest! {
    #[test]
    fn keys_come_back_in_their_order(
        values in proptest::collection::vec((any_value(), any_id()), 0..60),
        sizes in proptest::collection::vec(1_usize..20, 1..6),
        descending: bool,
        is_full: bool,
    ) {
        let order = Order { column: Column::Title, descending };
        let keys = || values.iter().zip(0..).map(|((value, id), row)| RowKey {
            value: value.clone(),
            id: ShortId::of(id),
            row,
            carried: carried_of(row),
        });
        let mut runs = SortedRuns::default();
        if is_full {
            runs.keep_in_memory();
        }
        let (mut part, mut sizes) = (Vec::new(), sizes.iter().cycle());
        let mut size = *sizes.next().unwrap();
        for key in keys() {
            part.push(key);
            if part.len() >= size {
                part.sort_by(|a, b| a.compare(order, b));
                runs.add(&mut part);
                prop_assert!(part.is_empty());
                size = *sizes.next().unwrap();
            }
        }
        part.sort_by(|a, b| a.compare(order, b));
        let merged: Vec<RowKey> = runs.merge(order, part).unwrap().map(Result::unwrap).collect();
        let ordered = merged.windows(2).all(|pair| pair[0].compare(order, &pair[1]).is_le());
        prop_assert!(ordered);
        let mut rows: Vec<i64> = merged.iter().map(|key| key.row).collect();
        rows.sort_unstable();
        let count = i64::try_from(values.len()).unwrap();
        prop_assert_eq!(rows, (0..count).collect::<Vec<i64>>());
        let whole = merged.iter().all(|key| {
            let (value, id) = &values[usize::try_from(key.row).unwrap()];
            key.value == *value && key.id.value() == *id && key.carried == carried_of(key.row)
        });
        prop_assert!(whole);
    }
}
