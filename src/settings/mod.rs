//! What was asked for, by the options that every command takes and by the environment; and what may be asked for.

pub(crate) mod definition;
pub(crate) mod environment;
pub(crate) mod options;
