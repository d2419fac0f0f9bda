//! Redaction: personal text is taken out of rows, and out of every row that a run has kept of them, in short transactions.
//! Nothing of it is kept. The server keeps old versions of rows until VACUUM clears them away.

use std::collections::HashSet;

use super::reading::{READING, is_there, lock_piece};
use super::tables::{self, CHANGES, named};
use crate::job::{Column, ColumnSet, Job, JobId, Value};
use crate::repository::change_log::buffer::ChangeCounts;
use crate::repository::change_log::key_filter::may_hold;
use crate::repository::change_log::piece;
use crate::repository::change_log::redaction::{neutral, redact_piece};
use crate::repository::change_log::words::REDACTED;
use crate::repository::postgres::connection::database::Postgres;
use crate::repository::postgres::connection::job_table::TABLE;
use crate::repository::postgres::connection::session::Statement;
use crate::repository::postgres::connection::values::{Argument, text, value};
use crate::repository::postgres::reading::pages::texts;
use crate::repository::postgres::writing::fitted::fitted;
use crate::repository::postgres::writing::transaction::OpenTransaction;
use crate::repository::postgres::writing::vacuum::vacuum;
use crate::repository::postgres::writing::write::{against_rule, locked};
use crate::repository::{Error, Redacted, Result};

const REDACTING: &str = "redacting jobs";
const CLEARING: &str = "clearing old versions of rows away";

/// The jobs of one transaction.
const AT_ONCE: usize = 100;

pub(super) fn redact(postgres: &Postgres, ids: &[JobId], columns: &[Column]) -> Result<Redacted> {
    postgres.recorder.count_alone(REDACTED);
    let mut done = Redacted::default();
    for part in ids.chunks(AT_ONCE) {
        redact_rows(postgres, part, columns, &mut done)?;
    }
    if is_there(postgres)? {
        redact_pieces(postgres, ids, columns, &mut done)?;
    }
    Ok(done)
}

fn redact_rows(
    postgres: &Postgres,
    ids: &[JobId],
    columns: &[Column],
    done: &mut Redacted,
) -> Result<()> {
    let transaction = OpenTransaction::begin(postgres);
    let found = locked(postgres, REDACTING, ids, ColumnSet::of(columns))?;
    let (mut jobs, mut statements) = (Vec::new(), Vec::new());
    for id in ids {
        let statement = found.get(id).map(|job| statement(postgres, job, columns));
        if let Some(statement) = statement.transpose()?.flatten() {
            jobs.push(id.clone());
            statements.push(statement);
        }
    }
    if statements.is_empty() {
        return Ok(());
    }
    for answer in postgres.session.together(&statements) {
        let explain = |error| postgres.label().explain(REDACTING, &error);
        answer.map_err(explain)?;
        postgres.recorder.count(ChangeCounts::ONE_UPDATED);
    }
    transaction.commit(REDACTING)?;
    done.jobs.append(&mut jobs);
    Ok(())
}

/// The statement that takes the texts out of a row; None where there are none.
fn statement(postgres: &Postgres, job: &Job, columns: &[Column]) -> Result<Option<Statement>> {
    let limits = postgres.table.limits();
    let (mut assignments, mut arguments) = (Vec::new(), Vec::new());
    for column in columns {
        if let Some(neutral) = neutral(*column, job.get(*column)) {
            let argument = fitted(&limits, *column, &neutral);
            arguments.push(argument.map_err(|why| against_rule(&job.id(), why, 1))?);
            let input = postgres
                .table
                .input(*column, &format!("${}", arguments.len()));
            assignments.push(format!("{} = {input}", column.name()));
        }
    }
    if assignments.is_empty() {
        return Ok(None);
    }
    arguments.push(Argument::Texts(texts(&[job.id()])));
    let sql = format!(
        "UPDATE {TABLE} SET {} WHERE {} = ANY (${})",
        assignments.join(", "),
        postgres.table.as_text(Column::Id),
        arguments.len()
    );
    Ok(Some((sql, arguments)))
}

/// The numbers of the pieces that may hold one of these jobs.
fn pieces_with(postgres: &Postgres, ids: &[JobId]) -> Result<Vec<i64>> {
    const SQL: &str =
        "SELECT id, keys FROM {changes} WHERE job IS NULL OR job = ANY ($1) ORDER BY id";
    let keys: Vec<u64> = ids
        .iter()
        .map(|id| piece::key(id.to_value().stored()))
        .collect();
    let mut numbers = Vec::new();
    let sql = named(&postgres.table, SQL);
    let arguments = [Argument::Texts(texts(ids))];
    postgres
        .session
        .each(READING, &sql, &arguments, &mut |row| {
            let may_hold = match value(row, 1) {
                Value::Blob(filter) => keys.iter().any(|key| may_hold(&filter, *key)),
                _ => true,
            };
            if let (Value::Integer(number), true) = (value(row, 0), may_hold) {
                numbers.push(number);
            }
            Ok(true)
        })?;
    Ok(numbers)
}

/// Takes the texts out of the pieces.
fn redact_pieces(
    postgres: &Postgres,
    ids: &[JobId],
    columns: &[Column],
    done: &mut Redacted,
) -> Result<()> {
    let wanted: HashSet<JobId> = ids.iter().cloned().collect();
    for number in pieces_with(postgres, ids)? {
        let transaction = OpenTransaction::begin(postgres);
        let Some(mut piece) = lock_piece(postgres, number)? else {
            continue;
        };
        let jobs = redact_piece(&mut piece, &wanted, columns);
        if jobs.is_empty() {
            continue;
        }
        for job in jobs {
            if !done.jobs.contains(&job) {
                postgres.recorder.count(ChangeCounts::ONE_UPDATED);
                done.jobs.push(job);
            }
        }
        let packed = piece.pack().map_err(|error| Error::Other {
            doing: REDACTING,
            detail: error.to_string(),
        })?;
        let (sql, arguments) = tables::replace_piece(&postgres.table, number, packed);
        postgres.session.rows(REDACTING, &sql, &arguments)?;
        transaction.commit(REDACTING)?;
    }
    Ok(())
}

/// Clears away the versions of rows that nobody sees any more; with `rewrite` it writes the tables anew, which keeps everybody
/// out meanwhile. Gives what is left, in words.
pub(super) fn clear(postgres: &Postgres, rewrite: bool) -> Result<Option<String>> {
    const OWNS: &str = "SELECT pg_has_role(relowner, 'USAGE')::text FROM pg_class
        WHERE oid = to_regclass('video_generation_jobs')";
    let rows = postgres.session.rows(CLEARING, OWNS, &[])?;
    let owns = rows.first().and_then(|row| text(row, 0));
    if owns.as_deref() != Some("true") {
        let left =
            format!("old versions of the rows, until the table's owner runs VACUUM FULL {TABLE}");
        return Ok(Some(left));
    }
    let mut names = vec![TABLE.to_owned()];
    if is_there(postgres)? {
        names.push(postgres.table.beside(CHANGES));
    }
    for name in names {
        vacuum(postgres, CLEARING, &name, rewrite)?;
    }
    Ok((!rewrite).then(|| {
        "old versions of the rows in the server's files, until these are written anew (--vacuum)".to_owned()
    }))
}
