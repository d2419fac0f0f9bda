//! Records of `pipeline_jobs` of the direct pipeline: its own words for statuses, progress as a fraction, UTC.

use super::draft::{Draft, Fits};
use super::fields::{FieldContent, Sign, StoreField, StoreFields, fields};
use crate::job::{Column, Job, Status};
use crate::legacy::Store;
use crate::text::json::Members;

pub(in crate::legacy) const TABLE: StoreFields = StoreFields {
    store: Store::DirectPipeline,
    marks: ["pipeline_type", "pipeline_type"],
    fields: FIELDS,
    field,
};

fields! { FIELDS, field:
    "job_id"        Own    FieldContent::Id;
    "id"            No     FieldContent::Id;
    "pipeline_type" No     FieldContent::Type;
    "status"        Common FieldContent::Status(&[("pending", Status::Queued), ("running", Status::Processing)]);
    "request_data"  Own    FieldContent::Request(&[
        (Column::Content, &["idea", "script"]),
        (Column::Requirement, &["user_requirement"]),
        (Column::Style, &["style"]),
        (Column::Title, &["title", "project_title"]),
        (Column::SeriesId, &["series_id"]),
        (Column::EpisodeId, &["episode_id"]),
    ]);
    "episode_id"    Own    FieldContent::Foremost(Column::EpisodeId);
    "progress"      Own    FieldContent::Fraction(Column::Progress);
    "result"        Common FieldContent::Json(Column::Result);
    "video_path"    Own    FieldContent::OfResult;
    "current_stage" Own    FieldContent::Text(Column::Stage);
    "error"         Common FieldContent::Text(Column::Error);
    "working_dir"   Own    FieldContent::Text(Column::WorkingDir);
    "created_at"    Common FieldContent::Time(Column::CreatedAt);
    "updated_at"    Common FieldContent::Time(Column::UpdatedAt);
    "started_at"    Common FieldContent::Time(Column::StartedAt);
    "completed_at"  Common FieldContent::Time(Column::CompletedAt);
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
