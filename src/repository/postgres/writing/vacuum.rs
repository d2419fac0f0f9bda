//! Clearing away old versions of rows (VACUUM), so that new rows get their room. It goes outside of a transaction, where no setting
//! holds for one statement alone: so the lock is waited for in a transaction before, and VACUUM itself passes over a table that
//! somebody else was faster to lock, which the server says in a warning.

use crate::error::Kind;
use crate::job::Value;
use crate::repository::postgres::connection::database::Postgres;
use crate::repository::postgres::connection::values::{text, value};
use crate::repository::{Error, Result};
use crate::system::lock_wait::LockWait;

/// The job table, and then jobctl's own beside it. Whoever may not vacuum one is told so in a warning alone.
const TABLES: &str = "SELECT c.relname::text, quote_ident(n.nspname) || '.' || quote_ident(c.relname),
    coalesce((SELECT sum(pg_total_relation_size(relid)) FROM pg_partition_tree(c.oid)), pg_total_relation_size(c.oid))::int8,
    (pg_has_role(c.relowner, 'USAGE') OR pg_has_role(d.datdba, 'USAGE') OR CASE
        WHEN current_setting('server_version_num')::int4 >= 170000 THEN has_table_privilege(c.oid, 'MAINTAIN') ELSE false END)::text
    FROM pg_class j JOIN pg_namespace n ON n.oid = j.relnamespace JOIN pg_database d ON d.datname = current_database()
    JOIN pg_class c ON c.oid = j.oid OR c.relnamespace = j.relnamespace AND c.relkind = 'r'
        AND c.relname IN ('jobctl_run', 'jobctl_change', 'jobctl_setting')
    WHERE j.oid = to_regclass('video_generation_jobs') ORDER BY c.oid <> j.oid, c.relname";

/// A table with its indexes and its large values.
pub(in crate::repository::postgres) struct VacuumTable {
    pub(in crate::repository::postgres) name: String,
    /// The name as SQL has it, with the schema.
    pub(in crate::repository::postgres) quoted: String,
    pub(in crate::repository::postgres) bytes: u64,
    /// Whether this user may vacuum it.
    pub(in crate::repository::postgres) may_be: bool,
}

pub(in crate::repository::postgres) fn tables(
    postgres: &Postgres,
    doing: &'static str,
) -> Result<Vec<VacuumTable>> {
    let rows = postgres.session.rows(doing, TABLES, &[])?;
    let table = |row| {
        Some(VacuumTable {
            name: text(row, 0)?,
            quoted: text(row, 1)?,
            bytes: match value(row, 2) {
                Value::Integer(bytes) => bytes.unsigned_abs(),
                _ => 0,
            },
            may_be: text(row, 3).as_deref() == Some("true"),
        })
    };
    Ok(rows.iter().filter_map(table).collect())
}

/// Clears a table; with `rewrite` it writes it anew, which keeps everybody out meanwhile. Others that hold it are waited for as
/// long as for any lock.
pub(in crate::repository::postgres) fn vacuum(
    postgres: &Postgres,
    doing: &'static str,
    table: &str,
    rewrite: bool,
) -> Result<()> {
    let (mode, full) = if rewrite {
        ("ACCESS EXCLUSIVE", "FULL, ")
    } else {
        ("SHARE UPDATE EXCLUSIVE", "")
    };
    let (session, label) = (&postgres.session, postgres.label());
    let wait = LockWait::new(label.wait);
    loop {
        session.begin();
        let locked = session.run(doing, &format!("LOCK TABLE {table} IN {mode} MODE"));
        let _ = session.try_run("ROLLBACK");
        match locked {
            // Some who may vacuum a table may not lock it.
            Err(Error::Own(failure)) if failure.kind == Kind::Denied => {}
            locked => locked?,
        }
        session.run(doing, &format!("VACUUM ({full}SKIP_LOCKED) {table}"))?;
        if !session.take_passed_over() {
            return Ok(());
        }
        if label.signals.have_come() {
            return Err(label.interrupted(doing));
        }
        if !wait.sleep() {
            return Err(Error::Locked {
                database: label.name.clone(),
                waited: label.wait,
            });
        }
    }
}
