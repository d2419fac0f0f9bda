//! What the keys of a sort carry, beside the rows themselves.

use proptest::prelude::*;

use super::stream;
use super::tests::opened;
use crate::job::order::Order;
use crate::job::{Column, ColumnSet, Filter, Job, Value};
use crate::repository::sqlite::connection::turns::Turns;

fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        2 => Just(Value::Null),
        1 => any::<i64>().prop_map(Value::Integer),
        1 => (-3_i32..3).prop_map(|number| Value::Real(f64::from(number) / 2.0)),
        4 => "[a-c\u{e9}]{0,40}".prop_map(Value::Text),
        // Longer than what a key carries.
        1 => "[a-c]{100,300}".prop_map(Value::Text),
        1 => Just(Value::BrokenText(vec![b'a', 0xff])),
        1 => proptest::collection::vec(any::<u8>(), 0..9).prop_map(Value::Blob),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_keys_carry_is_given_as_it_is_stored(
        values in proptest::collection::vec((any_value(), any_value(), any_value()), 0..40),
        (indexed, wal, descending) in any::<(bool, bool, bool)>(),
        order in proptest::sample::select(vec![Column::Id, Column::CreatedAt, Column::Title]),
        columns in proptest::sample::select(vec![
            ColumnSet::NONE,
            ColumnSet::of(&[Column::Title]),
            ColumnSet::of(&[Column::Style, Column::Title]),
            ColumnSet::of(&[Column::Id, Column::Stage, Column::CreatedAt]),
            ColumnSet::of(&[Column::Style, Column::Error]),
        ]),
    ) {
        let jobs = values.iter().zip(0..).map(|((title, style, stage), number)| {
            Job::default()
                .with(Column::Id, format!("job-{number:03}"))
                .with(Column::JobType, "idea2video")
                .with(Column::Title, title.clone())
                .with(Column::Style, style.clone())
                .with(Column::Stage, stage.clone())
                .with(Column::Error, style.clone())
        });
        let jobs: Vec<Job> = jobs.collect();
        let folder = tempfile::tempdir().unwrap();
        let sqlite = opened(folder.path(), &jobs, indexed, wal, Turns::shortest());
        // As the columns keep it: a number in a column of texts is a text there.
        let mut jobs = Vec::new();
        let mut stored = |job: &mut Job| {
            jobs.push(job.clone());
            Ok(())
        };
        stream::stream(&sqlite, &Filter::default(), None, ColumnSet::ALL, &mut stored).unwrap();
        let order = Order { column: order, descending };
        let mut given = Vec::new();
        let mut sink = |job: &mut Job| {
            given.push(job.clone());
            Ok(())
        };
        stream::stream(&sqlite, &Filter::default(), Some(order), columns, &mut sink).unwrap();
        prop_assert_eq!(given.len(), jobs.len());
        let by_id = |id: &Value| jobs.iter().find(|job| job.get(Column::Id) == id).unwrap();
        for job in &given {
            let whole = by_id(job.get(Column::Id));
            for column in columns.iter() {
                prop_assert_eq!(job.get(column), whole.get(column), "{}", column.name());
            }
        }
        let ascending = given.windows(2).all(|pair| {
            let [first, second] = [&pair[0], &pair[1]].map(|job| by_id(job.get(Column::Id)));
            let by = |column| first.get(column).sort_cmp(second.get(column));
            order.directed(by(order.column).then_with(|| by(Column::Id))).is_lt()
        });
        prop_assert!(ascending);
    }
}
