//! The errors of a server in the repository's terms: nobody should have to look up a SQLSTATE.

use std::borrow::Cow;
use std::error::Error as _;
use std::io;
use std::time::Duration;

use tokio_postgres::error::{DbError, SqlState};

use super::encryption;
use crate::error::{Failure, Kind};
use crate::repository::postgres::hints;
use crate::repository::{Access, Error, Result};
use crate::system::signals::EndingSignals;
use crate::text::visible::one_line;

/// The words for a database in errors.
#[derive(Clone, Debug)]
pub(in crate::repository::postgres) struct Label {
    /// The address without a password.
    pub(in crate::repository::postgres) name: String,
    /// The place that the address came from.
    pub(in crate::repository::postgres) origin: &'static str,
    pub(in crate::repository::postgres) user: String,
    /// The longest wait for a lock.
    pub(in crate::repository::postgres) wait: Duration,
    /// The signals that end the run.
    pub(in crate::repository::postgres) signals: EndingSignals,
}

impl Label {
    pub(super) fn shown(&self) -> String {
        one_line(&self.name).into_owned()
    }

    pub(in crate::repository::postgres) fn unreachable(&self, why: &str) -> Error {
        let message = format!("{} cannot be reached: {why}", self.shown());
        own(Kind::Unreachable, message, hints::REACH)
    }

    fn lost(&self, doing: &str, why: &str) -> Error {
        let message = format!(
            "{doing}: the connection to {} was lost: {why}",
            self.shown()
        );
        own(Kind::Unreachable, message, hints::LOST)
    }

    /// The end of a statement, or of connecting, at a signal.
    pub(in crate::repository::postgres) fn interrupted(&self, doing: &'static str) -> Error {
        Error::Interrupted {
            database: self.name.clone(),
            doing: Some(doing),
        }
    }

    pub(in crate::repository::postgres) fn no_table(&self, others: bool) -> Error {
        Error::NoTable {
            database: self.name.clone(),
            origin: self.origin,
            others,
            hint: hints::CREATE_TABLE,
        }
    }

    pub(in crate::repository::postgres) fn other_table(
        &self,
        what: String,
        hint: Cow<'static, str>,
    ) -> Error {
        Error::OtherTable {
            database: self.name.clone(),
            origin: self.origin,
            what,
            hint,
        }
    }

    /// Refuses what needs to see every row, where row-level security may hide some from this user: they would be taken for gone.
    pub(super) fn check_sight(&self, hidden: Option<&str>, access: Access) -> Result<()> {
        let Some(hidden) = hidden else {
            return Ok(());
        };
        let is_refused = if hidden == "video_generation_jobs" {
            access.needs_all()
        } else {
            // Those who write have to see the rows that jobs name.
            access.needs_all() && access != Access::ReadAll
        };
        if is_refused {
            return Err(Error::Hidden {
                database: self.name.clone(),
                user: self.user.clone(),
                table: hidden.to_owned(),
                hint: hints::ALL_ROWS,
            });
        }
        Ok(())
    }

    /// An error while a connection is made.
    pub(in crate::repository::postgres) fn connecting(
        &self,
        host: &str,
        error: &tokio_postgres::Error,
    ) -> Error {
        if let Some(found) = error.as_db_error() {
            return self.answered("connecting", found);
        }
        if let Some((why, hint)) = encryption::explained(error) {
            let message = format!("{} cannot be reached: {why}", self.shown());
            return own(Kind::Unreachable, message, hint);
        }
        let why = cause(error);
        match why.as_str() {
            "password missing" => {
                let message = format!(
                    "{} asks user {} for a password, and none is known",
                    self.shown(),
                    quoted(&self.user)
                );
                own(Kind::Denied, message, hints::PASSWORD)
            }
            "server does not support TLS" => {
                let message = format!(
                    "{} cannot be reached: the server has no encrypted connections",
                    self.shown()
                );
                own(Kind::Unreachable, message, hints::NO_ENCRYPTION)
            }
            _ if error.to_string() == "authentication error" => {
                let message = format!("{} cannot be logged in to: {why}", self.shown());
                own(Kind::Denied, message, hints::PASSWORD)
            }
            why => self.unreachable(&format!("{host}: {why}")),
        }
    }

    /// An error of a statement.
    pub(in crate::repository::postgres) fn explain(
        &self,
        doing: &'static str,
        error: &tokio_postgres::Error,
    ) -> Error {
        if let Some(found) = error.as_db_error() {
            return self.answered(doing, found);
        }
        let is_io = error.is_closed()
            || error
                .source()
                .is_some_and(|source| source.downcast_ref::<io::Error>().is_some());
        if is_io && self.signals.have_come() {
            // It was given up.
            return self.interrupted(doing);
        }
        if is_io {
            return self.lost(doing, &cause(error));
        }
        Error::Other {
            doing,
            detail: cause(error),
        }
    }

    /// An error with which the server answered.
    fn answered(&self, doing: &'static str, error: &DbError) -> Error {
        let state = error.code().code();
        let said = one_line(error.message()).into_owned();
        let database = self.name.clone();
        match state {
            "3D000" => Error::Missing {
                database,
                origin: self.origin,
                hint: hints::CREATE_DATABASE,
            },
            // A pooler says it so.
            "08P01"
                if said.contains("database") && NO_DATABASE.iter().any(|it| said.contains(it)) =>
            {
                Error::Missing {
                    database,
                    origin: self.origin,
                    hint: hints::CREATE_DATABASE,
                }
            }
            "08P01" if NO_CONNECTION.iter().any(|it| said.contains(it)) => {
                let message = format!("{} takes no more connections: {said}", self.shown());
                own(Kind::Locked, message, hints::BUSY)
            }
            "42P01" => self.no_table(true),
            "42501" => {
                let message = format!(
                    "{doing}: user {} may not do that in {}: {said}",
                    quoted(&self.user),
                    self.shown()
                );
                own(Kind::Denied, message, hints::GRANT)
            }
            "55P03" => Error::Locked {
                database,
                waited: self.wait,
            },
            "57014" if self.signals.have_come() => self.interrupted(doing),
            "40001" | "40P01" | "57014" | "25P03" => {
                let message = format!(
                    "{doing}: others were in the way in {}: {said}",
                    self.shown()
                );
                own(Kind::Locked, message, hints::LOST)
            }
            "53300" => {
                let message = format!("{} takes no more connections: {said}", self.shown());
                own(Kind::Locked, message, hints::BUSY)
            }
            "57P01" | "57P02" | "57P03" | "57P05" => {
                let message = format!("{doing}: the server of {} says: {said}", self.shown());
                own(Kind::Locked, message, hints::LOST)
            }
            "XX001" | "XX002" => {
                let message = format!("{doing}: {} is damaged: {said}", self.shown());
                own(Kind::Failed, message, hints::DAMAGED)
            }
            "53100" => Error::Full {
                database,
                hint: hints::FULL,
            },
            "25006" => Error::ReadOnly {
                database,
                why: Some(said),
                hint: hints::PRIMARY.to_owned(),
            },
            _ if state.starts_with("28") => {
                let message = format!(
                    "{} denies access to user {}: {said}",
                    self.shown(),
                    quoted(&self.user)
                );
                own(Kind::Denied, message, hints::PASSWORD)
            }
            _ if state.starts_with("08") => self.lost(doing, &said),
            _ => Error::Other {
                doing,
                detail: said,
            },
        }
    }
}

/// The words of a pooler for a database that is not there, and for a server that is busy.
const NO_DATABASE: [&str; 2] = ["no such database", "does not exist"];
const NO_CONNECTION: [&str; 2] = ["query_wait_timeout", "no more connections allowed"];

fn quoted(text: &str) -> String {
    format!("\"{}\"", one_line(text))
}

fn own(kind: Kind, message: String, hint: &str) -> Error {
    Error::Own(Failure::new(kind, message).hint(hint))
}

/// The innermost words of an error.
pub(in crate::repository::postgres) fn cause(error: &tokio_postgres::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        text = inner.to_string();
        source = inner.source();
    }
    one_line(&text).into_owned()
}

/// The reason for which the server refuses the row that is written, in words: a rule of the table, or a value of it. None for
/// an error that is about something else.
pub(in crate::repository::postgres) fn refused(error: &tokio_postgres::Error) -> Option<String> {
    rule(error).or_else(|| {
        let error = error.as_db_error()?;
        let said = one_line(error.message()).into_owned();
        VALUES
            .contains(&error.code().code())
            .then(|| format!("the table does not take a value of it: {said}"))
    })
}

/// Whether somebody held what the statement was to lock, for too long or while waiting for this session.
pub(in crate::repository::postgres) fn is_in_the_way(error: &tokio_postgres::Error) -> bool {
    let states = [
        SqlState::LOCK_NOT_AVAILABLE,
        SqlState::T_R_DEADLOCK_DETECTED,
    ];
    error.code().is_some_and(|code| states.contains(code))
}

/// The states for a text that is too long, a number out of range, a time that is none, bytes that are none, a spelling that is
/// none of its type's, JSON nested too deep, and a value too large for an index.
const VALUES: [&str; 11] = [
    "22001", "22003", "22007", "22008", "22021", "22P02", "22P03", "22P05", "22023", "54000",
    "54001",
];

/// The reason for which a rule of the table refuses a row, in words; None for an error that is no answer of one.
pub(in crate::repository::postgres) fn rule(error: &tokio_postgres::Error) -> Option<String> {
    let error = error.as_db_error()?;
    let said = one_line(error.message()).into_owned();
    let named = || one_line(error.constraint().unwrap_or_default()).into_owned();
    let column = || one_line(error.column().unwrap_or_default()).into_owned();
    let state = error.code().code();
    // RAISE may give any state, also that of another rule. Those of a lock keep their meaning.
    let is_raised = error.routine() == Some("exec_stmt_raise");
    if is_raised && !matches!(state.get(..2), Some("40" | "55" | "57")) {
        return Some(format!("a trigger of the table refuses it: {said}"));
    }
    Some(match state {
        "23505" => format!("another job of the table has the same (UNIQUE {})", named()),
        "23502" => format!("the table takes no job without {} (NOT NULL)", column()),
        "23514" => format!("it breaks a rule of the table: {} (CHECK)", named()),
        "23503" => {
            "it names a row of another table that is not there, or one there names it (FOREIGN KEY)"
                .to_owned()
        }
        "P0001" => format!("a trigger of the table refuses it: {said}"),
        "44000" | "23P01" | "23000" | "23001" => format!("a rule of the table refuses it: {said}"),
        _ => return None,
    })
}
