//! The attention to Ctrl-C while a server works on a statement: the server is asked to break it off, in the same way as the connection was
//! made, and its answer is the end of the statement. A commit that is under way is not broken off by that.

use std::future::Future;
use std::io;
use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};
use tokio::net::UnixStream;
use tokio::time::timeout;
use tokio_postgres::CancelToken;

use super::encryption::Encrypter;
use crate::system::signals::EndingSignals;

/// The time in which a statement may end by itself where the command itself looks at the signals between two of them.
const GRACE: Duration = Duration::from_millis(200);

/// The time after which the server is asked again: it passes over a request that comes between two statements.
const AGAIN: Duration = Duration::from_millis(200);

/// The longest wait for the answer.
const LONGEST: Duration = Duration::from_secs(5);

pub(super) struct Attention {
    signals: EndingSignals,
    /// Readable when a signal has come.
    wake: Option<UnixStream>,
}

impl Attention {
    /// To be called where a runtime is at work.
    pub(super) fn new(signals: &EndingSignals) -> io::Result<Attention> {
        let wake = signals.wake()?.map(UnixStream::from_std).transpose()?;
        Ok(Attention {
            signals: signals.clone(),
            wake,
        })
    }

    pub(super) fn signals(&self) -> &EndingSignals {
        &self.signals
    }

    /// What the work comes to; None when a signal has come before.
    pub(super) async fn unless_signalled<F: Future + Unpin>(&self, work: F) -> Option<F::Output> {
        let Some(wake) = &self.wake else {
            return Some(work.await);
        };
        match select(work, pin!(wake.readable())).await {
            Either::Left((done, _)) => Some(done),
            Either::Right(_) => None,
        }
    }

    /// What a statement comes to. At a signal the server is asked to break it off; `give_up` ends the connection where it does not.
    pub(super) async fn until_done<F: Future>(
        &self,
        statement: F,
        asked: &(CancelToken, Encrypter),
        give_up: impl FnOnce(),
    ) -> F::Output {
        let mut statement = pin!(statement);
        if let Some(done) = self.unless_signalled(statement.as_mut()).await {
            return done;
        }
        if self.signals.are_watched()
            && let Ok(done) = timeout(GRACE, statement.as_mut()).await
        {
            return done;
        }
        let (token, encrypter) = asked;
        let asking = async {
            loop {
                // Where it cannot be asked, it is asked again.
                let _ = timeout(AGAIN, token.cancel_query(encrypter.clone())).await;
                tokio::time::sleep(AGAIN).await;
            }
        };
        let asking = pin!(asking);
        let ended = timeout(LONGEST, select(statement.as_mut(), asking)).await;
        if let Ok(Either::Left((done, _))) = ended {
            return done;
        }
        give_up();
        statement.await
    }
}
