//! Some jobs and words, for a person who is still typing.

use jobctl::job::{Column, ColumnSet, Job};
use jobctl::repository::{Access, Repository};

use super::job;
use crate::backend::Backend;

fn ids(repository: &mut dyn Repository, prefix: &str, limit: usize) -> Vec<String> {
    let wanted = |job: &Job| !job.id().to_string().starts_with("0000000b");
    let jobs = repository
        .some(prefix, ColumnSet::of(&[Column::Title]), limit, &wanted)
        .unwrap();
    let short = |job: &Job| job.id().to_string()[..8].to_owned();
    jobs.iter().map(short).collect()
}

pub fn the_newest_wanted_jobs_come_with_both_ends(backend: &dyn Backend) {
    let place = backend.fresh();
    let mut repository = place.open(Access::Write);
    for number in [2, 3, 7, 8, 9, 11] {
        repository.insert(&[job(number)]).unwrap();
    }
    // Those of number 11, which nobody wants, would have been the greatest.
    assert_eq!(
        ids(&mut *repository, "", 2),
        ["00000009", "00000008", "00000002"]
    );
    assert_eq!(ids(&mut *repository, "", 50).len(), 5);
    assert_eq!(
        ids(&mut *repository, "0000000", 2),
        ["00000009", "00000002"]
    );
    assert_eq!(ids(&mut *repository, "00000007-", 2), ["00000007"]);
    assert_eq!(ids(&mut *repository, "1", 2), [""; 0]);
}

pub fn words_are_sorted_and_begin_with_the_prefix(backend: &dyn Backend) {
    let place = backend.fresh();
    let mut repository = place.open(Access::Write);
    for (number, word) in ["b2", "a", "b1", "c", "b2", "b"].into_iter().enumerate() {
        let job = job(number as u32)
            .with(Column::JobType, word)
            .with(Column::Style, word);
        repository.insert(&[job]).unwrap();
    }
    for column in [Column::JobType, Column::Style] {
        let mut words = |prefix, limit| repository.words(column, prefix, limit).unwrap();
        assert_eq!(words("", 9), ["a", "b", "b1", "b2", "c"]);
        assert_eq!(words("b", 9), ["b", "b1", "b2"]);
        assert_eq!(words("b", 2), ["b", "b1"]);
        assert_eq!(words("d", 9), [""; 0]);
    }
}
