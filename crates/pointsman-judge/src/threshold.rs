//! A number within bounds, tick by tick.

use serde::{Deserialize, Serialize};

use crate::schema::Schema;
use crate::{Evidence, Judge, Verdict};

/// Passes while a number of the canary stays within bounds.
///
/// Shape: bounds are inclusive. A tick outside them is a failed check; more than [`with_failures_allowed`] of them over the
/// whole judgement (default 0) is `Fail`. `Pass` after [`with_ticks`] good ticks (default 1), until then `Undecided`. A
/// tick without a value is what [`NoValue`] says, by default `NoData`.
///
/// It looks at each tick alone: with few requests a single error decides. The sequential judges do better.
///
/// ```
/// use pointsman_judge::{Evidence, Judge, NoValue, Tally, Threshold, Verdict};
/// let judge = Threshold::min_success_share(0.99)?.with_no_value(NoValue::Fail);
/// let (state, verdict) = judge.update(&Default::default(), &Evidence::new(Tally::new(500, 2)));
/// assert_eq!(verdict, Verdict::Pass);
/// let (_, verdict) = judge.update(&state, &Evidence::default());
/// assert_eq!(verdict, Verdict::Fail);
/// # Ok::<(), pointsman_judge::InvalidThreshold>(())
/// ```
///
/// Source: the metric checks of Flagger, where a tick without a value is a failed check.
///
/// [`with_failures_allowed`]: Threshold::with_failures_allowed
/// [`with_ticks`]: Threshold::with_ticks
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Threshold {
    measure: Measure,
    min: Option<f64>,
    max: Option<f64>,
    no_value: NoValue,
    min_requests: u64,
    failures_allowed: u32,
    ticks: u32,
}

/// Which number of the canary is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Measure {
    /// The share of requests that failed, 0 to 1.
    ErrorShare,
    /// The share of requests that did not fail, 0 to 1.
    SuccessShare,
    /// The latency in milliseconds that this share of the requests did not exceed.
    LatencyMs {
        /// Which share, 0 to 1.
        quantile: f64,
    },
}

/// What a tick without a value means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum NoValue {
    /// That there is nothing to judge: the verdict is [`Verdict::NoData`], nothing is counted.
    #[default]
    NoData,
    /// A good tick.
    Pass,
    /// A failed check, as in Flagger.
    Fail,
    /// That the measuring is broken: the verdict is [`Verdict::Error`], nothing is counted.
    Error,
}

/// What a [`Threshold`] has seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ThresholdState {
    #[serde(default)]
    schema: Schema,
    /// Good ticks.
    pub good: u32,
    /// Failed checks.
    pub failed: u32,
}

/// Bounds that no number can meet, or that are no numbers.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("`{min}` to `{max}` are no bounds for {what}")]
pub struct InvalidThreshold {
    min: f64,
    max: f64,
    what: &'static str,
}

impl Threshold {
    /// At most this share of errors, 0 to 1.
    ///
    /// # Errors
    /// Not a share.
    pub fn max_error_share(share: f64) -> Result<Self, InvalidThreshold> {
        Self::within(Measure::ErrorShare, None, Some(share))
    }

    /// At least this share of requests without an error, 0 to 1.
    ///
    /// # Errors
    /// Not a share.
    pub fn min_success_share(share: f64) -> Result<Self, InvalidThreshold> {
        Self::within(Measure::SuccessShare, Some(share), None)
    }

    /// At most this latency in milliseconds at this quantile, such as 0.99.
    ///
    /// # Errors
    /// A quantile outside 0 to 1, or a latency that is negative or no number.
    pub fn max_latency_ms(quantile: f64, latency_ms: f64) -> Result<Self, InvalidThreshold> {
        Self::within(Measure::LatencyMs { quantile }, None, Some(latency_ms))
    }

    /// A number within bounds; a bound that is not there is not looked at.
    ///
    /// # Errors
    /// Bounds that are no numbers, cross, or lie outside what the number can be; a quantile outside 0 to 1.
    pub fn within(measure: Measure, min: Option<f64>, max: Option<f64>) -> Result<Self, InvalidThreshold> {
        let (what, highest) = match measure {
            Measure::ErrorShare | Measure::SuccessShare => ("a share of 0 to 1", 1.0),
            Measure::LatencyMs { .. } => ("a latency at a quantile of 0 to 1", f64::MAX),
        };
        let quantile_fits = match measure {
            Measure::LatencyMs { quantile } => (0.0..=1.0).contains(&quantile),
            _ => true,
        };
        let range = 0.0..=highest;
        let fits = [min, max].into_iter().flatten().all(|bound| range.contains(&bound));
        let (low, high) = (min.unwrap_or(0.0), max.unwrap_or(highest));
        if !quantile_fits || !fits || low > high {
            return Err(InvalidThreshold { min: low, max: high, what });
        }
        Ok(Self {
            measure,
            min,
            max,
            no_value: NoValue::NoData,
            min_requests: 1,
            failures_allowed: 0,
            ticks: 1,
        })
    }

    /// With this meaning of a tick without a value.
    #[must_use]
    pub const fn with_no_value(mut self, no_value: NoValue) -> Self {
        self.no_value = no_value;
        self
    }

    /// A tick with fewer requests than this counts as one without a value. Default 1.
    #[must_use]
    pub const fn with_min_requests(mut self, requests: u64) -> Self {
        self.min_requests = requests;
        self
    }

    /// With so many failed checks forgiven. Default 0.
    #[must_use]
    pub const fn with_failures_allowed(mut self, failures: u32) -> Self {
        self.failures_allowed = failures;
        self
    }

    /// Passes only after so many good ticks. Default 1.
    #[must_use]
    pub const fn with_ticks(mut self, ticks: u32) -> Self {
        self.ticks = ticks;
        self
    }

    /// The number it looks at in this tick; `None` when there is none.
    #[must_use]
    pub fn value(&self, evidence: &Evidence) -> Option<f64> {
        let canary = &evidence.canary;
        let seen = match self.measure {
            Measure::LatencyMs { .. } => canary.latency.total(),
            _ => canary.requests,
        };
        if seen < self.min_requests {
            return None;
        }
        match self.measure {
            Measure::ErrorShare => canary.error_share(),
            Measure::SuccessShare => canary.error_share().map(|share| 1.0 - share),
            Measure::LatencyMs { quantile } => canary.latency.quantile_ms(quantile),
        }
    }

    /// Whether a number lies within the bounds. No number never does.
    #[must_use]
    pub fn holds(&self, value: f64) -> bool {
        self.min.is_none_or(|min| value >= min) && self.max.is_none_or(|max| value <= max) && !value.is_nan()
    }
}

impl Judge for Threshold {
    type State = ThresholdState;

    fn update(&self, state: &ThresholdState, evidence: &Evidence) -> (ThresholdState, Verdict) {
        if !evidence.is_consistent() {
            return (*state, Verdict::Error);
        }
        let good = match (self.value(evidence), self.no_value) {
            (Some(value), _) => self.holds(value),
            (None, NoValue::Pass) => true,
            (None, NoValue::Fail) => false,
            (None, NoValue::NoData) => return (*state, Verdict::NoData),
            (None, NoValue::Error) => return (*state, Verdict::Error),
        };
        let mut next = *state;
        let counter = if good { &mut next.good } else { &mut next.failed };
        *counter = counter.saturating_add(1);
        let verdict = if next.failed > self.failures_allowed {
            Verdict::Fail
        } else if next.good >= self.ticks {
            Verdict::Pass
        } else {
            Verdict::Undecided { needed: None }
        };
        (next, verdict)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Histogram, Tally};

    fn verdicts(judge: &Threshold, ticks: &[(u64, u64)]) -> Vec<Verdict> {
        let mut state = ThresholdState::default();
        let mut all = Vec::new();
        for (requests, errors) in ticks {
            let (next, verdict) = judge.update(&state, &Evidence::new(Tally::new(*requests, *errors)));
            state = next;
            all.push(verdict);
        }
        all
    }

    #[test]
    fn bounds_are_inclusive() {
        let judge = Threshold::max_error_share(0.01).unwrap();
        assert_eq!(verdicts(&judge, &[(100, 1)]), [Verdict::Pass]);
        assert_eq!(verdicts(&judge, &[(1_000, 11)]), [Verdict::Fail]);
        let judge = Threshold::min_success_share(0.99).unwrap();
        assert_eq!(verdicts(&judge, &[(100, 1)]), [Verdict::Pass]);
        assert_eq!(verdicts(&judge, &[(100, 2)]), [Verdict::Fail]);
    }

    #[test]
    fn no_value_means_what_one_chooses() {
        let judge = Threshold::max_error_share(0.01).unwrap();
        for (no_value, expected) in [
            (NoValue::NoData, Verdict::NoData),
            (NoValue::Pass, Verdict::Pass),
            (NoValue::Fail, Verdict::Fail),
            (NoValue::Error, Verdict::Error),
        ] {
            assert_eq!(verdicts(&judge.clone().with_no_value(no_value), &[(0, 0)]), [expected]);
            let few = judge.clone().with_no_value(no_value).with_min_requests(50);
            assert_eq!(verdicts(&few, &[(49, 0)]), [expected]);
        }
    }

    #[test]
    fn failures_are_forgiven_up_to_the_budget_and_ticks_are_waited_for() {
        let judge = Threshold::max_error_share(0.0).unwrap().with_failures_allowed(1).with_ticks(2);
        let undecided = Verdict::Undecided { needed: None };
        assert_eq!(
            verdicts(&judge, &[(9, 0), (9, 1), (9, 0), (9, 1), (9, 0)]),
            [undecided, undecided, Verdict::Pass, Verdict::Fail, Verdict::Fail]
        );
    }

    #[test]
    fn latency_is_judged_at_its_quantile() {
        let judge = Threshold::max_latency_ms(0.9, 100.0).unwrap();
        let tick = |counts| {
            let histogram = Histogram::new(vec![100.0, 500.0], counts).unwrap();
            judge.update(&Default::default(), &Evidence::new(Tally::new(100, 0).with_latency(histogram))).1
        };
        assert_eq!(tick(vec![90, 10, 0]), Verdict::Pass);
        assert_eq!(tick(vec![89, 11, 0]), Verdict::Fail);
        assert_eq!(tick(vec![0, 0, 0]), Verdict::NoData);
    }

    #[test]
    fn what_cannot_be_is_refused() {
        for share in [-0.1, 1.1, f64::NAN] {
            assert!(Threshold::max_error_share(share).is_err(), "{share}");
        }
        assert!(Threshold::max_latency_ms(1.5, 10.0).is_err());
        assert!(Threshold::within(Measure::ErrorShare, Some(0.5), Some(0.4)).is_err());
        let judge = Threshold::max_error_share(0.5).unwrap();
        assert_eq!(verdicts(&judge, &[(1, 2)]), [Verdict::Error]);
    }
}
