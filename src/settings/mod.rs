//! The options that every command takes, the environment, and the definition of the command line.

pub(crate) mod command_line;
pub(crate) mod definition;
pub(crate) mod environment;
pub(crate) mod options;
pub(crate) mod postgres_variables;
