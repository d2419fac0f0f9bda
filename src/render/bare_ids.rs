//! Bare ids for the next program, one after the other. Nothing quotes them there, so an id that would be another one, or
//! two, or a flag, is left out and told: a list of ids that is taken for other jobs deletes those.

use crate::error::{Failure, Kind};
use crate::job::JobId;
use crate::text::visible::{grouped, one_line};

/// So many of those left out are named.
const NAMED: usize = 10;

/// How ids are printed, and which were not.
#[derive(Debug)]
pub struct BareIds {
    /// They end with NUL, which no id holds.
    pub null: bool,
    left_out: u64,
    named: Vec<String>,
}

impl BareIds {
    pub fn new(null: bool) -> BareIds {
        BareIds {
            null,
            left_out: 0,
            named: Vec::new(),
        }
    }

    /// The text of an id; None when it is to be left out.
    pub fn take(&mut self, id: &JobId) -> Option<String> {
        let Some(why) = id.unsafe_bare(self.null) else {
            return Some(id.to_string());
        };
        self.left_out += 1;
        if self.named.len() < NAMED {
            let id = id.to_string();
            self.named.push(format!("\"{}\" ({why})", one_line(&id)));
        }
        None
    }

    /// What is to be said of those that were left out, if any were.
    pub fn left_out(&self) -> Option<Failure> {
        if self.left_out == 0 {
            return None;
        }
        let mut named = self.named.join(", ");
        let unnamed = self.left_out - self.named.len() as u64;
        if unnamed > 0 {
            named.push_str(&format!(" and {} more", grouped(unnamed)));
        }
        let message = match self.left_out {
            1 => format!("an id was not printed, which the next program would misread: {named}"),
            count => format!(
                "{} ids were not printed, which the next program would misread: {named}",
                grouped(count)
            ),
        };
        let hint = match self.null {
            false => {
                "-0 (--null) ends ids with NUL, for a jobctl with -0 - or xargs -0; -o json has all of them"
            }
            true => "-o json has all of them",
        };
        Some(Failure::new(Kind::Failed, message).hint(hint))
    }
}
