//! The fitting of a converted job to its table: columns that only the table knows, and ids of missing series and episodes.

use std::sync::Arc;

use super::store::Store;
use crate::job::columns::Takes;
use crate::job::row::write;
use crate::job::{Column, Job, Value, originals};
use crate::text::json::string;

/// Assigns the unknown columns of a row to those that the table has of the same name, whatever the case, as in SQLite. Values
/// without a column, and those of other programs that a column's type does not take, are kept under `context.legacy`.
pub fn fit_others(job: &mut Job, table: &[(Arc<str>, Takes)], store: Store) {
    let others = job.others().to_vec();
    let named = |name: &str| others.iter().any(|(other, _)| **other == *name);
    let mut fitting: Vec<(Arc<str>, Value)> = Vec::with_capacity(others.len());
    let mut originals = Vec::new();
    for (name, value) in &others {
        let alike = |column: &Arc<str>| {
            column == name || column.eq_ignore_ascii_case(name) && !named(column)
        };
        let taken = |column: &Arc<str>| fitting.iter().any(|(other, _)| other == column);
        let column = table.iter().find(|(column, _)| alike(column));
        let fitted = column
            .filter(|(column, _)| !taken(column))
            .and_then(|(column, takes)| match store {
                // Rows of jobctl's own are restored as they were.
                Store::Jobctl => Some((Arc::clone(column), value.clone())),
                _ => Some((Arc::clone(column), takes.fitted(value)?)),
            });
        match fitted {
            Some(fitted) => fitting.push(fitted),
            None => {
                let mut json = String::new();
                write::value(&mut json, value);
                originals.push((&**name, json.into()));
            }
        }
    }
    if !originals.is_empty() {
        originals::add(job, store.name(), &originals);
    }
    job.set_others(fitting);
}

/// Empties a column whose id names no row, and keeps the id under `context.legacy`.
pub fn keep_aside(job: &mut Job, column: Column, store: Store) {
    let mut id = String::new();
    string(&mut id, &job.get(column).display());
    job.set(column, Value::Null);
    originals::add(job, store.name(), &[(column.name(), id.into())]);
}
