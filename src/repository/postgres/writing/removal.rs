//! Deleting by id: what was asked for as a whole goes as a whole.

use std::collections::{HashMap, HashSet};

use tokio_postgres::Row;

use super::table_width::{WIDTH, check_width, with_all_columns};
use super::transaction::OpenTransaction;
use super::write::{KEPT, against_rule, locked};
use crate::job::{Column, ColumnSet, JobId};
use crate::repository::postgres::connection::database::Postgres;
use crate::repository::postgres::connection::errors::rule;
use crate::repository::postgres::connection::job_table::TABLE;
use crate::repository::postgres::connection::values::{Argument, value};
use crate::repository::postgres::history::noting;
use crate::repository::postgres::history::rows::{kept_list, kept_width};
use crate::repository::postgres::reading::pages::{MOST_IDS, texts};
use crate::repository::{Allow, Error, Result};

pub(super) const DELETING: &str = "deleting jobs";

/// The most jobs that one statement deletes where the history keeps their rows, which all come with its answer.
const AT_ONCE: usize = 500;

pub(in crate::repository::postgres) fn delete(
    postgres: &mut Postgres,
    ids: &[JobId],
    ignore_missing: bool,
    columns: ColumnSet,
    allow: Allow,
) -> Result<Vec<JobId>> {
    if columns.has_others() {
        postgres.look_again()?;
    }
    with_all_columns(postgres, |postgres| {
        delete_all(postgres, ids, ignore_missing, columns, &mut *allow)
    })
}

fn delete_all(
    postgres: &Postgres,
    ids: &[JobId],
    ignore_missing: bool,
    columns: ColumnSet,
    allow: Allow,
) -> Result<Vec<JobId>> {
    let transaction = OpenTransaction::begin(postgres);
    let found = locked(postgres, DELETING, ids, columns)?;
    let mut deleted = Vec::with_capacity(ids.len());
    let (mut gone, mut refused) = (Vec::new(), Vec::new());
    for id in ids {
        match found.get(id) {
            None => gone.push(id.clone()),
            Some(job) => match allow(job) {
                Ok(()) => deleted.push(id.clone()),
                Err(why) => refused.push((id.clone(), why)),
            },
        }
    }
    if !gone.is_empty() && !ignore_missing {
        return Err(Error::Gone { ids: gone });
    }
    if !refused.is_empty() {
        let of = ids.len();
        return Err(Error::Refused { jobs: refused, of });
    }
    let at_once = if postgres.recorder.keeps_rows() {
        AT_ONCE
    } else {
        MOST_IDS
    };
    for part in deleted.chunks(at_once) {
        remove_together(postgres, part, ids.len())?;
    }
    transaction.commit(DELETING)?;
    Ok(deleted)
}

fn delete_sql(postgres: &Postgres) -> String {
    let id = postgres.table.as_text(Column::Id);
    // The first of what the history keeps is the id.
    let returned = if postgres.recorder.keeps_rows() {
        format!("{}, {WIDTH}", kept_list(&postgres.table))
    } else {
        id.clone()
    };
    format!("DELETE FROM {TABLE} WHERE {id} = ANY ($1) RETURNING {returned}")
}

/// The id of a row that is gone.
fn id_of(row: &Row) -> JobId {
    JobId::from_value(&value(row, 0))
}

/// Tells the history the rows that are gone.
fn note(postgres: &Postgres, rows: &[Row]) -> Result<()> {
    if !postgres.recorder.keeps_rows() {
        return Ok(());
    }
    check_width(postgres, rows.first(), kept_width(&postgres.table))?;
    for row in rows {
        noting::deleted(postgres, row, 0);
        postgres.save_if_full()?;
    }
    Ok(())
}

/// Removes jobs that are locked, or none: the error names the one that the table keeps.
pub(super) fn remove_together(postgres: &Postgres, ids: &[JobId], of: usize) -> Result<()> {
    let sql = delete_sql(postgres);
    postgres.session.defer("SAVEPOINT jobctl");
    let error = match postgres
        .session
        .try_rows(&sql, &[Argument::Texts(texts(ids))])
    {
        Ok(mut rows) => {
            // They come as they lie on the server, and are noted as they were asked for.
            let places: HashMap<&JobId, usize> = ids.iter().zip(0..).collect();
            rows.sort_by_cached_key(|row| places.get(&id_of(row)).copied());
            note(postgres, &rows)?;
            let gone: HashSet<JobId> = rows.iter().map(id_of).collect();
            let left: Vec<JobId> = ids
                .iter()
                .filter(|id| !gone.contains(id))
                .cloned()
                .collect();
            // A trigger may have removed it with one of those before it.
            let kept = locked(postgres, DELETING, &left, ColumnSet::NONE)?;
            return match left.iter().find(|id| kept.contains_key(id)) {
                None => Ok(()),
                Some(id) => Err(against_rule(id, KEPT.to_owned(), of)),
            };
        }
        Err(error) => error,
    };
    if rule(&error).is_none() {
        return Err(postgres.label().explain(DELETING, &error));
    }
    postgres
        .session
        .run(DELETING, "ROLLBACK TO SAVEPOINT jobctl")?;
    for id in ids {
        if let Err(why) = remove_one(postgres, id)? {
            return Err(against_rule(id, why, of));
        }
    }
    Ok(())
}

/// Removes a job that is locked; the inner error is why the table keeps it.
pub(super) fn remove_one(
    postgres: &Postgres,
    id: &JobId,
) -> Result<std::result::Result<(), String>> {
    let sql = delete_sql(postgres);
    postgres.session.defer("SAVEPOINT jobctl");
    let argument = Argument::Texts(texts(std::slice::from_ref(id)));
    match postgres.session.try_rows(&sql, &[argument]) {
        Ok(rows) if !rows.is_empty() => {
            note(postgres, &rows)?;
            Ok(Ok(()))
        }
        Ok(_) => {
            let is_there = locked(
                postgres,
                DELETING,
                std::slice::from_ref(id),
                ColumnSet::NONE,
            )?;
            Ok(if is_there.is_empty() {
                Ok(())
            } else {
                Err(KEPT.to_owned())
            })
        }
        Err(error) => match rule(&error) {
            None => Err(postgres.label().explain(DELETING, &error)),
            Some(why) => {
                postgres
                    .session
                    .run(DELETING, "ROLLBACK TO SAVEPOINT jobctl")?;
                Ok(Err(why))
            }
        },
    }
}

/// Whether the table has triggers, or others refer to it, or it has rules of its own.
pub(in crate::repository::postgres) fn has_own_rules(
    postgres: &Postgres,
    removing: bool,
) -> Result<bool> {
    // Of all its partitions: each may have rules of its own.
    const PARTS: &str =
        "WITH RECURSIVE part (oid) AS (SELECT to_regclass('video_generation_jobs')::oid
        UNION ALL SELECT i.inhrelid FROM pg_inherits i JOIN part p ON i.inhparent = p.oid)
        SELECT 1 FROM pg_class c JOIN part ON c.oid = part.oid WHERE c.relhasrules
        UNION ALL SELECT 1 FROM pg_trigger t JOIN part ON t.tgrelid = part.oid";
    const REMOVING: &str =
        "WHERE NOT t.tgisinternal OR t.tgconstrrelid <> 0 AND t.tgtype & 8 <> 0 LIMIT 1";
    const CHANGING: &str = "WHERE NOT t.tgisinternal
        UNION ALL SELECT 1 FROM pg_constraint n JOIN part ON n.conrelid = part.oid WHERE n.contype IN ('c', 'u', 'x') LIMIT 1";
    let sql = if removing { REMOVING } else { CHANGING };
    let rows = postgres.session.rows(
        "reading the rules of the table",
        &format!("{PARTS} {sql}"),
        &[],
    )?;
    Ok(!rows.is_empty())
}
