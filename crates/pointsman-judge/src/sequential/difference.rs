//! How far the shares of errors lie apart, with an interval that holds at every tick.

use std::f64::consts::PI;

use serde::{Deserialize, Serialize};

use super::grid::more_requests;
use super::objective::InvalidShare;
use super::{Counts, Hits, Risk};
use crate::histogram::to_f64;
use crate::schema::Schema;
use crate::special::stirling_error;
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
    let others = counts.requests.saturating_sub(counts.hits);
    interval_at(to_f64(counts.hits.min(counts.requests)), to_f64(others), risk)
}

fn interval_at(hits: f64, others: f64, risk: Risk) -> Interval {
    let requests = hits + others;
    if requests == 0.0 {
        return Interval { low: 0.0, high: 1.0 };
    }
    let floor = ln_mixed(hits, others) - risk.ln_bar();
    let (share, rest) = (hits / requests, others / requests);
    Interval {
        low: share * ln_reach(hits, others, floor).exp(),
        high: share - rest * ln_reach(others, hits, floor).exp_m1(),
    }
}

/// The logarithm of the mixed likelihood of these counts over their largest one.
fn ln_mixed(hits: f64, others: f64) -> f64 {
    let requests = hits + others;
    let part = |count: f64| {
        if count == 0.0 { 0.0 } else { count * ((0.5 / count).ln_1p() - requests.recip().ln_1p()) }
    };
    let errors = stirling_error(hits + 0.5) + stirling_error(others + 0.5) - stirling_error(requests + 1.0);
    errors + 0.5 * (2.0 / (PI * (requests + 1.0))).ln() + part(hits) + part(others)
}

/// The logarithm of the least share of hits over that seen, under which the likelihood is not below the largest one by
/// more than the logarithm `floor` says.
///
/// Newton's steps along a concave function, from where it is too low: each comes closer and none goes past.
fn ln_reach(hits: f64, others: f64, floor: f64) -> f64 {
    const STEPS: u32 = 60;
    if hits == 0.0 {
        return 0.0;
    }
    let drop = -floor / hits;
    let mut reach = if drop < 1.0 / 3.0 { -(3.0 * drop).sqrt() } else { -1.0 - drop };
    for _ in 0..STEPS {
        let fewer = -reach.exp_m1();
        let more = hits * fewer / (others + hits * fewer);
        let rise = if others > 0.0 { others * (hits * fewer / others).ln_1p() } else { 0.0 };
        let step = (floor - hits * reach - rise) / (hits * (1.0 - (1.0 - fewer) * (1.0 - more)));
        // Rounding alone would go back or on for ever.
        if step.is_nan() || step <= -1e-15 * reach {
            break;
        }
        reach += step;
    }
    reach.min(0.0)
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
    #[serde(default)]
    schema: Schema,
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
        self.interval_after(state, 1.0)
    }

    /// After so many times as much of the same.
    fn interval_after(&self, state: &DifferenceState, times: f64) -> Interval {
        let half = Risk::new(self.risk.get() / 2.0).unwrap_or(self.risk);
        let side = |counts: Counts| {
            let others = counts.requests.saturating_sub(counts.hits);
            interval_at(times * to_f64(counts.hits), times * to_f64(others), half)
        };
        let (canary, baseline) = (side(state.canary), side(state.baseline));
        Interval { low: canary.low - baseline.high, high: canary.high - baseline.low }
    }

    /// Until the interval has drawn back to what was seen as far as the margin lies: its width falls about like a power
    /// of the requests, between the root of them and themselves.
    fn needed(&self, state: &DifferenceState, interval: Interval) -> Option<u64> {
        const STEPS: u32 = 4;
        let seen = state.canary.share()? - state.baseline.share()?;
        let gap = (self.margin - seen).abs();
        let width = |interval: Interval| {
            if seen < self.margin { interval.high - seen } else { seen - interval.low }
        };
        let excess = (width(interval) / gap).ln();
        let mut ln_times = 2.0 * excess;
        for _ in 0..STEPS {
            let left = (width(self.interval_after(state, ln_times.exp())) / gap).ln();
            let fallen = (excess - left) / ln_times;
            ln_times = excess / fallen;
            if left.abs() < 0.02 {
                break;
            }
        }
        let requests = state.canary.requests.saturating_add(state.baseline.requests);
        more_requests(requests, ln_times.exp().max(1.0))
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
        let next = DifferenceState {
            schema: Schema,
            canary: state.canary.plus(canary),
            baseline: state.baseline.plus(baseline),
        };
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
