//! The rows in which a check may find something, as a condition of the server's. It may hold for a row that is well, since the checks
//! themselves judge it; what the types of the columns rule out is not asked.

use super::damage::CHECKING;
use crate::job::checkup::{Check, CheckupTerms};
use crate::job::columns::Content;
use crate::job::{Column, SIGNS, Status};
use crate::repository::Result;
use crate::repository::postgres::connection::database::Postgres;
use crate::repository::postgres::connection::job_table::TABLE;
use crate::repository::postgres::connection::values::{Argument, text};
use crate::repository::postgres::reading::condition::Predicate;
use crate::repository::postgres::writing::transaction::OpenTransaction;
use crate::time::{before, parse_stored};

const UUID: &str = "^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$";

/// The places of the hyphens of a UUID.
const FORM: &str = "________-____-____-____-____________";

/// How ids that are no UUID are told from others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum IdTest {
    /// By the places of their hyphens: all that have them so are UUIDs, as the server has found.
    Form,
    /// By each character, which takes ten times as long.
    Whole,
    /// There are none: the column holds UUIDs alone.
    Nothing,
}

impl IdTest {
    /// Asks the server, which reads a UUID much faster than it matches one, and stops at the first that is none.
    pub(super) fn of(postgres: &Postgres, terms: &CheckupTerms) -> Result<IdTest> {
        let table = &postgres.table;
        if !terms.wanted.has(Check::OddId) || table.base(Column::Id) == "uuid" {
            return Ok(IdTest::Nothing);
        }
        let id = table.as_text(Column::Id);
        let sql = format!("SELECT count({id}::uuid) FROM {TABLE} WHERE {id} LIKE '{FORM}'");
        let _reading = OpenTransaction::begin_reading(postgres);
        Ok(match postgres.session.try_rows(&sql, &[]) {
            Ok(_) => IdTest::Form,
            Err(_) => IdTest::Whole,
        })
    }
}

const TIMES: [Column; 4] = [
    Column::CreatedAt,
    Column::UpdatedAt,
    Column::StartedAt,
    Column::CompletedAt,
];

/// The columns that every check of rows may ask for, and that are short.
const SHORT: [Column; 11] = [
    Column::Id,
    Column::Status,
    Column::Progress,
    Column::TotalShots,
    Column::CompletedShots,
    Column::EpisodeId,
    Column::SeriesId,
    Column::CreatedAt,
    Column::UpdatedAt,
    Column::StartedAt,
    Column::CompletedAt,
];

/// The tables to which a job may point.
const PARENTS: [(Column, &str); 2] = [
    (Column::EpisodeId, "episodes"),
    (Column::SeriesId, "series"),
];

pub(super) struct Suspicion {
    /// None where no wanted check can find anything.
    pub(super) condition: Option<String>,
    /// The columns that are read, each with its SQL.
    pub(super) columns: Vec<(Column, String)>,
    /// The columns that name a parent, each with the SQL that tells whether it is missing.
    pub(super) orphans: Vec<(Column, String)>,
}

impl Suspicion {
    /// `predicate` gets the values.
    pub(super) fn of(
        postgres: &Postgres,
        terms: &CheckupTerms,
        ids: IdTest,
        predicate: &mut Predicate<'_>,
    ) -> Result<Suspicion> {
        let (table, wanted) = (&postgres.table, terms.wanted);
        let has_encoding = encoding(postgres)? != "SQL_ASCII";
        let texts = |column: &&Column| matches!(column.content(), Content::Text(_));
        let mut parts = Vec::new();
        let mut read = SHORT.to_vec();
        let id = table.as_text(Column::Id);
        match ids {
            IdTest::Form => parts.push(format!("{id} NOT LIKE '{FORM}'")),
            IdTest::Whole => parts.push(format!("{id} COLLATE \"C\" !~ '{UUID}'")),
            IdTest::Nothing => {}
        }
        let words = |of: &[Status]| {
            let words = of.iter().map(|status| status.word().to_owned());
            Argument::Texts(words.collect())
        };
        let status = table.as_text(Column::Status);
        if wanted.has(Check::UnknownStatus) {
            let known = predicate.bind(words(&Status::ALL));
            parts.push(format!("({status} = ANY ({known})) IS NOT TRUE"));
        }
        if wanted.has(Check::MissingCompletedAt) {
            let ended = predicate.bind(words(&Status::END));
            let completed = table.expression(Column::CompletedAt);
            parts.push(format!("{status} = ANY ({ended}) AND {completed} IS NULL"));
        }
        if wanted.has_any(&[Check::StaleQueued, Check::StaleProcessing])
            && let Some(limit) = before(terms.now, terms.stale)
        {
            let going = predicate.bind(words(&[Status::Queued, Status::Processing]));
            let limit = predicate.bind(Argument::Time(Some(limit)));
            let signs: Vec<String> = SIGNS.iter().map(|it| table.expression(*it)).collect();
            let signs = signs.join(", ");
            parts.push(format!(
                "{status} = ANY ({going}) AND least({signs}) < {limit}"
            ));
        }
        if wanted.has_any(&[Check::UnreadableTime, Check::FutureTime, Check::Clock]) {
            let first = parse_stored("2000-01-01 00:00:00.000000");
            let first = predicate.bind(Argument::Time(first));
            let now = predicate.bind(Argument::Time(Some(terms.now)));
            for column in TIMES {
                let time = table.expression(column);
                parts.push(format!("NOT ({time} BETWEEN {first} AND {now})"));
            }
        }
        if wanted.has(Check::ProgressRange) {
            let progress = table.expression(Column::Progress);
            parts.push(format!("NOT ({progress} BETWEEN 0 AND 100)"));
        }
        if wanted.has(Check::ShotCounts) {
            let counts = [Column::TotalShots, Column::CompletedShots];
            let [total, completed] = counts.map(|column| table.expression(column));
            parts.push(format!("{completed} > {total}"));
            for column in counts {
                let count = table.expression(column);
                parts.push(match table.base(column) {
                    "int2" | "int4" | "int8" => format!("{count} < 0"),
                    _ => format!("{count} IS NOT NULL"),
                });
            }
        }
        let is_typed = |column: &Column| matches!(table.base(*column), "json" | "jsonb");
        for column in Column::ALL.iter().filter(|column| column.is_json()) {
            if wanted.has(Check::BadJson) && !is_typed(column) {
                parts.push(format!("{} IS NOT NULL", table.expression(*column)));
                read.push(*column);
            }
        }
        if wanted.has(Check::BrokenText) && !has_encoding {
            for column in Column::ALL.iter().filter(texts) {
                let text = table.as_text(*column);
                parts.push(format!("{text} COLLATE \"C\" ~ '[^\\x01-\\x7f]'"));
                read.push(*column);
            }
        }
        let mut orphans = Vec::new();
        if wanted.has(Check::DanglingParent) && table.has_parents {
            for (column, parents) in PARENTS {
                let named = table.as_text(column);
                let missing = format!(
                    "({named} IS NOT NULL AND NOT EXISTS (SELECT FROM {parents} parent WHERE parent.id::text = {named}))"
                );
                parts.push(missing.clone());
                orphans.push((column, missing));
            }
        }
        read.sort();
        read.dedup();
        let columns = read.into_iter().map(|column| {
            let is_text = matches!(column.content(), Content::Text(_));
            let sql = if is_text && !has_encoding {
                // The server would refuse to hand out a text that is none.
                format!("convert_to({}, 'SQL_ASCII')", table.as_text(column))
            } else {
                table.expression(column)
            };
            (column, sql)
        });
        Ok(Suspicion {
            columns: columns.collect(),
            orphans,
            condition: (!parts.is_empty()).then(|| {
                let parts: Vec<String> = parts.iter().map(|part| format!("({part})")).collect();
                parts.join(" OR ")
            }),
        })
    }
}

/// The name of the encoding in which the database keeps texts.
pub(super) fn encoding(postgres: &Postgres) -> Result<String> {
    const SQL: &str = "SELECT current_setting('server_encoding')";
    let rows = postgres.session.rows(CHECKING, SQL, &[])?;
    Ok(rows
        .first()
        .and_then(|row| text(row, 0))
        .unwrap_or_default())
}
