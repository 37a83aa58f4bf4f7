//! Wald's test between two shares.

use serde::{Deserialize, Serialize};

use super::grid::more_requests;
use super::objective::InvalidShare;
use super::{Counts, Hits, Risk};
use crate::histogram::to_f64;
use crate::schema::Schema;
use crate::{Evidence, Judge, Verdict};

/// Is the canary's share of errors a good one or a bad one? The quickest test when both are known beforehand.
///
/// Shape: `good` below `bad`, both above 0 and below 1. `Fail` where a good canary would be refused wrongly in at most
/// about `false_alarm` of the cases, `Pass` where a bad one would be passed wrongly in at most about `miss` of them. A
/// share between the two is decided one way or the other.
///
/// ```
/// use pointsman_judge::sequential::{Risk, Sprt};
/// use pointsman_judge::{Evidence, Judge, Tally, Verdict};
/// let judge = Sprt::new(0.01, 0.03, Risk::FIVE_PERCENT, Risk::FIVE_PERCENT)?;
/// let (_, verdict) = judge.update(&Default::default(), &Evidence::new(Tally::new(400, 3)));
/// assert_eq!(verdict, Verdict::Pass);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Source: A. Wald, "Sequential tests of statistical hypotheses", 1945.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Sprt {
    hits: Hits,
    good: f64,
    bad: f64,
    false_alarm: Risk,
    miss: Risk,
}

/// Two shares that cannot be told apart.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum InvalidSprt {
    /// One of them is no share.
    #[error(transparent)]
    Share(#[from] InvalidShare),
    /// The bad one is not above the good one.
    #[error("the bad share `{bad}` is not above the good one `{good}`")]
    Order {
        /// The good share.
        good: f64,
        /// The bad share.
        bad: f64,
    },
}

/// What a [`Sprt`] has seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SprtState {
    #[serde(default)]
    schema: Schema,
    /// All of the canary, up to the decision.
    pub canary: Counts,
    /// What was decided; nothing after it counts.
    pub decided: Option<Verdict>,
}

impl Sprt {
    /// Between these two shares.
    ///
    /// # Errors
    /// No shares, or not in that order.
    pub fn new(good: f64, bad: f64, false_alarm: Risk, miss: Risk) -> Result<Self, InvalidSprt> {
        let (good, bad) = (InvalidShare::check(good)?, InvalidShare::check(bad)?);
        if good >= bad {
            return Err(InvalidSprt::Order { good, bad });
        }
        Ok(Self { hits: Hits::Errors, good, bad, false_alarm, miss })
    }

    /// Of other hits than errors, such as slow requests.
    #[must_use]
    pub const fn of(mut self, hits: Hits) -> Self {
        self.hits = hits;
        self
    }

    /// The logarithm of how much more likely these counts are under the bad share.
    #[must_use]
    pub fn ln_ratio(&self, counts: Counts) -> f64 {
        let (hit, other) = self.steps();
        to_f64(counts.hits) * hit + to_f64(counts.requests.saturating_sub(counts.hits)) * other
    }

    fn steps(&self) -> (f64, f64) {
        ((self.bad / self.good).ln(), (-self.bad).ln_1p() - (-self.good).ln_1p())
    }

    /// Below the first it passes, above the second it fails.
    #[must_use]
    pub fn bars(&self) -> (f64, f64) {
        let (alarm, miss) = (self.false_alarm.get(), self.miss.get());
        ((miss / (1.0 - alarm)).ln(), ((1.0 - miss) / alarm).ln())
    }
}

impl Judge for Sprt {
    type State = SprtState;

    fn update(&self, state: &SprtState, evidence: &Evidence) -> (SprtState, Verdict) {
        let Some(tick) = self.hits.count(&evidence.canary) else { return (*state, Verdict::Error) };
        if let Some(decided) = state.decided {
            return (*state, decided);
        }
        let canary = state.canary.plus(tick);
        if canary.requests == 0 {
            return (*state, Verdict::NoData);
        }
        let (ratio, (low, high)) = (self.ln_ratio(canary), self.bars());
        let verdict = if ratio >= high {
            Verdict::Fail
        } else if ratio <= low {
            Verdict::Pass
        } else {
            let bar = if ratio > 0.0 { high } else { low };
            Verdict::Undecided { needed: more_requests(canary.requests, bar / ratio) }
        };
        (SprtState { schema: Schema, canary, decided: verdict.is_decided().then_some(verdict) }, verdict)
    }
}
