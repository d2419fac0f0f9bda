//! A job of one record: it is taken out of what is around it, told by its marks, and read by the rules of its store.

use super::rejects::{self, Rejected};
use super::store::Store;
use super::stores::draft::Fits;
use super::stores::{
    api_server, direct_pipeline, encoded, ids, job_manager, precheck, shape, status, wrapped,
};
use crate::job::row::read;
use crate::job::{IdSet, Job, JobId};
use crate::text::json::Members;
use crate::time::Zone;

/// A record that became a job.
#[derive(Debug)]
pub struct Record {
    pub job: Job,
    pub store: Store,
    /// How its local times fitted the time zone.
    pub fits: Fits,
    /// How often JSON stood in a text in it.
    pub encoded: u32,
    pub at: Position,
}

/// Where a record begins in its dump.
#[derive(Clone, Copy, Debug, Default)]
pub struct Position {
    pub byte: u64,
    pub line: u64,
}

/// What was made of a record.
#[expect(
    clippy::large_enum_variant,
    reason = "it is taken apart at once, and nearly all are jobs or nearly none"
)]
#[derive(Debug)]
pub enum Made {
    Job(Record),
    /// It would become a job, whose id is one of those to be left out.
    LeftOut(Store),
}

/// A record that cannot become one.
#[derive(Clone, Debug)]
pub struct Reject {
    pub store: Store,
    pub reason: String,
    /// The record itself, when it came out of a rejects line.
    pub unwrapped: Option<Rejected>,
}

/// A rejects line that was rejected again is one line more around the record; deeper than this is no accident.
const MOST_LINES: usize = 8;

/// Where a record stands.
#[derive(Clone, Copy, Debug, Default)]
pub struct Place<'a> {
    /// The key under which it stands, which is its id.
    pub key: Option<&'a str>,
    /// What stands beside it in an object around it.
    pub around: Around<'a>,
}

/// What the objects around a record say of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Around<'a> {
    /// Its id, if it has none of its own.
    pub id: Option<&'a str>,
    /// They have a status, which may be that of the job.
    pub status: bool,
}

impl<'a> Place<'a> {
    fn of_key(key: Option<&'a str>) -> Self {
        Place {
            key,
            ..Place::default()
        }
    }

    /// The id that comes from outside of the record.
    fn id(&self, members: &Members) -> Option<&'a str> {
        let beside = || self.around.id.filter(|_| !ids::has_own_id(members));
        self.key.or_else(beside)
    }
}

/// Makes a job of a record. `key` is the one under which it stands, `zone` that of local times.
pub fn convert(json: &[u8], key: Option<&str>, zone: &Zone) -> Result<Record, Reject> {
    convert_in(json, Place::of_key(key), zone)
}

pub(super) fn convert_in(json: &[u8], place: Place, zone: &Zone) -> Result<Record, Reject> {
    unwrapped(json, place, |_, members, store, key, encoded| {
        let record = convert_one(members, store, key, zone)?;
        Ok(Record { encoded, ..record })
    })
}

/// The same, but for jobs of these ids. What is rejected is the same whichever ids are left out.
pub fn convert_others(
    json: &[u8],
    key: Option<&str>,
    zone: &Zone,
    left_out: &IdSet,
) -> Result<Made, Reject> {
    convert_others_in(json, Place::of_key(key), zone, left_out)
}

pub(super) fn convert_others_in(
    json: &[u8],
    place: Place,
    zone: &Zone,
    left_out: &IdSet,
) -> Result<Made, Reject> {
    unwrapped(json, place, |json, members, store, key, encoded| {
        let id = precheck::id(&members, store, key);
        let is_left_out = id.as_ref().map(|id| left_out(&JobId::new(id)));
        if let (Some(id), Some(true)) = (&id, is_left_out)
            && precheck::is_plain(json, &members, store, id)
        {
            return Ok(Made::LeftOut(store));
        }
        let record = convert_one(members, store, key, zone)?;
        Ok(
            if is_left_out.unwrap_or_else(|| left_out(&record.job.id())) {
                Made::LeftOut(record.store)
            } else {
                Made::Job(Record { encoded, ..record })
            },
        )
    })
}

/// Takes a record out of what is around it, and gives what is made of it.
fn unwrapped<T>(
    json: &[u8],
    place: Place,
    make: impl Fn(&[u8], Members, Store, Option<&str>, u32) -> Result<T, Reject>,
) -> Result<T, Reject> {
    let mut unwrapped: Option<Rejected> = None;
    for _ in 0..MOST_LINES {
        let (json, place) = match &unwrapped {
            Some(inner) => (inner.record.as_slice(), Place::of_key(inner.key.as_deref())),
            None => (json, place),
        };
        let opened = encoded::record(json);
        let json = opened.as_deref().map_or(json, str::as_bytes);
        let members = Members::parse(json);
        match members
            .as_ref()
            .map_err(Clone::clone)
            .and_then(rejects::unwrap)
        {
            Ok(Some(inner)) => unwrapped = Some(inner),
            Ok(None) => {
                let made = members.map_err(unknown).and_then(|members| {
                    in_wrapper(json, members, place, u32::from(opened.is_some()), &make)
                });
                return made.map_err(|reject| Reject {
                    unwrapped,
                    ..reject
                });
            }
            Err(reason) => {
                return Err(Reject {
                    unwrapped,
                    ..unknown(reason)
                });
            }
        }
    }
    Err(unknown("rejects lines within rejects lines".to_owned()))
}

/// Makes something of the record, or of the one record in it. `encoded` texts have been taken for what they are already.
fn in_wrapper<T>(
    json: &[u8],
    members: Members,
    place: Place,
    encoded: u32,
    make: &impl Fn(&[u8], Members, Store, Option<&str>, u32) -> Result<T, Reject>,
) -> Result<T, Reject> {
    let reason = match shape::of(&members) {
        Ok(store) => {
            status::check(&members, place.around.status).map_err(unknown)?;
            let key = place.id(&members);
            return decoded(json, members, store, key, encoded, make);
        }
        Err(reason) => reason,
    };
    let Some(inner) = wrapped::inside(&members) else {
        let Some(opened) = encoded::opened(&members) else {
            let reason = [Some(reason), encoded::told(&members)];
            let reason: Vec<_> = reason.into_iter().flatten().collect();
            return Err(unknown(reason.join("; ")));
        };
        let (text, encoded) = (opened.text.as_str(), encoded + opened.count);
        let members = Members::parse_text(text).map_err(unknown)?;
        return in_wrapper(text.as_bytes(), members, place, encoded, make);
    };
    let store = shape::of(&inner.members).map_err(unknown)?;
    status::check(&inner.members, inner.has_status).map_err(unknown)?;
    // The key is that of the wrapper.
    let beside = || inner.id.as_deref().or(place.key).or(place.around.id);
    let key = if ids::has_own_id(&inner.members) {
        None
    } else {
        beside()
    };
    let json = inner.json.as_bytes();
    decoded(json, inner.members, store, key, encoded, make)
}

/// Makes something of a record, with the JSON that stands in texts in it taken for what it is.
fn decoded<T>(
    json: &[u8],
    members: Members,
    store: Store,
    key: Option<&str>,
    encoded: u32,
    make: &impl Fn(&[u8], Members, Store, Option<&str>, u32) -> Result<T, Reject>,
) -> Result<T, Reject> {
    let decoded = match store {
        // Restored as it was.
        Store::Jobctl => None,
        _ => encoded::decoded(&members, store),
    };
    match &decoded {
        None => make(json, members, store, key, encoded),
        Some(decoded) => {
            let text = decoded.text.as_str();
            let members = Members::parse_text(text).map_err(unknown)?;
            let encoded = encoded + decoded.count;
            make(text.as_bytes(), members, store, key, encoded)
        }
    }
}

/// Whether the record has an id of its own.
pub(super) fn has_own_id(record: &[u8]) -> bool {
    let opened = encoded::record(record);
    let record = opened.as_deref().map_or(record, str::as_bytes);
    Members::parse(record).is_ok_and(|members| ids::has_own_id(&members))
}

fn unknown(reason: String) -> Reject {
    Reject {
        store: Store::Unknown,
        reason,
        unwrapped: None,
    }
}

fn convert_one(
    members: Members,
    store: Store,
    key: Option<&str>,
    zone: &Zone,
) -> Result<Record, Reject> {
    let made = match store {
        Store::ApiServer => api_server::job(members, key, zone),
        Store::DirectPipeline => direct_pipeline::job(members, key),
        Store::JobManager => job_manager::job(members, key),
        Store::Jobctl => read::job(&members, key).map(|job| (job, Fits::default())),
        Store::Unknown => Err("of no known shape".to_owned()),
    };
    match made {
        Ok((job, fits)) => Ok(Record {
            encoded: 0,
            job,
            store,
            fits,
            at: Position::default(),
        }),
        Err(reason) => Err(Reject {
            store,
            ..unknown(reason)
        }),
    }
}
