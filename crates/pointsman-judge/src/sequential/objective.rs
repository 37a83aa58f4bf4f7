//! One version against an objective.

use serde::{Deserialize, Serialize};

use super::grid::{Grid, POINTS, more_requests};
use super::{Counts, Hits, Risk};
use crate::histogram::to_f64;
use crate::schema::Schema;
use crate::special::normal_quantile;
use crate::{Evidence, Judge, Verdict};

/// Is the canary's share of errors (or of slow requests) above an objective, or shown to be below it?
///
/// Valid however often one looks. The baseline is not looked at.
///
/// Shape: the objective is a share above 0 and below 1. `Fail` once it is shown that the share is above it, `Pass` once
/// it is shown to be below, each wrongly in at most `risk` of the cases; a share that is just the objective is undecided
/// for ever. "99 % under 500 ms" is `Objective::max_share(0.01, risk)?.of(Hits::SlowerThan { bound_ms: 500.0 })`.
///
/// ```
/// use pointsman_judge::sequential::{Objective, Risk};
/// use pointsman_judge::{Evidence, Judge, Tally, Verdict};
/// let judge = Objective::max_share(0.01, Risk::FIVE_PERCENT)?;
/// let (_, verdict) = judge.update(&Default::default(), &Evidence::new(Tally::new(1_000, 0)));
/// assert_eq!(verdict, Verdict::Pass);
/// # Ok::<(), pointsman_judge::sequential::InvalidShare>(())
/// ```
///
/// Source: the likelihood ratio of Wald's test, mixed over 24 alternatives on each side (by odds).
#[derive(Debug, Clone, PartialEq)]
pub struct Objective {
    hits: Hits,
    share: f64,
    risk: Risk,
    grid: Grid,
    /// The logarithms of both likelihoods against the objective, of a hit and of another request, above and below.
    above: [(f64, f64); POINTS],
    below: [(f64, f64); POINTS],
}

/// A number that is no share.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("`{0}` is not a share: expected a number above 0 and below 1")]
pub struct InvalidShare(f64);

impl InvalidShare {
    pub(crate) fn check(share: f64) -> Result<f64, Self> {
        if share > 0.0 && share < 1.0 { Ok(share) } else { Err(Self(share)) }
    }
}

/// What an [`Objective`] has seen.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ObjectiveState {
    #[serde(default)]
    schema: Schema,
    /// All of the canary.
    pub canary: Counts,
    /// The largest logarithm of the e-value for "above" so far.
    pub above: f64,
    /// The largest logarithm of the e-value for "below" so far.
    pub below: f64,
}

impl Objective {
    /// At most this share of errors.
    ///
    /// # Errors
    /// Not above 0 and below 1.
    pub fn max_share(share: f64, risk: Risk) -> Result<Self, InvalidShare> {
        let share = InvalidShare::check(share)?;
        let grid = Grid::new();
        let likelihoods = |sign: f64| {
            grid.size.map(|size| {
                // Odds times e^size: of a hit e^size / q, of another request 1 / q.
                let q = (share * (sign * size).exp_m1()).ln_1p();
                (sign * size - q, -q)
            })
        };
        let (above, below) = (likelihoods(1.0), likelihoods(-1.0));
        Ok(Self { hits: Hits::Errors, share, risk, grid, above, below })
    }

    /// Of other hits than errors, such as slow requests.
    #[must_use]
    pub const fn of(mut self, hits: Hits) -> Self {
        self.hits = hits;
        self
    }

    /// The logarithms of the e-values for "above" and "below" the objective, for these counts.
    #[must_use]
    pub fn ln_e_values(&self, counts: Counts) -> (f64, f64) {
        let (hits, others) = (to_f64(counts.hits), to_f64(counts.requests.saturating_sub(counts.hits)));
        let mixed = |likelihoods: &[(f64, f64); POINTS]| {
            self.grid.mix(&likelihoods.map(|(hit, other)| hits * hit + others * other))
        };
        (mixed(&self.above), mixed(&self.below))
    }

    /// How many requests as seen so far decide it, by the distance from the objective.
    fn needed(&self, counts: Counts) -> Option<u64> {
        let share = counts.share()?.clamp(1e-12, 1.0 - 1e-12);
        let (p, q) = (self.share, 1.0 - self.share);
        let gain = share * (share / p).ln() + (1.0 - share) * ((1.0 - share) / q).ln();
        // What a fixed test of the same risk would need, and what looking at every tick costs.
        let bar = self.risk.ln_bar() + 0.5 * (1.0 - normal_quantile(self.risk.get() / 2.0)).ln() + 1.0;
        let requests = to_f64(counts.requests);
        more_requests(counts.requests, (bar / (gain * requests)).max(1.0 + 1.0 / requests))
    }
}

impl Judge for Objective {
    type State = ObjectiveState;

    fn update(&self, state: &ObjectiveState, evidence: &Evidence) -> (ObjectiveState, Verdict) {
        let Some(tick) = self.hits.count(&evidence.canary) else { return (*state, Verdict::Error) };
        let canary = state.canary.plus(tick);
        let (above, below) = self.ln_e_values(canary);
        let next = ObjectiveState {
            schema: Schema,
            canary,
            above: state.above.max(above),
            below: state.below.max(below),
        };
        let bar = self.risk.ln_bar();
        let verdict = if canary.requests == 0 {
            Verdict::NoData
        } else if next.above >= bar {
            Verdict::Fail
        } else if next.below >= bar {
            Verdict::Pass
        } else {
            Verdict::Undecided { needed: self.needed(canary) }
        };
        (next, verdict)
    }
}
