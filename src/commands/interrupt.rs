//! Ctrl-C in the middle of many batches: the batch at hand is finished, or taken back where it waits for a lock, the
//! summary is said, and the exit status is 130. A second Ctrl-C ends the process at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context as _, Result};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use crate::context::Context;
use crate::error::Kind;

#[derive(Clone, Debug, Default)]
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// To be called once.
    pub fn watch(context: &Context) -> Result<Interrupt> {
        let seen = Arc::clone(&context.interrupted);
        for signal in [SIGINT, SIGTERM] {
            // The order matters: the second signal finds the flag set by the first.
            let status = i32::from(Kind::Interrupted.status());
            flag::register_conditional_shutdown(signal, status, Arc::clone(&seen))
                .and_then(|_| flag::register(signal, Arc::clone(&seen)))
                .context("watching for Ctrl-C")?;
        }
        Ok(Interrupt(seen))
    }

    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
