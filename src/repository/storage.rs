//! Storage: the capability of a backend that keeps the jobs in space of its own, such as a file.

use super::Result;

/// The size of the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Space {
    pub bytes: u64,
    /// The part of it that holds nothing and is used again; None where that cannot be told.
    pub free: Option<u64>,
    pub give_back: GiveBack,
}

impl Space {
    /// The bytes of the free part, as far as it is known.
    pub fn known_free(&self) -> u64 {
        self.free.unwrap_or(0)
    }
}

/// The way in which a database gives free space back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GiveBack {
    /// By itself.
    Always,
    /// In small steps, when asked.
    Stepwise,
    /// Only by writing all of it anew.
    Rewritten,
    /// To new rows, when asked; to the system what is free at the end, and the rest only by writing all of it anew.
    Cleared,
}

/// The parts of a database whose space a user may not give back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OutOfReach {
    pub names: Vec<String>,
    /// There are no others.
    pub is_all: bool,
}

/// A capability that not every backend has.
pub trait Storage {
    fn space(&mut self) -> Result<Space>;

    /// The parts whose space this user may not give back.
    fn out_of_reach(&mut self) -> Result<OutOfReach> {
        Ok(OutOfReach::default())
    }

    /// Gives the free space back, in steps that keep nobody waiting for long, until there is none or `goes_on` says no, which is
    /// asked between two of them; true when there was none left. Only where that goes stepwise, or space is cleared.
    fn give_back(&mut self, goes_on: &mut dyn FnMut() -> bool) -> Result<bool>;

    /// Writes the whole database anew, without free space; nobody else gets to use it meanwhile.
    fn rewrite(&mut self) -> Result<()>;

    /// Keeps everybody else from using the database, or at least from writing, from the next session on until it is closed;
    /// where only rows are ever locked, it is in less of a hurry to let them go.
    fn use_alone(&mut self) -> Result<()>;

    /// Whether nobody else gets to write then.
    fn keeps_others_out(&self) -> bool {
        true
    }
}
