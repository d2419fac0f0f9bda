//! `pipeline_jobs` of the direct pipeline: its own words for the states, progress as a fraction, UTC.

use super::draft::{Draft, Fits, object, text_of};
use crate::job::status::mode_of_type;
use crate::job::{Column, Job, Status};
use crate::legacy::Store;
use crate::text::json::{self, Members};

const WORDS: &[(&str, Status)] = &[("pending", Status::Queued), ("running", Status::Processing)];

pub(in crate::legacy) fn job(members: Members, key: Option<&str>) -> Result<(Job, Fits), String> {
    let mut draft = Draft::new(members, None);
    draft.id(key)?;
    let Some(pipeline) = draft.text("pipeline_type")? else {
        return Err("it has no pipeline_type".to_owned());
    };
    draft.job.set(Column::Mode, mode_of_type(&pipeline));
    // The store never recorded its folder; the service's facts say where it was.
    let id = draft.job.id();
    draft
        .job
        .set(Column::WorkingDir, format!(".working_dir/{pipeline}/{id}"));
    draft.job.set(Column::JobType, pipeline);
    draft.status(WORDS)?;
    if let Some(raw) = draft.members.peek("request_data") {
        let request = object("request_data", raw)?;
        for (column, names) in [
            (Column::Content, &["idea", "script"][..]),
            (Column::Requirement, &["user_requirement"]),
            (Column::Style, &["style"]),
            (Column::Title, &["title", "project_title"]),
            (Column::SeriesId, &["series_id"]),
            (Column::EpisodeId, &["episode_id"]),
        ] {
            draft.job.set(column, text_of(&request, names)?);
        }
    }
    draft.json_into("request_data", Column::RequestData)?;
    if let Some(episode) = draft.text("episode_id")? {
        draft.job.set(Column::EpisodeId, episode);
    }
    if let Some(raw) = draft.members.take("progress") {
        // 0.29 * 100 is 28.999999999999996; the fraction had no such digits.
        let percent = json::real("progress", raw, 1.0)?.map(|part| (part * 1e8).round() / 1e6);
        draft.job.set(Column::Progress, percent);
    }
    draft.json_into("result", Column::Result)?;
    if let Some(raw) = draft.members.peek("video_path") {
        match json::text("video_path", raw)? {
            Some(path) => {
                if draft.add_to_result("video_path", &path) {
                    draft.members.take("video_path");
                }
            }
            None => {
                draft.members.take("video_path");
            }
        }
    }
    draft.text_into("current_stage", Column::Stage)?;
    draft.text_into("error", Column::Error)?;
    if let Some(folder) = draft.text("working_dir")? {
        draft.job.set(Column::WorkingDir, folder);
    }
    draft.times()?;
    draft.finish(Store::DirectPipeline)
}
