//! `--fields`: which columns, by any name that people use for them.

use anyhow::Result;

use super::filter_args::bad_value;
use crate::job::Column;
use crate::job::status::nearest;

/// The columns named; all of them when none is.
pub fn parse(names: &[String]) -> Result<Vec<Column>> {
    if names.is_empty() {
        return Ok(Column::ALL.to_vec());
    }
    let mut columns: Vec<Column> = Vec::new();
    for name in names {
        let Some(column) = Column::named(name) else {
            let known: Vec<&str> = Column::ALL.iter().map(|column| column.flag()).collect();
            let failure = bad_value(
                "--fields",
                name,
                &format!("the columns are {}", known.join(", ")),
            );
            return Err(match nearest(name, known.iter().copied()) {
                Some(nearest) => failure.hint(format!("did you mean {nearest}?")),
                None => failure,
            }
            .into());
        };
        if !columns.contains(&column) {
            columns.push(column);
        }
    }
    Ok(columns)
}
