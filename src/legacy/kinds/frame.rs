//! Tables as JSON, with the names of the columns apart from the values, as pandas and others write them.

use super::InputFault;

/// The filter for names in one list, and rows in another.
const FROM_SPLIT: &str =
    "jq -c '.columns as $c | (.data // .rows)[] | [$c, .] | transpose | map({(.[0]): .[1]}) | add'";

/// The filter for a list of rows, the first of which has the names.
const FROM_HEADED: &str =
    "jq -c '.[0] as $c | .[1:][] | [$c, .] | transpose | map({(.[0]): .[1]}) | add'";

/// The filter for the values of all rows under each name, by number or by id.
const FROM_COLUMNS: &str =
    "jq -c '. as $t | [.[] | keys[]] | unique[] as $i | $t | map_values(.[$i])'";
const FROM_COLUMNS_BY_ID: &str =
    "jq -c '. as $t | [.[] | keys[]] | unique[] as $i | $t | map_values(.[$i]) | .job_id = $i'";

/// The forms of a table in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::legacy) enum JsonTable {
    Split,
    Columns,
    ColumnsById,
    Headed,
    Values,
}

impl JsonTable {
    pub(in crate::legacy) fn kind(self) -> InputFault {
        match self {
            JsonTable::Split => InputFault::new(
                "it is a table with the names of its columns in a list (pandas, orient=\"split\")",
            )
            .by(FROM_SPLIT),
            JsonTable::Columns => columns().by(FROM_COLUMNS),
            JsonTable::ColumnsById => columns().by(FROM_COLUMNS_BY_ID),
            JsonTable::Headed => InputFault::new(
                "it is a list of rows, the first of which has the names of the columns",
            )
            .by(FROM_HEADED),
            JsonTable::Values => InputFault::new(
                "it is rows without the names of their columns (pandas, orient=\"values\")",
            )
            .advice(
                "write it with them: df.to_json(FILE, orient=\"records\", date_format=\"iso\")",
            ),
        }
    }
}

fn columns() -> InputFault {
    InputFault::new("it is a table by columns, not by jobs (pandas, orient=\"columns\")")
}
