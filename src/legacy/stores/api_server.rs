//! Records of `jobs` of `api_server`: the client's payload under `request`, local times without a zone, and a list of shots
//! that is counted.

use super::draft::{Draft, Fits};
use super::fields::{Field, Holds, Sign, Table, fields};
use crate::job::{Column, Job};
use crate::legacy::Store;
use crate::text::json::Members;
use crate::time::Zone;

pub(in crate::legacy) const TABLE: Table = Table {
    store: Store::ApiServer,
    marks: ["type", "request"],
    fields: FIELDS,
    field,
};

fields! { FIELDS, field:
    "job_id"        Own    Holds::Id;
    "id"            No     Holds::Id;
    "type"          No     Holds::Type;
    "status"        Common Holds::Status(&[]);
    "request"       Own    Holds::Request(&[
        (Column::Content, &["idea", "script"]),
        (Column::Requirement, &["user_requirement"]),
        (Column::Style, &["style"]),
        (Column::Title, &["project_title"]),
    ]);
    "progress"      Own    Holds::Percent(Column::Progress);
    "current_stage" Own    Holds::Text(Column::Stage);
    "working_dir"   Own    Holds::Text(Column::WorkingDir);
    "result"        Common Holds::Json(Column::Result);
    "error"         Common Holds::Text(Column::Error);
    "shots"         Own    Holds::Shots;
    "created_at"    Common Holds::Time(Column::CreatedAt);
    "updated_at"    Common Holds::Time(Column::UpdatedAt);
    "started_at"    Common Holds::Time(Column::StartedAt);
    "completed_at"  Common Holds::Time(Column::CompletedAt);
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
