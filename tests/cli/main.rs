//! The binary, driven from outside: one file a command, and one for what they have in common.

#![allow(unreachable_pub, clippy::unwrap_used, clippy::expect_used)]

mod args;
mod ascii;
mod backup;
mod bare_ids;
mod benches;
mod cleanup;
mod complete;
mod completions;
mod create;
mod create_json;
mod csv;
mod delete;
mod diff;
mod directions;
mod doctor;
mod endless;
mod export;
mod far_times;
mod history;
mod house;
mod list;
mod live;
mod location;
mod locks;
mod machine;
mod man;
mod migrate;
#[cfg(feature = "postgres")]
mod moves;
mod names;
mod no_files;
mod numbers;
mod other_columns;
mod other_fields;
mod other_tables;
mod output;
mod pager;
#[cfg(feature = "postgres")]
mod postgres;
mod pty;
mod restore;
mod row_numbers;
mod rules;
mod schema_steps;
mod show;
mod stats;
mod support;
mod syncs;
mod terminal;
mod time_zone;
mod tsv;
mod update;
mod views;
mod wait;
mod watch;
mod window;
