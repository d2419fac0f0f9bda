//! The checks of the table's columns beside those that SQLAlchemy makes there, and of its references to series and episodes.

use super::damage::CHECKING;
use crate::job::Column;
use crate::job::checkup::{Check, Finding, Occurrences, Severity, Wanted};
use crate::job::columns::Content;
use crate::repository::Result;
use crate::repository::postgres::connection::database::Postgres;
use crate::repository::postgres::connection::values::text;

/// Name and type of each column.
const COLUMNS: &str = "SELECT attname::text, format_type(atttypid, atttypmod) FROM pg_attribute
    WHERE attrelid = to_regclass('video_generation_jobs') AND attnum > 0 AND NOT attisdropped ORDER BY attnum";

/// The columns that refer to another table.
const REFERENCES: &str = "SELECT a.attname::text FROM pg_constraint c
    JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey)
    WHERE c.conrelid = to_regclass('video_generation_jobs') AND c.contype = 'f'";

pub(super) fn check(postgres: &Postgres, wanted: Wanted) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    if wanted.has_any(&[Check::ColumnTypes, Check::ExtraColumns]) {
        findings.extend(columns(postgres)?);
    }
    if wanted.has(Check::ForeignKeys) && postgres.table.has_parents {
        findings.extend(references(postgres)?);
    }
    Ok(findings)
}

fn columns(postgres: &Postgres) -> Result<Vec<Finding>> {
    let (mut other_typed, mut extra) = (Occurrences::default(), Occurrences::default());
    for row in postgres.session.rows(CHECKING, COLUMNS, &[])? {
        let (Some(name), Some(kind)) = (text(&row, 0), text(&row, 1)) else {
            continue;
        };
        match Column::of_name(&name) {
            None => extra.add(|| format!("{name} {kind}")),
            Some(column) if !serves(column.content(), &kind) => {
                other_typed
                    .add(|| format!("{name} {kind}, expected {}", expected(column.content())));
            }
            Some(_) => {}
        }
    }
    let findings = [
        other_typed.finding(
            Check::ColumnTypes,
            Severity::Warning,
            "The column has another type than the one that the service makes. A shorter one refuses what the service writes; times with a zone are shifted where the \
             zone of the session is not UTC; jsonb and less exact numbers come back otherwise than they were written.",
            "compare the table with the service's model, and let the service's own migration change it",
        ),
        extra.finding(
            Check::ExtraColumns,
            Severity::Info,
            "A later version of the service, or somebody else, has added the column. jobctl shows it under \"other\", carries it in archives and exports, and never writes it.",
            "nothing to do",
        ),
    ];
    Ok(findings.into_iter().flatten().collect())
}

/// The type that SQLAlchemy declares.
fn expected(content: Content) -> String {
    match content {
        Content::Text(0) => "text".to_owned(),
        Content::Text(most) => format!("character varying({most})"),
        Content::Json => "json".to_owned(),
        Content::Real => "double precision".to_owned(),
        Content::Integer => "integer".to_owned(),
        Content::Time => "timestamp without time zone".to_owned(),
    }
}

/// Whether a type holds all that the service writes, as it was written.
fn serves(content: Content, kind: &str) -> bool {
    let length = kind.strip_prefix("character varying").map(|length| {
        let digits = length.trim_matches(['(', ')']);
        digits.parse().unwrap_or(usize::MAX)
    });
    match (content, length) {
        (Content::Text(_), None) => kind == "text",
        (Content::Text(0), Some(length)) => length == usize::MAX,
        (Content::Text(most), Some(length)) => length >= most,
        (content, _) => kind == expected(content),
    }
}

fn references(postgres: &Postgres) -> Result<Option<Finding>> {
    let rows = postgres.session.rows(CHECKING, REFERENCES, &[])?;
    let found: Vec<String> = rows.iter().filter_map(|row| text(row, 0)).collect();
    let mut missing = Occurrences::default();
    let mut mend = Vec::new();
    for (column, parents) in [("episode_id", "episodes"), ("series_id", "series")] {
        if !found.iter().any(|name| name == column) {
            missing.add(|| {
                format!("{column} refers to nothing; the service has it refer to {parents} (id)")
            });
            mend.push(format!(
                "ADD FOREIGN KEY ({column}) REFERENCES {parents} (id) ON DELETE SET NULL"
            ));
        }
    }
    Ok(missing.finding(
        Check::ForeignKeys,
        Severity::Warning,
        "The table was made before those of the service, or by another program, and lacks what ties jobs to their series and episodes. When one of those is deleted, \
         its jobs go on naming it.",
        format!(
            "jobctl doctor dangling-parent first; then psql -c 'ALTER TABLE video_generation_jobs {}'",
            mend.join(", ")
        ),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_longer_text_serves_and_a_shorter_one_does_not() {
        for (content, kind, is_served) in [
            (Content::Text(36), "character varying(36)", true),
            (Content::Text(36), "character varying(35)", false),
            (Content::Text(36), "character varying", true),
            (Content::Text(36), "text", true),
            (Content::Text(36), "uuid", false),
            (Content::Text(0), "character varying(500)", false),
            (Content::Text(0), "character varying", true),
            (Content::Json, "json", true),
            (Content::Json, "jsonb", false),
            (Content::Real, "real", false),
            (Content::Integer, "bigint", false),
            (Content::Time, "timestamp with time zone", false),
        ] {
            assert_eq!(serves(content, kind), is_served, "{kind}");
        }
    }
}
