//! The name by which a shell calls this program for the same database.

use crate::context::Context;
use crate::text::visible::one_line;

/// How a shell calls this program for the same database.
pub(in crate::commands) fn program(context: &Context) -> String {
    let safe = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    match &context.global.db {
        None => "jobctl".to_owned(),
        Some(db) => match db.to_string_lossy() {
            db if db.chars().all(safe) => format!("jobctl --db {db}"),
            db => format!("jobctl --db '{}'", one_line(&db.replace('\'', r"'\''"))),
        },
    }
}
