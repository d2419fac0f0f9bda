//! `doctor --fix --history-keep`: for how long runs are kept in this database. What has lived longer goes at once, as the answer
//! to the question says.

use std::time::Duration;

use anyhow::Result;

use crate::commands::parts::arguments::filter::bad_value;
use crate::commands::parts::database::history::needed;
use crate::context::Context;
use crate::render::findings::KeptRuns;
use crate::repository::Repository;
use crate::text::visible::plural;
use crate::time::{self, Instant, spell_duration};

/// What is to be done.
pub(super) struct KeepPlan {
    lifetime: Duration,
    was: Duration,
    before: Instant,
    old: u64,
}

impl KeepPlan {
    /// None where the database says so already, and nothing is older.
    pub(super) fn of(
        context: &Context,
        repository: &mut dyn Repository,
        lifetime: Duration,
    ) -> Result<Option<KeepPlan>> {
        let before = time::before(context.now(), lifetime).ok_or_else(|| {
            bad_value("--history-keep", &spell_duration(lifetime), "too long ago")
        })?;
        let history = needed(repository)?;
        let plan = KeepPlan {
            lifetime,
            was: history.lifetime()?,
            before,
            old: history.count_before(before)?,
        };
        Ok((plan.was != lifetime || plan.old > 0).then_some(plan))
    }

    /// `keep runs for 1d (now 7d) and remove 5 older runs, which cannot then be undone`
    pub(super) fn question(&self) -> String {
        let (keep, was) = (spell_duration(self.lifetime), spell_duration(self.was));
        let old = match self.old {
            0 => String::new(),
            old => format!(
                " and remove {}, which cannot then be undone",
                plural(old, "older run")
            ),
        };
        format!("keep runs for {keep} (now {was}){old}")
    }

    /// What would be done.
    pub(super) fn planned(&self) -> KeptRuns {
        KeptRuns {
            lifetime: spell_duration(self.lifetime),
            was: spell_duration(self.was),
            removed: self.old,
        }
    }

    pub(super) fn run(&self, repository: &mut dyn Repository) -> Result<KeptRuns> {
        let history = needed(repository)?;
        if self.was != self.lifetime {
            history.set_lifetime(self.lifetime)?;
        }
        Ok(KeptRuns {
            removed: history.prune(self.before)?,
            ..self.planned()
        })
    }
}

/// `runs are kept for 1d (7d before); removed 5 older runs`
pub(super) fn said(kept: &KeptRuns, dry_run: bool) -> String {
    let KeptRuns { lifetime, was, .. } = kept;
    match (dry_run, kept.removed) {
        (true, 0) => format!("would keep runs for {lifetime} (now {was})"),
        (true, old) => {
            let old = plural(old, "older run");
            format!("would keep runs for {lifetime} (now {was}), and remove {old}")
        }
        (false, 0) => format!("runs are kept for {lifetime} ({was} before)"),
        (false, old) => {
            let old = plural(old, "older run");
            format!("runs are kept for {lifetime} ({was} before); removed {old}")
        }
    }
}
