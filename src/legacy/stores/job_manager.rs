//! Records of `VideoJobManager`'s cache, the unified API's responses, and the later job manager's dictionaries: the keys of the
//! job form or the column names, times in UTC unless they have an offset.

use super::draft::{Draft, Fits};
use super::fields::{FieldContent, Sign, StoreField, StoreFields, fields};
use crate::job::status::{mode_of_type, type_of_mode};
use crate::job::{Column, Job};
use crate::legacy::Store;
use crate::text::json::{self, Members};

pub(in crate::legacy) const TABLE: StoreFields = StoreFields {
    store: Store::JobManager,
    marks: ["job_type", "mode"],
    fields: FIELDS,
    field,
};

// Those of the older response, which are no columns.
fields! { OLDER, older_field:
    "title"         Common FieldContent::Text(Column::Title);
    "video_path"    Own    FieldContent::OfResult;
    "error_details" Own    FieldContent::ErrorDetails;
}

/// The columns by their keys, and by their names where those differ; then the older ones.
const FIELDS: &[StoreField] = {
    const ALL: [StoreField; COLUMNS + OLDER.len()] = all();
    &ALL
};

/// The number of fields that are columns.
const COLUMNS: usize = {
    let (mut count, mut index) = (0, 0);
    while index < Column::COUNT {
        count += if has_two_names(Column::ALL[index]) {
            2
        } else {
            1
        };
        index += 1;
    }
    count
};

const fn all() -> [StoreField; COLUMNS + OLDER.len()] {
    let mut fields = [OLDER[0]; COLUMNS + OLDER.len()];
    let mut at = 0;
    // The id and the status are read first, whatever else is wrong with a record.
    let mut first = true;
    loop {
        let mut index = 0;
        while index < Column::COUNT {
            let column = Column::ALL[index];
            if matches!(column, Column::Id | Column::Status) == first {
                fields[at] = of_column(column, false);
                at += 1;
                if has_two_names(column) {
                    fields[at] = of_column(column, true);
                    at += 1;
                }
            }
            index += 1;
        }
        if !first {
            break;
        }
        first = false;
    }
    let mut index = 0;
    while index < OLDER.len() {
        fields[at + index] = OLDER[index];
        index += 1;
    }
    fields
}

const fn has_two_names(column: Column) -> bool {
    !super::fields::is_same(column.key(), column.name())
}

/// The field with the key of a column, or with its name.
const fn of_column(column: Column, by_name: bool) -> StoreField {
    use Column::{
        CompletedAt, Context, CreatedAt, Error, Id, JobType, Mode, Result, StartedAt, UpdatedAt,
    };
    let sign = match (column, by_name) {
        (Id, true) | (JobType, _) => Sign::No,
        (Column::Status | CreatedAt | UpdatedAt | StartedAt | CompletedAt, _) => Sign::Common,
        (Mode | Context, _) | (Result | Error, false) => Sign::Common,
        _ => Sign::Own,
    };
    StoreField {
        name: if by_name { column.name() } else { column.key() },
        sign,
        holds: FieldContent::of(column, by_name || !has_two_names(column)),
    }
}

fn field(name: &str) -> Option<StoreField> {
    older_field(name).or_else(|| {
        let column = Column::of_key(name)?;
        Some(of_column(column, column.key() != name))
    })
}

pub(in crate::legacy) fn job(members: Members, key: Option<&str>) -> Result<(Job, Fits), String> {
    let of_table = is_of_table(&members);
    let mut draft = Draft::new(members, None);
    draft.of_table = of_table;
    draft.id(key)?;
    if of_table && has_null_status(&draft.members) {
        return Err("its status is null, and nothing else tells which it had".to_owned());
    }
    let (columns, older) = FIELDS.split_at(COLUMNS);
    draft.take(columns)?;
    fill_kind(&mut draft.job)?;
    draft.take(older)?;
    // The API gives empty objects where there is nothing.
    for column in [Column::RequestData, Column::Context] {
        if draft.job.get(column).as_str() == Some("{}") {
            draft.job.set(column, crate::job::Value::Null);
        }
    }
    if of_table {
        draft.others();
    }
    draft.finish(Store::JobManager)
}

/// Whether a record has the names of columns, as a dump of the table has: there JSON stands in texts.
pub(in crate::legacy) fn is_of_table(members: &Members) -> bool {
    members.has("result_data")
        || members.has("error_message")
        || members.has("id") && !members.has("job_id")
}

/// A row of the table as it is left without one by a program that failed.
pub(in crate::legacy) fn has_null_status(members: &Members) -> bool {
    let status = members.peek(Column::Status.name());
    status.is_some_and(json::is_null)
}

/// Type and mode follow from each other.
fn fill_kind(job: &mut Job) -> Result<(), String> {
    if job
        .get(Column::JobType)
        .as_str()
        .is_some_and(|word| word.trim().is_empty())
    {
        return Err("its job_type is empty".to_owned());
    }
    let mode = job
        .get(Column::Mode)
        .as_str()
        .filter(|mode| !mode.is_empty());
    let mode = mode.map(str::to_owned);
    match (job.get(Column::JobType).as_str(), mode) {
        (Some(job_type), None) => {
            let mode = mode_of_type(job_type);
            job.set(Column::Mode, mode);
            Ok(())
        }
        (Some(_), Some(_)) => Ok(()),
        (None, Some(mode)) => match type_of_mode(&mode) {
            Some(job_type) => {
                job.set(Column::JobType, job_type);
                Ok(())
            }
            None => Err(format!("its mode \"{mode}\" tells no type")),
        },
        (None, None) => Err("it has neither a type nor a mode".to_owned()),
    }
}
