//! The conversion of a record to a job: it is taken out of its wrappers, recognized by its marks, and read by the rules of its
//! store.

use super::position::Position;
use super::rejects::{self, RejectedRecord};
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
pub struct ConvertedRecord {
    pub job: Job,
    pub store: Store,
    /// Whether local times in it did not fit the time zone.
    pub fits: Fits,
    /// The number of texts in it that held JSON.
    pub encoded: u32,
    pub at: Position,
}

impl ConvertedRecord {
    /// A row of jobctl's own table, which needs no conversion and has no position in a dump.
    pub fn of_row(job: Job) -> ConvertedRecord {
        ConvertedRecord {
            job,
            store: Store::Jobctl,
            fits: Fits::default(),
            encoded: 0,
            at: Position::default(),
        }
    }
}

/// The outcome of converting a record.
#[expect(
    clippy::large_enum_variant,
    reason = "it is taken apart at once, and nearly all are jobs or nearly none"
)]
#[derive(Debug)]
pub enum Conversion {
    Job(ConvertedRecord),
    /// The record would become a job whose id is to be left out.
    LeftOut(Store),
}

/// A record that cannot become a job.
#[derive(Clone, Debug)]
pub struct Reject {
    pub store: Store,
    pub reason: String,
    /// The record itself, if it came out of a rejects line.
    pub unwrapped: Option<RejectedRecord>,
}

/// The most rejects lines around a record: one more each time that it is rejected.
const MOST_LINES: usize = 8;

/// The surroundings of a record in its dump, which can give it an id.
#[derive(Clone, Copy, Debug, Default)]
pub struct Outer<'a> {
    /// The key of the record, which is its id.
    pub key: Option<&'a str>,
    pub around: OuterFacts<'a>,
}

/// The facts that the objects around a record tell of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OuterFacts<'a> {
    /// Its id, for a record without one of its own.
    pub id: Option<&'a str>,
    /// Whether they have a status, which may be that of the job.
    pub status: bool,
}

impl<'a> Outer<'a> {
    fn of_key(key: Option<&'a str>) -> Self {
        Outer {
            key,
            ..Outer::default()
        }
    }

    /// The id that the surroundings give to a record.
    fn id(&self, members: &Members) -> Option<&'a str> {
        let beside = || self.around.id.filter(|_| !ids::has_own_id(members));
        self.key.or_else(beside)
    }
}

/// Makes a job of a record with this key. `zone` is that of local times.
pub fn convert(json: &[u8], key: Option<&str>, zone: &Zone) -> Result<ConvertedRecord, Reject> {
    convert_in(json, Outer::of_key(key), zone)
}

pub(super) fn convert_in(
    json: &[u8],
    outer: Outer,
    zone: &Zone,
) -> Result<ConvertedRecord, Reject> {
    unwrapped(json, outer, |_, members, store, key, encoded| {
        let record = convert_one(members, store, key, zone)?;
        Ok(ConvertedRecord { encoded, ..record })
    })
}

/// As `convert`, but makes no job whose id is in `left_out`. The same records are rejected, whichever ids those are.
pub fn convert_others(
    json: &[u8],
    key: Option<&str>,
    zone: &Zone,
    left_out: &IdSet,
) -> Result<Conversion, Reject> {
    convert_others_in(json, Outer::of_key(key), zone, left_out)
}

pub(super) fn convert_others_in(
    json: &[u8],
    outer: Outer,
    zone: &Zone,
    left_out: &IdSet,
) -> Result<Conversion, Reject> {
    unwrapped(json, outer, |json, members, store, key, encoded| {
        let id = precheck::id(&members, store, key);
        let is_left_out = id.as_ref().map(|id| left_out(&JobId::new(id)));
        if let (Some(id), Some(true)) = (&id, is_left_out)
            && precheck::is_certain(json, &members, store, id)
        {
            return Ok(Conversion::LeftOut(store));
        }
        let record = convert_one(members, store, key, zone)?;
        Ok(
            if is_left_out.unwrap_or_else(|| left_out(&record.job.id())) {
                Conversion::LeftOut(record.store)
            } else {
                Conversion::Job(ConvertedRecord { encoded, ..record })
            },
        )
    })
}

/// Takes a record out of rejects lines, and gives what `make` makes of it.
fn unwrapped<T>(
    json: &[u8],
    outer: Outer,
    make: impl Fn(&[u8], Members, Store, Option<&str>, u32) -> Result<T, Reject>,
) -> Result<T, Reject> {
    let mut unwrapped: Option<RejectedRecord> = None;
    for _ in 0..MOST_LINES {
        let (json, outer) = match &unwrapped {
            Some(inner) => (inner.record.as_slice(), Outer::of_key(inner.key.as_deref())),
            None => (json, outer),
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
                    in_wrapper(json, members, outer, u32::from(opened.is_some()), &make)
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

/// Makes something of an object that is a record, or of the one record in it. `encoded` texts around it have been decoded.
fn in_wrapper<T>(
    json: &[u8],
    members: Members,
    outer: Outer,
    encoded: u32,
    make: &impl Fn(&[u8], Members, Store, Option<&str>, u32) -> Result<T, Reject>,
) -> Result<T, Reject> {
    let reason = match shape::of(&members) {
        Ok(store) => {
            status::check(&members, outer.around.status).map_err(unknown)?;
            let key = outer.id(&members);
            return decoded(json, members, store, key, encoded, make);
        }
        Err(reason) => reason,
    };
    let Some(inner) = wrapped::inside(&members) else {
        let Some(opened) = encoded::opened(&members) else {
            let reason = [Some(reason), encoded::hint(&members)];
            let reason: Vec<_> = reason.into_iter().flatten().collect();
            return Err(unknown(reason.join("; ")));
        };
        let (text, encoded) = (opened.text.as_str(), encoded + opened.count);
        let members = Members::parse_text(text).map_err(unknown)?;
        return in_wrapper(text.as_bytes(), members, outer, encoded, make);
    };
    let store = shape::of(&inner.members).map_err(unknown)?;
    status::check(&inner.members, inner.has_status).map_err(unknown)?;
    // The key is that of the wrapper.
    let beside = || inner.id.as_deref().or(outer.key).or(outer.around.id);
    let key = if ids::has_own_id(&inner.members) {
        None
    } else {
        beside()
    };
    let json = inner.json.as_bytes();
    decoded(json, inner.members, store, key, encoded, make)
}

/// Makes something of a record after decoding the JSON that stands in its texts.
fn decoded<T>(
    json: &[u8],
    members: Members,
    store: Store,
    key: Option<&str>,
    encoded: u32,
    make: &impl Fn(&[u8], Members, Store, Option<&str>, u32) -> Result<T, Reject>,
) -> Result<T, Reject> {
    let decoded = match store {
        // Rows of jobctl's own are restored as they were.
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
) -> Result<ConvertedRecord, Reject> {
    let made = match store {
        Store::ApiServer => api_server::job(members, key, zone),
        Store::DirectPipeline => direct_pipeline::job(members, key),
        Store::JobManager => job_manager::job(members, key),
        Store::Jobctl => read::job(&members, key).map(|job| (job, Fits::default())),
        Store::Unknown => Err("of no known shape".to_owned()),
    };
    match made {
        Ok((job, fits)) => Ok(ConvertedRecord {
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
