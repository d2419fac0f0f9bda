//! The dry run: each job that would go, or also stay, with the rule that decided.

use std::path::PathBuf;

use anyhow::Result;

use super::folders::{self, FolderFate, FolderTally};
use super::latest::Latest;
use super::reclaim::Estimate;
use super::survey::{CleanupSelection, StayingJobs};
use super::words::SpelledRules;
use super::{summary, words};
use crate::commands::parts::output::dry_run::DryRun;
use crate::commands::parts::removal::kept_by_table;
use crate::context::Context;
use crate::folders::{InUse, ServiceFolder};
use crate::job::order::Order;
use crate::job::retention::{Fate, Policy};
use crate::job::{Column, ColumnSet, Filter, Job};
use crate::repository::{Query, Repository, Sink, Unhurried};
use crate::terminal::Terminal;
use crate::text::json::{Layout, Object};

/// How many of the newest jobs are looked at before all are: most often something has just happened.
const NEWEST: u64 = 10;

/// Makes the text of jobs while they are read, and prints it while the database is not held.
struct Telling<'a, F> {
    told: &'a mut DryRun,
    terminal: &'a mut Terminal,
    tell: F,
}

impl<F: FnMut(&mut DryRun, &Job)> Sink for Telling<'_, F> {
    fn row(&mut self, job: &mut Job) -> Result<()> {
        (self.tell)(self.told, job);
        Ok(())
    }

    fn is_full(&self) -> bool {
        self.told.is_full()
    }

    fn pass_on(&mut self) -> Result<()> {
        self.told.print(self.terminal)
    }
}

/// With `all`, the jobs that stay are told too. `reclaim` is whether room is to go back, and by `--vacuum`.
pub(super) fn run(
    context: &mut Context,
    repository: &mut dyn Repository,
    selection: &CleanupSelection,
    root: Option<ServiceFolder>,
    own: &[PathBuf],
    all: bool,
    reclaim: Option<bool>,
) -> Result<()> {
    let mut in_use = None;
    if let Some(root) = &root {
        in_use = selection.survey(repository, Some((root, own)))?.in_use;
    }
    let folders: Option<(ServiceFolder, InUse)> = root.zip(in_use);
    let columns = match folders {
        Some(_) => ColumnSet::of(&[Column::WorkingDir]),
        None => ColumnSet::NONE,
    };
    let mut told = DryRun::new(context, "would remove");
    let mut kept = StayingJobs::default();
    let mut latest = Latest::new(selection);
    // Jobs that have not ended stay, and nothing is odd about them: where nobody is told of those that stay, they need not be read.
    let mut tells_of_ended = !all && !context.format.is_document();
    // A document tells the newest time itself, and so all jobs are looked at.
    if !context.format.is_document() && (tells_of_ended || !selection.means_all()) {
        let added = repository.last_added(Policy::READS, NEWEST)?;
        added.iter().for_each(|job| latest.see(job));
        if !latest.is_settled() {
            let newest = Query {
                filter: &Filter::default(),
                order: Order::NEWEST_FIRST,
                after: None,
                offset: 0,
                limit: NEWEST,
                columns: Policy::READS,
            };
            let newest = repository.list(&newest)?;
            newest.iter().for_each(|job| latest.see(job));
        }
    }
    if selection.means_all() {
        // The pass over all jobs tells it.
        tells_of_ended &= latest.is_settled();
    } else if context.format.is_document() || !latest.is_settled() {
        let mut see = |job: &mut Job| {
            latest.see(job);
            Ok(())
        };
        repository.stream(&Filter::default(), None, Policy::READS, &mut see)?;
    }
    let mut going = 0;
    let rules = SpelledRules::of(&selection.policy);
    let mut stuck = FolderTally::default();
    let mut telling = Telling {
        told: &mut told,
        terminal: &mut context.terminal,
        tell: |told: &mut DryRun, job: &Job| {
            let verdict = selection.verdict(job);
            latest.see(job);
            let mut goes = verdict.fate == Fate::Goes;
            if let Fate::Stays(why) = verdict.fate {
                kept.note(job, why);
                if !all {
                    return;
                }
            }
            let mut folder = None;
            if let (Some((root, in_use)), true) = (&folders, goes) {
                let working_dir = job.get(Column::WorkingDir);
                let fate = folders::folder_fate(root, in_use, &mut stuck, &job.id(), working_dir);
                folder = match fate {
                    FolderFate::None => None,
                    FolderFate::Goes(key, words) => Some((key, words)),
                    FolderFate::Stays(key, words) => {
                        goes = false;
                        Some((key, words))
                    }
                };
            }
            going += u64::from(goes);
            let reason = |reason: &mut String| {
                if all {
                    reason.push_str(if goes { "goes: " } else { "stays: " });
                }
                words::push_reason(reason, &rules, job, &verdict);
                if let Some((_, words)) = &folder {
                    reason.push_str("; ");
                    reason.push_str(words);
                }
            };
            told.add(job, goes, reason, &|members| {
                members.literal("goes", goes);
                match verdict.rule {
                    Some(rule) => members.string("rule", &rules.spell(rule)),
                    None => members.literal("rule", "null"),
                }
                match verdict.age {
                    Some(age) => members.literal("age_seconds", age.as_secs()),
                    None => members.literal("age_seconds", "null"),
                }
                match verdict.column {
                    Some(column) => members.string("column", column.name()),
                    None => members.literal("column", "null"),
                }
                if let Fate::Stays(why) = verdict.fate {
                    members.string("stays", words::key(why));
                }
                if let Some((key, _)) = &folder {
                    members.string("folder", key);
                }
            });
        },
    };
    if folders.is_some() {
        // A folder may take its time.
        let mut unhurried = Unhurried::new(|mut job: Job| {
            telling.row(&mut job)?;
            telling.pass_on()
        });
        selection.stream(repository, columns, &mut unhurried)?;
    } else if tells_of_ended {
        selection.stream_ended(repository, columns, &mut telling)?;
    } else {
        selection.stream(repository, columns, &mut telling)?;
    }
    selection.locate_nameless(repository, &mut kept)?;
    let mut members = String::new();
    let mut object = Object::begin(&mut members, Layout::OneLine);
    stuck.would_fail_json(&mut object);
    latest.json(&mut object);
    object.end();
    let mut members = format!(
        "{}, {}",
        summary::kept_json(&kept),
        members.trim_matches(['{', '}'])
    );
    let mut notes = Vec::new();
    if let Some(vacuum) = reclaim {
        let estimate = Estimate::make(repository, going, vacuum)?;
        members.push_str(&format!(", {}", estimate.json()));
        notes.push(estimate.words());
    }
    told.end(&mut context.terminal, &members)?;
    notes.extend(summary::oddities(&kept));
    notes.extend(kept_by_table::note_of_dry_run(repository, true)?);
    notes.extend(stuck.would_fail());
    notes.extend(latest.words(&context.zone));
    for note in notes {
        context.terminal.note(&note);
    }
    Ok(())
}
