//! The check of rights: what the user of the address may not do, and what anybody may.

use super::damage::CHECKING;
use crate::job::Value;
use crate::job::checkup::{Check, Finding, Occurrences, Severity, Wanted};
use crate::repository::Result;
use crate::repository::postgres::connection::database::Postgres;
use crate::repository::postgres::connection::values::{Argument, text, value};

/// The rights that commands need, with what is refused without each.
const RIGHTS: [(&str, &str); 3] = [
    ("INSERT", "create and migrate"),
    ("UPDATE", "update and undo"),
    ("DELETE", "delete and cleanup"),
];

/// Each right with whether the user has it, and whether everybody has.
const HELD: &str = "SELECT r.name, has_table_privilege(c.oid, r.name),
    EXISTS (SELECT FROM aclexplode(c.relacl) a WHERE a.grantee = 0 AND a.privilege_type = r.name)
    FROM pg_class c, unnest($1::text[]) r (name) WHERE c.oid = to_regclass('video_generation_jobs')";

pub(super) fn check(postgres: &Postgres, wanted: Wanted) -> Result<Option<Finding>> {
    if !wanted.has(Check::Permissions) {
        return Ok(None);
    }
    let names = RIGHTS.iter().map(|(name, _)| (*name).to_owned()).collect();
    let arguments = [Argument::Texts(names)];
    let (mut lacking, mut anybody) = (Occurrences::default(), Occurrences::default());
    let (mut lacks, mut open) = (Vec::new(), Vec::new());
    let user = &postgres.label().user;
    for row in postgres.session.rows(CHECKING, HELD, &arguments)? {
        let name = text(&row, 0).unwrap_or_default();
        let is = |index| value(&row, index) == Value::Integer(1);
        if !is(1) {
            let commands = RIGHTS.iter().find(|(right, _)| *right == name);
            let commands = commands.map_or("", |(_, commands)| commands);
            lacking.add(|| format!("{user} lacks {name}, which {commands} need"));
            lacks.push(name);
        } else if is(2) {
            anybody.add(|| format!("everybody has {name}"));
            open.push(name);
        }
    }
    let anybody = anybody.finding(
        Check::Permissions,
        Severity::Warning,
        "Every user who may log in to the database may change the jobs.",
        format!(
            "psql -c 'REVOKE {} ON video_generation_jobs FROM PUBLIC'",
            open.join(", ")
        ),
    );
    Ok(anybody.or_else(|| {
        lacking.finding(
            Check::Permissions,
            Severity::Info,
            "The user of this address may read the jobs, and not do all else with them. For one that only looks that is as it should be; the service needs it all.",
            format!(
                "as the table's owner: psql -c 'GRANT {} ON video_generation_jobs TO \"{user}\"'",
                lacks.join(", ")
            ),
        )
    }))
}
