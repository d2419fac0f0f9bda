//! New job ids: random, or a sequence that a seed fixes.

use uuid::Uuid;

/// New job ids: random, or a sequence that a seed fixes.
pub(super) enum IdSource {
    Random,
    Seeded(u64),
}

impl IdSource {
    pub(super) fn new(seed: Option<&str>) -> IdSource {
        match seed.and_then(|seed| seed.parse().ok()) {
            Some(seed) => IdSource::Seeded(seed),
            None => IdSource::Random,
        }
    }

    pub(super) fn next(&mut self) -> String {
        let uuid = match self {
            IdSource::Random => Uuid::new_v4(),
            IdSource::Seeded(state) => {
                // SplitMix64, twice: a spread of a counter over the bits.
                let mut half = || {
                    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
                    let mut z = *state;
                    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
                    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
                    z ^ (z >> 31)
                };
                let bits = (u128::from(half()) << 64) | u128::from(half());
                uuid::Builder::from_random_bytes(bits.to_be_bytes()).into_uuid()
            }
        };
        uuid.to_string()
    }
}
