//! The checks of the server and of the settings of its database.

use super::damage::CHECKING;
use crate::job::Value;
use crate::job::checkup::{Check, Finding, Severity, Wanted};
use crate::repository::Result;
use crate::repository::postgres::connection::database::Postgres;
use crate::repository::postgres::connection::values::{text, value};

/// The first version with all that jobctl asks for, as the server counts it.
const LEAST: i64 = 130_000;

/// The number of the version and its name, whether it is a standby or only lets read, the encoding, the time zone, and what in the
/// table depends on it.
const SETTINGS: &str = "SELECT current_setting('server_version_num')::int8, current_setting('server_version'),
    pg_is_in_recovery(), (current_setting('default_transaction_read_only') = 'on'),
    current_setting('server_encoding'), current_setting('TimeZone'),
    (extract(timezone FROM '2026-01-01'::timestamptz) = 0 AND extract(timezone FROM '2026-07-01'::timestamptz) = 0),
    (SELECT string_agg(a.attname || CASE WHEN a.atttypid = 'timestamptz'::regtype THEN ' ' || format_type(a.atttypid, NULL)
        ELSE ' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid) END, ', ' ORDER BY a.attnum)
        FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE a.attrelid = to_regclass('video_generation_jobs') AND a.attnum > 0 AND NOT a.attisdropped
        AND (a.atttypid = 'timestamptz'::regtype OR a.atttypid = 'timestamp'::regtype
            AND pg_get_expr(d.adbin, d.adrelid) ~* 'now\\(|current_timestamp|localtimestamp|transaction_timestamp'
            AND pg_get_expr(d.adbin, d.adrelid) !~* 'utc'))";

pub(super) fn check(postgres: &Postgres, wanted: Wanted) -> Result<Vec<Finding>> {
    const CHECKS: [Check; 4] = [
        Check::ServerVersion,
        Check::ReadOnly,
        Check::Encoding,
        Check::LocalTimes,
    ];
    if !wanted.has_any(&CHECKS) {
        return Ok(Vec::new());
    }
    let rows = postgres.session.rows(CHECKING, SETTINGS, &[])?;
    let Some(row) = rows.first() else {
        return Ok(Vec::new());
    };
    let is = |index| value(row, index) == Value::Integer(1);
    let told = |index| text(row, index).unwrap_or_default();
    let number = match value(row, 0) {
        Value::Integer(number) => number,
        _ => LEAST,
    };
    let depends = text(row, 7).filter(|_| !is(6));
    let findings = [
        version(number, &told(1)),
        read_only(is(2), is(3)),
        encoding(&told(4)),
        depends.map(|depends| local_times(&told(5), &depends)),
    ];
    Ok(findings.into_iter().flatten().collect())
}

fn version(number: i64, name: &str) -> Option<Finding> {
    (number < LEAST).then(|| {
        Finding::new(Check::ServerVersion, Severity::Warning)
            .example(format!("PostgreSQL {name}"))
            .means(
                "The server is older than PostgreSQL 13. It gets no more corrections, jobctl is not tested with it, and some of its questions may be refused.",
            )
            .mend("pg_dump and pg_restore, or pg_upgrade, take the database to a newer server")
    })
}

fn read_only(is_standby: bool, only_reads: bool) -> Option<Finding> {
    let (example, mend) = match (is_standby, only_reads) {
        (true, _) => (
            "the server is a standby",
            "name the primary; of several hosts target_session_attrs=read-write finds it",
        ),
        (false, true) => (
            "default_transaction_read_only is on",
            "its administrator can turn it off: ALTER DATABASE, or ALTER ROLE, RESET default_transaction_read_only",
        ),
        (false, false) => return None,
    };
    let finding = Finding::new(Check::ReadOnly, Severity::Warning)
        .example(example)
        .means(
            "The database lets nobody write. Jobs can be listed, exported and counted; whatever changes one ends with status 74, and a service that is given this address fails.",
        )
        .mend(mend);
    Some(finding)
}

fn encoding(name: &str) -> Option<Finding> {
    let means = match name {
        "UTF8" => return None,
        "SQL_ASCII" => {
            "The database has no encoding: it takes any bytes for text. What one program writes another may not be able to read, and a job with such a text fails in jobctl and in the service."
        }
        _ => {
            "The database keeps texts in an old encoding. A job with a character that it lacks, such as an emoji or a letter of another script, is refused when it is written."
        }
    };
    let finding = Finding::new(Check::Encoding, Severity::Warning)
        .example(format!("server_encoding is {name}"))
        .means(means)
        .mend("pg_dump it, createdb -E UTF8 -T template0 makes a new one, and pg_restore fills it");
    Some(finding)
}

fn local_times(zone: &str, depends: &str) -> Finding {
    Finding::new(Check::LocalTimes, Severity::Warning)
        .example(format!("TimeZone is {zone}: {depends}"))
        .means(
            "The service writes times in UTC without a zone. Here the server reads or makes some of them in the zone of the session, which is another one: those times are off by \
             as much, and with them ages, --since and retention.",
        )
        .mend("its owner can say: ALTER DATABASE ... SET timezone TO 'UTC'; then restart the service")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_old_before_13() {
        assert!(version(130_000, "13.0").is_none());
        let finding = version(120_022, "12.22");
        assert!(finding.is_some_and(|it| it.examples == ["PostgreSQL 12.22"]));
    }

    #[test]
    fn a_database_that_takes_writes_is_no_finding() {
        assert_eq!(read_only(false, false), None);
        let standby = read_only(true, true);
        assert!(standby.is_some_and(|it| it.examples == ["the server is a standby"]));
    }
}
