//! The check of locks: a session that has changed jobs, or locked the table, and then does nothing, its transaction open. Whoever wants
//! those jobs waits for it. One that is seen once is nothing, since a transaction goes idle for a moment between two statements.

use std::thread;
use std::time::{Duration, Instant};

use super::damage::CHECKING;
use crate::job::checkup::{Check, Finding, Occurrences, Severity, Wanted};
use crate::repository::Result;
use crate::repository::postgres::connection::database::Postgres;
use crate::repository::postgres::connection::values::text;

/// How long a transaction must have been idle to be told of, and the pauses between looks.
const LONG: Duration = Duration::from_secs(1);
const PAUSE: Duration = Duration::from_millis(50);

/// Process, user, program, age in seconds of idle transactions with locks stronger than a reader's, how many wait for each, and since when
/// each is idle. A snapshot of the sessions is taken anew in each statement of its own.
const IDLE: &str = "SELECT a.pid::text, coalesce(a.usename::text, ''), coalesce(a.application_name, ''),
    greatest(extract(epoch FROM clock_timestamp() - a.xact_start)::int8, 0)::text,
    (SELECT count(*) FROM pg_stat_activity w WHERE w.wait_event_type = 'Lock' AND a.pid = ANY (pg_blocking_pids(w.pid)))::text,
    a.state_change::text
    FROM pg_stat_activity a WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() AND a.state LIKE 'idle in transaction%'
    AND EXISTS (SELECT FROM pg_locks l WHERE l.pid = a.pid AND l.granted AND l.relation = to_regclass('video_generation_jobs')
        AND l.mode <> 'AccessShareLock')
    ORDER BY a.xact_start";

/// An idle session.
struct Idle {
    process: String,
    user: String,
    program: String,
    seconds: u64,
    waiting: String,
    /// The moment from which on it has been idle.
    since: String,
}

fn idle(postgres: &Postgres) -> Result<Vec<Idle>> {
    let rows = postgres.session.rows(CHECKING, IDLE, &[])?;
    let told = |row, index| text(row, index).unwrap_or_default();
    let found = rows.iter().map(|row| Idle {
        process: told(row, 0),
        user: told(row, 1),
        program: told(row, 2),
        seconds: told(row, 3).parse().unwrap_or(0),
        waiting: told(row, 4),
        since: told(row, 5),
    });
    Ok(found.collect())
}

pub(super) fn check(postgres: &Postgres, wanted: Wanted) -> Result<Option<Finding>> {
    if !wanted.has(Check::Locks) {
        return Ok(None);
    }
    let first = idle(postgres)?;
    let begun = Instant::now();
    let mut left: Vec<(String, String)> =
        first.into_iter().map(|it| (it.process, it.since)).collect();
    let mut now = Vec::new();
    while !left.is_empty() {
        now = idle(postgres)?;
        left.retain(|(process, since)| {
            now.iter()
                .any(|it| it.process == *process && it.since == *since)
        });
        if begun.elapsed() >= LONG {
            break;
        }
        thread::sleep(PAUSE);
    }
    now.retain(|it| left.iter().any(|(process, _)| it.process == *process));
    let mut tally = Occurrences::default();
    for it in &now {
        tally.add(|| said(it));
    }
    let process = now.first().map_or("", |it| it.process.as_str());
    Ok(tally.finding(
        Check::Locks,
        Severity::Warning,
        "The session has changed jobs or locked the table, has not ended its transaction, and does nothing. Whoever wants to change those jobs waits for it, and the old versions of \
         all rows are kept for as long.",
        format!("pg_stat_activity shows the session: let it end what it does, or psql -c 'SELECT pg_terminate_backend({process})'"),
    ))
}

/// `process 17 (user service, application jobs): idle, its transaction open for 3m; 2 others wait for it`
fn said(it: &Idle) -> String {
    let program = match it.program.as_str() {
        "" => String::new(),
        program => format!(", application {program}"),
    };
    let age = crate::time::spell_duration(Duration::from_secs(it.seconds));
    let waiting = match it.waiting.as_str() {
        "0" => String::new(),
        "1" => "; another one waits for it".to_owned(),
        waiting => format!("; {waiting} others wait for it"),
    };
    format!(
        "process {} (user {}{program}): idle, its transaction open for {age}{waiting}",
        it.process, it.user
    )
}
