//! The fixes of rows: what is to be written is found by one pass, and written in short transactions to rows that still need it, by the same
//! way as any other change, so that the history has it.

use super::rows;
use super::suspicion::IdTest;
use crate::job::checkup::{Cell, Check, CheckupTerms, Row, Wanted, fixes};
use crate::job::{Changes, Column, Job, JobId};
use crate::repository::postgres::connection::database::Postgres;
use crate::repository::postgres::writing::changing;
use crate::repository::postgres::writing::transaction::OpenTransaction;
use crate::repository::{Error, Fix, FixTerms, Result};

/// Jobs of one transaction: it takes about 50 ms.
const AT_ONCE: usize = 200;

pub(super) fn fix(
    postgres: &mut Postgres,
    fix: FixTerms<'_>,
    goes_on: &mut dyn FnMut() -> bool,
) -> Result<Fix> {
    let ids = find(postgres, fix)?;
    let mut done = Fix::default();
    if fix.dry_run {
        done.count = ids.len() as u64;
        return Ok(done);
    }
    for part in ids.chunks(AT_ONCE) {
        if !goes_on() {
            done.stopped = true;
            break;
        }
        if !write_together(postgres, fix, part, &mut done)? {
            for id in part {
                write_together(postgres, fix, std::slice::from_ref(id), &mut done)?;
            }
        }
    }
    Ok(done)
}

/// The jobs that are to be changed.
fn find(postgres: &Postgres, fix: FixTerms<'_>) -> Result<Vec<JobId>> {
    let terms = CheckupTerms {
        wanted: Wanted::of(&[fix.check]),
        ..*fix.terms
    };
    let _reading = OpenTransaction::begin_reading(postgres);
    let mut ids = Vec::new();
    rows::each(postgres, &terms, IdTest::Nothing, &mut |row| {
        if !fixes(fix.check, row, fix.terms).is_empty() {
            ids.push(JobId::new(&row.id()));
        }
    })?;
    Ok(ids)
}

/// What a job is to be given that still needs it.
fn changes(check: Check, job: &Job, terms: &CheckupTerms) -> Changes {
    let mut cells = [Cell::Null; Column::COUNT];
    for column in Column::ALL {
        cells[*column as usize] = Cell::from(job.get(*column));
    }
    let row = Row {
        cells,
        name: ("row", 0),
        orphan: [None; 2],
    };
    let mut changes = Changes::default();
    for (column, new) in fixes(check, &row, terms) {
        changes.set(column, new);
    }
    changes
}

/// Writes them in one transaction; false, and nothing is written, where one of several has to be left as it is.
fn write_together(
    postgres: &mut Postgres,
    fix: FixTerms<'_>,
    ids: &[JobId],
    done: &mut Fix,
) -> Result<bool> {
    let decided = changing::update(postgres, ids, &mut |job| {
        Ok(changes(fix.check, job, fix.terms))
    });
    match decided {
        Ok(updated) => {
            let changed = updated.iter().filter(|it| it.changed).count() as u64;
            done.count += changed;
            done.left += ids.len() as u64 - changed;
            Ok(true)
        }
        Err(Error::Gone { .. } | Error::AgainstRule { .. }) if ids.len() > 1 => Ok(false),
        Err(Error::Gone { .. }) => Ok(true),
        Err(Error::AgainstRule { .. }) => {
            done.left += 1;
            Ok(true)
        }
        Err(error) => Err(error),
    }
}
