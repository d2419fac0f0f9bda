//! Storage: the capability of a backend that keeps the jobs in space of its own, such as a file.

use super::Result;

/// The size of the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Space {
    pub bytes: u64,
    /// The part of it that holds nothing and is used again.
    pub free: u64,
    pub give_back: GiveBack,
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
}

/// A capability that not every backend has.
pub trait Storage {
    fn space(&mut self) -> Result<Space>;

    /// Gives the free space back, in short transactions, until there is none or `goes_on` says no, which is asked between two
    /// of them; true when there was none left. Only where that goes stepwise.
    fn give_back(&mut self, goes_on: &mut dyn FnMut() -> bool) -> Result<bool>;

    /// Writes the whole database anew, without free space; nobody else gets to use it meanwhile.
    fn rewrite(&mut self) -> Result<()>;

    /// Keeps everybody else from using the database, or at least from writing, from the next session on until it is closed.
    fn use_alone(&mut self) -> Result<()>;
}
