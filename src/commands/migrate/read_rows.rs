//! The rows that an import has read of a database, each as one number: by them the comparison behind the import knows which jobs
//! somebody has changed since, while the service works on.

use xxhash_rust::xxh64::xxh64;

use crate::job::comparison::digest;
use crate::job::{Job, JobId};

/// The rows of one part, which is sorted when it is full; and the most parts: 32 MiB are kept of 4,194,304 rows.
const PART: usize = 1 << 16;
const PARTS: usize = 64;

/// The bits of a number that are of the row; the others are of its id.
const ROW_BITS: u32 = 16;
const ROW: u64 = (1 << ROW_BITS) - 1;

#[derive(Default)]
pub(super) struct ReadRows {
    sorted: Vec<Vec<u64>>,
    part: Vec<u64>,
    /// There were more rows than are kept.
    is_full: bool,
    bytes: Vec<u8>,
}

impl ReadRows {
    pub(super) fn add(&mut self, job: &Job) {
        if self.sorted.len() == PARTS {
            self.is_full = true;
            return;
        }
        let row = digest(job, &mut self.bytes);
        self.part.push(number(&job.id(), row));
        if self.part.len() == PART {
            self.sort();
        }
    }

    /// Sorts the rows that came last, so that all are found.
    pub(super) fn sort(&mut self) {
        let mut part = std::mem::take(&mut self.part);
        part.sort_unstable();
        self.sorted.push(part);
    }

    fn find(&self, id: &JobId) -> Option<u64> {
        let least = number(id, 0);
        self.sorted.iter().find_map(|part| {
            let at = part.partition_point(|row| *row < least);
            let found = part.get(at).copied();
            found.filter(|row| row >> ROW_BITS == least >> ROW_BITS)
        })
    }

    /// Whether the row of this id is another now than it was when it was read; `digest` is None where it is gone. Of a row that
    /// was not kept it is false.
    pub(super) fn has_changed(&self, id: &JobId, digest: Option<u64>) -> bool {
        match (self.find(id), digest) {
            (Some(read), Some(digest)) => read & ROW != digest & ROW,
            (Some(_), None) => true,
            (None, Some(_)) => !self.is_full,
            (None, None) => false,
        }
    }
}

fn number(id: &JobId, row: u64) -> u64 {
    let id = match id {
        JobId::Uuid(uuid) => xxh64(uuid.as_bytes(), 0),
        other => xxh64(other.to_string().as_bytes(), 1),
    };
    id & !ROW | row & ROW
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::Column;

    #[test]
    fn a_row_that_changed_came_or_went_is_known() {
        let mut bytes = Vec::new();
        let mut read = ReadRows::default();
        let job = |number: usize| Job::default().with(Column::Id, format!("job-{number}"));
        for number in 0..PART + 10 {
            read.add(&job(number));
        }
        read.sort();
        for number in [0, 7, PART - 1, PART, PART + 9] {
            let same = job(number);
            let id = same.id();
            assert!(!read.has_changed(&id, Some(digest(&same, &mut bytes))));
            let other = same.with(Column::Title, "other");
            assert!(read.has_changed(&id, Some(digest(&other, &mut bytes))));
            assert!(read.has_changed(&id, None));
        }
        let later = job(PART + 10);
        assert!(read.has_changed(&later.id(), Some(digest(&later, &mut bytes))));
        assert!(!read.has_changed(&later.id(), None));
    }
}
