//! One of several by weight, exactly as Envoy chooses.

/// The largest sum of weights for which every remainder has an entry of its own.
const TABLE_LIMIT: u64 = 2_048;
/// Up to so many destinations a comparison of sums is as fast as a table.
const COMPARED: usize = 4;

/// One of several destinations by weight: `draw % sum`, consecutive ranges in order, weight 0 never.
///
/// Shape: 24 bytes and tables behind them. Up to four destinations are compared, more are looked up in a table where the
/// sum is at most 2,048, else by a few steps from a guess. The sum may exceed `u32::MAX` here (Envoy refuses that).
///
/// Source: weighted clusters of Envoy.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct WeightedPick(Kind);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Kind {
    /// One past the last remainder of each destination but the last; the sum stands for those that are not there.
    Few {
        total: u32,
        ends: [u32; COMPARED - 1],
    },
    /// The destination of each remainder.
    Table(Box<[u16]>),
    Sums(Box<Sums>),
}

/// The end of each range, and where to look for a remainder.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Sums {
    total: u64,
    // One past the last remainder of each destination.
    ends: Box<[u64]>,
    // For each value of the upper bits of a remainder the first destination that it can fall on, and one more at the end.
    guide: Box<[u32]>,
    shift: u32,
}

impl Default for WeightedPick {
    /// Of nothing.
    fn default() -> Self {
        Self::new([])
    }
}

impl WeightedPick {
    /// From weights in their order.
    #[must_use]
    pub fn new(weights: impl IntoIterator<Item = u32>) -> Self {
        let mut total = 0_u64;
        let ends: Vec<u64> = weights
            .into_iter()
            .map(|weight| {
                total = total.saturating_add(u64::from(weight));
                total
            })
            .collect();
        if ends.len() <= COMPARED
            && let Ok(total) = u32::try_from(total)
        {
            let mut few = [total; COMPARED - 1];
            for (place, end) in few.iter_mut().zip(&ends) {
                *place = u32::try_from(*end).unwrap_or(total);
            }
            return Self(Kind::Few { total, ends: few });
        }
        let small = total <= TABLE_LIMIT && u16::try_from(ends.len()).is_ok();
        Self(if small { Kind::Table(table(&ends)) } else { Kind::Sums(Box::new(Sums::new(ends, total))) })
    }

    /// The sum of the weights.
    #[must_use]
    pub fn total(&self) -> u64 {
        match &self.0 {
            Kind::Few { total, .. } => u64::from(*total),
            Kind::Table(table) => table.len() as u64,
            Kind::Sums(sums) => sums.total,
        }
    }

    /// The position of the destination that this number chooses; `None` when the sum is 0. O(1) on average,
    /// O(log destinations) at worst.
    #[must_use]
    #[inline]
    pub fn pick(&self, draw: u64) -> Option<usize> {
        match &self.0 {
            Kind::Few { total, ends } => {
                let left = draw.checked_rem(u64::from(*total))?;
                Some(ends.iter().map(|end| usize::from(left >= u64::from(*end))).sum())
            }
            Kind::Table(table) => {
                let left = draw.checked_rem(table.len() as u64)?;
                table.get(usize::try_from(left).ok()?).map(|position| usize::from(*position))
            }
            Kind::Sums(sums) => sums.pick(draw),
        }
    }
}

impl Sums {
    fn new(ends: Vec<u64>, total: u64) -> Self {
        let bits = (ends.len() * 2).next_power_of_two().trailing_zeros();
        let shift = (u64::BITS - total.leading_zeros()).saturating_sub(bits);
        let first = |left: u64| u32::try_from(ends.partition_point(|end| *end <= left)).unwrap_or(u32::MAX);
        let mut guide: Vec<u32> = (0..=total >> shift).map(|upper| first(upper << shift)).collect();
        guide.push(u32::try_from(ends.len()).unwrap_or(u32::MAX));
        Self { total, ends: ends.into(), guide: guide.into(), shift }
    }

    fn pick(&self, draw: u64) -> Option<usize> {
        let left = draw.checked_rem(self.total)?;
        let upper = usize::try_from(left >> self.shift).ok()?;
        let (low, high) = (*self.guide.get(upper)? as usize, *self.guide.get(upper + 1)? as usize);
        let candidates = self.ends.get(low..high)?;
        Some(low + candidates.partition_point(|end| *end <= left))
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
