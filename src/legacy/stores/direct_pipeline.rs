//! Records of `pipeline_jobs` of the direct pipeline: its own words for statuses, progress as a fraction, UTC.

use super::draft::{Draft, Fits};
use super::fields::{Field, Holds, Sign, Table, fields};
use crate::job::{Column, Job, Status};
use crate::legacy::Store;
use crate::text::json::Members;

pub(in crate::legacy) const TABLE: Table = Table {
    store: Store::DirectPipeline,
    marks: ["pipeline_type", "pipeline_type"],
    fields: FIELDS,
    field,
};

fields! { FIELDS, field:
    "job_id"        Own    Holds::Id;
    "id"            No     Holds::Id;
    "pipeline_type" No     Holds::Type;
    "status"        Common Holds::Status(&[("pending", Status::Queued), ("running", Status::Processing)]);
    "request_data"  Own    Holds::Request(&[
        (Column::Content, &["idea", "script"]),
        (Column::Requirement, &["user_requirement"]),
        (Column::Style, &["style"]),
        (Column::Title, &["title", "project_title"]),
        (Column::SeriesId, &["series_id"]),
        (Column::EpisodeId, &["episode_id"]),
    ]);
    "episode_id"    Own    Holds::Foremost(Column::EpisodeId);
    "progress"      Own    Holds::Fraction(Column::Progress);
    "result"        Common Holds::Json(Column::Result);
    "video_path"    Own    Holds::OfResult;
    "current_stage" Own    Holds::Text(Column::Stage);
    "error"         Common Holds::Text(Column::Error);
    "working_dir"   Own    Holds::Text(Column::WorkingDir);
    "created_at"    Common Holds::Time(Column::CreatedAt);
    "updated_at"    Common Holds::Time(Column::UpdatedAt);
    "started_at"    Common Holds::Time(Column::StartedAt);
    "completed_at"  Common Holds::Time(Column::CompletedAt);
}

pub(in crate::legacy) fn job(members: Members, key: Option<&str>) -> Result<(Job, Fits), String> {
    let mut draft = Draft::new(members, None);
    draft.id(key)?;
    draft.take(FIELDS)?;
    // A folder that the store has not recorded follows from the service's rules.
    if draft.job.get(Column::WorkingDir).is_null() {
        let (pipeline, id) = (draft.job.get(Column::JobType).display(), draft.job.id());
        let folder = format!(".working_dir/{pipeline}/{id}");
        draft.job.set(Column::WorkingDir, folder);
    }
    draft.finish(Store::DirectPipeline)
}
