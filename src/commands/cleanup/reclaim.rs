//! `--reclaim`: room that jobs left in the file goes back to the system.

use anyhow::Result;

use crate::commands::interrupt::Interrupt;
use crate::context::Context;
use crate::error::Failure;
use crate::repository::{GiveBack, Repository};
use crate::size;

/// How many bytes went back. Where only writing the file anew helps, says what that takes, and does it when asked.
pub(super) fn give_back(
    context: &mut Context,
    repository: &mut dyn Repository,
    vacuum: bool,
    interrupt: &Interrupt,
) -> Result<u64> {
    let before = repository.space()?;
    match before.give_back {
        GiveBack::Always => {}
        GiveBack::Stepwise => {
            while repository.give_back()? {
                if interrupt.is_set() {
                    return Err(Failure::interrupted().into());
                }
            }
        }
        GiveBack::Rewritten if before.free == 0 => {}
        GiveBack::Rewritten if vacuum => repository.rewrite()?,
        GiveBack::Rewritten => {
            let rest = before.bytes - before.free;
            context.terminal.note(&format!(
                "{} of {} hold nothing and are used again; this file gives them back only when it is written anew (--vacuum), \
                 which takes up to {} in the folder for temporary files and {} beside it, and keeps the service out meanwhile",
                size::about(before.free),
                size::about(before.bytes),
                size::about(rest),
                size::about(before.bytes),
            ));
        }
    }
    Ok(before.bytes.saturating_sub(repository.space()?.bytes))
}
