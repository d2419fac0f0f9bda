//! The fitting of jobs to a table that is stricter than SQLite's, which keeps any value in any column. What the other would refuse or
//! alter is found here, before anything is sent, and can be made to fit. These are pure functions and know no backend: `migrate` writes
//! by them, and whoever compares two databases compares jobs after the same mapping (`fit`) and value by value (`fit_value`).

mod job;
mod limits;
mod misfit;
mod rounding;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
mod value;

pub use job::{fit, refusal, told};
pub use limits::{Holds, Limits, Precision};
pub use misfit::{Misfit, Misfits};
pub use value::{FittedValue, fault, fit_value};
