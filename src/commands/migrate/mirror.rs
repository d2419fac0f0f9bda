//! `--mirror`: jobs that are gone from the source go in the target too, so that after the last run of a move both hold the same.

use anyhow::Result;

use super::source::DatabaseSource;
use crate::commands::parts::comparison::missing_ids;
use crate::commands::parts::consent::{self, Question};
use crate::commands::parts::interrupt::Interrupt;
use crate::commands::parts::removal::kept_by_table::KeptByRules;
use crate::context::Context;
use crate::error::{Failure, Kind};
use crate::job::{ColumnSet, JobId};
use crate::repository::Repository;
use crate::text::json::Object;
use crate::text::visible::{grouped, plural};

/// The jobs that are looked up in the source once more before they go.
const TOGETHER: usize = 500;

pub(super) struct Mirror {
    /// The name of the source.
    source: String,
    /// The jobs that the target has, and the source has not.
    pub(super) gone: Vec<JobId>,
    pub(super) deleted: u64,
    held: KeptByRules,
}

impl Mirror {
    /// Finds out what would go. A source without jobs is refused: it is a wrong file more often than an empty service.
    pub(super) fn survey(
        source: &mut DatabaseSource,
        context: &Context,
        interrupt: &Interrupt,
    ) -> Result<Mirror> {
        let name = source.name();
        if source.count()? == 0 {
            let message = format!(
                "there is no job in {name}, and '--mirror' would delete all of the target; nothing was changed"
            );
            let hint = "name the database that has the jobs; jobctl delete deletes jobs";
            return Err(Failure::refused(message).hint(hint).into());
        }
        let target = context.location()?;
        let gone = match missing_ids(context, source.location(), &target, interrupt) {
            // The target is still to be made.
            Err(error) if is_missing(&error) => Vec::new(),
            found => found?,
        };
        Ok(Mirror {
            source: name,
            gone,
            deleted: 0,
            held: KeptByRules::default(),
        })
    }

    pub(super) fn ask(&self, context: &mut Context, yes: bool, database: &str) -> Result<()> {
        let question = Question {
            verb: "delete",
            count: self.gone.len() as u64,
            selection: &format!("gone from {}", self.source),
            database,
            lost: consent::no_history(context),
        };
        consent::ask(context, yes, &question)
    }

    /// Deletes the jobs that are still gone from the source.
    pub(super) fn delete(
        &mut self,
        source: &mut DatabaseSource,
        target: &mut dyn Repository,
        interrupt: &Interrupt,
    ) -> Result<()> {
        let id_alone = ColumnSet::NONE;
        for ids in self.gone.chunks(TOGETHER) {
            let ids = source.lacks(ids)?;
            let mut rest = ids.as_slice();
            while !rest.is_empty() {
                if interrupt.is_set() {
                    return Err(Failure::interrupted().into());
                }
                let purged = target.purge(rest, id_alone, &mut |_| true)?;
                rest = rest.get(purged.checked..).unwrap_or_default();
                self.deleted += purged.jobs.len() as u64;
                purged.kept.into_iter().for_each(|kept| self.held.add(kept));
            }
        }
        Ok(())
    }

    /// The sentence about what was done, or in a dry run would be.
    pub(super) fn said(&self, dry_run: bool) -> String {
        let (verb, count) = if dry_run {
            ("would delete", self.gone.len() as u64)
        } else {
            ("deleted", self.deleted)
        };
        let kept = match self.held.count {
            0 => String::new(),
            kept => format!(", {} kept by the table", grouped(kept)),
        };
        let verb_of_them = if count == 1 { "is" } else { "are" };
        format!(
            "{verb} {} that {verb_of_them} gone from {}{kept}",
            plural(count, "job"),
            self.source
        )
    }

    /// The reason of a job in a dry run.
    pub(super) fn reason(&self) -> String {
        format!("gone from {}, deleted", self.source)
    }

    pub(super) fn failure(&self) -> Option<Failure> {
        self.held.failure()
    }

    pub(super) fn members(&self, object: &mut Object) {
        object.literal("gone", self.gone.len());
        object.literal("deleted", self.deleted);
        self.held.json(object);
    }
}

fn is_missing(error: &anyhow::Error) -> bool {
    let failure = error.downcast_ref::<Failure>();
    failure.is_some_and(|failure| failure.kind == Kind::NoInput)
}
