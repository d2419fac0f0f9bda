//! The rehearsal of a move to PostgreSQL: each row that it would refuse, or alter, by the kind of the reason. It is stricter than
//! SQLite, which keeps any value in any column.

use super::check::Check;
use super::finding::{Finding, Occurrences, Severity};
use super::row::{Cell, Judge, Row};
use crate::job::Column;
use crate::job::columns::Content;
use crate::text::json::is_json;
use crate::time::{SortKey, is_stored_form};

/// A kind of reason, its severity, what it means, and what to do about it.
type Kind = (Check, Severity, &'static str, &'static str);

const KINDS: [Kind; 11] = [
    (
        Check::NoId,
        Severity::Error,
        "A job without an id or a type. PostgreSQL takes no such row at all.",
        "take the row out with the program that made it",
    ),
    (
        Check::TooLong,
        Severity::Error,
        "The text is longer than its column there, so PostgreSQL refuses the row. SQLite does not count.",
        "jobctl update ID --title 'a shorter text' (or --style, --stage, ...)",
    ),
    (
        Check::Nul,
        Severity::Error,
        "There is a NUL character in the text, which PostgreSQL stores in no text.",
        "jobctl update ID --content 'another text' (or --title, --error, ...)",
    ),
    (
        Check::NotUtf8,
        Severity::Error,
        "The column is for text, and its bytes are none (not UTF-8), so PostgreSQL refuses the row.",
        "jobctl update ID --title 'another text' (or --content, --error, ...)",
    ),
    (
        Check::NotJson,
        Severity::Error,
        "The column is for JSON, and something else stands in it, so PostgreSQL refuses the row.",
        "jobctl update ID --result '{}' (or --request, --context)",
    ),
    (
        Check::OutOfRange,
        Severity::Error,
        "The number does not fit its column there, or is none, so PostgreSQL refuses the row.",
        "jobctl update ID --total-shots N (or --completed-shots, --progress)",
    ),
    (
        Check::NotWhole,
        Severity::Error,
        "The count is no whole number. PostgreSQL would round it, or refuse the row.",
        "jobctl update ID --total-shots N --completed-shots M",
    ),
    (
        Check::BadTime,
        Severity::Error,
        "The column is for a time, and something else stands in it, so PostgreSQL refuses the row.",
        "jobctl show ID -o json > job.json; correct the time in that file; jobctl migrate job.json --on-conflict replace",
    ),
    (
        Check::NoParent,
        Severity::Error,
        "The job names an episode or a series that is not there. PostgreSQL checks that, and refuses the row.",
        "jobctl update ID --clear episode (or --clear series)",
    ),
    (
        Check::NotFinite,
        Severity::Warning,
        "The number is infinite. PostgreSQL keeps it, and the service cannot answer with it.",
        "jobctl update ID --progress 0",
    ),
    (
        Check::Respelled,
        Severity::Info,
        "The time is spelled otherwise than the service spells it. PostgreSQL stores the same time, in its own spelling.",
        "jobctl doctor --fix time-spelling",
    ),
];

/// Judges each row by all kinds.
#[derive(Default)]
pub struct PostgresChecks {
    pub rows: u64,
    tallies: [Occurrences; KINDS.len()],
}

impl PostgresChecks {
    /// Adds what was found in the rows behind these.
    pub fn append(&mut self, later: PostgresChecks) {
        self.rows += later.rows;
        for (tally, later) in self.tallies.iter_mut().zip(later.tallies) {
            tally.append(later);
        }
    }

    pub fn findings(self) -> Vec<Finding> {
        let kinds = KINDS.iter().zip(self.tallies);
        kinds
            .filter_map(|((check, severity, means, mend), tally)| {
                tally.finding(*check, *severity, *means, *mend)
            })
            .collect()
    }
}

impl Judge for PostgresChecks {
    fn judge(&mut self, row: &Row<'_>) {
        self.rows += 1;
        // A job counts once for each kind.
        let mut found: [Option<Column>; KINDS.len()] = [None; KINDS.len()];
        let mut note = |check: Check, column: Column| {
            let kind = KINDS.iter().position(|(it, ..)| *it == check);
            if let Some(kind) = kind {
                found[kind].get_or_insert(column);
            }
        };
        for (column, cell) in Column::ALL.iter().zip(row.cells) {
            if let Some(check) = refused(*column, cell) {
                note(check, *column);
            }
        }
        if let Some(column) = row.orphan.into_iter().flatten().next() {
            note(Check::NoParent, column);
        }
        for (tally, column) in self.tallies.iter_mut().zip(found) {
            if let Some(column) = column {
                tally.add_job(row, column);
            }
        }
    }
}

/// The kind for which PostgreSQL refuses or alters a value.
fn refused(column: Column, cell: Cell<'_>) -> Option<Check> {
    if cell.is_null() {
        return column.is_demanded().then_some(Check::NoId);
    }
    match column.content() {
        Content::Text(most) => text(cell, most),
        Content::Json => match cell {
            Cell::Real(number) if !number.is_finite() => Some(Check::NotFinite),
            Cell::Text(bytes) => text(cell, 0).or_else(|| {
                let is_valid = std::str::from_utf8(bytes).is_ok_and(is_json);
                (!is_valid).then_some(Check::NotJson)
            }),
            Cell::Blob(_) => Some(Check::NotJson),
            _ => None,
        },
        Content::Real => match cell.number() {
            None => Some(Check::OutOfRange),
            Some(number) => (!number.is_finite()).then_some(Check::NotFinite),
        },
        Content::Integer => match cell {
            Cell::Integer(number) => i32::try_from(number).is_err().then_some(Check::OutOfRange),
            Cell::Real(number) if !number.is_finite() => Some(Check::NotFinite),
            Cell::Real(number) if number.fract() != 0.0 => Some(Check::NotWhole),
            Cell::Real(number) => {
                let range = f64::from(i32::MIN)..=f64::from(i32::MAX);
                (!range.contains(&number)).then_some(Check::OutOfRange)
            }
            _ => Some(Check::OutOfRange),
        },
        Content::Time => match cell.text() {
            Some(text) if is_stored_form(text) => None,
            Some(text) if SortKey::of_stored(text).is_some() => Some(Check::Respelled),
            _ => Some(Check::BadTime),
        },
    }
}

/// The same of a text, with the most characters that it may have; 0 is unlimited.
fn text(cell: Cell<'_>, most: usize) -> Option<Check> {
    let bytes = match cell {
        Cell::Text(bytes) => bytes,
        Cell::Blob(_) => return Some(Check::NotUtf8),
        _ => return None,
    };
    let Ok(text) = simdutf8::basic::from_utf8(bytes) else {
        return Some(Check::NotUtf8);
    };
    if memchr::memchr(0, bytes).is_some() {
        return Some(Check::Nul);
    }
    (most > 0 && bytes.len() > most && text.chars().count() > most).then_some(Check::TooLong)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::Value;
    use crate::job::fitting::{Holds, Misfit, fit_value};

    /// The rehearsal names what the move then does.
    #[test]
    fn a_value_is_told_by_the_kind_for_which_it_is_made_to_fit() {
        let texts = [
            "",
            "a",
            "null",
            "{\"a\": 1}",
            "{",
            "a\0b",
            "\"a\0b\"",
            "NaN",
            "soon",
            "2026-01-02T03:04:05Z",
            "2026-01-02 03:04:05.000000",
            "2026-01-02 24:00:00",
            "2026-02-30 00:00:00.000000",
        ];
        let reals = [
            0.0,
            -3.0,
            3.7,
            1e300,
            -2_147_483_648.0,
            2_147_483_648.0,
            f64::INFINITY,
            f64::NAN,
        ];
        let bytes: [&[u8]; 3] = [b"\xff", b"\xff\0", b"\"\xff\""];
        let mut values: Vec<Value> = texts.map(Value::from).to_vec();
        values.push("\u{1f98a}".repeat(500).into());
        values.push("\u{1f98a}".repeat(501).into());
        values.extend(reals.map(Value::Real));
        values.extend([0, -1, 1 << 31, i64::MIN].map(Value::Integer));
        values.extend(bytes.map(|bytes| Value::BrokenText(bytes.to_vec())));
        values.push(Value::Blob(b"{}".to_vec()));
        for column in Column::ALL.iter().copied() {
            for value in &values {
                let misfits = fit_value(Holds::usual(column), value).misfits;
                let told = refused(column, Cell::from(value));
                let names: Vec<&str> = misfits.iter().map(Misfit::name).collect();
                match told {
                    None => assert!(names.is_empty(), "{column:?} {value:?} {names:?}"),
                    Some(check) => {
                        let name = check.name().replace('-', "_");
                        assert!(
                            names.contains(&&*name),
                            "{column:?} {value:?} {check} {names:?}"
                        );
                    }
                }
            }
        }
    }
}
