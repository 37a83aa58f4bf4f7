//! How far one sample is shifted against another: the interval of Mann and Whitney.

use serde::{Deserialize, Serialize};

use crate::histogram::to_f64;
use crate::special::normal_quantile;

/// How far the first sample is shifted against the second, with an interval around it.
///
/// Shape: `low <= estimate <= high`, in the unit of the samples. The estimate (of Hodges and Lehmann) is the median of
/// all differences; the ends are the differences at which the rank test, approximated by a normal distribution with a
/// continuity and a tie correction, stops to reject.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Shift {
    /// The lower end.
    pub low: f64,
    /// The best guess.
    pub estimate: f64,
    /// The upper end.
    pub high: f64,
    /// The statistic of the rank test of no shift at all: standard deviations, ties and continuity corrected. It can be
    /// far from 0 while the interval touches 0, where most values of both samples are equal.
    pub statistic: f64,
}

/// How sure an interval is: the probability that it holds the true value, above 0 and below 1.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Level(f64);

impl Level {
    /// What the reference uses.
    pub const KAYENTA: Self = Self(0.98);

    /// A level; `None` outside 0 to 1 or at its ends.
    #[must_use]
    pub fn new(level: f64) -> Option<Self> {
        (level > 0.0 && level < 1.0).then_some(Self(level))
    }

    /// How many standard deviations to either side hold this probability.
    pub(super) fn deviations(self) -> f64 {
        -normal_quantile((1.0 - self.0) / 2.0)
    }
}

impl TryFrom<f64> for Level {
    type Error = String;

    fn try_from(level: f64) -> Result<Self, String> {
        Self::new(level).ok_or_else(|| format!("`{level}` is not a level between 0 and 1"))
    }
}

impl From<Level> for f64 {
    fn from(level: Level) -> Self {
        level.0
    }
}

/// How far `experiment` is shifted against `control`; `None` when one of them has no finite value.
///
/// Exact order statistics of the m·n differences, found without writing them down: O((m + n) log(m + n)) time, O(m + n)
/// memory. No unit and no tolerance comes in.
///
/// ```
/// use pointsman_judge::kayenta::{Level, shift};
/// let level = Level::new(0.95).ok_or("no level")?;
/// let found = shift(&[10.0, 20.0, 30.0, 40.0], &[1.0, 2.0, 3.0, 4.0], level).ok_or("no data")?;
/// assert_eq!((found.low, found.estimate, found.high), (6.0, 22.5, 39.0));
/// # Ok::<(), &str>(())
/// ```
#[must_use]
pub fn shift(experiment: &[f64], control: &[f64], level: Level) -> Option<Shift> {
    let differences = Differences::new(experiment, control)?;
    let total = differences.count();
    let half = to_f64(total) / 2.0;
    let reach = level.deviations() * differences.rank_sum_deviation();
    // The lowest difference right of which the statistic, drawn half a rank towards 0, is no longer significant.
    let lowest = (half - 0.5 - reach).ceil().clamp(1.0, (half + 0.5).floor().max(1.0));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 1 and the count")]
    let lowest = lowest as u64;
    let middle = (differences.smallest(total.div_ceil(2)), differences.smallest(total / 2 + 1));
    Some(Shift {
        low: differences.smallest(lowest),
        estimate: middle.0 + (middle.1 - middle.0) / 2.0,
        high: differences.smallest(total + 1 - lowest),
        statistic: differences.statistic(),
    })
}

/// All differences of two samples, never written down.
struct Differences {
    first: Vec<f64>,
    second: Vec<f64>,
}

impl Differences {
    fn new(first: &[f64], second: &[f64]) -> Option<Self> {
        let sorted = |values: &[f64]| {
            let mut values: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
            values.sort_by(f64::total_cmp);
            values
        };
        let (first, second) = (sorted(first), sorted(second));
        (!first.is_empty() && !second.is_empty()).then_some(Self { first, second })
    }

    fn count(&self) -> u64 {
        (self.first.len() as u64).saturating_mul(self.second.len() as u64)
    }

    /// The standard deviation of the rank sum where no value of one side meets one of the other.
    fn rank_sum_deviation(&self) -> f64 {
        self.deviation_with(tie_sum(&self.first) + tie_sum(&self.second))
    }

    fn deviation_with(&self, ties: f64) -> f64 {
        let (m, n) = (to_f64(self.first.len() as u64), to_f64(self.second.len() as u64));
        (m * n / 12.0 * ((m + n + 1.0) - ties / ((m + n) * (m + n - 1.0)))).max(0.0).sqrt()
    }

    /// The statistic of the rank test where nothing is shifted.
    fn statistic(&self) -> f64 {
        let total = self.count();
        let above = total - self.count_where(|difference| difference <= 0.0);
        let below = self.count_where(|difference| difference < 0.0);
        let excess = (to_f64(above) - to_f64(below)) / 2.0;
        let mut pooled = [self.first.as_slice(), self.second.as_slice()].concat();
        pooled.iter_mut().for_each(|value| *value += 0.0);
        pooled.sort_by(f64::total_cmp);
        let deviation = self.deviation_with(tie_sum(&pooled));
        if excess == 0.0 || deviation == 0.0 { 0.0 } else { (excess - 0.5 * excess.signum()) / deviation }
    }

    /// The difference with exactly that place in ascending order, from 1.
    fn smallest(&self, place: u64) -> f64 {
        let (Some(low), Some(high)) = (self.lowest(), self.highest()) else { return f64::NAN };
        let (mut low, mut high) = (ordered(low), ordered(high));
        while low < high {
            let middle = low + (high - low) / 2;
            let bound = from_ordered(middle);
            if self.count_where(|difference| difference <= bound) >= place {
                high = middle
            } else {
                low = middle + 1
            }
        }
        from_ordered(low)
    }

    fn lowest(&self) -> Option<f64> {
        Some(self.first.first()? - self.second.last()?)
    }

    fn highest(&self) -> Option<f64> {
        Some(self.first.last()? - self.second.first()?)
    }

    /// How many differences are this small. Rounding keeps the order, so a walk along the staircase counts them.
    fn count_where(&self, small: impl Fn(f64) -> bool) -> u64 {
        let (mut count, mut skipped) = (0_u64, 0);
        for value in &self.first {
            while self.second.get(skipped).is_some_and(|other| !small(value - other)) {
                skipped += 1;
            }
            count += (self.second.len() - skipped) as u64;
        }
        count
    }
}

fn tie_sum(sorted: &[f64]) -> f64 {
    let runs = sorted.chunk_by(|a, b| a.total_cmp(b).is_eq()).map(|run| to_f64(run.len() as u64));
    runs.map(|length| length * length * length - length).sum()
}

/// A whole number that orders as the floating-point number does.
fn ordered(number: f64) -> u64 {
    let bits = (number + 0.0).to_bits();
    if bits >> 63 == 1 { !bits } else { bits | 1 << 63 }
}

fn from_ordered(number: u64) -> f64 {
    f64::from_bits(if number >> 63 == 1 { number & !(1 << 63) } else { !number })
}

#[cfg(test)]
mod tests {
    use pointsman_types::SplitMix64;

    use super::*;

    /// By writing all differences down.
    fn plain(first: &[f64], second: &[f64]) -> Vec<f64> {
        let mut all: Vec<f64> = first.iter().flat_map(|a| second.iter().map(move |b| a - b)).collect();
        all.sort_by(f64::total_cmp);
        all
    }

    fn sample(dice: &mut SplitMix64, count: u64, unit: f64) -> Vec<f64> {
        (0..count).map(|_| (to_f64(dice.below(40)) - 20.0) * unit).collect()
    }

    #[test]
    fn order_statistics_are_those_of_the_written_list() {
        let mut dice = SplitMix64::new(7);
        for round in 0..200 {
            let (m, n) = (1 + dice.below(12), 1 + dice.below(12));
            let (first, second) = (sample(&mut dice, m, 0.37), sample(&mut dice, n, 0.37));
            let differences = Differences::new(&first, &second).unwrap();
            for (at, expected) in plain(&first, &second).iter().enumerate() {
                assert_eq!(differences.smallest(at as u64 + 1), *expected, "round {round}");
            }
        }
    }

    #[test]
    fn the_unit_does_not_matter_and_swapping_mirrors() {
        let mut dice = SplitMix64::new(8);
        for _ in 0..100 {
            let (first, second) = (sample(&mut dice, 9, 1.0), sample(&mut dice, 11, 1.0));
            let found = shift(&first, &second, Level::KAYENTA).unwrap();
            let tiny = |values: &[f64]| values.iter().map(|v| v * 2_f64.powi(-40)).collect::<Vec<_>>();
            let scaled = shift(&tiny(&first), &tiny(&second), Level::KAYENTA).unwrap();
            assert_eq!(scaled.low, found.low * 2_f64.powi(-40));
            let swapped = shift(&second, &first, Level::KAYENTA).unwrap();
            assert_eq!(
                (swapped.low, swapped.estimate, swapped.high),
                (-found.high, -found.estimate, -found.low)
            );
            assert!(found.low <= found.estimate && found.estimate <= found.high);
        }
    }

    #[test]
    fn large_and_odd_samples_are_bounded() {
        let many: Vec<f64> = (0..100_000).map(f64::from).collect();
        let found = shift(&many, &many, Level::KAYENTA).unwrap();
        assert_eq!(found.estimate, 0.0);
        assert_eq!(shift(&[], &[1.0], Level::KAYENTA), None);
        assert_eq!(shift(&[f64::NAN], &[1.0], Level::KAYENTA), None);
        let far = shift(&[f64::MAX], &[f64::MIN], Level::KAYENTA).unwrap();
        assert_eq!(far.low, f64::INFINITY);
    }
}
