//! `VideoJobManager`'s cache, the unified API's answers, and the later job manager's dictionaries: the keys
//! of the job form or the column names, times in UTC unless they carry an offset.

use super::draft::{Draft, Fits};
use super::shape;
use super::status::STATUS;
use crate::job::columns::Content;
use crate::job::status::{mode_of_type, type_of_mode};
use crate::job::{Column, Job};
use crate::legacy::Store;
use crate::text::json::{self, Members};

pub(in crate::legacy) fn job(members: Members, key: Option<&str>) -> Result<(Job, Fits), String> {
    let of_table = shape::is_of_table(&members);
    let mut draft = Draft::new(members, None);
    draft.id(key)?;
    if of_table && has_null_status(&draft.members) {
        return Err("its status is null, and nothing else tells which it had".to_owned());
    }
    draft.status(&[])?;
    for column in Column::ALL.iter().copied() {
        if matches!(column, Column::Id | Column::Status) {
            continue;
        }
        let names = match column.key() == column.name() {
            true => &[column.key()][..],
            false => &[column.key(), column.name()],
        };
        for name in names {
            member_into(&mut draft, name, column, of_table)?;
        }
    }
    fill_kind(&mut draft.job)?;
    older_response(&mut draft)?;
    // Empty objects are how the API says that there is nothing.
    for column in [Column::RequestData, Column::Context] {
        if draft.job.get(column).as_str() == Some("{}") {
            draft.job.set(column, crate::job::Value::Null);
        }
    }
    if of_table {
        draft.others();
    }
    draft.finish(Store::JobManager)
}

/// A row of the table as it is left without one by a program that failed.
pub(in crate::legacy) fn has_null_status(members: &Members) -> bool {
    members.peek(STATUS).is_some_and(json::is_null)
}

fn member_into(
    draft: &mut Draft,
    name: &str,
    column: Column,
    of_table: bool,
) -> Result<(), String> {
    match column.content() {
        Content::Text(_) => draft.text_into(name, column),
        Content::Time => draft.time_into(name, column),
        Content::Json if name == column.name() => draft.stored_json_into(name, column, of_table),
        Content::Json => draft.json_into(name, column),
        Content::Real => {
            if let Some(raw) = draft.members.take(name) {
                draft.job.set(column, json::real(name, raw, 100.0)?);
            }
            Ok(())
        }
        Content::Integer => {
            if let Some(raw) = draft.members.take(name) {
                draft.job.set(column, json::integer(name, raw)?);
            }
            Ok(())
        }
    }
}

/// Type and mode follow from each other.
fn fill_kind(job: &mut Job) -> Result<(), String> {
    if job
        .get(Column::JobType)
        .as_str()
        .is_some_and(|word| word.trim().is_empty())
    {
        return Err("its job_type is empty".to_owned());
    }
    let mode = job
        .get(Column::Mode)
        .as_str()
        .filter(|mode| !mode.is_empty());
    let mode = mode.map(str::to_owned);
    match (job.get(Column::JobType).as_str(), mode) {
        (Some(job_type), None) => {
            let mode = mode_of_type(job_type);
            job.set(Column::Mode, mode);
            Ok(())
        }
        (Some(_), Some(_)) => Ok(()),
        (None, Some(mode)) => match type_of_mode(&mode) {
            Some(job_type) => {
                job.set(Column::JobType, job_type);
                Ok(())
            }
            None => Err(format!("its mode \"{mode}\" tells no type")),
        },
        (None, None) => Err("it has neither a type nor a mode".to_owned()),
    }
}

/// `title`, `video_path` and `error_details` of the older response.
fn older_response(draft: &mut Draft) -> Result<(), String> {
    draft.text_into("title", Column::Title)?;
    if let Some(raw) = draft.members.peek("video_path") {
        let path = json::text("video_path", raw)?;
        if path.is_none_or(|path| draft.add_to_result("video_path", &path)) {
            draft.members.take("video_path");
        }
    }
    let Some(raw) = draft.members.peek("error_details") else {
        return Ok(());
    };
    if json::is_null(raw) {
        draft.members.take("error_details");
    } else if draft.job.get(Column::Error).is_null() {
        // The details themselves stay under context.legacy.
        let details: serde_json::Value = serde_json::from_str(raw.get())
            .map_err(|error| format!("\"error_details\" is not sound: {error}"))?;
        let said = ["message", "error", "reason"]
            .iter()
            .find_map(|name| details.get(name)?.as_str());
        let text = match said.or(details.as_str()) {
            Some(text) => text.to_owned(),
            None => details.to_string(),
        };
        draft.job.set(Column::Error, text);
    }
    Ok(())
}
