//! Reading: by id, a page, long reads that let go between, and the bits for somebody who is typing.

pub(super) mod condition;
mod created_ids;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod created_ids_tests;
pub(super) mod index_count;
mod index_page;
mod index_scan;
mod key;
pub(super) mod other_columns;
mod outlet;
pub(super) mod pages;
mod plan;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod plan_tests;
mod row_key;
mod short_id;
mod sorted;
mod sorted_runs;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod sorted_runs_tests;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod sorted_tests;
pub(super) mod stream;
pub(super) mod suggest;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
mod ties;
mod time_count;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod time_tests;
pub(super) mod transaction;
pub(super) mod values;
mod walk;
