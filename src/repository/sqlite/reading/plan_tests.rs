//! Which way is gone: the answers are the same along each, so that nothing but the plan tells one of many rows from a quick one.

use super::plan::{Plan, plan, plan_count};
use super::stream;
use super::tests::{Narrow, opened};
use crate::job::order::Order;
use crate::job::{Column, ColumnSet, Filter, Job, Value};
use crate::repository::sqlite::connection::database::Sqlite;
use crate::repository::sqlite::connection::turns::Turns;

/// A file with a job for each of these states, in their order.
fn jobs_of(states: &[&str]) -> (tempfile::TempDir, Sqlite) {
    let folder = tempfile::tempdir().unwrap();
    let job = |(number, state): (usize, &&str)| {
        Job::default()
            .with(Column::Id, format!("job-{number}"))
            .with(Column::JobType, "idea2video")
            .with(Column::Status, *state)
    };
    let jobs: Vec<Job> = states.iter().enumerate().map(job).collect();
    let sqlite = opened(folder.path(), &jobs, true, false, Turns::shortest());
    (folder, sqlite)
}

/// Half of them are completed, and one is queued.
const NINE: [&str; 9] = [
    "completed",
    "cancelled",
    "completed",
    "cancelled",
    "completed",
    "queued",
    "completed",
    "cancelled",
    "completed",
];

fn not(word: &str) -> Filter {
    Filter {
        not_status: vec![Some(word.to_owned())],
        ..Filter::default()
    }
}

fn of(column: Column, word: &str) -> Filter {
    Filter {
        any_of: vec![(column, vec![Some(word.to_owned())])],
        ..Filter::default()
    }
}

fn all_in_order(sqlite: &Sqlite, filter: &Filter) -> Plan {
    plan(sqlite, filter, Some(Order::NEWEST_FIRST), None).unwrap()
}

#[test]
fn where_few_rows_are_left_out_all_are_read_in_the_order_of_the_file() {
    let (_folder, sqlite) = jobs_of(&NINE);
    let read = |filter: &Filter| {
        let mut sink = Narrow::default();
        stream::stream(&sqlite, filter, None, ColumnSet::NONE, &mut sink).unwrap();
        sink.ids
    };
    let of = |numbers: &[usize]| {
        let ids = numbers.iter().map(|number| format!("job-{number}").into());
        ids.collect::<Vec<Value>>()
    };
    assert_eq!(read(&not("queued")), of(&[0, 1, 2, 3, 4, 6, 7, 8]));
    // Of many, along the index: state by state.
    assert_eq!(read(&not("completed")), of(&[1, 3, 7, 5]));
}

#[test]
fn the_index_of_the_states_counts_what_is_left_however_few_are_left_out() {
    let (_folder, sqlite) = jobs_of(&NINE);
    for (word, states, count) in [("queued", 3, 8), ("completed", 3, 4), ("failed", 4, 9)] {
        let filter = not(word);
        // No state is one of them.
        let conditions = plan_count(&sqlite, &filter).unwrap().conditions;
        assert_eq!(conditions.len(), states, "{word}");
        assert_eq!(stream::count(&sqlite, &filter).unwrap(), count, "{word}");
    }
    // Something is asked for beside, for which each row is looked at in any case: in the order of the file.
    let mut filter = not("queued");
    filter.any_of = vec![(Column::Mode, vec![None])];
    assert_eq!(plan_count(&sqlite, &filter).unwrap().conditions.len(), 1);
    assert_eq!(stream::count(&sqlite, &filter).unwrap(), 8);
}

#[test]
fn a_third_of_the_rows_is_sorted_and_more_are_read_in_the_order_of_the_index() {
    let states = |failed: usize| {
        let mut states = vec!["completed"; 12];
        states[..failed].fill("failed");
        states
    };
    for (failed, in_order) in [(1, false), (4, false), (5, true), (12, true)] {
        let (_folder, sqlite) = jobs_of(&states(failed));
        for filter in [of(Column::Status, "failed"), not("completed")] {
            let plan = all_in_order(&sqlite, &filter);
            assert_eq!(plan.in_order, in_order, "{failed} of 12: {filter:?}");
        }
    }
    let (_folder, sqlite) = jobs_of(&states(4));
    // A page of the order is found soon along its index.
    let page = plan(
        &sqlite,
        &not("completed"),
        Some(Order::NEWEST_FIRST),
        Some(1),
    );
    assert!(page.unwrap().in_order);
}
