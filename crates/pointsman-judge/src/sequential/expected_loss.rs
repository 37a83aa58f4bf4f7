//! What it costs to be wrong, in the Bayesian way.

use serde::{Deserialize, Serialize};

use super::grid::more_requests;
use super::objective::InvalidShare;
use super::{Counts, Hits, Risk};
use crate::histogram::to_f64;
use crate::schema::Schema;
use crate::special::BetaPair;
use crate::{Evidence, Judge, Verdict};

/// Is the loss that is to be expected from the canary small enough, or is it most likely worse?
///
/// Each side's share of errors is believed to be Beta(1 + errors, 1 + others), with what was seen before counted in
/// ([`with_prior`](Self::with_prior)). `Pass` once the expected excess of the canary's share over the baseline's is below
/// `max_loss`; `Fail` once the canary is worse with probability `1 - risk` or more.
///
/// Easy to explain and quick to pass; but **not** protected against looking often: wrong verdicts become more frequent
/// than the numbers say the more often one looks. [`Comparison`](super::Comparison) is.
///
/// Cost of an update: see [`belief`].
///
/// ```
/// use pointsman_judge::sequential::{ExpectedLoss, Risk};
/// use pointsman_judge::{Evidence, Judge, Tally, Verdict};
/// let judge = ExpectedLoss::new(0.001, Risk::ONE_PERCENT)?;
/// let tick = Evidence::new(Tally::new(5_000, 20)).with_baseline(Tally::new(5_000, 40));
/// assert_eq!(judge.update(&Default::default(), &tick).1, Verdict::Pass);
/// # Ok::<(), pointsman_judge::sequential::InvalidShare>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExpectedLoss {
    hits: Hits,
    max_loss: f64,
    risk: Risk,
    #[serde(default)]
    prior: Counts,
}

/// What an [`ExpectedLoss`] has seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ExpectedLossState {
    #[serde(default)]
    schema: Schema,
    /// All of the canary.
    pub canary: Counts,
    /// All of the baseline.
    pub baseline: Counts,
}

/// What is believed of the canary against the baseline.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Belief {
    /// How likely the canary's share is the higher one.
    pub worse: f64,
    /// By how much it is higher, on average, counting as 0 where it is lower.
    pub expected_loss: f64,
}

/// What is believed after these counts, each share being Beta(1 + hits, 1 + others).
///
/// Exact to about 1e-12 relative for any counts, however small the numbers are (below 1e-290 they are 0). Cost: a sum of a
/// few hundred terms or 13 nodes of an integral, below a microsecond.
///
/// ```
/// use pointsman_judge::sequential::{Counts, belief};
/// let even = belief(Counts::new(100, 5), Counts::new(100, 5));
/// assert!((even.worse - 0.5).abs() < 1e-12);
/// ```
#[must_use]
pub fn belief(canary: Counts, baseline: Counts) -> Belief {
    let ((a, b), (c, d)) = (shape(canary), shape(baseline));
    let excess = BetaPair { a, b, c, d }.excess();
    Belief { worse: excess.above, expected_loss: excess.mean }
}

/// Of the belief in a share after these counts, with one hit and one other before all.
fn shape(counts: Counts) -> (f64, f64) {
    let hits = counts.hits.min(counts.requests);
    (1.0 + to_f64(hits), 1.0 + to_f64(counts.requests - hits))
}

impl ExpectedLoss {
    /// Passing below this expected loss (a share of requests), failing at this risk.
    ///
    /// # Errors
    /// A loss that is not above 0 and below 1.
    pub fn new(max_loss: f64, risk: Risk) -> Result<Self, InvalidShare> {
        Ok(Self {
            hits: Hits::Errors,
            max_loss: InvalidShare::check(max_loss)?,
            risk,
            prior: Counts::default(),
        })
    }

    /// Of other hits than errors, such as slow requests.
    #[must_use]
    pub const fn of(mut self, hits: Hits) -> Self {
        self.hits = hits;
        self
    }

    /// As if each side had been seen so before: what is known of the service counts like so many requests. Default: none.
    ///
    /// Whole requests on top of Beta(1, 1), so no prior below 1 (such as Jeffreys' of one half) can be said: the exact
    /// integrals are not made for those.
    #[must_use]
    pub const fn with_prior(mut self, prior: Counts) -> Self {
        self.prior = prior;
        self
    }

    /// What is believed after these counts.
    #[must_use]
    pub fn belief(&self, state: &ExpectedLossState) -> Belief {
        belief(self.prior.plus(state.canary), self.prior.plus(state.baseline))
    }

    fn verdict_on(&self, belief: Belief) -> Option<Verdict> {
        if belief.worse >= 1.0 - self.risk.get() {
            Some(Verdict::Fail)
        } else if belief.expected_loss < self.max_loss {
            Some(Verdict::Pass)
        } else {
            None
        }
    }

    /// By the beliefs that many times as much of the same would make.
    fn needed(&self, state: &ExpectedLossState) -> Option<u64> {
        let decides = |times: f64| {
            let [canary, baseline] =
                [state.canary, state.baseline].map(|counts| self.shape_after(counts, times));
            self.verdict_on(bell(canary, baseline)).is_some()
        };
        let (mut low, mut high) = (0.0_f64, 30.0_f64);
        if !decides(high.exp()) {
            return None;
        }
        while high - low > 0.01 {
            let middle = f64::midpoint(low, high);
            if decides(middle.exp()) { high = middle } else { low = middle }
        }
        more_requests(state.canary.requests.saturating_add(state.baseline.requests), high.exp())
    }

    /// Of the belief in a share after so many times these counts.
    fn shape_after(&self, counts: Counts, times: f64) -> (f64, f64) {
        let ((hits, others), (prior_hits, prior_others)) = (shape(counts), shape(self.prior));
        (prior_hits + times * (hits - 1.0), prior_others + times * (others - 1.0))
    }
}

/// What is believed where the difference of the log-odds is about normal, and the excess too: good to a few percent where
/// there are some hits.
///
/// Source: the bound of A. V. Boyd on Mills' ratio, 1959.
fn bell((a, b): (f64, f64), (c, d): (f64, f64)) -> Belief {
    use std::f64::consts::{PI, TAU};
    let tail = |z: f64| {
        let density = (-0.5 * z * z).exp() / TAU.sqrt();
        (density, PI / (2.0 * z + ((PI - 2.0).powi(2) * z * z + TAU).sqrt()))
    };
    let odds = ((a - 0.5) * (d - 0.5) / ((b - 0.5) * (c - 0.5))).ln();
    let (density, mills) = tail(odds.abs() / (1.0 / a + 1.0 / b + 1.0 / c + 1.0 / d).sqrt());
    let worse = if odds > 0.0 { 1.0 - density * mills } else { density * mills };
    let variance = |a: f64, b: f64| a / (a + b) * (b / (a + b)) / (a + b + 1.0);
    let (mean, deviation) = (a / (a + b) - c / (c + d), (variance(a, b) + variance(c, d)).sqrt());
    let z = mean.abs() / deviation;
    let (density, mills) = tail(z);
    Belief { worse, expected_loss: mean.max(0.0) + deviation * density * (1.0 - z * mills) }
}

impl Judge for ExpectedLoss {
    type State = ExpectedLossState;

    fn update(&self, state: &ExpectedLossState, evidence: &Evidence) -> (ExpectedLossState, Verdict) {
        let (Some(canary), Some(baseline)) =
            (self.hits.count(&evidence.canary), self.hits.count(&evidence.baseline))
        else {
            return (*state, Verdict::Error);
        };
        let next = ExpectedLossState {
            schema: Schema,
            canary: state.canary.plus(canary),
            baseline: state.baseline.plus(baseline),
        };
        if next.canary.requests == 0 || next.baseline.requests == 0 {
            return (next, Verdict::NoData);
        }
        let verdict = self
            .verdict_on(self.belief(&next))
            .unwrap_or_else(|| Verdict::Undecided { needed: self.needed(&next) });
        (next, verdict)
    }
}
