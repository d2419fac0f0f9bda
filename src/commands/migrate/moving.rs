//! A move, which is the import of a database: what comes before and behind its rows.

use anyhow::Result;

use super::feed::Feed;
use super::mirror::Mirror;
use super::source::DatabaseSource;
use super::verify::Verified;
use crate::commands::parts::interrupt::Interrupt;
use crate::commands::parts::output::dry_run::DryRun;
use crate::context::Context;
use crate::error::{Failure, Kind};
use crate::repository::Repository;
use crate::terminal::Terminal;
use crate::text::json::{Layout, Object};

pub(super) struct Moving {
    source: DatabaseSource,
    mirror: Option<Mirror>,
    verified: Option<Verified>,
    /// Rows are made to fit.
    fits: bool,
}

impl Moving {
    pub(super) fn new(source: DatabaseSource, mirror: Option<Mirror>, fits: bool) -> Moving {
        Moving {
            source,
            mirror,
            verified: None,
            fits,
        }
    }

    /// Does what comes behind the rows; `told` are those of a dry run.
    pub(super) fn follow_up(
        &mut self,
        context: &mut Context,
        mut target: Box<dyn Repository>,
        feed: Feed,
        told: Option<&mut DryRun>,
        dry_run: bool,
    ) -> Result<()> {
        let interrupt = Interrupt::watch(context)?;
        if let Some(mirror) = &mut self.mirror {
            if !dry_run {
                mirror.delete(&mut self.source, target.as_mut(), &interrupt)?;
            } else if let Some(told) = told {
                let reason = mirror.reason();
                for id in &mirror.gone {
                    told.push_counted(&mut context.terminal, id, &reason, false)?;
                }
            }
        }
        // Where the import had the database to itself, it is given back.
        drop(target);
        if let Some(mut noted) = feed.noted() {
            noted.sort();
            let bar = context.terminal.progress_of_jobs(true);
            if !bar.is_hidden() {
                bar.set_length(self.source.count()?);
            }
            let compared =
                Verified::compare(&self.source, context, &noted, self.fits, bar, &interrupt);
            self.verified = Some(compared?);
        }
        Ok(())
    }

    /// Tells what was done beside the import.
    pub(super) fn tell(&self, terminal: &mut Terminal, dry_run: bool) {
        if let Some(mirror) = &self.mirror {
            terminal.note(&mirror.said(dry_run));
        }
        if let Some(verified) = &self.verified {
            verified.tell(terminal);
        }
    }

    /// The same as members of the JSON document, behind others.
    pub(super) fn members(&self) -> String {
        let mut out = String::new();
        if let Some(mirror) = &self.mirror {
            out.push_str(", \"mirror\": ");
            let mut object = Object::begin(&mut out, Layout::OneLine);
            mirror.members(&mut object);
            object.end();
        }
        if let Some(verified) = &self.verified {
            out.push_str(", \"verify\": ");
            verified.object(&mut out);
        }
        out
    }

    /// What went wrong beside the import, with what is wrong with the rows.
    pub(super) fn failure(&self, bad: Option<Failure>) -> Option<Failure> {
        let kept = self.mirror.as_ref().and_then(Mirror::failure);
        let unequal = self.verified.as_ref().and_then(Verified::failure);
        let all: Vec<Failure> = [kept, unequal, bad].into_iter().flatten().collect();
        let kind = if all.iter().any(|failure| failure.kind == Kind::Failed) {
            Kind::Failed
        } else {
            all.first()?.kind
        };
        let messages: Vec<&str> = all.iter().map(|it| it.message.as_str()).collect();
        let failure = Failure::new(kind, messages.join("; "));
        Some(match all.iter().find_map(|it| it.hint.clone()) {
            Some(hint) => failure.hint(hint),
            None => failure,
        })
    }
}
