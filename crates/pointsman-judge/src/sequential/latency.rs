//! Latencies compared at the bounds of their histograms.

use serde::{Deserialize, Serialize};

use super::{Comparison, ComparisonState, Hits, Risk};
use crate::schema::Schema;
use crate::special::ln_sum_exp;
use crate::{Evidence, Judge, Verdict};

/// Is the canary slower than the baseline, at any of these bounds?
///
/// Shape: at each bound the requests that took longer are compared as [`Comparison`] compares errors. `Fail` when the
/// mean of the e-values over the bounds is evidence that some bound is exceeded more often; `Pass` when every bound is
/// shown to be within the margin. Each is wrong in at most `risk` of the cases, however often one looks: nothing is lost
/// to looking at several bounds at once. The bounds are those of the histogram, in milliseconds; few and telling ones
/// (a usual latency and a bad one) see more than many.
///
/// Evidence whose histogram lacks a bound is an `Error`, and so is a state of other bounds.
///
/// ```
/// use pointsman_judge::sequential::{Latency, Risk};
/// use pointsman_judge::{Evidence, Histogram, Judge, Tally, Verdict};
/// let judge = Latency::at([100.0, 500.0], Risk::FIVE_PERCENT);
/// let side = |counts: Vec<u64>| -> Result<Tally, pointsman_judge::InvalidHistogram> {
///     let latency = Histogram::new(vec![100.0, 500.0], counts)?;
///     Ok(Tally::new(latency.total(), 0).with_latency(latency))
/// };
/// let tick = Evidence::new(side(vec![400, 80, 20])?).with_baseline(side(vec![900, 90, 10])?);
/// let (_, verdict) = judge.update(&Default::default(), &tick);
/// assert_eq!(verdict, Verdict::Fail);
/// # Ok::<(), pointsman_judge::InvalidHistogram>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Latency {
    bounds_ms: Vec<f64>,
    risk: Risk,
    comparison: Comparison,
}

/// What a [`Latency`] has seen: sums for each bound.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LatencyState {
    #[serde(default)]
    schema: Schema,
    /// Which bounds, in milliseconds; empty in states from before they were written.
    #[serde(default)]
    pub bounds_ms: Vec<f64>,
    /// Bound by bound.
    pub bounds: Vec<ComparisonState>,
    /// The largest logarithm of the mean e-value for "slower" so far.
    pub slower: f64,
}

impl Latency {
    /// At these bounds, in milliseconds.
    pub fn at(bounds_ms: impl IntoIterator<Item = f64>, risk: Risk) -> Self {
        Self { bounds_ms: bounds_ms.into_iter().collect(), risk, comparison: Comparison::new(risk) }
    }

    /// `Pass` where at each bound the share of slow requests is below `1 + margin` times the baseline's. Default 1.
    #[must_use]
    pub fn with_margin(mut self, margin: f64) -> Self {
        self.comparison = self.comparison.with_margin(margin);
        self
    }

    /// `Fail` only where at some bound the share of slow requests is above `1 + tolerance` times the baseline's. Default 0.
    #[must_use]
    pub fn with_tolerance(mut self, tolerance: f64) -> Self {
        self.comparison = self.comparison.with_tolerance(tolerance);
        self
    }

    fn next_bounds(&self, state: &LatencyState, evidence: &Evidence) -> Option<Vec<ComparisonState>> {
        if !self.has_seen(state) || self.bounds_ms.iter().any(|bound| !bound.is_finite()) {
            return None;
        }
        let mut next = Vec::with_capacity(self.bounds_ms.len());
        for (at, bound_ms) in self.bounds_ms.iter().enumerate() {
            let hits = Hits::SlowerThan { bound_ms: *bound_ms };
            let (canary, baseline) = (hits.count(&evidence.canary)?, hits.count(&evidence.baseline)?);
            let so_far = state.bounds.get(at).copied().unwrap_or_default();
            next.push(self.comparison.add(&so_far, canary, baseline));
        }
        Some(next)
    }

    /// Whether the state is of these bounds, or of nothing yet.
    fn has_seen(&self, state: &LatencyState) -> bool {
        let same = state.bounds_ms.is_empty() || state.bounds_ms == self.bounds_ms;
        state.bounds.is_empty() || (same && state.bounds.len() == self.bounds_ms.len())
    }

    fn verdict(&self, state: &LatencyState) -> Verdict {
        if state.slower >= self.risk.ln_bar() {
            return Verdict::Fail;
        }
        if state.bounds.iter().all(|bound| bound.canary.requests == 0 && bound.baseline.requests == 0) {
            return Verdict::NoData;
        }
        // Without the "worse" side, which the mean decides for all bounds together.
        let within = |bound: &ComparisonState| {
            self.comparison.verdict(&ComparisonState { worse: super::Mixture::default(), ..*bound })
        };
        let mut most = Some(0);
        for bound in &state.bounds {
            match within(bound) {
                Verdict::Pass => {}
                Verdict::Undecided { needed } => most = most.zip(needed).map(|(a, b)| a.max(b)),
                _ => most = None,
            }
        }
        if most == Some(0) { Verdict::Pass } else { Verdict::Undecided { needed: most } }
    }
}

impl Judge for Latency {
    type State = LatencyState;

    fn update(&self, state: &LatencyState, evidence: &Evidence) -> (LatencyState, Verdict) {
        let Some(bounds) = self.next_bounds(state, evidence) else {
            return (state.clone(), Verdict::Error);
        };
        let slower = if bounds.is_empty() {
            0.0
        } else {
            let count = crate::histogram::to_f64(bounds.len() as u64);
            ln_sum_exp(bounds.iter().map(|bound| bound.worse.now)) - count.ln()
        };
        let next = LatencyState {
            schema: Schema,
            bounds_ms: self.bounds_ms.clone(),
            bounds,
            slower: state.slower.max(slower),
        };
        let verdict = self.verdict(&next);
        (next, verdict)
    }
}
