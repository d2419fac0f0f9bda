//! `jobs` of `api_server`: the client's payload under `request`, local times without a zone, and a list of
//! shots that is counted.

use serde_json::value::RawValue;

use super::Store;
use super::draft::{Draft, Fits, object, text_of};
use crate::job::json::{self, Members};
use crate::job::status::mode_of_type;
use crate::job::{Column, Job, Status};
use crate::time::Zone;

pub(super) fn job(members: Members, key: Option<&str>, zone: &Zone) -> Result<(Job, Fits), String> {
    let mut draft = Draft::new(members, Some(zone));
    draft.id(key)?;
    let Some(job_type) = draft.text("type")? else {
        return Err("it has no type".to_owned());
    };
    draft.job.set(Column::Mode, mode_of_type(&job_type));
    draft.job.set(Column::JobType, job_type);
    draft.status(&[])?;
    if let Some(raw) = draft.members.peek("request") {
        let request = object("request", raw)?;
        for (column, names) in [
            (Column::Content, &["idea", "script"][..]),
            (Column::Requirement, &["user_requirement"]),
            (Column::Style, &["style"]),
            (Column::Title, &["project_title"]),
        ] {
            draft.job.set(column, text_of(&request, names)?);
        }
    }
    draft.json_into("request", Column::RequestData)?;
    if let Some(raw) = draft.members.take("progress") {
        draft
            .job
            .set(Column::Progress, json::real("progress", raw, 100.0)?);
    }
    draft.text_into("current_stage", Column::Stage)?;
    draft.text_into("working_dir", Column::WorkingDir)?;
    draft.json_into("result", Column::Result)?;
    draft.text_into("error", Column::Error)?;
    // The list itself has no column and is kept with the leftovers.
    if let Some(raw) = draft.members.peek("shots") {
        let (total, completed) = count_shots(raw)?;
        draft.job.set(Column::TotalShots, total);
        draft.job.set(Column::CompletedShots, completed);
    }
    draft.times()?;
    draft.finish(Store::ApiServer)
}

pub(super) fn count_shots(raw: &RawValue) -> Result<(i64, i64), String> {
    if json::is_null(raw) {
        return Ok((0, 0));
    }
    let wrong = || "\"shots\" must be a list of objects".to_owned();
    let shots: Vec<&RawValue> = serde_json::from_str(raw.get()).map_err(|_| wrong())?;
    let mut completed = 0;
    for shot in shots.iter().copied().filter(|shot| !json::is_null(shot)) {
        if !json::is_object(shot) {
            return Err(wrong());
        }
        let status = json::member(shot, "status")?;
        let status = status.map_or(Ok(None), |status| json::text("status", status))?;
        completed += i64::from(status.as_deref() == Some(Status::Completed.word()));
    }
    Ok((shots.len() as i64, completed))
}
