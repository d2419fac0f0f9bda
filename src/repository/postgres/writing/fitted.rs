//! The values that are bound: a value that the server would refuse, or alter, is told here first, in words about the job.

use crate::job::columns::Content;
use crate::job::fitting::{Limits, fault, fit_value};
use crate::job::{Column, Job, Value};
use crate::repository::postgres::connection::values::Argument;

/// The value as it is bound; or the reason why the column cannot hold it, to be read behind the job's name.
pub(in crate::repository::postgres) fn fitted(
    limits: &Limits,
    column: Column,
    value: &Value,
) -> Result<Argument, String> {
    match fault(column.name(), limits.of(column), value) {
        Some(why) => Err(why),
        None => Ok(argument(limits, column, value)),
    }
}

/// The values of a job that fits, one for each column.
pub(in crate::repository::postgres) fn arguments(limits: &Limits, job: &Job) -> Vec<Argument> {
    let columns = Column::ALL.iter().copied();
    columns
        .map(|column| argument(limits, column, job.get(column)))
        .collect()
}

/// A value that fits.
fn argument(limits: &Limits, column: Column, value: &Value) -> Argument {
    let value = fit_value(limits.of(column), value).value;
    match column.content() {
        Content::Text(_) | Content::Json => {
            Argument::Text(value.as_str().map(|text| text.to_owned()))
        }
        Content::Real => Argument::Real(match *value {
            Value::Real(number) => Some(number),
            _ => None,
        }),
        Content::Integer => Argument::Integer(match *value {
            Value::Integer(number) => Some(number),
            _ => None,
        }),
        Content::Time => Argument::Time(value.time()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_server_would_refuse_or_alter_is_refused() {
        let limits = Limits::default();
        let refused = |column, value: Value| fitted(&limits, column, &value).is_err();
        assert!(refused(Column::Title, "a\0b".into()));
        assert!(refused(Column::Title, "é".repeat(256).into()));
        assert!(!refused(Column::Title, "é".repeat(255).into()));
        assert!(refused(Column::Title, Value::BrokenText(vec![0xff])));
        assert!(refused(Column::Context, "{".into()));
        assert!(refused(Column::TotalShots, (1_i64 << 31).into()));
        assert!(refused(Column::TotalShots, 3.7.into()));
        assert!(refused(Column::Progress, "much".into()));
        assert!(refused(Column::CreatedAt, "yesterday".into()));
        let at = "2026-01-02 00:00:00.000000";
        let spelled = fitted(&limits, Column::CreatedAt, &"2026-01-02T08:00+08:00".into());
        assert_eq!(spelled, fitted(&limits, Column::CreatedAt, &at.into()));
    }
}
