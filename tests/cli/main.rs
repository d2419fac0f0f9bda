//! The binary, driven from outside: one file a command, and one for what they have in common.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod bare_ids;
mod cleanup;
mod complete;
mod completions;
mod create;
mod create_json;
mod csv;
mod delete;
mod export;
mod far_times;
mod house;
mod list;
mod live;
mod location;
mod locks;
mod machine;
mod man;
mod migrate;
mod other_columns;
mod output;
mod pager;
mod pty;
mod rules;
mod show;
mod stats;
mod support;
mod syncs;
mod terminal;
mod time_zone;
mod update;
mod views;
mod wait;
mod watch;
mod window;
