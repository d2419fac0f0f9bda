//! The flags that set columns, the same for `create` and `update`, and the checks of their values.

use std::borrow::Cow;
use std::ffi::{OsStr, OsString};

use anyhow::Result;
use serde_json::value::RawValue;

use super::filter::{bad_value, unknown_word};
use crate::context::Context;
use crate::error::Failure;
use crate::job::columns::Content;
use crate::job::status::MODES;
use crate::job::{Changes, Column, Value, encoded};

/// The columns that flags set, for `create` and `update`.
#[derive(Clone, Debug, Default, clap::Args)]
#[group(id = "fields", multiple = true)]
#[command(next_help_heading = "Fields")]
pub(crate) struct FieldArgs {
    /// idea2video, script2video, conversational or another word
    #[arg(long = Column::JobType.flag(), aliases = Column::JobType.aliases(), value_name = "TYPE")]
    job_type: Option<OsString>,

    /// idea or script; follows from the type when not given
    #[arg(long = Column::Mode.flag(), value_name = "MODE")]
    mode: Option<OsString>,

    /// The idea (at least 10 characters) or script (at least 50): TEXT, @FILE or -
    #[arg(long = Column::Content.flag(), value_name = "TEXT|@FILE|-")]
    content: Option<OsString>,

    /// What the client asks for besides
    #[arg(long = Column::Requirement.flag(), aliases = Column::Requirement.aliases(), value_name = "TEXT")]
    requirement: Option<OsString>,

    /// The style of the video
    #[arg(long = Column::Style.flag(), value_name = "TEXT")]
    style: Option<OsString>,

    /// The project's title
    #[arg(long = Column::Title.flag(), aliases = Column::Title.aliases(), value_name = "TEXT")]
    title: Option<OsString>,

    /// The client's request: JSON, @FILE or -
    #[arg(long = Column::RequestData.flag(), aliases = Column::RequestData.aliases(), value_name = "JSON")]
    request: Option<OsString>,

    /// The job's context: JSON, @FILE or -
    #[arg(long = Column::Context.flag(), value_name = "JSON")]
    context: Option<OsString>,

    /// 0 to 100
    #[arg(long = Column::Progress.flag(), value_name = "PERCENT", allow_negative_numbers = true)]
    progress: Option<OsString>,

    /// What is being done
    #[arg(long = Column::Stage.flag(), aliases = Column::Stage.aliases(), value_name = "TEXT")]
    stage: Option<OsString>,

    /// The folder that the pipeline works in
    #[arg(long = Column::WorkingDir.flag(), aliases = Column::WorkingDir.aliases(), value_name = "PATH")]
    working_dir: Option<OsString>,

    /// The result: JSON, @FILE or -
    #[arg(long = Column::Result.flag(), aliases = Column::Result.aliases(), value_name = "JSON")]
    result: Option<OsString>,

    /// The error message
    #[arg(long = Column::Error.flag(), aliases = Column::Error.aliases(), value_name = "TEXT")]
    error: Option<OsString>,

    /// The number of shots; progress follows the shots
    #[arg(long = Column::TotalShots.flag(), aliases = Column::TotalShots.aliases(), value_name = "N", allow_negative_numbers = true)]
    total_shots: Option<OsString>,

    /// The number of completed shots
    #[arg(long = Column::CompletedShots.flag(), aliases = Column::CompletedShots.aliases(), value_name = "N", allow_negative_numbers = true)]
    completed_shots: Option<OsString>,

    /// The episode that it belongs to
    #[arg(long = Column::EpisodeId.flag(), aliases = Column::EpisodeId.aliases(), value_name = "ID")]
    episode: Option<OsString>,

    /// The series that it belongs to
    #[arg(long = Column::SeriesId.flag(), aliases = Column::SeriesId.aliases(), value_name = "ID")]
    series: Option<OsString>,
}

impl FieldArgs {
    fn given(&self) -> [(Column, &Option<OsString>); 17] {
        [
            (Column::JobType, &self.job_type),
            (Column::Mode, &self.mode),
            (Column::Content, &self.content),
            (Column::Requirement, &self.requirement),
            (Column::Style, &self.style),
            (Column::Title, &self.title),
            (Column::RequestData, &self.request),
            (Column::Context, &self.context),
            (Column::Progress, &self.progress),
            (Column::Stage, &self.stage),
            (Column::WorkingDir, &self.working_dir),
            (Column::Result, &self.result),
            (Column::Error, &self.error),
            (Column::TotalShots, &self.total_shots),
            (Column::CompletedShots, &self.completed_shots),
            (Column::EpisodeId, &self.episode),
            (Column::SeriesId, &self.series),
        ]
    }

    /// Whether a flag takes its text from standard input.
    pub(crate) fn reads_stdin(&self) -> bool {
        self.given()
            .iter()
            .any(|(column, text)| takes_file(*column) && text.as_deref() == Some(OsStr::new("-")))
    }

    /// The checked values.
    pub(crate) fn changes(&self, context: &Context) -> Result<Changes> {
        let mut changes = Changes::default();
        let mut from_stdin = None;
        for (column, text) in self.given() {
            let Some(text) = text else { continue };
            let flag = format!("--{}", column.flag());
            let takes_file = takes_file(column);
            if takes_file
                && text == "-"
                && let Some(first) = from_stdin.replace(flag.clone())
            {
                let message = format!("'{first}' and '{flag}' cannot both be -");
                return Err(Failure::usage(message).into());
            }
            let from = file_of(text).filter(|_| takes_file);
            let text = if takes_file {
                context.flag_text(&flag, text)?
            } else {
                literal(&flag, text)?
            };
            let value = if column.is_json() {
                json_value(&flag, &text, from.as_deref())?
            } else {
                checked(column, &flag, &text)?
            };
            changes.set(column, value);
        }
        let total = changes.get(Column::TotalShots).cloned();
        let completed = changes.get(Column::CompletedShots).cloned();
        if let (Some(Value::Integer(total)), Some(Value::Integer(completed))) = (total, completed)
            && completed > total
        {
            let why = format!("it is above --total-shots {total}");
            return Err(bad_value("--completed-shots", &completed.to_string(), &why).into());
        }
        Ok(changes)
    }
}

/// Whether the flag of a column takes `@FILE` and `-` beside plain text.
fn takes_file(column: Column) -> bool {
    column.is_json() || column == Column::Content
}

/// The file that a text is from, which is told by its name, not by what it holds.
pub(crate) fn file_of(given: &OsStr) -> Option<Cow<'_, str>> {
    let given = given.to_string_lossy();
    (given.starts_with('@') && !given.starts_with("@@")).then_some(given)
}

fn literal(flag: &str, text: &OsStr) -> Result<String> {
    let text = text.to_str().map(str::to_owned);
    let wrong = || Failure::usage(format!("the value of '{flag}' is not UTF-8 text"));
    Ok(text.ok_or_else(wrong)?)
}

/// The value of a flag, checked for its column.
fn checked(column: Column, flag: &str, text: &str) -> Result<Value> {
    let bad = |why: &str| bad_value(flag, text, why);
    Ok(match column.content() {
        Content::Text(most) => {
            let length = text.chars().count();
            if most > 0 && length > most {
                return Err(bad(&format!(
                    "it has {length} characters; at most {most} are stored"
                ))
                .into());
            }
            if column == Column::Mode && !MODES.contains(&text) {
                return Err(unknown_word(flag, text, &MODES).into());
            }
            if column == Column::JobType && text.is_empty() {
                return Err(bad("a type is a word such as idea2video").into());
            }
            text.into()
        }
        Content::Json => json_value(flag, text, None)?,
        Content::Real => match text.parse::<f64>() {
            Ok(number) if (0.0..=100.0).contains(&number) => number.into(),
            _ => return Err(bad("it is a number from 0 to 100").into()),
        },
        Content::Integer => match text.parse::<i64>() {
            Ok(number) if number >= 0 => number.into(),
            _ => return Err(bad("it is a whole number, 0 or more").into()),
        },
        Content::Time => return Err(bad("times are stamped, not set").into()),
    })
}

/// The text of a JSON flag, checked; null is NULL. `from` names the file that it is from.
pub(crate) fn json_value(flag: &str, text: &str, from: Option<&str>) -> Result<Value> {
    let told = from.unwrap_or(text);
    let whole = serde_json::from_str::<&RawValue>(text).ok();
    let inner = whole.and_then(encoded::inner);
    let text = inner.as_deref().unwrap_or(text);
    match serde_json::from_str::<&RawValue>(text) {
        Ok(raw) if raw.get() == "null" => Ok(Value::Null),
        Ok(raw) => {
            // Decoding as well finds what parsing alone lets through: lone surrogates, numbers like 1e999.
            if let Err(error) = serde_json::from_str::<serde_json::Value>(raw.get()) {
                return Err(
                    bad_value(flag, told, &format!("it is not sound JSON: {error}")).into(),
                );
            }
            let number = raw
                .get()
                .starts_with(|c: char| c == '-' || c.is_ascii_digit());
            if number && raw.get().parse::<f64>().is_ok_and(|real| real.abs() > 9e15) {
                let why = "a bare number of more than 15 digits would be rounded; write it as text";
                return Err(bad_value(flag, told, why).into());
            }
            Ok(raw.get().into())
        }
        Err(error) => Err(bad_value(flag, told, &format!("it is not JSON: {error}"))
            .hint(format!(
                "'{flag}' takes JSON text, @FILE, or - for standard input"
            ))
            .into()),
    }
}
