//! How far the shares of errors lie apart, with an interval that holds at every tick.

use serde::{Deserialize, Serialize};

use super::grid::more_requests;
use super::objective::InvalidShare;
use super::{Counts, Hits, Risk};
use crate::histogram::to_f64;
use crate::special::ln_beta;
use crate::{Evidence, Judge, Verdict};

/// An interval of shares, or of their difference.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// The interval that holds the true share at all times at once but for `risk`: 0 to 1 without requests.
///
/// Exact for any number of requests, no approximation: all shares against which the mixture of binomials under the
/// density Beta(1/2, 1/2) is not evidence enough. It narrows like √(ln n / n).
///
/// ```
/// use pointsman_judge::sequential::{Counts, Risk, share_interval};
/// let interval = share_interval(Counts::new(1_000, 20), Risk::FIVE_PERCENT);
/// assert!(interval.low > 0.007 && interval.high < 0.042);
/// ```
#[must_use]
pub fn share_interval(counts: Counts, risk: Risk) -> Interval {
    let Some(share) = counts.share().filter(|share| *share <= 1.0) else {
        return Interval { low: 0.0, high: 1.0 };
    };
    let (hits, others) = (to_f64(counts.hits), to_f64(counts.requests - counts.hits));
    let mixed = ln_beta(hits + 0.5, others + 0.5) - ln_beta(0.5, 0.5);
    let floor = mixed - risk.ln_bar();
    let term = |count: f64, share: f64| if count == 0.0 { 0.0 } else { count * share.ln() };
    let inside = |share: f64| term(hits, share) + term(others, 1.0 - share) >= floor;
    let end = |mut out: f64| {
        let mut within = share;
        for _ in 0..60 {
            let middle = f64::midpoint(within, out);
            if inside(middle) {
                within = middle
            } else {
                out = middle
            }
            if (out - within).abs() <= 1e-13 * within {
                break;
            }
        }
        out
    };
    Interval {
        low: if counts.hits == 0 { 0.0 } else { end(0.0) },
        high: if others == 0.0 { 1.0 } else { end(1.0) },
    }
}

/// Is the canary's share of errors more than a margin above the baseline's, or shown not to be?
///
/// Shape: the margin is a difference of shares, such as 0.005 for half a percentage point. `Fail` once the whole interval
/// of the difference lies above it, `Pass` once it lies below, each wrongly in at most `risk` of the cases, however often
/// one looks. It passes also without a single error, unlike [`Comparison`](super::Comparison); but it wants each side's
/// share to stay what it is: when error rates drift while the traffic moves over, use `Comparison`.
///
/// ```
/// use pointsman_judge::sequential::{Difference, Risk};
/// use pointsman_judge::{Evidence, Judge, Tally, Verdict};
/// let judge = Difference::below(0.01, Risk::FIVE_PERCENT)?;
/// let tick = Evidence::new(Tally::new(2_000, 0)).with_baseline(Tally::new(8_000, 0));
/// assert_eq!(judge.update(&Default::default(), &tick).1, Verdict::Pass);
/// # Ok::<(), pointsman_judge::sequential::InvalidShare>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    hits: Hits,
    margin: f64,
    risk: Risk,
}

/// What a [`Difference`] has seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DifferenceState {
    /// All of the canary.
    pub canary: Counts,
    /// All of the baseline.
    pub baseline: Counts,
}

impl Difference {
    /// Below this difference of shares.
    ///
    /// # Errors
    /// Not above 0 and below 1.
    pub fn below(margin: f64, risk: Risk) -> Result<Self, InvalidShare> {
        Ok(Self { hits: Hits::Errors, margin: InvalidShare::check(margin)?, risk })
    }

    /// Of other hits than errors, such as slow requests.
    #[must_use]
    pub const fn of(mut self, hits: Hits) -> Self {
        self.hits = hits;
        self
    }

    /// The interval of the canary's share less the baseline's, valid at all times at once.
    #[must_use]
    pub fn interval(&self, state: &DifferenceState) -> Interval {
        let half = Risk::new(self.risk.get() / 2.0).unwrap_or(self.risk);
        let (canary, baseline) = (share_interval(state.canary, half), share_interval(state.baseline, half));
        Interval { low: canary.low - baseline.high, high: canary.high - baseline.low }
    }

    /// The width shrinks with the root of the requests.
    fn needed(&self, state: &DifferenceState, interval: Interval) -> Option<u64> {
        let seen = state.canary.share()? - state.baseline.share()?;
        let (gap, width) = if seen < self.margin {
            (self.margin - seen, interval.high - seen)
        } else {
            (seen - self.margin, seen - interval.low)
        };
        let requests = state.canary.requests.saturating_add(state.baseline.requests);
        more_requests(requests, (width / gap).powi(2).max(1.0))
    }
}

impl Judge for Difference {
    type State = DifferenceState;

    fn update(&self, state: &DifferenceState, evidence: &Evidence) -> (DifferenceState, Verdict) {
        let (Some(canary), Some(baseline)) =
            (self.hits.count(&evidence.canary), self.hits.count(&evidence.baseline))
        else {
            return (*state, Verdict::Error);
        };
        let next =
            DifferenceState { canary: state.canary.plus(canary), baseline: state.baseline.plus(baseline) };
        if next.canary.requests == 0 && next.baseline.requests == 0 {
            return (next, Verdict::NoData);
        }
        let interval = self.interval(&next);
        let verdict = if interval.low > self.margin {
            Verdict::Fail
        } else if interval.high < self.margin {
            Verdict::Pass
        } else {
            Verdict::Undecided { needed: self.needed(&next, interval) }
        };
        (next, verdict)
    }
}
