//! The few cases in which a repository cannot do what it was asked, in words for the operator.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use crate::error::Kind;
use crate::job::{Column, JobId};
use crate::system::access::Hindrance;
use crate::text::shell::word;
use crate::text::visible::one_line;
use crate::time;

pub type Result<T> = std::result::Result<T, Error>;

#[derive(Debug)]
pub enum Error {
    /// No file at the path; `origin` says where the path came from.
    Missing {
        path: PathBuf,
        origin: &'static str,
    },
    /// A database without the job table; `others` when it has other tables.
    NoTable {
        path: PathBuf,
        origin: &'static str,
        others: bool,
    },
    /// The table is there, and is not the service's: `what` says how it differs.
    OtherTable {
        path: PathBuf,
        origin: &'static str,
        what: String,
    },
    NotADatabase {
        path: PathBuf,
        origin: &'static str,
    },
    /// What is at the path is no file: `what` says it.
    NoFile {
        path: PathBuf,
        origin: &'static str,
        what: &'static str,
    },
    /// Nor is what stands in the place of a file that goes with it.
    NoFileBeside {
        path: PathBuf,
        what: &'static str,
    },
    Locked {
        path: PathBuf,
        waited: Duration,
    },
    /// Its lock is not waited for any longer: the run is to end.
    Interrupted {
        path: PathBuf,
    },
    /// Another run of the same kind is still at work.
    Running {
        run: &'static str,
        path: PathBuf,
        waited: Duration,
    },
    /// Something stands in the place of the lock that keeps runs of a kind apart, and is of no use as one.
    LockFile {
        run: &'static str,
        path: PathBuf,
        why: String,
    },
    /// Another process made a file where an import was about to put its own.
    TakenPlace {
        path: PathBuf,
    },
    /// The file may not be written.
    ReadOnly {
        path: PathBuf,
        why: Option<Hindrance>,
    },
    /// It cannot even be opened, for want of a right.
    NoAccess {
        path: PathBuf,
        why: Hindrance,
    },
    /// A writer was killed, and the file may not be written, so its half-done work cannot be undone.
    NeedsRecovery {
        path: PathBuf,
        why: Option<Hindrance>,
    },
    /// A log lies beside the file without its index, as in a copy, and no index can be made.
    LogAlone {
        path: PathBuf,
        why: Option<Hindrance>,
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
        path: PathBuf,
    },
    Io {
        path: PathBuf,
        detail: String,
    },
    Corrupt {
        path: PathBuf,
        detail: String,
    },
    /// What the caller's own code said in the middle of a read.
    Caller(anyhow::Error),
    Other {
        doing: &'static str,
        detail: String,
    },
}

impl Error {
    pub fn kind(&self) -> Kind {
        match self {
            Error::Missing { .. }
            | Error::NoTable { .. }
            | Error::OtherTable { .. }
            | Error::NotADatabase { .. }
            | Error::NoFile { .. } => Kind::NoInput,
            Error::Locked { .. } | Error::Running { .. } | Error::TakenPlace { .. } => Kind::Locked,
            Error::Interrupted { .. } => Kind::Interrupted,
            Error::Full { .. }
            | Error::Io { .. }
            | Error::LockFile { .. }
            | Error::ReadOnly { .. }
            | Error::NoAccess { .. }
            | Error::NoFileBeside { .. }
            | Error::NeedsRecovery { .. }
            | Error::LogAlone { .. } => Kind::Io,
            Error::Exists { .. }
            | Error::Refused { .. }
            | Error::AgainstRule { .. }
            | Error::NoParent { .. } => Kind::Refused,
            Error::TookBack { .. } => Kind::BadData,
            Error::Gone { .. } => Kind::NotFound,
            Error::Corrupt { .. } | Error::Caller(_) | Error::Other { .. } => Kind::Failed,
        }
    }

    /// The next step.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Error::LockFile { run, path, .. } => {
                let path = word(&path.to_string_lossy());
                return Some(format!(
                    "when no other {run} is at work, remove it: rm {path}"
                ));
            }
            Error::Missing { .. } => {
                "name the file with --db PATH, or make one with jobctl create or jobctl migrate"
            }
            Error::NoTable { others: true, .. } => {
                "this file belongs to another program; name the service's file with --db PATH"
            }
            Error::OtherTable { .. } => {
                "jobctl works on the table as the service makes it; name the service's file with --db PATH"
            }
            Error::NoTable { .. } | Error::NotADatabase { .. } | Error::NoFile { .. } => {
                "name the service's file with --db PATH"
            }
            Error::NoFileBeside { path, .. } => {
                let path = word(&path.to_string_lossy());
                return Some(format!("move it away: mv -T {path} {path}.old"));
            }
            Error::Locked { .. } => {
                "try again, or wait longer with --busy-timeout 30s; what was committed before is kept"
            }
            Error::Interrupted { .. } => "run it again to finish",
            Error::Running { .. } => "let it end, or wait for it with --lock-wait 10m",
            Error::TakenPlace { .. } => {
                "run the same command again: it then imports into that file"
            }
            Error::NoAccess { why, .. }
            | Error::ReadOnly { why: Some(why), .. }
            | Error::NeedsRecovery { why: Some(why), .. } => return Some(why.hint()),
            Error::ReadOnly { .. } => "run as a user who may write the file and its folder",
            Error::NeedsRecovery { .. } => {
                "run once as a user who may write the file and its folder, or let the service open it"
            }
            Error::LogAlone { .. } => {
                "copy both files to a folder that may be written, or run as a user who may write this one"
            }
            Error::Exists { .. } => "jobctl update changes a job that is there",
            Error::NoParent { .. } => "name one that exists, or leave it out",
            Error::AgainstRule { .. } => OWN_RULES,
            Error::TookBack { .. } => {
                "nothing was imported; without --atomic, such a job is rejected by itself"
            }
            Error::Gone { .. } => "jobctl list shows the jobs there are",
            Error::Full { .. } => "make room on that disk; what was committed before is kept",
            Error::Corrupt { path, .. } => {
                let path = word(&path.to_string_lossy());
                return Some(format!(
                    "restore a backup, or salvage with: sqlite3 {path} .recover"
                ));
            }
            Error::Io { .. } => {
                "see that this user may use the file and its folder, and that there is room"
            }
            Error::Refused { .. } | Error::Caller(_) | Error::Other { .. } => {
                return None;
            }
        };
        Some(hint.to_owned())
    }
}

/// Where it stands why the table does not do what was asked.
pub const OWN_RULES: &str = "the triggers of the table, its own rules and the tables that refer to it decide that; see: sqlite3 FILE .schema";

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
        let path = |path: &PathBuf| one_line(&path.to_string_lossy()).into_owned();
        match self {
            Error::Missing { path: p, origin } => {
                write!(f, "no database at {} ({origin})", path(p))
            }
            Error::NoTable {
                path: p, origin, ..
            } => {
                write!(
                    f,
                    "no table video_generation_jobs in {} ({origin})",
                    path(p)
                )
            }
            Error::OtherTable {
                path: p,
                origin,
                what,
            } => write!(f, "video_generation_jobs in {} ({origin}) {what}", path(p)),
            Error::NotADatabase { path: p, origin } => {
                write!(f, "{} is not a SQLite database ({origin})", path(p))
            }
            Error::NoFile {
                path: p,
                origin,
                what,
            } => write!(f, "{} is {what} and no database ({origin})", path(p)),
            Error::NoFileBeside { path: p, what } => write!(
                f,
                "{} is {what}, where SQLite keeps a file of the database",
                path(p)
            ),
            Error::Locked { path: p, waited } => write!(
                f,
                "{} is locked by another process (waited {})",
                path(p),
                time::spell_duration(*waited)
            ),
            Error::Interrupted { path: p } => write!(
                f,
                "interrupted while {} was locked by another process; what was done before stays done",
                path(p)
            ),
            Error::Running {
                run,
                path: p,
                waited,
            } => {
                write!(f, "another {run} is at work on {}", path(p))?;
                match waited.is_zero() {
                    true => Ok(()),
                    false => write!(f, " (waited {})", time::spell_duration(*waited)),
                }
            }
            Error::LockFile { path: p, why, .. } => {
                write!(f, "the lock {} is of no use: {why}", path(p))
            }
            Error::TakenPlace { path: p } => write!(
                f,
                "another process made {} while the import was running",
                path(p)
            ),
            Error::ReadOnly { path: p, why } => {
                write!(f, "{} may not be written", path(p))?;
                because(f, why.as_ref())
            }
            Error::NoAccess { path: p, why } => {
                let what = if why.reads { "read" } else { "written" };
                write!(f, "{} may not be {what}: {why}", path(p))
            }
            Error::NeedsRecovery { path: p, why } => {
                write!(
                    f,
                    "{} was left in the middle of a write by a killed process, and may not be written to mend it",
                    path(p)
                )?;
                because(f, why.as_ref())
            }
            Error::LogAlone { path: p, why } => {
                let p = path(p);
                write!(
                    f,
                    "a part of {p} may lie in its log {p}-wal, and reading that needs {p}-shm, which is not there and cannot be made"
                )?;
                because(f, why.as_ref())
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
            Error::AgainstRule { job, why, of } => refused(f, &[(job.clone(), why.clone())], *of),
            Error::TookBack { job, why } => write!(
                f,
                "job {}: {why}, and takes back all that was written with it",
                one_line(&job.to_string())
            ),
            Error::Gone { ids } if ids.len() == 1 => write!(f, "no job {}", id_list(ids)),
            Error::Gone { ids } => write!(f, "no such jobs: {}", id_list(ids)),
            Error::Full { path: p } => write!(f, "the disk is full while writing {}", path(p)),
            Error::Io { path: p, detail } => write!(f, "{}: {detail}", path(p)),
            Error::Corrupt { path: p, detail } => write!(f, "{} is damaged: {detail}", path(p)),
            Error::Caller(error) => write!(f, "{error:#}"),
            Error::Other { doing, detail } => write!(f, "{doing}: {detail}"),
        }
    }
}

fn because(f: &mut fmt::Formatter<'_>, why: Option<&Hindrance>) -> fmt::Result {
    match why {
        Some(why) => write!(f, ": {why}"),
        None => Ok(()),
    }
}

fn refused(f: &mut fmt::Formatter<'_>, jobs: &[(JobId, String)], of: usize) -> fmt::Result {
    for (place, (id, why)) in jobs.iter().take(SHOWN).enumerate() {
        let separator = if place == 0 { "" } else { "; " };
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
