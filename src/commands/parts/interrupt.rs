//! Ctrl-C, or a terminal that is closed, in the middle of many batches: the batch at hand is finished, or taken back
//! where it waits for a lock, the summary is said, and the exit status is 130. A second Ctrl-C ends the process at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context as _, Result};

use crate::context::Context;

#[derive(Clone, Debug, Default)]
pub(crate) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    pub(crate) fn watch(context: &Context) -> Result<Interrupt> {
        context.signals.watch().context("watching for Ctrl-C")?;
        Ok(Interrupt(context.signals.seen()))
    }

    pub(crate) fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
