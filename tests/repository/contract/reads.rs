//! What is asked of a repository.

use jobctl::job::filter::Needle;
use jobctl::job::order::{Cursor, Order};
use jobctl::job::{Column, ColumnSet, Filter, Job, JobId, Value};
use jobctl::repository::{Access, Error, Repository, RowName};

use super::{BY_ID, filled, job, query};
use crate::backend::{Backend, Capability, Place};

pub fn find_answers_in_the_order_asked_with_gaps(backend: &dyn Backend) {
    let place = backend.fresh();
    let mut repository = filled(place.as_ref(), 3);
    let ids = [job(2).id(), JobId::new("nobody"), job(0).id()];
    let found = repository.find(&ids, ColumnSet::ALL).unwrap();
    assert_eq!(found, [Some(job(2)), None, Some(job(0))]);
}

pub fn find_reads_only_the_columns_asked_for(backend: &dyn Backend) {
    let place = backend.fresh();
    let mut repository = filled(place.as_ref(), 1);
    let columns = ColumnSet::of(&[Column::Status]);
    let found = repository.find(&[job(0).id()], columns).unwrap();
    let found = found[0].clone().unwrap();
    assert_eq!(found.get(Column::Status), &Value::from("queued"));
    assert!(found.get(Column::CreatedAt).is_null());
}

pub fn resolve_gives_an_exact_id_alone_though_it_is_a_prefix_of_another(backend: &dyn Backend) {
    let place = backend.fresh();
    let mut repository = place.open(Access::Write);
    let short = job(0).with(Column::Id, "abcd");
    let long = job(1).with(Column::Id, "abcdef");
    repository.insert(&[short, long]).unwrap();
    let names = |prefix: &str, repository: &mut dyn Repository| -> Vec<String> {
        let found = repository.resolve(prefix, ColumnSet::NONE, 5).unwrap();
        found.iter().map(|job| job.id().to_string()).collect()
    };
    assert_eq!(names("abcd", repository.as_mut()), ["abcd"]);
    assert_eq!(names("abcde", repository.as_mut()), ["abcdef"]);
    assert_eq!(names("abc", repository.as_mut()), ["abcd", "abcdef"]);
    assert!(names("%", repository.as_mut()).is_empty());
}

pub fn list_pages_meet_without_gap_or_overlap_whatever_is_null(backend: &dyn Backend) {
    let place = backend.fresh();
    let mut repository = place.open(Access::Write);
    let mut jobs: Vec<Job> = (0..40).map(job).collect();
    for (number, job) in jobs.iter_mut().enumerate() {
        match number % 4 {
            0 => job.set(Column::CreatedAt, Value::Null),
            1 => job.set(Column::CreatedAt, "2026-01-01 00:00:00.000000"),
            _ => {}
        }
    }
    repository.insert(&jobs).unwrap();
    let filter = Filter::default();
    for column in [Column::CreatedAt, Column::Id, Column::Status, Column::Title] {
        for descending in [false, true] {
            let order = Order { column, descending };
            let whole = repository.list(&query(&filter, order, 100)).unwrap();
            assert_eq!(whole.len(), 40);
            let mut pages = Vec::new();
            let mut asked = query(&filter, order, 7);
            loop {
                let page = repository.list(&asked).unwrap();
                let Some(last) = page.last() else { break };
                let cursor = Cursor::at(last, order).encode();
                asked.after = Some(Cursor::decode(&cursor).unwrap());
                pages.extend(page);
            }
            assert_eq!(pages, whole, "{order:?}");
        }
    }
}

pub fn offset_counts_across_rows_with_and_without_a_time(backend: &dyn Backend) {
    let place = backend.fresh();
    let mut repository = filled(place.as_ref(), 10);
    let filter = Filter::default();
    let whole = repository
        .list(&query(&filter, Order::NEWEST_FIRST, 10))
        .unwrap();
    let mut asked = query(&filter, Order::NEWEST_FIRST, 3);
    asked.offset = 4;
    assert_eq!(repository.list(&asked).unwrap(), whole[4..7]);
}

pub fn stream_gives_the_order_of_list_with_and_without_an_index(backend: &dyn Backend) {
    let rare = Filter {
        any_of: vec![(Column::Status, vec![Some("failed".to_owned())])],
        ..Filter::default()
    };
    let search = Filter {
        search: Some(Needle::new("7")),
        ..Filter::default()
    };
    let place = backend.fresh();
    let mut repository = place.open(Access::Write);
    let jobs: Vec<Job> = (0..1700)
        .map(|number| {
            let status = if number % 400 == 3 {
                "failed"
            } else {
                "queued"
            };
            let title = format!("Number {}", number % 31);
            job(number)
                .with(Column::Status, status)
                .with(Column::Title, title)
        })
        .collect();
    repository.insert(&jobs).unwrap();
    for filter in [&Filter::default(), &rare, &search] {
        let expected = jobs.iter().filter(|job| filter.matches(job)).count();
        assert_eq!(repository.count(filter).unwrap(), expected as u64);
        for column in [
            Column::CreatedAt,
            Column::Id,
            Column::UpdatedAt,
            Column::Title,
        ] {
            let order = Order {
                column,
                descending: true,
            };
            let listed = repository.list(&query(filter, order, 2000)).unwrap();
            assert_eq!(listed.len(), expected, "{order:?}");
            let mut streamed = Vec::new();
            repository
                .stream(filter, Some(order), ColumnSet::ALL, &mut |job: &mut Job| {
                    streamed.push(std::mem::take(job));
                    Ok(())
                })
                .unwrap();
            assert_eq!(streamed, listed, "{order:?} {filter:?}");
            let mut asked = query(filter, order, 3);
            asked.offset = 2;
            let page = repository.list(&asked).unwrap();
            let end = expected.min(5);
            assert_eq!(page, listed[2.min(end)..end], "{order:?} {filter:?}");
        }
    }
}

pub fn ids_alone_come_in_the_same_order(backend: &dyn Backend) {
    let place = backend.fresh();
    let mut repository = place.open(Access::Write);
    let named = |number: u32| {
        let id = JobId::Uuid(uuid::Uuid::from_u128(u128::from(number * 7 % 900) << 96));
        let id = match number % 50 {
            7 => Value::from(format!("job-{number}")),
            8 => id.to_value().display().to_uppercase().into(),
            _ => id.to_value(),
        };
        // Some of the same time, of none, and in another spelling.
        let created = match number % 30 {
            3 => Value::Null,
            4 => "2026-01-01T05:00:00Z".into(),
            _ => format!("2026-01-01 {:02}:{:02}:00.000000", number % 24, number % 3).into(),
        };
        job(number)
            .with(Column::Id, id)
            .with(Column::CreatedAt, created)
    };
    let jobs: Vec<Job> = (1..900).map(named).collect();
    repository.insert(&jobs).unwrap();
    let at = |text| jobctl::time::parse_stored(text);
    let since = Filter {
        since: at("2026-01-01 06:00:00"),
        ..Filter::default()
    };
    let within = Filter {
        since: at("2026-01-01 05:00:00"),
        until: at("2026-01-01 05:02:00"),
        ..Filter::default()
    };
    for filter in [&Filter::default(), &since, &within] {
        for descending in [false, true] {
            let order = Order {
                column: Column::CreatedAt,
                descending,
            };
            let listed = repository.list(&query(filter, order, 1000)).unwrap();
            let listed: Vec<JobId> = listed.iter().map(Job::id).collect();
            let mut ids = |order| {
                let mut ids = Vec::new();
                let mut take = |job: &mut Job| {
                    ids.push(job.id());
                    Ok(())
                };
                let columns = ColumnSet::NONE;
                repository
                    .stream(filter, order, columns, &mut take)
                    .unwrap();
                ids
            };
            assert!(!listed.is_empty());
            assert_eq!(ids(Some(order)), listed, "{order:?} {filter:?}");
            let (mut any, mut all) = (ids(None), listed);
            any.sort();
            all.sort();
            assert_eq!(any, all, "{filter:?}");
        }
    }
}

pub fn stream_ends_with_the_error_of_its_sink(backend: &dyn Backend) {
    let place = backend.fresh();
    let mut repository = filled(place.as_ref(), 3);
    let mut seen = 0;
    let error = repository
        .stream(
            &Filter::default(),
            Some(BY_ID),
            ColumnSet::ALL,
            &mut |_: &mut Job| {
                seen += 1;
                anyhow::bail!("enough")
            },
        )
        .unwrap_err();
    assert!(matches!(error, Error::Caller(_)));
    assert_eq!(seen, 1);
}

pub fn holds_and_count_see_what_is_there(backend: &dyn Backend) {
    let place = backend.fresh();
    let mut repository = filled(place.as_ref(), 3);
    assert!(repository.holds(Column::Status, "queued").unwrap());
    assert!(!repository.holds(Column::Status, "weird").unwrap());
    assert_eq!(repository.count(&Filter::default()).unwrap(), 3);
}

pub fn jobs_without_an_id_have_names(backend: &dyn Backend) {
    if !backend.has(Capability::NullIds) {
        return;
    }
    let place = backend.fresh();
    let mut neighbour = place.neighbour();
    for (id, job_type) in [(None, "a"), (Some("x"), "a"), (None, "b"), (None, "a")] {
        let id = id.map_or(Value::Null, Value::from);
        let job = Job::default().with(Column::Id, id);
        neighbour.insert(&job.with(Column::JobType, job_type));
    }
    let mut repository = place.open(Access::Read);
    let mut names = |word: &str, limit: usize| -> Vec<RowName> {
        let mut means = |job: &Job| job.get(Column::JobType).as_str() == Some(word);
        let columns = ColumnSet::of(&[Column::JobType]);
        repository.without_id(columns, limit, &mut means).unwrap()
    };
    let both = names("a", 9);
    assert_eq!(both.len(), 2);
    assert_ne!(both[0], both[1]);
    assert_eq!(names("a", 1), both[..1]);
    assert_eq!(names("b", 9).len(), 1);
    assert_eq!(names("c", 9), []);
}

pub fn a_place_is_the_same_for_all_who_open_it(backend: &dyn Backend) {
    let (place, other) = (backend.fresh(), backend.fresh());
    let named = |place: &dyn Place| place.open(Access::Read).place().unwrap();
    let reader = named(place.as_ref());
    let mut writer = place.open(Access::Write);
    writer.insert(&[job(0)]).unwrap();
    assert_eq!(writer.place().unwrap(), reader);
    assert_ne!(named(other.as_ref()), reader);
}

pub fn columns_that_a_neighbour_adds_belong_to_the_row(backend: &dyn Backend) {
    if !backend.has(Capability::Tables) {
        return;
    }
    let place = backend.fresh();
    let mut repository = filled(place.as_ref(), 2);
    assert_eq!(repository.other_columns().unwrap(), []);
    let mut neighbour = place.neighbour();
    neighbour.add_column("owner");
    neighbour.set_other(&job(1).id(), "owner", "me");
    let names = repository.other_columns().unwrap();
    assert_eq!(
        names.iter().map(AsRef::as_ref).collect::<Vec<&str>>(),
        ["owner"]
    );
    let ids = [job(0).id(), job(1).id()];
    let found = repository.find(&ids, ColumnSet::WHOLE).unwrap();
    let others = |place: usize| found[place].as_ref().unwrap().others()[0].1.clone();
    assert_eq!([others(0), others(1)], [Value::Null, Value::from("me")]);
    let found = repository.find(&ids, ColumnSet::ALL).unwrap();
    assert!(found.iter().flatten().all(|job| job.others().is_empty()));
}
