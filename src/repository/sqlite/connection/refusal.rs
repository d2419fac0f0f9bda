//! The words for refusals of the table itself.

use rusqlite::ffi;
use rusqlite::ffi::ErrorCode;

use crate::repository::sqlite::connection::schema::TABLE;
use crate::text::visible::one_line;

/// The reason for which the table refuses a row, in words; None for an error that is not about the row.
pub(in crate::repository::sqlite) fn reason(error: &rusqlite::Error) -> Option<String> {
    let found = code(error)?;
    let text = match error {
        rusqlite::Error::SqliteFailure(_, Some(text)) => text.as_str(),
        _ => "",
    };
    let is_rule = matches!(
        found.code,
        ErrorCode::ConstraintViolation | ErrorCode::TypeMismatch | ErrorCode::TooBig
    );
    is_rule.then(|| one_line(&words(found.extended_code, text)).into_owned())
}

pub(in crate::repository::sqlite) fn words(code: i32, text: &str) -> String {
    let behind = text.split_once(": ").map_or(text, |(_, behind)| behind);
    let columns: Option<Vec<&str>> = behind
        .split(", ")
        .map(|column| {
            let (table, name) = column.split_once('.')?;
            table.eq_ignore_ascii_case(TABLE).then_some(name)
        })
        .collect();
    let columns = columns.map(|columns| columns.join(" and "));
    match (code, columns) {
        (ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY, Some(columns)) => {
            format!("another job of the table has this {columns} (UNIQUE)")
        }
        (ffi::SQLITE_CONSTRAINT_NOTNULL, Some(columns)) => {
            format!("the table takes no job without {columns} (NOT NULL)")
        }
        (ffi::SQLITE_CONSTRAINT_CHECK, _) => {
            format!("it breaks a rule of the table: {behind} (CHECK)")
        }
        (ffi::SQLITE_CONSTRAINT_TRIGGER, _) => {
            format!("a trigger of the table refuses it: {text}")
        }
        (ffi::SQLITE_CONSTRAINT_FOREIGNKEY, _) => {
            "it names a row of another table that is not there, or one there names it (FOREIGN KEY)"
                .to_owned()
        }
        _ => format!("the table refuses it: {text}"),
    }
}

/// The extended result code, when the error came from SQLite itself.
pub(in crate::repository::sqlite) fn code(error: &rusqlite::Error) -> Option<ffi::Error> {
    match error {
        rusqlite::Error::SqliteFailure(code, _) => Some(*code),
        rusqlite::Error::SqlInputError { error, .. } => Some(*error),
        _ => None,
    }
}
