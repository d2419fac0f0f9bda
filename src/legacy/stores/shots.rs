//! The list of shots of a job, of which the table has only the counts.

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::job::Status;
use crate::text::json::{self, MemberKey};

/// The number of shots, and of those that are completed.
pub(in crate::legacy) fn count(raw: &RawValue) -> Result<(i64, i64), String> {
    if json::is_null(raw) {
        return Ok((0, 0));
    }
    let shots: Vec<ShotStatus> = json::read(raw, "\"shots\" must be a list of objects")?;
    let mut completed = 0;
    for status in shots.iter().filter_map(|shot| shot.status) {
        let status = json::text("status", status)?;
        completed += i64::from(status.as_deref() == Some(Status::Completed.word()));
    }
    Ok((shots.len() as i64, completed))
}

/// The part of a shot that is read: of an object, or null.
#[derive(Default)]
struct ShotStatus<'a> {
    /// The last of several.
    status: Option<&'a RawValue>,
}

impl<'de: 'a, 'a> Deserialize<'de> for ShotStatus<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ShotVisitor;
        impl<'de> Visitor<'de> for ShotVisitor {
            type Value = ShotStatus<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(ShotStatus::default())
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut shot = ShotStatus::default();
                while let Some(MemberKey(key)) = map.next_key()? {
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
