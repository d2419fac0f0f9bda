//! The checks of the table's columns beside the report's and SQLAlchemy's, which have the same types.

use crate::job::Column;
use crate::job::checkup::{Check, Finding, Occurrences, Severity, Wanted};
use crate::job::columns::Content;
use crate::repository::Result;
use crate::repository::sqlite::connection::database::Sqlite;
use crate::repository::sqlite::connection::seen_columns::declared;

pub(super) fn check(sqlite: &Sqlite, wanted: Wanted) -> Result<Vec<Finding>> {
    if !wanted.has_any(&[Check::ColumnTypes, Check::ExtraColumns]) {
        return Ok(Vec::new());
    }
    let explain = sqlite.explain("reading the columns of the table");
    let columns = sqlite.settled(|| declared(&sqlite.connection).map_err(&explain))?;
    let (mut other_typed, mut extra) = (Occurrences::default(), Occurrences::default());
    for found in &columns {
        match Column::ALL.iter().find(|column| found.is(**column)) {
            Some(column) => {
                let expected = kind(*column);
                if affinity(&found.kind) != affinity(&expected) {
                    other_typed.add(|| {
                        let name = column.name();
                        match found.kind.as_str() {
                            "" => format!("{name} has no type, expected {expected}"),
                            kind => format!("{name} {kind}, expected {expected}"),
                        }
                    });
                }
            }
            None => extra.add(|| {
                format!("{} {}", found.name, found.kind)
                    .trim_end()
                    .to_owned()
            }),
        }
    }
    let findings = [
        other_typed.finding(
            Check::ColumnTypes,
            Severity::Warning,
            "The column has another type than the one that the service makes. Numbers may come back as texts and texts as numbers, and be sorted and compared as such.",
            "compare the table with the service's model, and let the service's own migration change it",
        ),
        extra.finding(
            Check::ExtraColumns,
            Severity::Info,
            "A later version of the service, or somebody else, has added the column. jobctl shows it under \"other\", carries it in archives and exports, and never writes it.",
            "nothing to do",
        ),
    ];
    let findings = findings.into_iter().flatten();
    Ok(findings.filter(|it| wanted.has(it.check)).collect())
}

/// The type that the report's SQL and SQLAlchemy declare.
fn kind(column: Column) -> String {
    match column.content() {
        Content::Text(0) => "TEXT".to_owned(),
        Content::Text(most) => format!("VARCHAR({most})"),
        Content::Json => "JSON".to_owned(),
        Content::Real => "FLOAT".to_owned(),
        Content::Integer => "INTEGER".to_owned(),
        Content::Time => "DATETIME".to_owned(),
    }
}

/// The affinity of a declared type, by SQLite's own five rules.
fn affinity(kind: &str) -> &'static str {
    let kind = kind.to_ascii_uppercase();
    let has = |words: &[&str]| words.iter().any(|word| kind.contains(word));
    match () {
        () if has(&["INT"]) => "integer",
        () if has(&["CHAR", "CLOB", "TEXT"]) => "text",
        () if kind.is_empty() || has(&["BLOB"]) => "blob",
        () if has(&["REAL", "FLOA", "DOUB"]) => "real",
        () => "numeric",
    }
}
