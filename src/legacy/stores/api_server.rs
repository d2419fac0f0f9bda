//! `jobs` of `api_server`: the client's payload under `request`, local times without a zone, and a list of
//! shots that is counted.

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::draft::{Draft, Fits, object, text_of};
use crate::job::status::mode_of_type;
use crate::job::{Column, Job, Status};
use crate::legacy::Store;
use crate::text::json::{self, Key, Members};
use crate::time::Zone;

pub(in crate::legacy) fn job(
    members: Members,
    key: Option<&str>,
    zone: &Zone,
) -> Result<(Job, Fits), String> {
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

/// How many shots there are, and how many of them are completed.
pub(in crate::legacy) fn count_shots(raw: &RawValue) -> Result<(i64, i64), String> {
    if json::is_null(raw) {
        return Ok((0, 0));
    }
    let shots: Vec<Shot> = json::read(raw, "\"shots\" must be a list of objects")?;
    let mut completed = 0;
    for status in shots.iter().filter_map(|shot| shot.status) {
        let status = json::text("status", status)?;
        completed += i64::from(status.as_deref() == Some(Status::Completed.word()));
    }
    Ok((shots.len() as i64, completed))
}

/// What is read of a shot: an object, or null.
#[derive(Default)]
struct Shot<'a> {
    /// The last of several.
    status: Option<&'a RawValue>,
}

impl<'de: 'a, 'a> Deserialize<'de> for Shot<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ShotVisitor;
        impl<'de> Visitor<'de> for ShotVisitor {
            type Value = Shot<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Shot::default())
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut shot = Shot::default();
                while let Some(Key(key)) = map.next_key()? {
                    if key == "status" {
                        shot.status = Some(map.next_value()?);
                    } else {
                        map.next_value::<IgnoredAny>()?;
                    }
                }
                Ok(shot)
            }
        }
        deserializer.deserialize_any(ShotVisitor)
    }
}
