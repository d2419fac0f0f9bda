//! What a column there takes. A value that the server would refuse, or alter, is told here first, in words about the job.

use crate::job::columns::Content;
use crate::job::{Column, Value};
use crate::repository::postgres::connection::values::Argument;
use crate::text::json::is_json;

/// The value as it is bound; or the reason why the column cannot hold it, to be read behind the job's name.
pub(in crate::repository::postgres) fn fitted(
    column: Column,
    value: &Value,
) -> Result<Argument, String> {
    let name = column.name();
    match (column.content(), value) {
        (_, Value::Null) => Ok(match column.content() {
            Content::Text(_) | Content::Json => Argument::Text(None),
            Content::Real => Argument::Real(None),
            Content::Integer => Argument::Integer(None),
            Content::Time => Argument::Time(None),
        }),
        (_, Value::Text(text)) if text.contains('\0') => {
            Err(format!("its {name} holds a NUL character"))
        }
        (Content::Text(most), Value::Text(text)) => {
            let length = text.chars().count();
            if most > 0 && length > most {
                let what = format!("its {name} has {length} characters");
                return Err(format!("{what}; at most {most} are stored"));
            }
            Ok(Argument::text(text.clone()))
        }
        (Content::Json, Value::Text(text)) if is_json(text) => Ok(Argument::text(text.clone())),
        (Content::Json, Value::Integer(number)) => Ok(Argument::text(number.to_string())),
        (Content::Json, Value::Real(_)) => match value.json() {
            Some(Some(json)) => Ok(Argument::text(json.into_owned())),
            _ => Err(format!("its {name} is no JSON")),
        },
        (Content::Json, _) => Err(format!("its {name} is no JSON")),
        (Content::Real, Value::Real(number)) => Ok(Argument::Real(Some(*number))),
        (Content::Real, Value::Integer(number)) => Ok(Argument::Real(Some(*number as f64))),
        (Content::Integer, Value::Integer(number)) => match i32::try_from(*number) {
            Ok(number) => Ok(Argument::Integer(Some(number))),
            Err(_) => Err(format!("its {name} is {number}, which is out of range")),
        },
        (Content::Integer, Value::Real(number)) if number.fract() == 0.0 => {
            let whole = *number as i64;
            match i32::try_from(whole) {
                Ok(number) => Ok(Argument::Integer(Some(number))),
                Err(_) => Err(format!("its {name} is {number}, which is out of range")),
            }
        }
        (Content::Real | Content::Integer, _) => Err(format!("its {name} is no number")),
        (Content::Time, value) => match value.time() {
            Some(at) => Ok(Argument::Time(Some(at))),
            None => Err(format!("its {name} is no time")),
        },
        (Content::Text(_), _) => Err(format!("its {name} is no text")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_server_would_refuse_or_alter_is_refused() {
        let refused = |column, value: Value| fitted(column, &value).is_err();
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
        let spelled = fitted(Column::CreatedAt, &"2026-01-02T08:00+08:00".into());
        assert_eq!(spelled, fitted(Column::CreatedAt, &at.into()));
    }
}
