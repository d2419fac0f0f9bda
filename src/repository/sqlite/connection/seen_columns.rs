//! The columns of the table, and those that jobctl does not know, as they were in one version of the schema.

use std::sync::Arc;

use rusqlite::Connection;

use crate::job::Column;
use crate::job::columns::Takes;
use crate::repository::sqlite::connection::schema::TABLE;

/// A column as the table declares it.
pub(in crate::repository::sqlite) struct Declared {
    pub(in crate::repository::sqlite) name: String,
    pub(in crate::repository::sqlite) kind: String,
    pub(in crate::repository::sqlite) is_key: bool,
    pub(in crate::repository::sqlite) is_computed: bool,
}

impl Declared {
    pub(in crate::repository::sqlite) fn is(&self, column: Column) -> bool {
        column.name().eq_ignore_ascii_case(&self.name)
    }

    pub(in crate::repository::sqlite) fn is_known(&self) -> bool {
        Column::ALL.iter().any(|column| self.is(*column))
    }
}

/// Columns of `table_xinfo` by number: to look for their names takes longer than all else.
const NAME: usize = 1;
const TYPE: usize = 2;
const KEY: usize = 5;
const HIDDEN: usize = 6;

/// All columns of the table, in its order; none where there is no table.
pub(in crate::repository::sqlite) fn declared(
    connection: &Connection,
) -> rusqlite::Result<Vec<Declared>> {
    let mut columns = Vec::new();
    connection.pragma(Some("main"), "table_xinfo", TABLE, |row| {
        columns.push(Declared {
            name: row.get(NAME)?,
            kind: row.get(TYPE)?,
            is_key: row.get::<_, i64>(KEY)? > 0,
            is_computed: row.get::<_, i64>(HIDDEN)? > 1,
        });
        Ok(())
    })?;
    Ok(columns)
}

/// The number that changes with the schema.
pub(in crate::repository::sqlite) fn schema(connection: &Connection) -> rusqlite::Result<i64> {
    let mut statement = connection.prepare_cached("PRAGMA schema_version")?;
    statement.query_row([], |row| row.get(0))
}

/// The unknown columns in this version of the schema.
pub(in crate::repository::sqlite) struct UnknownColumns {
    pub(in crate::repository::sqlite) schema: i64,
    pub(in crate::repository::sqlite) names: ColumnNames,
    pub(in crate::repository::sqlite) takes: Arc<[Takes]>,
}

/// Their names, in the table's order.
pub(in crate::repository::sqlite) type ColumnNames = Arc<[Arc<str>]>;

impl UnknownColumns {
    pub(in crate::repository::sqlite) fn of(schema: i64, columns: &[Declared]) -> UnknownColumns {
        let others = columns
            .iter()
            .filter(|column| !column.is_computed && !column.is_known());
        let (names, takes): (Vec<_>, Vec<_>) = others
            .map(|column| (Arc::from(column.name.as_str()), takes(&column.kind)))
            .unzip();
        UnknownColumns {
            schema,
            names: names.into(),
            takes: takes.into(),
        }
    }
}

/// As SQLite and SQLAlchemy take a declared type.
fn takes(declared: &str) -> Takes {
    let declared = declared.to_ascii_uppercase();
    let has = |words: &[&str]| words.iter().any(|word| declared.contains(word));
    match () {
        () if has(&["DATETIME", "TIMESTAMP"]) => Takes::Time,
        () if has(&["JSON"]) => Takes::Json,
        () if has(&["INT", "BOOL"]) => Takes::Integer,
        () if has(&["CHAR", "CLOB", "TEXT"]) => Takes::Text,
        () if has(&["REAL", "FLOA", "DOUB", "NUMERIC", "DECIMAL"]) => Takes::Real,
        () => Takes::Anything,
    }
}
