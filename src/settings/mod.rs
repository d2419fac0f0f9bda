//! What was asked for: by the options that every command takes, and by the environment.

pub mod environment;
pub mod options;
