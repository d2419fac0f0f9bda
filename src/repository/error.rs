//! The errors of a repository: the few cases in which it cannot do what it was asked, in words for the operator.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use crate::error::{Failure, Kind};
use crate::job::{Column, JobId};
use crate::text::visible::one_line;
use crate::time;

pub type Result<T> = std::result::Result<T, Error>;

/// Errors name the database by a text that may be shown: it holds no password. A `hint` is in the words of the backend, which
/// knows whether its database is a file or a server.
#[derive(Debug)]
pub enum Error {
    /// No database of that name; `origin` says where its name came from.
    Missing {
        database: String,
        origin: &'static str,
        hint: &'static str,
    },
    /// A database without the job table; `others` when it has other tables.
    NoTable {
        database: String,
        origin: &'static str,
        others: bool,
        hint: &'static str,
    },
    /// A table that is not the service's: `what` says how it differs.
    OtherTable {
        database: String,
        origin: &'static str,
        what: String,
        hint: Cow<'static, str>,
    },
    /// Row-level security of a server hides rows of a table from this user, and what was asked needs to see them all.
    Hidden {
        database: String,
        user: String,
        table: String,
        hint: &'static str,
    },
    Locked {
        database: String,
        waited: Duration,
    },
    /// A lock, or the answer to a statement, that is not waited for any longer: the run is to end.
    Interrupted {
        database: String,
        /// What was to be done; None where that waited for a lock.
        doing: Option<&'static str>,
    },
    /// Another run of the same kind is still at work.
    Running {
        run: &'static str,
        database: String,
        waited: Duration,
    },
    /// Another process made a database where an import was about to put its own.
    MadeMeanwhile {
        database: String,
        hint: &'static str,
    },
    ReadOnly {
        database: String,
        why: Option<String>,
        hint: String,
    },
    Exists {
        ids: Vec<JobId>,
    },
    NoParent {
        job: JobId,
        column: Column,
        id: String,
    },
    Refused {
        jobs: Vec<(JobId, String)>,
        of: usize,
    },
    /// A rule of the table refuses one of several jobs that are changed together, or not at all.
    AgainstRule {
        job: JobId,
        why: String,
        of: usize,
        see: &'static str,
    },
    /// A rule of the table took back all of what was to be done together.
    TookBack {
        job: JobId,
        why: String,
    },
    Gone {
        ids: Vec<JobId>,
    },
    Full {
        database: String,
        hint: &'static str,
    },
    /// A failure that only the backend knows, in its own words.
    Own(Failure),
    /// A half-done write of a killed process in the way; nothing has been read.
    HalfDone(Failure),
    /// An error of the caller's own code in the middle of a read.
    Caller(anyhow::Error),
    Other {
        doing: &'static str,
        detail: String,
    },
}

impl Error {
    pub fn kind(&self) -> Kind {
        match self {
            Error::Missing { .. } | Error::NoTable { .. } | Error::OtherTable { .. } => {
                Kind::NoInput
            }
            Error::Locked { .. } | Error::Running { .. } | Error::MadeMeanwhile { .. } => {
                Kind::Locked
            }
            Error::Hidden { .. } => Kind::Denied,
            Error::Interrupted { .. } => Kind::Interrupted,
            Error::Full { .. } | Error::ReadOnly { .. } => Kind::Io,
            Error::Own(failure) | Error::HalfDone(failure) => failure.kind,
            Error::Exists { .. }
            | Error::Refused { .. }
            | Error::AgainstRule { .. }
            | Error::NoParent { .. } => Kind::Refused,
            Error::TookBack { .. } => Kind::BadData,
            Error::Gone { .. } => Kind::NotFound,
            Error::Caller(_) | Error::Other { .. } => Kind::Failed,
        }
    }

    /// The next step.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Error::Own(failure) | Error::HalfDone(failure) => return failure.hint.clone(),
            Error::ReadOnly { hint, .. } => hint.as_str(),
            Error::OtherTable { hint, .. } => hint,
            Error::Missing { hint, .. }
            | Error::NoTable { hint, .. }
            | Error::Hidden { hint, .. }
            | Error::MadeMeanwhile { hint, .. }
            | Error::Full { hint, .. } => hint,
            Error::Locked { .. } => {
                "try again, or wait longer with --busy-timeout 30s; what was committed before is kept"
            }
            Error::Interrupted { .. } => "run it again to finish",
            Error::Running { .. } => "let it end, or wait for it with --lock-wait 10m",
            Error::Exists { .. } => "jobctl update changes a job that is there",
            Error::NoParent { .. } => "name one that exists, or leave it out",
            Error::AgainstRule { see, .. } => see,
            Error::TookBack { .. } => {
                "nothing was imported; without --atomic, such a job is rejected by itself"
            }
            Error::Gone { .. } => "jobctl list shows the jobs there are",
            Error::Refused { .. } | Error::Caller(_) | Error::Other { .. } => {
                return None;
            }
        };
        Some(hint.to_owned())
    }
}

/// The longest list of ids in a message.
const SHOWN: usize = 5;

fn id_list(ids: &[JobId]) -> String {
    let mut text = ids
        .iter()
        .take(SHOWN)
        .map(|id| one_line(&id.to_string()).into_owned())
        .collect::<Vec<_>>()
        .join(", ");
    if ids.len() > SHOWN {
        text.push_str(&format!(" and {} more", ids.len() - SHOWN));
    }
    text
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Missing {
                database, origin, ..
            } => {
                write!(f, "no database at {} ({origin})", one_line(database))
            }
            Error::NoTable {
                database, origin, ..
            } => {
                let database = one_line(database);
                write!(f, "no table video_generation_jobs in {database} ({origin})")
            }
            Error::OtherTable {
                database,
                origin,
                what,
                ..
            } => {
                let database = one_line(database);
                write!(f, "video_generation_jobs in {database} ({origin}) {what}")
            }
            Error::Hidden {
                database,
                user,
                table,
                ..
            } => {
                let (database, user) = (one_line(database), one_line(user));
                write!(
                    f,
                    "row-level security of {table} in {database} hides rows from user \"{user}\""
                )
            }
            Error::Locked { database, waited } => write!(
                f,
                "{} is locked by another process (waited {})",
                one_line(database),
                time::spell_duration(*waited)
            ),
            Error::Interrupted {
                database,
                doing: None,
            } => write!(
                f,
                "interrupted while {} was locked by another process; what was done before stays done",
                one_line(database)
            ),
            Error::Interrupted {
                database,
                doing: Some(doing),
            } => write!(
                f,
                "interrupted while {doing} in {}; what was done before stays done",
                one_line(database)
            ),
            Error::Running {
                run,
                database,
                waited,
            } => {
                write!(f, "another {run} is at work on {}", one_line(database))?;
                if waited.is_zero() {
                    Ok(())
                } else {
                    write!(f, " (waited {})", time::spell_duration(*waited))
                }
            }
            Error::MadeMeanwhile { database, .. } => write!(
                f,
                "another process made {} while the import was running",
                one_line(database)
            ),
            Error::ReadOnly { database, why, .. } => {
                write!(f, "{} may not be written", one_line(database))?;
                match why {
                    Some(why) => write!(f, ": {why}"),
                    None => Ok(()),
                }
            }
            Error::Exists { ids } if ids.len() == 1 => {
                write!(f, "job {} exists already", id_list(ids))
            }
            Error::Exists { ids } => write!(f, "these jobs exist already: {}", id_list(ids)),
            Error::NoParent { job, column, id } => write!(
                f,
                "job {}: there is no {} \"{}\"",
                one_line(&job.to_string()),
                column.flag(),
                one_line(id)
            ),
            Error::Refused { jobs, of } => refused(f, jobs, *of),
            Error::AgainstRule { job, why, of, .. } => {
                refused(f, &[(job.clone(), why.clone())], *of)
            }
            Error::TookBack { job, why } => write!(
                f,
                "job {}: {why}, and takes back all that was written with it",
                one_line(&job.to_string())
            ),
            Error::Gone { ids } if ids.len() == 1 => write!(f, "no job {}", id_list(ids)),
            Error::Gone { ids } => write!(f, "no such jobs: {}", id_list(ids)),
            Error::Full { database, .. } => {
                write!(f, "the disk is full while writing {}", one_line(database))
            }
            Error::Own(failure) | Error::HalfDone(failure) => f.write_str(&failure.message),
            Error::Caller(error) => write!(f, "{error:#}"),
            Error::Other { doing, detail } => write!(f, "{doing}: {detail}"),
        }
    }
}

fn refused(f: &mut fmt::Formatter<'_>, jobs: &[(JobId, String)], of: usize) -> fmt::Result {
    for (index, (id, why)) in jobs.iter().take(SHOWN).enumerate() {
        let separator = if index == 0 { "" } else { "; " };
        write!(f, "{separator}job {}: {why}", one_line(&id.to_string()))?;
    }
    if jobs.len() > SHOWN {
        write!(f, "; and {} more", jobs.len() - SHOWN)?;
    }
    if of > 1 {
        write!(f, "; none of the {of} jobs was changed")?;
    }
    Ok(())
}

impl std::error::Error for Error {}
