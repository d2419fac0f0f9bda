//! The last step of every new job, from flags or from JSON: the id, the kind and the fields that follow from others.

use anyhow::Result;
use uuid::Uuid;

use crate::commands::parts::arguments::filter::bad_value;
use crate::context::Context;
use crate::error::Failure;
use crate::job::status::{MODES, mode_of_type, nearest, type_of_mode};
use crate::job::{Column, Job, content, transition};

/// A fault of a new job.
pub(super) struct Fault {
    /// The column at fault; None for the whole job.
    pub(super) column: Option<Column>,
    /// The value at fault, where there is one.
    pub(super) value: Option<String>,
    pub(super) why: String,
    pub(super) hint: Option<String>,
}

impl Fault {
    pub(super) fn of(column: Column, value: Option<&str>, why: impl Into<String>) -> Fault {
        Fault {
            column: Some(column),
            value: value.map(str::to_owned),
            why: why.into(),
            hint: None,
        }
    }

    /// The failure as the bad value of a flag.
    pub(super) fn of_flag(self) -> Failure {
        let flag = self
            .column
            .map_or_else(String::new, |column| format!("--{}", column.flag()));
        let failure = match &self.value {
            Some(value) => bad_value(&flag, value, &self.why),
            None => Failure::usage(format!("{flag}: {}", self.why)),
        };
        match self.hint {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }
}

pub(super) fn checked_id(id: &str) -> Result<String, Fault> {
    match Uuid::try_parse(id) {
        Ok(uuid) if id.len() == 36 => Ok(uuid.to_string()),
        _ => Err(Fault::of(
            Column::Id,
            Some(id),
            "an id is a UUID such as 08c31de4-22da-4152-8b4d-b5aa923cea37; leave it out for a new one",
        )),
    }
}

/// Fills the columns that a new job leaves open, and checks its values against one another.
pub(super) fn finish(job: &mut Job, context: &mut Context) -> Result<(), Fault> {
    fill_kind(job)?;
    let text = job.get(Column::Content).as_str();
    content::check_length(job.get(Column::Mode).as_str(), text)
        .map_err(|why| Fault::of(Column::Content, text, why))?;
    if job.get(Column::Id).is_null() {
        job.set(Column::Id, context.new_id());
    }
    transition::complete_new(job, context.now())
        .map_err(|(column, why)| Fault::of(column, None, why))
}

/// Type and mode each follow from the other when one is not given.
pub(super) fn fill_kind(job: &mut Job) -> Result<(), Fault> {
    let mode = job.get(Column::Mode).as_str().map(str::to_owned);
    if let Some(mode) = &mode
        && !MODES.contains(&mode.as_str())
    {
        let why = format!("it is one of {}", MODES.join(", "));
        let fault = Fault::of(Column::Mode, Some(mode), why);
        let hint = nearest(mode, MODES).map(|nearest| format!("did you mean {nearest}?"));
        return Err(Fault { hint, ..fault });
    }
    match job.get(Column::JobType).as_str() {
        Some(job_type) => {
            if mode.is_none() {
                let implied = mode_of_type(job_type);
                job.set(Column::Mode, implied);
            }
        }
        None => match mode.as_deref().and_then(type_of_mode) {
            Some(job_type) => job.set(Column::JobType, job_type),
            None => {
                let hint = "idea2video, script2video, conversational or another; or a mode, idea or script";
                return Err(Fault {
                    hint: Some(hint.to_owned()),
                    ..Fault::of(Column::JobType, None, "the job has no type")
                });
            }
        },
    }
    Ok(())
}
