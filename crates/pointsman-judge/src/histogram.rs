//! Latencies counted in buckets.

use serde::{Deserialize, Serialize};

/// How many requests took how long, in buckets.
///
/// Shape: upper bounds in milliseconds, finite and ascending, and one count more than bounds: the last is for what took
/// longer than the last bound. Counts are of each bucket alone, not summed up as Prometheus has them
/// ([`Histogram::from_cumulative`] reads those). Empty is a histogram that saw nothing.
///
/// ```
/// use pointsman_judge::Histogram;
/// let histogram = Histogram::from_cumulative([(100.0, 90), (250.0, 99)], 100)?;
/// assert_eq!(histogram.total(), 100);
/// assert_eq!(histogram.quantile_ms(0.9), Some(100.0));
/// assert_eq!(histogram.slower_than(250.0), Some(1));
/// # Ok::<(), pointsman_judge::InvalidHistogram>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(try_from = "Wire", into = "Wire")]
pub struct Histogram {
    bounds_ms: Vec<f64>,
    counts: Vec<u64>,
}

/// Bounds and counts that make no histogram.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidHistogram {
    /// A bound is not finite or not above the one before it.
    #[error("the bounds of a histogram must be finite and ascend")]
    Bounds,
    /// Not one count more than there are bounds.
    #[error("a histogram needs one count more than it has bounds")]
    Length,
    /// Sums that fall from one bucket to the next.
    #[error("the summed counts of a histogram must not fall")]
    Falling,
    /// Two histograms with other bounds.
    #[error("histograms with other bounds cannot be added")]
    OtherBounds,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    bounds_ms: Vec<f64>,
    counts: Vec<u64>,
}

impl TryFrom<Wire> for Histogram {
    type Error = InvalidHistogram;

    fn try_from(wire: Wire) -> Result<Self, InvalidHistogram> {
        Self::new(wire.bounds_ms, wire.counts)
    }
}

impl From<Histogram> for Wire {
    fn from(histogram: Histogram) -> Self {
        Self { bounds_ms: histogram.bounds_ms, counts: histogram.counts }
    }
}

impl Histogram {
    /// A histogram of these upper bounds in milliseconds, with the count of each bucket and of what is above.
    ///
    /// # Errors
    /// Bounds that are not finite or do not ascend; not one count more than bounds (but both may be empty).
    pub fn new(bounds_ms: Vec<f64>, counts: Vec<u64>) -> Result<Self, InvalidHistogram> {
        let ascend = bounds_ms.windows(2).all(|pair| matches!(pair, [a, b] if a < b));
        if !ascend || bounds_ms.iter().any(|bound| !bound.is_finite()) {
            return Err(InvalidHistogram::Bounds);
        }
        if counts.len() != bounds_ms.len() + 1 && !(counts.is_empty() && bounds_ms.is_empty()) {
            return Err(InvalidHistogram::Length);
        }
        Ok(Self { bounds_ms, counts })
    }

    /// A histogram from sums, as Prometheus has them: how many took at most so many milliseconds, and how many there were.
    ///
    /// # Errors
    /// Bounds that are not finite or do not ascend; sums that fall.
    pub fn from_cumulative(
        at_most: impl IntoIterator<Item = (f64, u64)>,
        total: u64,
    ) -> Result<Self, InvalidHistogram> {
        let (mut bounds_ms, mut counts, mut before) = (Vec::new(), Vec::new(), 0_u64);
        for (bound, sum) in at_most {
            counts.push(sum.checked_sub(before).ok_or(InvalidHistogram::Falling)?);
            bounds_ms.push(bound);
            before = sum;
        }
        counts.push(total.checked_sub(before).ok_or(InvalidHistogram::Falling)?);
        Self::new(bounds_ms, counts)
    }

    /// The upper bounds in milliseconds.
    #[must_use]
    pub fn bounds_ms(&self) -> &[f64] {
        &self.bounds_ms
    }

    /// The counts of each bucket and of what is above the last bound.
    #[must_use]
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// How many requests it saw.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts.iter().fold(0, |sum, count| sum.saturating_add(*count))
    }

    /// How many took longer than this; `None` when it is none of the bounds.
    #[must_use]
    #[expect(clippy::float_cmp, reason = "a bound is named by the very number")]
    pub fn slower_than(&self, bound_ms: f64) -> Option<u64> {
        let at = self.bounds_ms.iter().position(|bound| *bound == bound_ms)?;
        Some(self.counts.iter().skip(at + 1).fold(0, |sum, count| sum.saturating_add(*count)))
    }

    /// The latency in milliseconds that this share of the requests did not exceed, by a straight line within the bucket;
    /// the last bound when it lies above that. `None` without requests or for a share outside 0 to 1.
    ///
    /// Source: `histogram_quantile` of Prometheus.
    #[must_use]
    pub fn quantile_ms(&self, share: f64) -> Option<f64> {
        let total = self.total();
        if total == 0 || !(0.0..=1.0).contains(&share) {
            return None;
        }
        let rank = share * to_f64(total);
        let (mut below, mut lower) = (0_u64, self.bounds_ms.first().map_or(0.0, |first| first.min(0.0)));
        for (bound, count) in self.bounds_ms.iter().zip(&self.counts) {
            let upto = below.saturating_add(*count);
            if *count > 0 && to_f64(upto) >= rank {
                let part = ((rank - to_f64(below)) / to_f64(*count)).clamp(0.0, 1.0);
                return Some(lower + (bound - lower) * part);
            }
            (below, lower) = (upto, *bound);
        }
        self.bounds_ms.last().copied()
    }

    /// Both together. One that has no buckets adds nothing.
    ///
    /// # Errors
    /// Other bounds.
    pub fn plus(&self, other: &Self) -> Result<Self, InvalidHistogram> {
        if self.counts.is_empty() {
            return Ok(other.clone());
        }
        if other.counts.is_empty() {
            return Ok(self.clone());
        }
        if self.bounds_ms != other.bounds_ms {
            return Err(InvalidHistogram::OtherBounds);
        }
        let counts = self.counts.iter().zip(&other.counts).map(|(a, b)| a.saturating_add(*b)).collect();
        Ok(Self { bounds_ms: self.bounds_ms.clone(), counts })
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts above 2^53 need no last digit")]
pub(crate) const fn to_f64(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_prometheus() {
        let histogram = Histogram::new(vec![10.0, 20.0, 50.0], vec![5, 0, 4, 1]).unwrap();
        for (share, expected) in
            [(0.0, 0.0), (0.25, 5.0), (0.5, 10.0), (0.7, 35.0), (0.9, 50.0), (0.95, 50.0), (1.0, 50.0)]
        {
            assert_eq!(histogram.quantile_ms(share), Some(expected), "{share}");
        }
        assert_eq!(histogram.quantile_ms(1.1), None);
        assert_eq!(histogram.quantile_ms(f64::NAN), None);
        assert_eq!(Histogram::default().quantile_ms(0.5), None);
    }

    #[test]
    fn what_is_no_histogram_is_refused() {
        assert_eq!(Histogram::new(vec![2.0, 1.0], vec![0; 3]), Err(InvalidHistogram::Bounds));
        assert_eq!(Histogram::new(vec![f64::NAN], vec![0; 2]), Err(InvalidHistogram::Bounds));
        assert_eq!(Histogram::new(vec![1.0], vec![0]), Err(InvalidHistogram::Length));
        assert_eq!(Histogram::from_cumulative([(1.0, 5), (2.0, 4)], 9), Err(InvalidHistogram::Falling));
        assert!(serde_json::from_str::<Histogram>(r#"{"boundsMs":[2,1],"counts":[0,0,0]}"#).is_err());
    }

    #[test]
    fn adding_needs_the_same_bounds() {
        let one = Histogram::new(vec![1.0], vec![1, 2]).unwrap();
        assert_eq!(one.plus(&one).unwrap().counts(), [2, 4]);
        assert_eq!(one.plus(&Histogram::default()).unwrap(), one);
        let other = Histogram::new(vec![3.0], vec![1, 2]).unwrap();
        assert_eq!(one.plus(&other), Err(InvalidHistogram::OtherBounds));
    }
}
