//! Statistics of jobs as text: a page for people, JSON and CSV for scripts, and what Prometheus reads.

mod attention;
mod data;
mod line;
mod page;
mod prometheus;
mod record;

pub(crate) use data::HEADINGS;
pub(crate) use record::StatisticsRecord;

use crate::job::Filter;
use crate::job::statistics::Statistics;
use crate::repository::Space;

/// The statistics to be told, and of what.
pub(crate) struct View<'a> {
    pub statistics: &'a Statistics,
    /// The size of the database; None where it has none of its own.
    pub size: Option<Space>,
    pub database: &'a str,
    pub filter: &'a Filter,
    /// The filter as it was given.
    pub selection: &'a str,
}

/// A count of microseconds in seconds.
fn seconds(micros: i64) -> f64 {
    micros as f64 / 1e6
}
