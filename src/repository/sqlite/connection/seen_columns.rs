//! The unknown columns of the table, as they were in one version of the schema.

use std::sync::Arc;

use crate::job::columns::Takes;

/// The unknown columns in this version of the schema.
pub(in crate::repository::sqlite) struct Seen {
    pub(in crate::repository::sqlite) schema: i64,
    pub(in crate::repository::sqlite) names: ColumnNames,
    pub(in crate::repository::sqlite) takes: Arc<[Takes]>,
}

/// Their names, in the table's order.
pub(in crate::repository::sqlite) type ColumnNames = Arc<[Arc<str>]>;
