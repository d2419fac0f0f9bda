//! The fields of a store's records: name, content and column. Each store has one table of them, by which its records are
//! recognized, converted, and judged without a conversion.

use crate::job::columns::Content;
use crate::job::{Column, Status};
use crate::legacy::Store;

/// The weight of a field as a sign of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::legacy) enum Sign {
    /// Hardly any other object has the field.
    Own,
    /// Other objects have the field too.
    Common,
    /// The field says nothing beside the mark of the store.
    No,
}

/// Columns, each with the members of a request that fill it, of which the first one present counts.
pub(in crate::legacy) type Parts = &'static [(Column, &'static [&'static str])];

/// The content of a field, with the column that takes it.
#[derive(Clone, Copy, Debug)]
pub(in crate::legacy) enum FieldContent {
    Id,
    /// The type of the job, which tells its mode.
    Type,
    /// The type of the job, which its mode tells where it is missing.
    TypeOrMode,
    /// A status, with the store's own words for some.
    Status(&'static [(&'static str, Status)]),
    /// The client's payload.
    Request(Parts),
    Text(Column),
    /// A text that counts more than that of the request.
    Foremost(Column),
    /// A time, in UTC or local, as the store's own file says.
    Time(Column),
    /// A number from 0 to 100.
    Percent(Column),
    /// A number from 0 to 1.
    Fraction(Column),
    Whole(Column),
    Json(Column),
    /// JSON under the name of its column, which a dump of the table has as a text.
    StoredJson(Column),
    /// A list that is counted.
    Shots,
    /// A text that becomes a member of the result.
    OfResult,
    /// Details from which the error may be taken.
    ErrorDetails,
}

impl FieldContent {
    /// The content of a member with the key of a column or, for `is_name`, with its name.
    pub(in crate::legacy) const fn of(column: Column, is_name: bool) -> FieldContent {
        match column {
            Column::Id => FieldContent::Id,
            Column::JobType => FieldContent::TypeOrMode,
            Column::Status => FieldContent::Status(&[]),
            _ => match column.content() {
                Content::Text(_) => FieldContent::Text(column),
                Content::Time => FieldContent::Time(column),
                Content::Real => FieldContent::Percent(column),
                Content::Integer => FieldContent::Whole(column),
                Content::Json if is_name => FieldContent::StoredJson(column),
                Content::Json => FieldContent::Json(column),
            },
        }
    }

    pub(in crate::legacy) const fn is_json(self) -> bool {
        use FieldContent::{ErrorDetails, Json, Request, Shots, StoredJson};
        matches!(
            self,
            Request(_) | Json(_) | StoredJson(_) | Shots | ErrorDetails
        )
    }

    pub(in crate::legacy) const fn is_type(self) -> bool {
        matches!(self, FieldContent::Type | FieldContent::TypeOrMode)
    }
}

#[derive(Clone, Copy, Debug)]
pub(in crate::legacy) struct StoreField {
    pub(in crate::legacy) name: &'static str,
    pub(in crate::legacy) sign: Sign,
    pub(in crate::legacy) holds: FieldContent,
}

/// A store.
pub(in crate::legacy) struct StoreFields {
    pub(in crate::legacy) store: Store,
    /// The marks, of which every record has one; the first holds the type.
    pub(in crate::legacy) marks: [&'static str; 2],
    /// The fields in the order in which they are converted.
    pub(in crate::legacy) fields: &'static [StoreField],
    /// The field of this name, found faster than along the list.
    pub(in crate::legacy) field: fn(&str) -> Option<StoreField>,
}

/// The fields of a store, as a list and by name.
macro_rules! fields {
    ($list:ident, $by_name:ident: $($name:literal $sign:ident $holds:expr;)*) => {
        const $list: &[StoreField] = &[$(StoreField { name: $name, sign: Sign::$sign, holds: $holds }),*];

        fn $by_name(name: &str) -> Option<StoreField> {
            match name {
                $($name => Some(StoreField { name: $name, sign: Sign::$sign, holds: $holds }),)*
                _ => None,
            }
        }
    };
}

pub(super) use fields;

/// Whether two names are the same, for tables that are made while jobctl is built.
pub(in crate::legacy) const fn is_same(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let mut index = 0;
    while index < one.len() && index < other.len() && one[index] == other[index] {
        index += 1;
    }
    index == one.len() && index == other.len()
}
