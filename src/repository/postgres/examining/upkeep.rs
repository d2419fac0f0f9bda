//! The checks of what a server does by itself where it is let: counting what the table holds, and clearing away old versions of rows.

use super::damage::CHECKING;
use super::indexes::READER;
use crate::job::Value;
use crate::job::checkup::{Check, Finding, Severity, Wanted};
use crate::repository::Result;
use crate::repository::index_findings::{MANY, outdated};
use crate::repository::postgres::connection::database::Postgres;
use crate::repository::postgres::connection::values::{text, value};
use crate::text::visible::{grouped, plural};

/// The rows that the server takes the table to have; NULL where nothing was counted.
const KNOWN: &str = "SELECT CASE WHEN EXISTS (SELECT FROM pg_stats s WHERE s.schemaname = n.nspname AND s.tablename = c.relname)
    OR coalesce(t.last_analyze, t.last_autoanalyze) IS NOT NULL THEN c.reltuples::int8 END
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_stat_all_tables t ON t.relid = c.oid
    WHERE c.oid = to_regclass('video_generation_jobs')";

/// Dead and live rows, when they were cleared away last, and whether that is turned off.
const DEAD: &str = "SELECT t.n_dead_tup::int8, t.n_live_tup::int8,
    (greatest(t.last_vacuum, t.last_autovacuum) AT TIME ZONE 'UTC')::timestamp(0)::text,
    (current_setting('autovacuum') = 'off' OR coalesce(array_to_string(c.reloptions, ' ') ~ 'autovacuum_enabled=(false|off|0)', false))
    FROM pg_stat_all_tables t JOIN pg_class c ON c.oid = t.relid WHERE c.oid = to_regclass('video_generation_jobs')";

pub(super) fn check(postgres: &Postgres, wanted: Wanted, count: u64) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    if wanted.has(Check::Statistics) && count >= MANY {
        findings.extend(outdated(known_rows(postgres)?, count, &READER));
    }
    if wanted.has(Check::DeadRows) {
        findings.extend(dead(postgres)?);
    }
    Ok(findings)
}

/// The number of rows that the server takes the table to have; None when it was never counted.
pub(super) fn known_rows(postgres: &Postgres) -> Result<Option<u64>> {
    let rows = postgres.session.rows(CHECKING, KNOWN, &[])?;
    Ok(match rows.first().map(|row| value(row, 0)) {
        Some(Value::Integer(known)) => u64::try_from(known).ok(),
        _ => None,
    })
}

fn dead(postgres: &Postgres) -> Result<Option<Finding>> {
    let rows = postgres.session.rows(CHECKING, DEAD, &[])?;
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    let number = |index| match value(row, index) {
        Value::Integer(number) => number.unsigned_abs(),
        _ => 0,
    };
    let (dead, live, is_off) = (number(0), number(1), number(3) == 1);
    // The server itself would have begun at half of that.
    if dead < MANY || dead / 2 < live / 5 {
        return Ok(None);
    }
    let last = match text(row, 2) {
        Some(at) => format!("cleared away last at {at} UTC"),
        None => "never cleared away".to_owned(),
    };
    let off = if is_off { "; autovacuum is off" } else { "" };
    Ok(Some(
        Finding::new(Check::DeadRows, Severity::Warning)
            .example(format!("{} old versions beside {}, {last}{off}", grouped(dead), plural(live, "job")))
            .means(
                "Each change and removal of a job leaves its old version in the table until VACUUM clears it away, which the server does by itself unless that is turned off or an \
                 open transaction may still need them. Until then the table grows, and reading it takes longer.",
            )
            .mend("psql -c 'VACUUM (ANALYZE) video_generation_jobs'; jobctl doctor locks tells of open transactions"),
    ))
}
