//! Bare ids for the next program. Nothing quotes them there, so an id that would be read as another one, as two or as a
//! flag is left out and told: a list that is taken for other jobs deletes those.

use std::sync::{Arc, Mutex, PoisonError};

use crate::error::{Failure, Kind};
use crate::job::JobId;
use crate::text::visible::{grouped, one_line};

/// The most ids left out that are named.
const NAMED: usize = 10;

/// The way in which a run prints ids, and those that it left out.
#[derive(Clone, Debug)]
pub(crate) struct BareIds {
    /// Ids end with NUL, which none holds.
    pub null: bool,
    left_out: Arc<Mutex<LeftOut>>,
}

#[derive(Debug, Default)]
struct LeftOut {
    count: u64,
    named: Vec<String>,
}

impl BareIds {
    pub(crate) fn new(null: bool) -> BareIds {
        BareIds {
            null,
            left_out: Arc::default(),
        }
    }

    /// The text of an id; None when it is to be left out.
    pub(crate) fn take(&self, id: &JobId) -> Option<String> {
        let Some(why) = id.unsafe_bare(self.null) else {
            return Some(id.to_string());
        };
        let mut left_out = self.left_out.lock().unwrap_or_else(PoisonError::into_inner);
        left_out.count += 1;
        if left_out.named.len() < NAMED {
            let id = id.to_string();
            let named = format!("\"{}\" ({why})", one_line(&id));
            left_out.named.push(named);
        }
        None
    }

    /// The failure that names the ids left out, if any were.
    pub(crate) fn left_out(&self) -> Option<Failure> {
        let left_out = self.left_out.lock().unwrap_or_else(PoisonError::into_inner);
        if left_out.count == 0 {
            return None;
        }
        let mut named = left_out.named.join(", ");
        let unnamed = left_out.count - left_out.named.len() as u64;
        if unnamed > 0 {
            named.push_str(&format!(" and {} more", grouped(unnamed)));
        }
        let message = match left_out.count {
            1 => format!("an id was not printed, which the next program would misread: {named}"),
            count => format!(
                "{} ids were not printed, which the next program would misread: {named}",
                grouped(count)
            ),
        };
        let hint = if !self.null {
            "-0 (--null) ends ids with NUL, for a jobctl with -0 - or xargs -0; -o json has all of them"
        } else {
            "-o json has all of them"
        };
        Some(Failure::new(Kind::Failed, message).hint(hint))
    }
}
