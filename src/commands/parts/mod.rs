//! The parts that several commands share: flags, ids, consent, output, and removal in batches.

pub(super) mod consent;
pub(super) mod dry_run;
pub(super) mod field_args;
pub(super) mod fields;
pub(super) mod filter_args;
pub(super) mod follow;
pub(super) mod formats;
pub(super) mod ids;
pub(super) mod interrupt;
pub(super) mod kept_by_table;
pub(super) mod out_file;
pub(super) mod output;
pub(super) mod program;
pub(super) mod purge;
pub(super) mod storage;
pub(super) mod window;
