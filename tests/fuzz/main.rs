//! The dump reader against dumps that are made up: whole ones of every container and store, and what damage makes
//! of them. What is said here is said of any dump, not of chosen ones, so that no damage that a file may come with
//! panics, hangs, costs memory, or takes more with it than it must.
//!
//! The seed is fixed, here and for all tests in `.cargo/config.toml`, so a run of the suite does not depend on luck.
//! `PROPTEST_RNG_SEED` sets another, and `PROPTEST_CASES` another number of cases; 256 stands for the number that each property has by default.

#![allow(unreachable_pub, clippy::unwrap_used, clippy::expect_used)]

mod any_input;
mod binary;
mod damage;
mod dump;
mod json;
mod left_out;
mod one_record;
mod reading;
mod records;
mod rejects;
mod whole;

use std::env;

use proptest::test_runner::{Config, RngSeed};

/// The number of cases, unless the environment has it otherwise. A failure is the same in each run, so none is kept
/// in a file; what was found is kept as a test by hand.
fn cases(count: u32) -> Config {
    let number = |name| {
        env::var(name)
            .ok()
            .and_then(|text| text.parse::<u64>().ok())
    };
    let factor = number("PROPTEST_CASES").unwrap_or(256);
    let seed = number("PROPTEST_RNG_SEED").unwrap_or(0x6a6f_6263_746c);
    Config {
        cases: u32::try_from(u64::from(count) * factor / 256)
            .unwrap_or(u32::MAX)
            .max(1),
        rng_seed: RngSeed::Fixed(seed),
        failure_persistence: None,
        max_shrink_iters: 4096,
        ..Config::default()
    }
}
