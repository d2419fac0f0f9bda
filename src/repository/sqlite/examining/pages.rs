//! The check of free space in the file.

use crate::job::checkup::{Check, Finding, Severity, Wanted};
use crate::repository::sqlite::connection::database::Sqlite;
use crate::repository::sqlite::writing::reclaim::space;
use crate::repository::{GiveBack, Result};
use crate::text::size::about;

/// The least free space that is told of, and its least share of the file.
const LEAST: u64 = 16 << 20;
const SHARE: u64 = 4;

pub(super) fn check(sqlite: &Sqlite, wanted: Wanted) -> Result<Vec<Finding>> {
    if !wanted.has(Check::FreePages) {
        return Ok(Vec::new());
    }
    let space = space(sqlite)?;
    let free = space.known_free();
    if free < LEAST || free < space.bytes / SHARE {
        return Ok(Vec::new());
    }
    let mend = match space.give_back {
        GiveBack::Rewritten => "jobctl cleanup --vacuum --older-than 30d, at a quiet hour",
        _ => "jobctl cleanup --reclaim --older-than 30d",
    };
    let finding = Finding::new(Check::FreePages, Severity::Info)
        .example(format!("{} of {}", about(free), about(space.bytes)))
        .means(
            "Space that deleted jobs have left in the file. New jobs use it, so nothing is wrong; other programs cannot have it until it is given back.",
        )
        .mend(mend);
    Ok(vec![finding])
}
