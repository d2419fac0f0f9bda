//! A Bloom filter of the jobs in a piece: the history of one job reads the pieces that may hold it, and few others.

/// The bits for each job, and the number of them that it sets: about one piece in a thousand is read for nothing. Filters of
/// earlier versions have ten bits a job.
const BITS: u64 = 16;
const SETS: u64 = 7;

/// The numbers whose remainders by the number of bits of a filter are the bits that a key sets.
pub(in crate::repository) fn multiples(key: u64) -> impl Iterator<Item = u64> {
    let step = key.rotate_left(32) | 1;
    (0..SETS).map(move |index| key.wrapping_add(index.wrapping_mul(step)))
}

fn bits(key: u64, size: u64) -> impl Iterator<Item = (usize, u8)> {
    multiples(key).map(move |number| {
        let bit = number % size;
        ((bit >> 3) as usize, 1 << (bit & 7))
    })
}

/// The filter of these keys.
pub(in crate::repository) fn filter_of(keys: &[u64]) -> Vec<u8> {
    let mut filter = vec![0; (keys.len() as u64 * BITS).div_ceil(8).max(8) as usize];
    let size = filter.len() as u64 * 8;
    for key in keys {
        for (byte, bit) in bits(*key, size) {
            filter[byte] |= bit;
        }
    }
    filter
}

/// Whether the key may be one of them.
pub(in crate::repository) fn may_hold(filter: &[u8], key: u64) -> bool {
    !filter.is_empty()
        && bits(key, filter.len() as u64 * 8).all(|(byte, bit)| filter[byte] & bit != 0)
}

#[cfg(test)]
mod tests {
    use crate::repository::change_log::hash::hash;
    use crate::repository::change_log::key_filter::*;

    #[test]
    fn it_holds_its_keys_and_few_others() {
        let key = |n: u32| hash(&n.to_le_bytes());
        let keys: Vec<u64> = (0..1000).map(key).collect();
        let filter = filter_of(&keys);
        assert!(keys.iter().all(|key| may_hold(&filter, *key)));
        let others = (1000..11_000).filter(|n| may_hold(&filter, key(*n)));
        assert!(others.count() < 40);
        assert!(!may_hold(&[], 1));
    }
}
