//! `--reclaim`: room that jobs left in the file goes back to the system.

use anyhow::Result;

use crate::commands::parts::database::storage;
use crate::commands::parts::interrupt::Interrupt;
use crate::context::Context;
use crate::error::Failure;
use crate::job::Filter;
use crate::repository::{GiveBack, OutOfReach, Repository, Space};
use crate::text::json::{self, Layout, Object};
use crate::text::size;
use crate::text::visible::one_line;

/// The outcome of giving room back.
#[derive(Debug)]
pub(super) struct Given {
    pub(super) bytes: u64,
    /// Whether new jobs may have the room of those that went.
    pub(super) is_cleared: bool,
    /// The tables of others, whose room stays as it is.
    denied: Vec<String>,
    /// The least bytes that writing the file anew would free, where only that helps and it was not asked for.
    kept_back: Option<u64>,
}

impl Given {
    pub(super) fn json(&self, object: &mut Object) {
        object.literal("reclaimed_bytes", self.bytes);
        if let Some(bytes) = self.kept_back {
            object.literal(KEPT_BACK, bytes);
        }
        if !self.denied.is_empty() {
            object.key("not_vacuumed");
            json::array(object.out, Layout::OneLine, &self.denied, |out, table| {
                json::string(out, table);
            });
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
    let OutOfReach {
        names: denied,
        is_all,
    } = storage.out_of_reach()?;
    let is_cleared = before.give_back == GiveBack::Cleared && denied.is_empty();
    let mut kept_back = None;
    if let Some(denied) = denied_words(&denied, "stays") {
        // Whoever asks for it wants to know, also at night.
        context.terminal.notice(&denied);
    }
    match before.give_back {
        GiveBack::Always => {}
        GiveBack::Stepwise => {
            if !storage.give_back(&mut || !interrupt.is_set())? {
                return Err(Failure::interrupted().into());
            }
        }
        GiveBack::Cleared if is_all => {}
        GiveBack::Cleared if vacuum => {
            let price = price(before, 0);
            let words = format!("the tables are written anew (--vacuum), {price}");
            context.terminal.note(&words);
            storage.rewrite()?;
        }
        GiveBack::Cleared => {
            if !storage.give_back(&mut || !interrupt.is_set())? {
                return Err(Failure::interrupted().into());
            }
        }
        GiveBack::Rewritten if before.known_free() == 0 => {}
        GiveBack::Rewritten if vacuum => storage.rewrite()?,
        GiveBack::Rewritten => {
            let free = before.known_free();
            kept_back = Some(free);
            context.terminal.note(&format!(
                "{} of {} hold nothing and are used again; this file gives them back only when it is written anew \
                 (--vacuum), {}",
                size::about(free),
                size::about(before.bytes),
                price(before, free),
            ));
        }
    }
    Ok(Given {
        bytes: before.bytes.saturating_sub(storage.space()?.bytes),
        kept_back,
        is_cleared,
        denied,
    })
}

/// The sentence about tables that this user may not vacuum; None where there are none.
fn denied_words(denied: &[String], stays: &str) -> Option<String> {
    let names = one_line(&denied.join(" and ")).into_owned();
    (!denied.is_empty()).then(|| {
        format!(
            "the room of {names} {stays} as it is: the owner may VACUUM that, and this user may not"
        )
    })
}

/// The price of writing everything anew, of which this many bytes go.
fn price(space: Space, goes: u64) -> String {
    if space.give_back == GiveBack::Cleared {
        return format!(
            "which takes up to {} of the server's disk, and locks them: nobody else can read or write them meanwhile",
            size::about(space.bytes - goes)
        );
    }
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
    denied: Vec<String>,
}

impl Estimate {
    pub(super) fn make(
        repository: &mut dyn Repository,
        going: u64,
        vacuum: bool,
    ) -> Result<Estimate> {
        let storage = storage::needed(repository, FLAG)?;
        let (space, denied) = (storage.space()?, storage.out_of_reach()?.names);
        let total = repository.count(&Filter::default())?.max(1);
        let used = space.bytes.saturating_sub(space.known_free());
        let share = (going as f64 / total as f64).min(1.0);
        let bytes = space.known_free() + (used as f64 * share) as u64;
        Ok(Estimate {
            space,
            bytes: if denied.is_empty() { bytes } else { 0 },
            vacuum,
            denied,
        })
    }

    fn is_kept_back(&self) -> bool {
        use GiveBack::{Cleared, Rewritten};
        !self.vacuum && matches!(self.space.give_back, Cleared | Rewritten)
    }

    pub(super) fn words(&self) -> String {
        let about = size::about(self.bytes);
        let price = price(self.space, self.bytes);
        match self.space.give_back {
            _ if !self.denied.is_empty() => {
                denied_words(&self.denied, "would stay").unwrap_or_default()
            }
            _ if self.bytes == 0 => "no room would go back".to_owned(),
            GiveBack::Cleared if self.vacuum => {
                format!("up to about {about} would go back as the tables are written anew, {price}")
            }
            GiveBack::Cleared => format!(
                "up to about {about} would be free for new jobs; the system gets what is free at the end of the tables, and \
                 all of it only when they are written anew (--vacuum), {price}"
            ),
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
