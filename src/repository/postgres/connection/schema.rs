//! The table as SQLAlchemy makes it there for the service: no defaults, and no index but the key. Another one that jobctl needs
//! is made by `doctor --fix`.

use super::session::Session;
use crate::repository::Result;

const DOING: &str = "making the table";

const CREATE: &str = include_str!("0001_jobs.sql");

/// Refers to the tables of the service where both are there.
const PARENTS: &str = ",
    FOREIGN KEY (episode_id) REFERENCES episodes (id) ON DELETE SET NULL,
    FOREIGN KEY (series_id) REFERENCES series (id) ON DELETE SET NULL";

/// Makes the table, unless somebody else is faster.
pub(super) fn create(session: &Session) -> Result<()> {
    const BOTH: &str = "SELECT FROM pg_class
        WHERE oid IN (to_regclass('series')::oid, to_regclass('episodes')::oid) AND relkind IN ('r', 'p')";
    let has_parents = session.rows(DOING, BOTH, &[])?.len() == 2;
    let parents = if has_parents { PARENTS } else { "" };
    let sql = CREATE.replace("/* parents */", parents);
    match session.try_run(&sql) {
        // Of two that make it at once one may be told of a name that is taken.
        Err(error)
            if error
                .code()
                .is_some_and(|code| code.code() == "23505" || code.code() == "42P07") =>
        {
            Ok(())
        }
        done => done.map_err(|error| session.label.explain(DOING, &error)),
    }
}
