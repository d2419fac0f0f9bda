//! Removing many jobs, some in each short transaction: a job that may not go any more is passed over, and so is one that the table
//! keeps.

use std::collections::HashMap;

use tokio_postgres::Row;

use super::removal::{DELETING, remove_one, remove_together};
use super::table_width::{WIDTH, check_width, with_all_columns};
use super::transaction::OpenTransaction;
use super::write::locked;
use crate::job::{Column, ColumnSet, Job, JobId};
use crate::repository::postgres::connection::database::Postgres;
use crate::repository::postgres::connection::errors::{is_in_the_way, rule};
use crate::repository::postgres::connection::job_table::TABLE;
use crate::repository::postgres::connection::values::Argument;
use crate::repository::postgres::hints::RULES;
use crate::repository::postgres::history::noting;
use crate::repository::postgres::history::rows::{kept_list, kept_width};
use crate::repository::postgres::reading::pages::texts;
use crate::repository::{Error, KeptByTable, Purged, Result};

/// Jobs of one transaction: it takes about 50 ms at most.
const AT_ONCE: usize = 500;

/// What came of removing all by one statement. But for the first, nothing was done.
enum Tried {
    Removed(Purged),
    /// One may not go any more, or somebody holds it.
    OneStays,
    TableKeepsOne,
}

pub(in crate::repository::postgres) fn purge(
    postgres: &mut Postgres,
    ids: &[JobId],
    columns: ColumnSet,
    goes: &mut dyn FnMut(&Job) -> bool,
) -> Result<Purged> {
    if columns.has_others() {
        postgres.look_again()?;
    }
    let ids = &ids[..ids.len().min(AT_ONCE)];
    with_all_columns(postgres, |postgres| {
        match purge_all(postgres, ids, columns, goes)? {
            Tried::Removed(purged) => Ok(purged),
            Tried::OneStays => purge_some(postgres, ids, columns, goes),
            Tried::TableKeepsOne => purge_one_by_one(postgres, ids, columns, goes),
        }
    })
}

/// Removes all of them by one statement, which tells what they were.
fn purge_all(
    postgres: &Postgres,
    ids: &[JobId],
    columns: ColumnSet,
    goes: &mut dyn FnMut(&Job) -> bool,
) -> Result<Tried> {
    let (session, table) = (&postgres.session, &postgres.table);
    let columns = columns.with(Column::Id);
    let others = if columns.has_others() {
        table.others.len()
    } else {
        0
    };
    let at = columns.iter().count() + others;
    let keeps_rows = postgres.recorder.keeps_rows();
    let kept = if keeps_rows {
        format!(", {}, {WIDTH}", kept_list(table))
    } else {
        String::new()
    };
    let sql = format!(
        "DELETE FROM {TABLE} WHERE {} = ANY ($1) RETURNING {}{kept}",
        table.as_text(Column::Id),
        table.list(columns)
    );
    let transaction = OpenTransaction::begin_brief(postgres);
    let rows = match session.try_rows(&sql, &[Argument::Texts(texts(ids))]) {
        Ok(rows) => rows,
        Err(error) if rule(&error).is_some() => return Ok(Tried::TableKeepsOne),
        Err(error) if is_in_the_way(&error) => return Ok(Tried::OneStays),
        Err(error) => return Err(postgres.label().explain(DELETING, &error)),
    };
    transaction.wait_again();
    if keeps_rows {
        check_width(postgres, rows.first(), at + kept_width(table))?;
    }
    let mut gone: HashMap<JobId, (Job, &Row)> = HashMap::with_capacity(rows.len());
    for row in &rows {
        let job = postgres.job(row, columns);
        if !goes(&job) {
            return Ok(Tried::OneStays);
        }
        gone.insert(job.id(), (job, row));
    }
    let left = ids.iter().filter(|id| !gone.contains_key(id));
    let left: Vec<JobId> = left.cloned().collect();
    if !locked(postgres, DELETING, &left, ColumnSet::NONE)?.is_empty() {
        return Ok(Tried::TableKeepsOne);
    }
    let mut purged = Purged {
        checked: ids.len(),
        ..Purged::default()
    };
    // They come as they lie on the server, and are noted as they were asked for.
    for id in ids {
        let Some((job, row)) = gone.remove(id) else {
            continue;
        };
        if keeps_rows {
            noting::deleted(postgres, row, at);
            postgres.save_if_full()?;
        }
        purged.jobs.push(job);
    }
    transaction.commit(DELETING)?;
    Ok(Tried::Removed(purged))
}

/// The same where some may not go: what does is locked before.
fn purge_some(
    postgres: &Postgres,
    ids: &[JobId],
    columns: ColumnSet,
    goes: &mut dyn FnMut(&Job) -> bool,
) -> Result<Purged> {
    let transaction = OpenTransaction::begin(postgres);
    let mut found = locked(postgres, DELETING, ids, columns)?;
    found.retain(|_, job| goes(job));
    let going: Vec<JobId> = ids
        .iter()
        .filter(|id| found.contains_key(id))
        .cloned()
        .collect();
    let mut purged = Purged {
        checked: ids.len(),
        ..Purged::default()
    };
    match remove_together(postgres, &going, ids.len()) {
        Ok(()) => {}
        Err(Error::AgainstRule { .. }) => {
            drop(transaction);
            return purge_one_by_one(postgres, ids, columns, goes);
        }
        Err(error) => return Err(error),
    }
    transaction.commit(DELETING)?;
    purged.jobs = going.iter().filter_map(|id| found.remove(id)).collect();
    Ok(purged)
}

/// The same where the table keeps some.
fn purge_one_by_one(
    postgres: &Postgres,
    ids: &[JobId],
    columns: ColumnSet,
    goes: &mut dyn FnMut(&Job) -> bool,
) -> Result<Purged> {
    let transaction = OpenTransaction::begin(postgres);
    let mut found = locked(postgres, DELETING, ids, columns)?;
    found.retain(|_, job| goes(job));
    let mut purged = Purged {
        checked: ids.len(),
        ..Purged::default()
    };
    for id in ids {
        let Some(job) = found.remove(id) else {
            continue;
        };
        match remove_one(postgres, id)? {
            Ok(()) => purged.jobs.push(job),
            Err(why) => purged.kept.push(KeptByTable {
                id: id.clone(),
                why,
                see: RULES,
            }),
        }
    }
    transaction.commit(DELETING)?;
    Ok(purged)
}
