//! A column as it is stored: its type, and the SQL by which it is read and written.

use crate::job::columns::Content;

/// How a column is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::repository::postgres) struct Stored {
    pub(in crate::repository::postgres) name: String,
    /// The name of its type, or of the one that its own is made of.
    pub(in crate::repository::postgres) base: String,
    /// The type as SQL spells it, without its length.
    pub(in crate::repository::postgres) spelled: String,
    /// The most characters of a text, or digits of a number; 0 is unlimited.
    pub(in crate::repository::postgres) most: usize,
    /// The digits behind the point that a modifier has it keep, of a second or a number.
    pub(in crate::repository::postgres) digits: Option<i16>,
    /// Whether the server numbers its rows, and takes no other number by an UPDATE.
    pub(in crate::repository::postgres) is_numbered: bool,
}

impl Stored {
    pub(in crate::repository::postgres) fn quoted(&self) -> String {
        quoted(&self.name)
    }

    /// The SQL by which it is read: as one of the types that need no question about them.
    pub(in crate::repository::postgres) fn expression(&self) -> String {
        let name = self.quoted();
        match self.base.as_str() {
            "text" | "varchar" | "json" | "float8" | "float4" | "int2" | "int4" | "int8"
            | "timestamp" | "bool" | "bytea" => name,
            "numeric" => format!("{name}::float8"),
            "timestamptz" => format!("({name} AT TIME ZONE 'UTC')"),
            "date" => format!("{name}::timestamp"),
            _ => format!("{name}::text"),
        }
    }

    /// The type to which a text is cast on its way in. One without a length would be taken for a length of 1.
    pub(in crate::repository::postgres) fn cast(&self) -> &str {
        match self.base.as_str() {
            "bpchar" => "bpchar",
            "bit" => "varbit",
            _ => &self.spelled,
        }
    }

    /// Whether its texts depend on the settings of a session.
    pub(in crate::repository::postgres) fn depends_on_settings(&self) -> bool {
        self.expression().ends_with("::text") && self.base != "bpchar"
    }

    /// Whether values of a column of jobs are stored as they are given.
    pub(super) fn takes_as_given(&self, content: Content) -> bool {
        self.digits.is_none()
            && matches!(
                (content, self.base.as_str()),
                (Content::Text(_), "text" | "varchar")
                    | (Content::Json, "json")
                    | (Content::Real, "float8")
                    | (Content::Integer, "int4")
                    | (Content::Time, "timestamp")
            )
    }
}

/// A name as SQL takes it.
pub(in crate::repository::postgres) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
