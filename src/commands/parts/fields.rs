//! `--fields`: which columns, by any name that people use for them.

use anyhow::Result;

use super::filter_args::bad_value;
use crate::error::Failure;
use crate::job::Column;
use crate::job::status::nearest;

/// The columns named; all of them when none is.
pub fn parse(flag: &str, names: &[String]) -> Result<Vec<Column>> {
    if names.is_empty() {
        return Ok(Column::ALL.to_vec());
    }
    let mut columns: Vec<Column> = Vec::new();
    for name in names {
        let column = Column::named(name).ok_or_else(|| unknown(flag, name, name))?;
        if !columns.contains(&column) {
            columns.push(column);
        }
    }
    Ok(columns)
}

/// The error for a name that no column has; `value` is what the flag was given in all.
pub fn unknown(flag: &str, value: &str, name: &str) -> Failure {
    let known: Vec<&str> = Column::ALL.iter().map(|column| column.flag()).collect();
    let failure = bad_value(
        flag,
        value,
        &format!("the columns are {}", known.join(", ")),
    );
    match nearest(name, known.iter().copied()) {
        Some(nearest) => failure.hint(format!("did you mean {nearest}?")),
        None => failure,
    }
}
