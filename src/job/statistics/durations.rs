//! Durations and their percentiles. Percentiles are exact, so every duration is kept, at 8 bytes each.

/// Durations in microseconds, in the order in which they came.
#[derive(Clone, Debug, Default)]
pub struct Durations(Vec<i64>);

/// The summary of many durations, in microseconds; all None where there are none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    pub count: u64,
    pub sum: i128,
    pub mean: Option<i64>,
    pub p50: Option<i64>,
    pub p90: Option<i64>,
    pub p99: Option<i64>,
}

impl Durations {
    pub fn push(&mut self, micros: i64) {
        self.0.push(micros);
    }

    pub fn summarize(mut self) -> Summary {
        self.0.sort_unstable();
        let count = self.0.len();
        let sum: i128 = self.0.iter().copied().map(i128::from).sum();
        // To the nearest microsecond; there are no negative ones.
        let mean = (count > 0).then(|| (sum + count as i128 / 2) / count as i128);
        Summary {
            count: count as u64,
            sum,
            mean: mean.and_then(|mean| mean.try_into().ok()),
            p50: percentile(&self.0, 50),
            p90: percentile(&self.0, 90),
            p99: percentile(&self.0, 99),
        }
    }
}

/// The nearest-rank percentile: the least value that at least this percentage of all values does not exceed. It is
/// one of the values, never one between two.
pub fn percentile(sorted: &[i64], percent: usize) -> Option<i64> {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.max(1) - 1).copied()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Durations, percentile};

    /// The definition, word for word, without a rank.
    fn by_definition(values: &[i64], percent: usize) -> Option<i64> {
        let reaches = |limit: &i64| {
            let below = values.iter().filter(|value| *value <= limit).count();
            below * 100 >= percent * values.len()
        };
        values.iter().copied().filter(|value| reaches(value)).min()
    }

    proptest! {
        #[test]
        fn a_percentile_is_what_its_definition_says(
            mut values in prop::collection::vec(0..1000_i64, 0..300),
            percent in 1..=100_usize,
        ) {
            values.sort_unstable();
            prop_assert_eq!(percentile(&values, percent), by_definition(&values, percent));
        }
    }

    #[test]
    fn one_value_is_every_percentile() {
        assert_eq!([1, 50, 99, 100].map(|p| percentile(&[7], p)), [Some(7); 4]);
        assert_eq!(percentile(&[], 50), None);
    }

    #[test]
    fn a_hundred_values_are_their_own_percentiles() {
        let mut durations = Durations::default();
        for value in (1..=100).rev() {
            durations.push(value);
        }
        let summary = durations.summarize();
        assert_eq!((summary.count, summary.sum), (100, 5050));
        assert_eq!(
            [summary.mean, summary.p50, summary.p90, summary.p99],
            [Some(51), Some(50), Some(90), Some(99)]
        );
    }
}
