//! The jobs that a rule of the table keeps: told at the end of a run over many.

use crate::context::Context;
use crate::error::{Failure, Kind};
use crate::repository::{KeptByTable, Repository, Result};
use crate::text::json::{self, Layout, Object};
use crate::text::visible::{grouped, one_line, plural};

/// The most of them that are named.
const NAMED: usize = 10;

#[derive(Debug, Default)]
pub(crate) struct KeptByRules {
    pub count: u64,
    named: Vec<KeptByTable>,
}

impl KeptByRules {
    pub(crate) fn add(&mut self, kept: KeptByTable) {
        self.count += 1;
        if self.named.len() < NAMED {
            self.named.push(kept);
        }
    }

    pub(crate) fn failure(&self) -> Option<Failure> {
        let see = self.named.first()?.see;
        let mut named: Vec<String> = self
            .named
            .iter()
            .map(|kept| format!("job {}: {}", one_line(&kept.id.to_string()), kept.why))
            .collect();
        let unnamed = self.count - self.named.len() as u64;
        if unnamed > 0 {
            named.push(format!("and {} more", grouped(unnamed)));
        }
        let what = match self.count {
            1 => "1 job stays".to_owned(),
            count => format!("{} stay", plural(count, "job")),
        };
        let message = format!(
            "{what}, which the table does not let go: {}",
            named.join("; ")
        );
        Some(Failure::new(Kind::Failed, message).hint(see))
    }

    /// `"kept_by_table": N, "kept_by_table_named": [{"job_id", "why"}, …]`, or nothing.
    pub(crate) fn json(&self, object: &mut Object) {
        if self.count == 0 {
            return;
        }
        object.literal("kept_by_table", self.count);
        object.key("kept_by_table_named");
        json::array(object.out, Layout::OneLine, &self.named, |out, kept| {
            let mut held = Object::begin(out, Layout::OneLine);
            held.string("job_id", &kept.id.to_string());
            held.string("why", &kept.why);
            held.end();
        });
    }
}

/// Tells the note of a dry run, if there is one.
pub(crate) fn tell_of_dry_run(
    context: &mut Context,
    repository: &mut dyn Repository,
    removing: bool,
) -> anyhow::Result<()> {
    if let Some(note) = note_of_dry_run(repository, removing)? {
        context.terminal.note(&note);
    }
    Ok(())
}

/// The note of a dry run over a table with rules of its own.
pub(crate) fn note_of_dry_run(
    repository: &mut dyn Repository,
    removing: bool,
) -> Result<Option<String>> {
    let there = repository.has_own_rules(removing)?;
    let what = if removing { "removed" } else { "changed" };
    Ok(there.then(|| {
        format!("the table has rules of its own, which may keep a job from being {what}: a dry run does not try them")
    }))
}
