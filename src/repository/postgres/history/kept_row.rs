//! A row of the job table as the history keeps it.

use crate::job::{Column, JobId, Value};

#[derive(Clone, Debug, PartialEq)]
pub(in crate::repository::postgres) struct KeptRow {
    /// The known columns, then the others of the table.
    pub(in crate::repository::postgres) values: Vec<Value>,
    /// The parents that it names and that are not there: `EPISODE`, `SERIES`.
    pub(in crate::repository::postgres) dangling: u8,
}

impl KeptRow {
    pub(in crate::repository::postgres) fn id(&self) -> JobId {
        JobId::from_value(&self.values[Column::Id as usize])
    }

    /// Those of its values that stand in these places.
    pub(in crate::repository::postgres) fn in_places(&self, places: &[usize]) -> Vec<Value> {
        let value = |place: &usize| self.values.get(*place).cloned().unwrap_or_default();
        places.iter().map(value).collect()
    }
}
