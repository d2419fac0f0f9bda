//! The state machine and what hangs on it: which state may follow which, what entering one stamps and
//! clears, and how progress follows the shot counts. The rules are DESIGN section 2.

use std::fmt;

use super::changes::Changes;
use super::columns::Column;
use super::status::Status;
use super::value::Value;
use super::{Job, stamp};
use crate::time::Instant;

/// The changes that an update asks for.
#[derive(Clone, Debug, Default)]
pub struct Edit {
    pub status: Option<Status>,
    /// Columns said outright; they win over what the transition would set.
    pub fields: Changes,
    /// Allows a transition that the state machine does not know.
    pub force: bool,
}

/// The reason why a job may not be changed as asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The state machine does not know the step; `Edit::force` allows it.
    Step(String),
    /// A value that does not go with the others, forced or not.
    Value(String),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::Step(why) | Refusal::Value(why) => f.write_str(why),
        }
    }
}

/// Whether a job may go from one state to the other.
pub fn allowed(from: Status, to: Status) -> bool {
    use Status::{Cancelled, Completed, Failed, Processing, Queued};
    matches!(
        (from, to),
        (Queued, Processing | Cancelled)
            | (Processing, Completed | Failed | Cancelled)
            | (Failed | Cancelled, Queued)
    )
}

/// The states that may follow, for the hint of a refusal.
pub fn next_states(from: Status) -> Vec<&'static str> {
    Status::ALL
        .into_iter()
        .filter(|to| allowed(from, *to))
        .map(Status::word)
        .collect()
}

/// The changes that an edit writes into one job, `updated_at` included; empty when it has them already.
pub fn plan(job: &Job, edit: &Edit, now: Instant) -> Result<Changes, Refusal> {
    let mut changes = Changes::default();
    let current = job.status();
    if let Some(target) = edit.status
        && current != Some(target)
    {
        check_transition(job, target, edit.force).map_err(Refusal::Step)?;
        enter(&mut changes, job, target, now);
    }
    for (column, value) in edit.fields.iter() {
        changes.set(column, value.clone());
    }
    let finally = edit.status.or(current);
    follow_shots(&mut changes, job, edit, finally).map_err(Refusal::Value)?;
    if finally == Some(Status::Completed)
        && let Some(progress) = edit.fields.get(Column::Progress)
        && *progress != Value::Real(100.0)
    {
        let why = "the progress of a completed job stays 100";
        return Err(Refusal::Value(why.to_owned()));
    }
    changes.drop_unchanged(job);
    if !changes.is_empty() {
        changes.set(Column::UpdatedAt, stamp(now));
    }
    Ok(changes)
}

fn check_transition(job: &Job, target: Status, force: bool) -> Result<(), String> {
    if force {
        return Ok(());
    }
    match job.status() {
        Some(from) if allowed(from, target) => Ok(()),
        Some(from) => {
            let next = next_states(from);
            let may = match next.as_slice() {
                [] => "it is in its end state".to_owned(),
                words => format!("it may become {}", words.join(" or ")),
            };
            Err(format!(
                "it is {}, which does not become {}; {may}",
                from.word(),
                target.word()
            ))
        }
        None => Err(match job.get(Column::Status) {
            Value::Null => "it has no status".to_owned(),
            other => format!("its status \"{}\" is not one of ours", other.display()),
        }),
    }
}

/// Stamps and clears the columns that go with entering a state.
fn enter(changes: &mut Changes, job: &Job, target: Status, now: Instant) {
    changes.set(Column::Status, target.word());
    let stamp_if_empty = |changes: &mut Changes, column| {
        if job.get(column).is_null() {
            changes.set(column, stamp(now));
        }
    };
    match target {
        Status::Queued => {
            changes.set(Column::Progress, 0.0);
            for column in [
                Column::Error,
                Column::Stage,
                Column::Result,
                Column::StartedAt,
                Column::CompletedAt,
            ] {
                changes.set(column, Value::Null);
            }
        }
        Status::Processing => {
            stamp_if_empty(changes, Column::StartedAt);
            // Only --force comes here from an end state; a running job has not ended.
            changes.set(Column::CompletedAt, Value::Null);
        }
        Status::Completed => {
            stamp_if_empty(changes, Column::CompletedAt);
            changes.set(Column::Progress, 100.0);
        }
        Status::Failed | Status::Cancelled => stamp_if_empty(changes, Column::CompletedAt),
    }
}

/// Checks the shot counts that an edit sets, and lets progress follow them.
fn follow_shots(
    changes: &mut Changes,
    job: &Job,
    edit: &Edit,
    finally: Option<Status>,
) -> Result<(), String> {
    let asked = |column| edit.fields.get(column);
    if asked(Column::TotalShots).is_none() && asked(Column::CompletedShots).is_none() {
        return Ok(());
    }
    let count = |column| match asked(column) {
        Some(Value::Integer(n)) => *n,
        Some(_) => 0,
        None => job.integer(column).unwrap_or(0),
    };
    let (total, completed) = (count(Column::TotalShots), count(Column::CompletedShots));
    if completed > total {
        return Err(format!(
            "completed shots would be {completed}, above the total of {total}"
        ));
    }
    if total > 0 && asked(Column::Progress).is_none() && finally != Some(Status::Completed) {
        changes.set(Column::Progress, completed as f64 / total as f64 * 100.0);
    }
    Ok(())
}

/// Fills what a new job leaves open, as the service does: status, progress, counts, times.
/// The error says which value does not go with which.
pub fn complete_new(job: &mut Job, now: Instant) -> Result<(), (Column, String)> {
    let default = |job: &mut Job, column, value: Value| {
        if job.get(column).is_null() {
            job.set(column, value);
        }
    };
    default(job, Column::Status, Status::Queued.word().into());
    default(job, Column::TotalShots, Value::Integer(0));
    default(job, Column::CompletedShots, Value::Integer(0));
    default(job, Column::CreatedAt, stamp(now));
    default(job, Column::UpdatedAt, stamp(now));
    let (total, completed) = (
        job.integer(Column::TotalShots).unwrap_or(0),
        job.integer(Column::CompletedShots).unwrap_or(0),
    );
    if completed > total {
        let why = format!("{completed} of {total}: they are above the total");
        return Err((Column::CompletedShots, why));
    }
    let derived = match (total, job.status()) {
        (_, Some(Status::Completed)) => 100.0,
        (0, _) => 0.0,
        (total, _) => completed as f64 / total as f64 * 100.0,
    };
    default(job, Column::Progress, derived.into());
    match job.status() {
        Some(Status::Completed) if job.number(Column::Progress) != Some(100.0) => {
            let given = job.get(Column::Progress).display();
            let why = format!("{given}; the progress of a completed job is 100");
            return Err((Column::Progress, why));
        }
        Some(Status::Processing) => default(job, Column::StartedAt, stamp(now)),
        Some(status) if status.is_end() => default(job, Column::CompletedAt, stamp(now)),
        _ => {}
    }
    Ok(())
}
