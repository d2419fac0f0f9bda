//! `--fields`: columns, by any name that people use for them.

use std::sync::Arc;

use anyhow::Result;

use super::filter::bad_value;
use crate::context::Context;
use crate::error::Failure;
use crate::job::any_column::other_label;
use crate::job::status::nearest;
use crate::job::{AnyColumn, Column};
use crate::repository::Access;
use crate::text::visible::one_line;

/// The columns of `--fields`, known or among these others; all known ones when none is named.
pub(crate) fn parse(names: &[String], others: &[Arc<str>]) -> Result<Vec<AnyColumn>> {
    if names.is_empty() {
        return Ok(AnyColumn::all(&[]));
    }
    let mut columns: Vec<AnyColumn> = Vec::new();
    for name in names {
        let named = AnyColumn::named(name, others);
        for column in named.ok_or_else(|| unknown("--fields", name, name, others))? {
            if !columns.contains(&column) {
                columns.push(column);
            }
        }
    }
    Ok(columns)
}

/// The same before the table is opened, which happens here only where a name needs it.
pub(crate) fn parse_early(names: &[String], context: &mut Context) -> Result<Vec<AnyColumn>> {
    if needs_table(names) {
        parse(names, &context.open(Access::Read)?.other_columns()?)
    } else {
        parse(names, &[])
    }
}

/// Whether only the table can tell what a name means.
pub(crate) fn needs_table(names: &[String]) -> bool {
    names.iter().any(|name| Column::named(name).is_none())
}

/// The known column of this name.
pub(crate) fn known(flag: &str, name: &str) -> Result<Column> {
    Ok(Column::named(name).ok_or_else(|| unknown(flag, name, name, &[]))?)
}

/// The error for a name that no column has; `value` is the whole value of the flag.
pub(crate) fn unknown(flag: &str, value: &str, name: &str, others: &[Arc<str>]) -> Failure {
    let known = Column::ALL.iter().map(|column| column.flag().to_owned());
    let others = others.iter().map(|name| other_label(name).into_owned());
    let known: Vec<String> = known.chain(others).collect();
    let why = format!("the columns are {}", one_line(&known.join(", ")));
    let failure = bad_value(flag, value, &why);
    match nearest(name, known.iter().map(String::as_str)) {
        Some(nearest) => failure.hint(format!("did you mean {}?", one_line(nearest))),
        None => failure,
    }
}
