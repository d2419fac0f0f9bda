//! A session with a server: statements are asked in one round trip each, without a name that would outlive them, so that a
//! pooler may stand between. Nothing runs beside the caller: no thread is made.

use std::time::Duration;

use futures_util::TryStreamExt as _;
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Row, RowStream};

use super::errors::Label;
use super::values::Argument;
use crate::repository::Result;

pub(in crate::repository::postgres) struct Session {
    /// Dropped first, which ends the traffic.
    client: Client,
    traffic: Traffic,
    pub(in crate::repository::postgres) label: Label,
}

type Arguments<'a> = Vec<(&'a (dyn ToSql + Sync), Type)>;

fn typed(arguments: &[Argument]) -> Arguments<'_> {
    let typed = |argument: &'_ Argument| argument.kind();
    arguments
        .iter()
        .map(|argument| (argument as &(dyn ToSql + Sync), typed(argument)))
        .collect()
}

impl Session {
    pub(super) fn new(
        runtime: Runtime,
        client: Client,
        traffic: JoinHandle<()>,
        label: Label,
    ) -> Session {
        Session {
            client,
            traffic: Traffic { runtime, traffic },
            label,
        }
    }

    /// All rows of a statement.
    pub(in crate::repository::postgres) fn rows(
        &self,
        doing: &'static str,
        sql: &str,
        arguments: &[Argument],
    ) -> Result<Vec<Row>> {
        self.try_rows(sql, arguments)
            .map_err(|error| self.label.explain(doing, &error))
    }

    /// The same with the error as the server said it.
    pub(in crate::repository::postgres) fn try_rows(
        &self,
        sql: &str,
        arguments: &[Argument],
    ) -> std::result::Result<Vec<Row>, tokio_postgres::Error> {
        self.traffic
            .runtime
            .block_on(self.client.query_typed(sql, &typed(arguments)))
    }

    /// Whether the server answers in this time.
    pub(in crate::repository::postgres) fn answers_within(&self, limit: Duration) -> bool {
        let answer = self.client.simple_query("");
        self.traffic
            .runtime
            .block_on(async { tokio::time::timeout(limit, answer).await })
            .is_ok_and(|answer| answer.is_ok())
    }

    /// Each row of a statement as it arrives, until `take` says no.
    pub(in crate::repository::postgres) fn each(
        &self,
        doing: &'static str,
        sql: &str,
        arguments: &[Argument],
        take: &mut dyn FnMut(&Row) -> Result<bool>,
    ) -> Result<()> {
        let explain = |error: tokio_postgres::Error| self.label.explain(doing, &error);
        self.traffic.runtime.block_on(async {
            let rows = self.client.query_typed_raw(sql, typed(arguments));
            let rows: RowStream = rows.await.map_err(explain)?;
            let mut rows = std::pin::pin!(rows);
            while let Some(row) = rows.try_next().await.map_err(explain)? {
                if !take(&row)? {
                    break;
                }
            }
            Ok(())
        })
    }

    /// Statements without values or answers.
    pub(in crate::repository::postgres) fn run(
        &self,
        doing: &'static str,
        sql: &str,
    ) -> Result<()> {
        self.try_run(sql)
            .map_err(|error| self.label.explain(doing, &error))
    }

    pub(in crate::repository::postgres) fn try_run(
        &self,
        sql: &str,
    ) -> std::result::Result<(), tokio_postgres::Error> {
        self.traffic
            .runtime
            .block_on(self.client.batch_execute(sql))
    }
}

/// What sends and receives while somebody waits for an answer.
struct Traffic {
    runtime: Runtime,
    traffic: JoinHandle<()>,
}

/// How long the end of a session is waited for.
const GOODBYE: Duration = Duration::from_millis(200);

impl Drop for Traffic {
    /// Says goodbye, as the server would otherwise note a connection that broke.
    fn drop(&mut self) {
        let Traffic { runtime, traffic } = self;
        let _ = runtime.block_on(async { tokio::time::timeout(GOODBYE, traffic).await });
    }
}
