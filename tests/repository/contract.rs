//! What every backend promises.

use jobctl::job::order::{Cursor, Order};
use jobctl::job::{Changes, Column, ColumnSet, Filter, Job, JobId, Value};
use jobctl::repository::Access;
use jobctl::repository::{
    Error, Import, ImportTerms, Imported, OnConflict, Query, Repository, RowName, Space,
};

use crate::support::{Place, job};

const BY_ID: Order = Order {
    column: Column::Id,
    descending: false,
};

fn all(repository: &mut dyn Repository) -> Vec<Job> {
    let mut jobs = Vec::new();
    repository
        .stream(
            &Filter::default(),
            Some(BY_ID),
            ColumnSet::ALL,
            &mut |job| {
                jobs.push(job);
                Ok(())
            },
        )
        .unwrap();
    jobs
}

fn filled(place: &Place, count: u32) -> Box<dyn Repository> {
    let mut repository = place.create();
    let jobs: Vec<Job> = (0..count).map(job).collect();
    repository.insert(&jobs).unwrap();
    repository
}

/// Imports until everything is in: a call takes what fits one short transaction.
fn import(repository: &mut dyn Repository, jobs: &[Job], policy: OnConflict) -> Vec<Imported> {
    let mut outcomes = Vec::new();
    let mut import = repository.begin_import(terms(policy)).unwrap();
    while outcomes.len() < jobs.len() {
        let part = import.write(&jobs[outcomes.len()..]).unwrap();
        assert!(!part.is_empty());
        outcomes.extend(part);
    }
    import.end().unwrap();
    outcomes
}

fn terms(on_conflict: OnConflict) -> ImportTerms {
    ImportTerms {
        on_conflict,
        atomic: false,
    }
}

fn space(repository: &mut dyn Repository) -> Space {
    repository.storage().unwrap().space().unwrap()
}

fn query(filter: &Filter, order: Order, limit: u64) -> Query<'_> {
    Query {
        filter,
        order,
        after: None,
        offset: 0,
        limit,
        columns: ColumnSet::ALL,
    }
}

#[test]
fn insert_is_all_or_nothing_when_an_id_is_in_use() {
    let place = Place::new();
    let mut repository = filled(&place, 2);
    let error = repository.insert(&[job(7), job(1)]).unwrap_err();
    assert!(matches!(error, Error::Exists { ids } if ids == [job(1).id()]));
    assert_eq!(all(repository.as_mut()).len(), 2);
}

#[test]
fn the_size_grows_and_its_free_part_too() {
    let place = Place::new();
    let mut repository = filled(&place, 2);
    let small = space(repository.as_mut());
    assert_eq!(small.free, 0);
    let long = job(2).with(Column::Content, "x".repeat(1_000_000));
    repository.insert(&[long]).unwrap();
    let large = space(repository.as_mut());
    assert!(large.bytes > small.bytes + 900_000, "{large:?}");
    let ids = [job(2).id()];
    repository
        .delete(&ids, false, ColumnSet::NONE, &mut |_| Ok(()))
        .unwrap();
    let free = space(repository.as_mut());
    assert_eq!(free.bytes, large.bytes);
    assert!(free.free > 900_000, "{free:?}");
}

#[test]
fn find_answers_in_the_order_asked_with_gaps() {
    let place = Place::new();
    let mut repository = filled(&place, 3);
    let ids = [job(2).id(), JobId::new("nobody"), job(0).id()];
    let found = repository.find(&ids, ColumnSet::ALL).unwrap();
    assert_eq!(found, [Some(job(2)), None, Some(job(0))]);
}

#[test]
fn find_reads_only_the_columns_asked_for() {
    let place = Place::new();
    let mut repository = filled(&place, 1);
    let columns = ColumnSet::of(&[Column::Status]);
    let found = repository.find(&[job(0).id()], columns).unwrap();
    let found = found[0].clone().unwrap();
    assert_eq!(found.get(Column::Status), &Value::from("queued"));
    assert!(found.get(Column::CreatedAt).is_null());
}

#[test]
fn resolve_gives_an_exact_id_alone_though_it_is_a_prefix_of_another() {
    let place = Place::new();
    let mut repository = place.create();
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

#[test]
fn list_pages_meet_without_gap_or_overlap_whatever_is_null() {
    let place = Place::new();
    let mut repository = place.create();
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

#[test]
fn offset_counts_across_rows_with_and_without_a_time() {
    let place = Place::new();
    let mut repository = filled(&place, 10);
    let filter = Filter::default();
    let whole = repository
        .list(&query(&filter, Order::NEWEST_FIRST, 10))
        .unwrap();
    let mut asked = query(&filter, Order::NEWEST_FIRST, 3);
    asked.offset = 4;
    assert_eq!(repository.list(&asked).unwrap(), whole[4..7]);
}

#[test]
fn stream_gives_the_order_of_list_with_and_without_an_index() {
    let rare = Filter {
        any_of: vec![(Column::Status, vec![Some("failed".to_owned())])],
        ..Filter::default()
    };
    let search = Filter {
        search: Some("7".to_owned()),
        ..Filter::default()
    };
    for place in [Place::new(), Place::in_delete_mode()] {
        let mut repository = place.create();
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
                    .stream(filter, Some(order), ColumnSet::ALL, &mut |job| {
                        streamed.push(job);
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
}

#[test]
fn stream_ends_with_the_error_of_its_sink() {
    let place = Place::new();
    let mut repository = filled(&place, 3);
    let mut seen = 0;
    let error = repository
        .stream(&Filter::default(), Some(BY_ID), ColumnSet::ALL, &mut |_| {
            seen += 1;
            anyhow::bail!("enough")
        })
        .unwrap_err();
    assert!(matches!(error, Error::Caller(_)));
    assert_eq!(seen, 1);
}

#[test]
fn update_touches_only_its_columns_and_gives_before_and_after() {
    let place = Place::new();
    let mut repository = filled(&place, 2);
    let mut changes = Changes::default();
    changes.set(Column::Title, "new");
    let updated = repository
        .update(&[job(0).id()], &mut |_| Ok(changes.clone()))
        .unwrap();
    assert_eq!(updated[0].before, job(0));
    assert_eq!(updated[0].after, job(0).with(Column::Title, "new"));
    assert!(updated[0].changed);
    let rows = all(repository.as_mut());
    assert_eq!(rows, [job(0).with(Column::Title, "new"), job(1)]);
}

#[test]
fn update_changes_nothing_when_one_job_is_refused_or_gone() {
    let place = Place::new();
    let mut repository = filled(&place, 3);
    let mut changes = Changes::default();
    changes.set(Column::Title, "new");
    let ids = [job(0).id(), job(1).id(), job(2).id()];
    let error = repository
        .update(&ids, &mut |seen| match seen.id() == job(1).id() {
            true => Err("no".to_owned()),
            false => Ok(changes.clone()),
        })
        .unwrap_err();
    assert!(matches!(error, Error::Refused { jobs, of: 3 } if jobs.len() == 1));
    let ids = [job(0).id(), JobId::new("nobody")];
    let error = repository
        .update(&ids, &mut |_| Ok(changes.clone()))
        .unwrap_err();
    assert!(matches!(error, Error::Gone { ids } if ids == [JobId::new("nobody")]));
    assert_eq!(all(repository.as_mut()), [job(0), job(1), job(2)]);
}

#[test]
fn delete_is_all_or_nothing() {
    let place = Place::new();
    let mut repository = filled(&place, 3);
    let ids = [job(0).id(), job(1).id()];
    let refuse_one = &mut |seen: &Job| match seen.id() == job(1).id() {
        true => Err("no".to_owned()),
        false => Ok(()),
    };
    let error = repository
        .delete(&ids, false, ColumnSet::NONE, refuse_one)
        .unwrap_err();
    assert!(matches!(error, Error::Refused { .. }));
    assert_eq!(all(repository.as_mut()).len(), 3);
    let missing = [job(0).id(), JobId::new("nobody")];
    let allow = &mut |_: &Job| Ok(());
    let error = repository
        .delete(&missing, false, ColumnSet::NONE, allow)
        .unwrap_err();
    assert!(matches!(error, Error::Gone { .. }));
    let deleted = repository
        .delete(&missing, true, ColumnSet::NONE, &mut |_| Ok(()))
        .unwrap();
    assert_eq!(deleted, [job(0).id()]);
    assert_eq!(all(repository.as_mut()), [job(1), job(2)]);
}

#[test]
fn purge_looks_again_at_each_job_and_gives_those_that_went() {
    let place = Place::new();
    let mut repository = filled(&place, 4);
    let ids: Vec<JobId> = (0..6).map(|number| job(number).id()).collect();
    let status = ColumnSet::of(&[Column::Status]);
    let (mut looked_at, mut purged) = (0, Vec::new());
    while looked_at < ids.len() {
        let part = repository
            .purge(&ids[looked_at..], status, &mut |seen| {
                seen.id() != job(2).id()
            })
            .unwrap();
        assert!(part.looked_at > 0);
        looked_at += part.looked_at;
        purged.extend(part.jobs);
    }
    assert_eq!(purged.len(), 3);
    assert_eq!(all(repository.as_mut()), [job(2)]);
}

#[test]
fn import_follows_its_policy() {
    let place = Place::new();
    let later = "2026-06-01 00:00:00.000000";
    let newer = job(0)
        .with(Column::Title, "theirs")
        .with(Column::UpdatedAt, later);
    let older = job(1)
        .with(Column::Title, "theirs")
        .with(Column::UpdatedAt, "2025-01-01 00:00:00.000000");
    let batch = [newer.clone(), older.clone(), job(5)];
    use Imported::{Inserted, Skipped, Updated};
    for (policy, outcomes, rows) in [
        (
            OnConflict::Skip,
            [Skipped, Skipped, Inserted],
            [job(0), job(1), job(5)],
        ),
        (
            OnConflict::Newer,
            [Updated, Skipped, Inserted],
            [newer.clone(), job(1), job(5)],
        ),
        (
            OnConflict::Replace,
            [Updated, Updated, Inserted],
            [newer.clone(), older.clone(), job(5)],
        ),
    ] {
        let place = Place::new();
        let mut repository = filled(&place, 2);
        let mut preview = repository.begin_preview(terms(policy)).unwrap();
        assert_eq!(preview.write(&batch).unwrap(), outcomes);
        drop(preview);
        assert_eq!(all(repository.as_mut()), [job(0), job(1)]);
        assert_eq!(import(repository.as_mut(), &batch, policy), outcomes);
        assert_eq!(all(repository.as_mut()), rows, "{policy:?}");
        let again = import(repository.as_mut(), &batch, policy);
        assert_eq!(again, [const { Skipped }; 3], "{policy:?}");
    }
    let mut repository = filled(&place, 2);
    let mut import = repository.begin_import(terms(OnConflict::Fail)).unwrap();
    let error = import.write(&batch).unwrap_err();
    assert!(matches!(error, Error::Exists { .. }));
    assert!(!import.undo(), "what came before stays");
    assert_eq!(all(repository.as_mut()), [job(0), job(1)]);
}

/// Hands over jobs that are there already, as often as it takes.
fn skip_all(import: &mut dyn Import, jobs: &[Job]) {
    let mut done = 0;
    while done < jobs.len() {
        let part = import.write(&jobs[done..]).unwrap();
        assert!(part.iter().all(|outcome| *outcome == Imported::Skipped));
        done += part.len();
    }
}

#[test]
fn an_import_comes_to_know_what_it_skips() {
    let place = Place::new();
    let old: Vec<Job> = (0..10_001).map(job).collect();
    let mut repository = place.create();
    repository.insert(&old).unwrap();
    let mut import = repository.begin_import(terms(OnConflict::Skip)).unwrap();
    assert!(import.skipped().is_none());
    skip_all(import.as_mut(), &old[..10_000]);
    assert!(import.skipped().is_none(), "so few are looked up");
    skip_all(import.as_mut(), &old[10_000..]);
    let skips = import.skipped().unwrap();
    assert!(old.iter().all(|job| skips(&job.id())));
    let new: Vec<Job> = (20_000..20_499).map(job).collect();
    assert!(!new.iter().any(|job| skips(&job.id())));
    // Of so many in a row none is there, but for a last one.
    skip_all(import.as_mut(), &old[..1]);
    assert!(import.skipped().is_some());
    assert!(!skips(&job(20_499).id()));
    skip_all(import.as_mut(), &old[..1]);
    assert!(import.skipped().is_none(), "they are let go");
    import.end().unwrap();
}

#[test]
fn only_an_import_that_skips_knows_what_it_skips() {
    for policy in [OnConflict::Newer, OnConflict::Replace] {
        let place = Place::new();
        let old: Vec<Job> = (0..10_001).map(job).collect();
        let mut repository = place.create();
        repository.insert(&old).unwrap();
        let mut import = repository.begin_import(terms(policy)).unwrap();
        skip_all(import.as_mut(), &old);
        skip_all(import.as_mut(), &old[..1]);
        assert!(import.skipped().is_none(), "{policy:?}");
        import.end().unwrap();
    }
}

/// To read the ids of a large file takes longer than others should wait.
#[test]
fn an_import_reads_all_ids_without_the_lock() {
    let place = Place::in_delete_mode();
    let old: Vec<Job> = (0..10_002).map(job).collect();
    let mut repository = place.create();
    repository.insert(&old).unwrap();
    // Nothing else ends a transaction so soon.
    repository.storage().unwrap().use_alone().unwrap();
    let mut import = repository.begin_import(terms(OnConflict::Skip)).unwrap();
    skip_all(import.as_mut(), &old[..9_999]);
    import.write(&[job(20_000)]).unwrap();
    skip_all(import.as_mut(), &old[9_999..10_000]);
    assert!(import.is_pending());
    skip_all(import.as_mut(), &old[10_000..]);
    assert!(!import.is_pending());
    assert!(import.skipped().is_some());
    import.end().unwrap();
}

/// Others wait for what was written before, however long nothing but jobs comes that are there already.
#[test]
fn an_import_that_only_skips_gives_the_lock_back() {
    let place = Place::in_delete_mode();
    let mut repository = filled(&place, 5);
    let other = rusqlite::Connection::open(place.path()).unwrap();
    other.busy_timeout(std::time::Duration::ZERO).unwrap();
    let mut import = repository.begin_import(terms(OnConflict::Skip)).unwrap();
    import.write(&[job(7)]).unwrap();
    let is_free = || other.execute_batch("BEGIN IMMEDIATE; ROLLBACK").is_ok();
    assert!(!is_free(), "what is written waits for more");
    let begun = std::time::Instant::now();
    while !is_free() {
        assert!(begun.elapsed().as_secs() < 20, "it is kept");
        skip_all(import.as_mut(), &[job(0)]);
    }
    assert!(!import.is_pending());
    import.end().unwrap();
}

#[test]
fn preview_remembers_what_it_would_have_inserted() {
    let place = Place::new();
    let mut repository = place.create();
    let mut preview = repository.begin_preview(terms(OnConflict::Skip)).unwrap();
    let first = preview.write(&[job(0), job(0)]).unwrap();
    assert_eq!(first, [Imported::Inserted, Imported::Skipped]);
    let second = preview.write(&[job(0)]).unwrap();
    assert_eq!(second, [Imported::Skipped]);
    drop(preview);
    assert_eq!(all(repository.as_mut()), []);
}

#[test]
fn holds_and_count_see_what_is_there() {
    let place = Place::new();
    let mut repository = filled(&place, 3);
    assert!(repository.holds(Column::Status, "queued").unwrap());
    assert!(!repository.holds(Column::Status, "weird").unwrap());
    assert_eq!(repository.count(&Filter::default()).unwrap(), 3);
}

#[test]
fn the_version_changes_with_what_others_write_and_with_nothing_else() {
    let place = Place::new();
    let mut repository = filled(&place, 2);
    let mut watching = place.open(Access::Read);
    let before = watching.version().unwrap();
    assert_eq!(all(watching.as_mut()).len(), 2);
    assert_eq!(watching.version().unwrap(), before);
    repository.insert(&[job(7)]).unwrap();
    let after = watching.version().unwrap();
    assert_ne!(after, before);
    assert!(!after.was_replaced());
    assert_eq!(all(watching.as_mut()).len(), 3);
    assert_eq!(watching.version().unwrap(), after);
}

#[test]
fn jobs_without_an_id_are_found_by_their_rows() {
    let place = Place::new();
    drop(place.create());
    // As the report has it, and not the service: an id may be NULL.
    let connection = rusqlite::Connection::open(place.path()).unwrap();
    let columns = "id VARCHAR(36) PRIMARY KEY, job_type VARCHAR(50) NOT NULL";
    let others: Vec<&str> = Column::ALL[2..].iter().map(|it| it.name()).collect();
    connection
        .execute_batch(&format!(
            "DROP TABLE video_generation_jobs; CREATE TABLE video_generation_jobs ({columns}, {});
             INSERT INTO video_generation_jobs (id, job_type) VALUES (NULL, 'a'), ('x', 'a'), (NULL, 'b'), (NULL, 'a')",
            others.join(", ")
        ))
        .unwrap();
    let mut repository = place.open(Access::Read);
    let columns = ColumnSet::of(&[Column::JobType]);
    let is = |word: &'static str| {
        move |job: &Job| *job.get(Column::JobType) == Value::Text(word.to_owned())
    };
    let found = repository.without_id(columns, 9, &mut is("a")).unwrap();
    assert_eq!(numbers(&found), [1, 4]);
    let found = repository.without_id(columns, 1, &mut is("a")).unwrap();
    assert_eq!(numbers(&found), [1]);
    let found = repository.without_id(columns, 9, &mut is("c")).unwrap();
    assert_eq!(numbers(&found), [0; 0]);
}

fn numbers(names: &[RowName]) -> Vec<i64> {
    let number = |name: &RowName| match name.number {
        Value::Integer(number) if name.word == "rowid" => number,
        _ => panic!("{name:?}"),
    };
    names.iter().map(number).collect()
}
