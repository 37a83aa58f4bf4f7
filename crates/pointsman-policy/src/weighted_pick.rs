//! One of several by weight, exactly as Envoy chooses.

/// The largest sum of weights for which every remainder has an entry of its own.
const TABLE_LIMIT: u64 = 2_048;
/// Up to so many destinations a comparison of sums is as fast as a table.
const COMPARED: usize = 4;

/// One of several destinations by weight: `draw % sum`, consecutive ranges in order, weight 0 never.
///
/// Shape: up to four destinations are compared, more are looked up in a table where the sum is at most 2,048, else by
/// binary search. The sum may exceed `u32::MAX` here (Envoy refuses that).
///
/// Source: weighted clusters of Envoy.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct WeightedPick {
    total: u64,
    // One past the last remainder of each destination.
    ends: Box<[u64]>,
    table: Box<[u16]>,
}

impl WeightedPick {
    /// From weights in their order.
    #[must_use]
    pub fn new(weights: impl IntoIterator<Item = u32>) -> Self {
        let mut total = 0_u64;
        let ends: Box<[u64]> = weights
            .into_iter()
            .map(|weight| {
                total = total.saturating_add(u64::from(weight));
                total
            })
            .collect();
        let wants_table = ends.len() > COMPARED && total <= TABLE_LIMIT;
        let table = if wants_table { table(&ends) } else { Box::default() };
        Self { total, ends, table }
    }

    /// The sum of the weights.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.total
    }

    /// The position of the destination that this number chooses; `None` when the sum is 0.
    #[must_use]
    pub fn pick(&self, draw: u64) -> Option<usize> {
        let left = draw.checked_rem(self.total)?;
        if let Some(position) = self.table.get(usize::try_from(left).ok()?) {
            return Some(usize::from(*position));
        }
        if self.ends.len() <= COMPARED {
            return Some(self.ends.iter().map(|end| usize::from(left >= *end)).sum());
        }
        Some(self.ends.partition_point(|end| *end <= left))
    }
}

fn table(ends: &[u64]) -> Box<[u16]> {
    let mut table = Vec::new();
    for (position, end) in (0_u16..=u16::MAX).zip(ends) {
        table.resize(usize::try_from(*end).unwrap_or(0), position);
    }
    table.into_boxed_slice()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::WeightedPick;

    fn naive(weights: &[u32], draw: u64) -> Option<usize> {
        let total: u64 = weights.iter().copied().map(u64::from).sum();
        let mut left = draw.checked_rem(total)?;
        for (position, weight) in weights.iter().enumerate() {
            if left < u64::from(*weight) {
                return Some(position);
            }
            left -= u64::from(*weight);
        }
        None
    }

    proptest! {
        #[test]
        fn equals_the_walk(weights in prop::collection::vec(0_u32..=100, 0..9), draw: u64) {
            prop_assert_eq!(WeightedPick::new(weights.clone()).pick(draw), naive(&weights, draw));
        }

        #[test]
        fn equals_the_walk_for_large_weights(weights in prop::collection::vec(0_u32.., 0..9), draw: u64) {
            prop_assert_eq!(WeightedPick::new(weights.clone()).pick(draw), naive(&weights, draw));
        }

        #[test]
        fn a_full_cycle_gives_the_exact_shares(weights in prop::collection::vec(0_u32..=100, 1..=5)) {
            let pick = WeightedPick::new(weights.clone());
            let mut counts = vec![0_u32; weights.len()];
            for draw in 0..pick.total() {
                counts[pick.pick(draw).expect("some weight")] += 1;
            }
            prop_assert_eq!(counts, weights);
        }
    }

    #[test]
    fn more_destinations_than_a_table_has_numbers_for_still_work() {
        let pick = WeightedPick::new((0..100_000).map(|i| u32::from(i == 99_999)));
        assert_eq!(pick.pick(7), Some(99_999));
        assert_eq!(WeightedPick::new([0, 0]).pick(7), None);
        assert_eq!(WeightedPick::new([]).pick(7), None);
    }
}
