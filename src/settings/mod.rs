//! What was asked for, by the options that every command takes and by the environment; and what may be asked for.

pub mod definition;
pub mod environment;
pub mod options;
