//! Records of `jobs` of `api_server`: the client's payload under `request`, local times without a zone, and a list of shots
//! that is counted.

use super::draft::{Draft, Fits};
use super::fields::{FieldContent, Sign, StoreField, StoreFields, fields};
use crate::job::{Column, Job};
use crate::legacy::Store;
use crate::text::json::Members;
use crate::time::Zone;

pub(in crate::legacy) const TABLE: StoreFields = StoreFields {
    store: Store::ApiServer,
    marks: ["type", "request"],
    fields: FIELDS,
    field,
};

fields! { FIELDS, field:
    "job_id"        Own    FieldContent::Id;
    "id"            No     FieldContent::Id;
    "type"          No     FieldContent::Type;
    "status"        Common FieldContent::Status(&[]);
    "request"       Own    FieldContent::Request(&[
        (Column::Content, &["idea", "script"]),
        (Column::Requirement, &["user_requirement"]),
        (Column::Style, &["style"]),
        (Column::Title, &["project_title"]),
    ]);
    "progress"      Own    FieldContent::Percent(Column::Progress);
    "current_stage" Own    FieldContent::Text(Column::Stage);
    "working_dir"   Own    FieldContent::Text(Column::WorkingDir);
    "result"        Common FieldContent::Json(Column::Result);
    "error"         Common FieldContent::Text(Column::Error);
    "shots"         Own    FieldContent::Shots;
    "created_at"    Common FieldContent::Time(Column::CreatedAt);
    "updated_at"    Common FieldContent::Time(Column::UpdatedAt);
    "started_at"    Common FieldContent::Time(Column::StartedAt);
    "completed_at"  Common FieldContent::Time(Column::CompletedAt);
}

pub(in crate::legacy) fn job(
    members: Members,
    key: Option<&str>,
    zone: &Zone,
) -> Result<(Job, Fits), String> {
    let mut draft = Draft::new(members, Some(zone));
    draft.id(key)?;
    draft.take(FIELDS)?;
    draft.finish(Store::ApiServer)
}
