//! Opening a database on a server: a connection, and one question about the table. `create` and an import make the table where
//! there is none.

use std::cell::Cell;
use std::time::Duration;

use super::connect::connect;
use super::database::Postgres;
use super::errors::Label;
use super::job_table::JobTable;
use super::schema;
use super::table_shape::{Looked, look};
use crate::repository::postgres::address::ConnectionParameters;
use crate::repository::postgres::history::recorder::PostgresRecorder;
use crate::repository::{Access, Patience, Result};

/// The longest wait for a server at a glance.
const GLANCE: Duration = Duration::from_millis(500);

pub(in crate::repository) fn open(
    parameters: &ConnectionParameters,
    name: String,
    origin: &'static str,
    access: Access,
    patience: &Patience,
) -> Result<Postgres> {
    let label = Label {
        name,
        origin,
        user: parameters.user.clone(),
        wait: patience.longest,
        signals: patience.signals.clone(),
    };
    let session = match access {
        // A person is typing.
        Access::Glance => {
            let mut parameters = parameters.clone();
            let limit = parameters.connect_timeout.unwrap_or(GLANCE);
            parameters.connect_timeout = Some(limit.min(GLANCE));
            connect(&parameters, &label)?
        }
        _ => connect(parameters, &label)?,
    };
    let mut made_table = false;
    let looked = match look(&session)? {
        Looked::Nothing { .. } if access.creates() => {
            schema::create(&session)?;
            made_table = true;
            look(&session)?
        }
        looked => looked,
    };
    let table = match looked {
        Looked::Table(table) => table,
        Looked::Nothing { has_parents, .. } if access == Access::Preview => {
            JobTable::planned(has_parents)
        }
        Looked::Nothing { others, .. } => return Err(label.no_table(others)),
        Looked::Other(what, hint) => return Err(label.other_table(what, hint)),
    };
    label.check_sight(table.hidden.as_deref(), access)?;
    table.rules.check(&label, access)?;
    Ok(Postgres {
        session,
        table,
        parameters: parameters.clone(),
        claim: None,
        recorder: PostgresRecorder::default(),
        is_stale: Cell::default(),
        is_unhurried: false,
        made_table,
        seen_columns: None,
        access,
    })
}
