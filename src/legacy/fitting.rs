//! A converted job and the table that it goes into: columns that only the table knows, and ids of what is not there.

use std::sync::Arc;

use super::store::Store;
use super::stores::leftovers;
use crate::job::columns::Takes;
use crate::job::row::write;
use crate::job::{Column, Job, Value};
use crate::text::json::string;

/// Brings the columns of a row that are not known to those that the table has, which are called alike whatever their
/// case, as SQLite has it. What the table lacks is kept under `context.legacy`, as is what another program wrote and a column
/// of its type does not take.
pub fn fit_others(job: &mut Job, table: &[(Arc<str>, Takes)], store: Store) {
    let others = job.others().to_vec();
    let named = |name: &str| others.iter().any(|(other, _)| **other == *name);
    let mut fitting: Vec<(Arc<str>, Value)> = Vec::with_capacity(others.len());
    let mut aside = Vec::new();
    for (name, value) in &others {
        let alike = |column: &Arc<str>| {
            column == name || column.eq_ignore_ascii_case(name) && !named(column)
        };
        let taken = |column: &Arc<str>| fitting.iter().any(|(other, _)| other == column);
        let column = table.iter().find(|(column, _)| alike(column));
        let fitted = column
            .filter(|(column, _)| !taken(column))
            .and_then(|(column, takes)| match store {
                // Restored as it was.
                Store::Jobctl => Some((Arc::clone(column), value.clone())),
                _ => Some((Arc::clone(column), takes.fitted(value)?)),
            });
        match fitted {
            Some(fitted) => fitting.push(fitted),
            None => {
                let mut json = String::new();
                write::value(&mut json, value);
                aside.push((&**name, json.into()));
            }
        }
    }
    if !aside.is_empty() {
        leftovers::add(job, store, &aside);
    }
    job.set_others(fitting);
}

/// Empties a column whose id names nothing, and keeps the id under `context.legacy`.
pub fn keep_aside(job: &mut Job, column: Column, store: Store) {
    let mut id = String::new();
    string(&mut id, &job.get(column).display());
    job.set(column, Value::Null);
    leftovers::add(job, store, &[(column.name(), id.into())]);
}
