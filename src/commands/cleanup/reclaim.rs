//! `--reclaim`: room that jobs left in the file goes back to the system.

use anyhow::Result;

use crate::commands::parts::database::storage;
use crate::commands::parts::interrupt::Interrupt;
use crate::context::Context;
use crate::error::Failure;
use crate::job::Filter;
use crate::repository::{GiveBack, Repository, Space};
use crate::text::json::Object;
use crate::text::size;

/// The outcome of giving room back.
#[derive(Clone, Copy, Debug)]
pub(super) struct Given {
    pub(super) bytes: u64,
    /// The least bytes that writing the file anew would free, where only that helps and it was not asked for.
    kept_back: Option<u64>,
}

impl Given {
    pub(super) fn json(&self, object: &mut Object) {
        object.literal("reclaimed_bytes", self.bytes);
        if let Some(bytes) = self.kept_back {
            object.literal(KEPT_BACK, bytes);
        }
    }
}

pub(super) const FLAG: &str = "--reclaim";

const KEPT_BACK: &str = "vacuum_would_free_bytes";

/// Gives room back. Where only writing the file anew helps, it says what that takes, and does it when asked.
pub(super) fn give_back(
    context: &mut Context,
    repository: &mut dyn Repository,
    vacuum: bool,
    interrupt: &Interrupt,
) -> Result<Given> {
    let storage = storage::needed(repository, FLAG)?;
    let before = storage.space()?;
    let mut kept_back = None;
    match before.give_back {
        GiveBack::Always => {}
        GiveBack::Stepwise => {
            if !storage.give_back(&mut || !interrupt.is_set())? {
                return Err(Failure::interrupted().into());
            }
        }
        GiveBack::Rewritten if before.free == 0 => {}
        GiveBack::Rewritten if vacuum => storage.rewrite()?,
        GiveBack::Rewritten => {
            kept_back = Some(before.free);
            context.terminal.note(&format!(
                "{} of {} hold nothing and are used again; this file gives them back only when it is written anew \
                 (--vacuum), {}",
                size::about(before.free),
                size::about(before.bytes),
                price(before, before.free),
            ));
        }
    }
    Ok(Given {
        bytes: before.bytes.saturating_sub(storage.space()?.bytes),
        kept_back,
    })
}

/// The price of writing a file anew, of which this many bytes go.
fn price(space: Space, goes: u64) -> String {
    format!(
        "which takes up to {} in the folder for temporary files and {} beside it, and keeps the service out meanwhile",
        size::about(space.bytes - goes),
        size::about(space.bytes),
    )
}

/// The outcome that giving room back would have.
pub(super) struct Estimate {
    space: Space,
    /// The room that is free already, and that of the jobs that go by their share of all. Pages that
    /// jobs leave in part go back only when the file is written anew.
    bytes: u64,
    vacuum: bool,
}

impl Estimate {
    pub(super) fn make(
        repository: &mut dyn Repository,
        going: u64,
        vacuum: bool,
    ) -> Result<Estimate> {
        let space = storage::needed(repository, FLAG)?.space()?;
        let total = repository.count(&Filter::default())?.max(1);
        let used = space.bytes.saturating_sub(space.free);
        let share = (going as f64 / total as f64).min(1.0);
        Ok(Estimate {
            space,
            bytes: space.free + (used as f64 * share) as u64,
            vacuum,
        })
    }

    fn is_kept_back(&self) -> bool {
        self.space.give_back == GiveBack::Rewritten && !self.vacuum
    }

    pub(super) fn words(&self) -> String {
        let about = size::about(self.bytes);
        let price = price(self.space, self.bytes);
        match self.space.give_back {
            _ if self.bytes == 0 => "no room would go back".to_owned(),
            GiveBack::Always => format!("up to about {about} would go back by itself"),
            GiveBack::Stepwise => format!("up to about {about} would go back in small steps"),
            GiveBack::Rewritten if self.vacuum => {
                format!("about {about} would go back as the file is written anew, {price}")
            }
            GiveBack::Rewritten => format!(
                "about {about} of {} would hold nothing and be used again; this file gives them back only when it is \
                 written anew (--vacuum), {price}",
                size::about(self.space.bytes)
            ),
        }
    }

    /// Members of the document of `-o json`.
    pub(super) fn json(&self) -> String {
        if self.is_kept_back() {
            format!(
                "\"would_reclaim_bytes\": 0, \"{KEPT_BACK}\": {}",
                self.bytes
            )
        } else {
            format!("\"would_reclaim_bytes\": {}", self.bytes)
        }
    }
}
