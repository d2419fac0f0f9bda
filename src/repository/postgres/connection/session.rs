//! A session with a server: statements are asked in one round trip each, without a name that would outlive them, so that a
//! pooler may stand between. A question by itself is a transaction too, so that it waits for a lock no longer than it was asked to; its
//! beginning and its end take no round trip of their own. Nothing runs beside the caller: no thread is made.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::{join, join3, maybe_done};
use futures_util::{SinkExt as _, TryStreamExt as _};
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{CancelToken, Client, Row, RowStream};

use super::attention::Attention;
use super::encryption::Encrypter;
use super::errors::Label;
use super::values::Argument;
use crate::repository::Result;

pub(in crate::repository::postgres) struct Session {
    /// Dropped first, which ends the traffic.
    client: Client,
    traffic: Traffic,
    /// Set when the server has passed over what somebody else had locked.
    passed_over: Arc<AtomicBool>,
    attention: Attention,
    /// What breaks off a statement.
    breaker: (CancelToken, Encrypter),
    pub(in crate::repository::postgres) label: Label,
    /// Goes out in front of the next statement.
    deferred: RefCell<String>,
    /// Whether a transaction has begun that this session ends itself.
    is_open: Cell<bool>,
}

type ServerError = tokio_postgres::Error;

/// What goes out with a statement, in front of it and behind it.
struct Around {
    before: String,
    behind: &'static str,
}

/// Begins a transaction in which a lock is waited for so long. It holds for that transaction, so that a pooler may give each to another
/// connection of its own.
fn begin_sql(how: &str, wait: Duration) -> String {
    format!("BEGIN{how}; {}", lock_timeout_sql(wait))
}

fn lock_timeout_sql(wait: Duration) -> String {
    format!("SET LOCAL lock_timeout = {}", lock_timeout(wait))
}

/// The milliseconds of a wait for a lock, as the server takes them.
pub(super) fn lock_timeout(wait: Duration) -> u128 {
    // 0 would wait for ever.
    wait.as_millis().clamp(1, 2_147_483_647)
}

/// A statement with its values.
pub(in crate::repository::postgres) type Statement = (String, Vec<Argument>);

type Answer = std::result::Result<Vec<Row>, ServerError>;

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
        (traffic, passed_over): (JoinHandle<()>, Arc<AtomicBool>),
        attention: Attention,
        encrypter: Encrypter,
        label: Label,
    ) -> Session {
        Session {
            breaker: (client.cancel_token(), encrypter),
            client,
            traffic: Traffic { runtime, traffic },
            passed_over,
            attention,
            label,
            deferred: RefCell::default(),
            is_open: Cell::new(false),
        }
    }

    /// Begins a transaction with the next statement.
    pub(in crate::repository::postgres) fn begin(&self) {
        self.defer(&begin_sql("", self.label.wait));
    }

    /// The same of one that only reads, and sees one moment.
    pub(in crate::repository::postgres) fn begin_reading(&self) {
        let how = " ISOLATION LEVEL REPEATABLE READ READ ONLY";
        self.defer(&begin_sql(how, self.label.wait));
    }

    /// Has the open transaction wait for each lock so long, or as long as any where that is less.
    pub(in crate::repository::postgres) fn limit_lock_waits(&self, wait: Duration) {
        self.defer(&lock_timeout_sql(wait.min(self.label.wait)));
    }

    /// Has a statement without answers, as the beginning of a transaction, go out in front of the next one.
    pub(in crate::repository::postgres) fn defer(&self, sql: &str) {
        let mut deferred = self.deferred.borrow_mut();
        if !deferred.is_empty() {
            deferred.push_str("; ");
        }
        deferred.push_str(sql);
        self.is_open.set(true);
    }

    fn around(&self) -> Around {
        if self.is_open.get() {
            Around {
                before: self.deferred.take(),
                behind: "",
            }
        } else {
            Around {
                before: begin_sql("", self.label.wait),
                behind: "COMMIT",
            }
        }
    }

    /// The answer to what is asked, or to its being broken off by Ctrl-C.
    fn answer<F: Future>(&self, asked: F) -> F::Output {
        let _heed = self.attention.signals().heed();
        let Traffic { runtime, traffic } = &self.traffic;
        let give_up = || traffic.abort();
        runtime.block_on(self.attention.until_done(asked, &self.breaker, give_up))
    }

    /// Statements without values or answers; nothing where there are none.
    async fn send(&self, sql: &str) -> std::result::Result<(), ServerError> {
        if sql.is_empty() {
            return Ok(());
        }
        self.client.batch_execute(sql).await
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
    ) -> std::result::Result<Vec<Row>, ServerError> {
        let around = self.around();
        let typed = typed(arguments);
        let (begun, rows, ended) = self.answer(join3(
            self.send(&around.before),
            self.client.query_typed(sql, &typed),
            self.send(around.behind),
        ));
        begun?;
        let rows = rows?;
        ended.map(|()| rows)
    }

    /// The answers to several statements, which are sent one behind the other without waiting for each.
    pub(in crate::repository::postgres) fn together(
        &self,
        statements: &[Statement],
    ) -> Vec<Answer> {
        let around = self.around();
        let asked = statements.iter().map(|(sql, arguments)| {
            Box::pin(async move { self.client.query_typed(sql, &typed(arguments)).await })
        });
        let mut asked: Vec<_> = asked.collect();
        let mut answers: Vec<Option<Answer>> = asked.iter().map(|_| None).collect();
        let (mut is_sent, mut first) = (false, 0);
        let all = poll_fn(|context| {
            // Each is sent when it is first looked at; answers come in that order.
            for (asked, answer) in asked.iter_mut().zip(&mut answers).skip(first) {
                if answer.is_some() {
                    continue;
                }
                match asked.as_mut().poll(context) {
                    Poll::Ready(it) => *answer = Some(it),
                    Poll::Pending if is_sent => break,
                    Poll::Pending => {}
                }
            }
            is_sent = true;
            first += answers[first..]
                .iter()
                .take_while(|it| it.is_some())
                .count();
            if first == answers.len() {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        });
        let (begun, (), ended) = self.answer(join3(
            self.send(&around.before),
            all,
            self.send(around.behind),
        ));
        let mut answers: Vec<Answer> = answers.into_iter().flatten().collect();
        if let (Err(error), Some(answer)) = (begun.and(ended), answers.first_mut()) {
            *answer = Err(error);
        }
        answers
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
        let explain = |error: ServerError| self.label.explain(doing, &error);
        let around = self.around();
        let signals = self.attention.signals();
        self.answer(async {
            let mut begun = pin!(maybe_done(self.send(&around.before)));
            let rows = self.client.query_typed_raw(sql, typed(arguments));
            let mut rows = pin!(maybe_done(rows));
            let mut ended = pin!(maybe_done(self.send(around.behind)));
            // Each is sent when it is first looked at.
            poll_fn(|context| {
                let _ = begun.as_mut().poll(context);
                let _ = rows.as_mut().poll(context);
                let _ = ended.as_mut().poll(context);
                Poll::Ready(())
            })
            .await;
            begun.as_mut().await;
            begun.take_output().unwrap_or(Ok(())).map_err(explain)?;
            rows.as_mut().await;
            let Some(rows) = rows.take_output() else {
                return Ok(());
            };
            let rows: RowStream = rows.map_err(explain)?;
            let mut rows = pin!(rows);
            while let Some(row) = rows.try_next().await.map_err(explain)? {
                if !signals.aside(|| take(&row))? {
                    // What else comes is passed over when somebody asks again.
                    return Ok(());
                }
            }
            ended.as_mut().await;
            ended.take_output().unwrap_or(Ok(())).map_err(explain)
        })
    }

    /// Puts rows in the binary form of COPY into a table. Its statement has a name until it ends, as the client knows no other way: it
    /// is within the open transaction, for which a pooler keeps to one connection.
    pub(in crate::repository::postgres) fn try_copy(
        &self,
        sql: &str,
        rows: Bytes,
    ) -> std::result::Result<(), ServerError> {
        let before = self.around().before;
        let copied = async {
            let mut sink = pin!(self.client.copy_in::<_, Bytes>(sql).await?);
            sink.send(rows).await?;
            sink.finish().await
        };
        let (begun, copied) = self.answer(join(self.send(&before), copied));
        begun.and(copied.map(drop))
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
    ) -> std::result::Result<(), ServerError> {
        let mut before = self.deferred.take();
        let is_end = matches!(sql, "COMMIT" | "ROLLBACK");
        self.is_open
            .set(!is_end && (self.is_open.get() || sql.starts_with("BEGIN")));
        if is_end && before.starts_with("BEGIN") {
            // Nothing of it has gone out.
            return Ok(());
        }
        if !before.is_empty() {
            before.push_str("; ");
        }
        before.push_str(sql);
        // What clears up is not broken off.
        if sql.starts_with("ROLLBACK") {
            return self.clear_up(&before);
        }
        self.answer(self.send(&before))
    }

    /// Whether the server has passed over what somebody else had locked, since this was asked last.
    pub(in crate::repository::postgres) fn take_passed_over(&self) -> bool {
        self.passed_over.swap(false, Ordering::Relaxed)
    }

    /// The same by itself, and also after Ctrl-C.
    pub(in crate::repository::postgres) fn clear_up(
        &self,
        sql: &str,
    ) -> std::result::Result<(), ServerError> {
        self.traffic.runtime.block_on(self.send(sql))
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
