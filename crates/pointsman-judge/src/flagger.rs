//! Flagger's checks: numbers within bounds, and webhooks as gates, asked anew at every tick.
//!
//! ```
//! use pointsman_judge::NoValue;
//! use pointsman_judge::flagger::{Check, CheckResult};
//! let check = Check::request_success_rate().with_min(99.0);
//! assert_eq!(check.judge(Some(99.3)), CheckResult::Passed);
//! assert!(matches!(check.judge(Some(98.9)), CheckResult::Failed { .. }));
//! // No traffic fails a check in Flagger; here that is a choice.
//! assert!(matches!(check.judge(None), CheckResult::Failed { .. }));
//! assert_eq!(check.with_no_value(NoValue::NoData).judge(None), CheckResult::NoData);
//! ```
//!
//! On a tick the `rollout` hooks come first, then the checks in their order; the first that does not pass ends it:
//! [`first_failure`].
//!
//! Source: the scheduler and the metric observers of fluxcd/flagger.

use pointsman_types::duration::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::mesh_queries::{promql_duration, quoted, regex_escaped};
use crate::{NoValue, Provider, Query};

/// A number that must stay within bounds.
///
/// Shape: bounds are inclusive and optional; without any, every number passes. What a tick without a value means is
/// [`NoValue`], by default a failure as in Flagger.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Check {
    /// Its name.
    pub name: String,
    /// Where its number comes from.
    pub source: Source,
    /// Not below this.
    #[serde(default)]
    pub min: Option<f64>,
    /// Not above this.
    #[serde(default)]
    pub max: Option<f64>,
    /// What a tick without a value means.
    pub no_value: NoValue,
}

/// Where the number of a check comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Source {
    /// The percentage of requests that did not fail: a threshold is the least that passes.
    RequestSuccessRate,
    /// The 99th percentile of latency in milliseconds, cut to whole ones: a threshold is the most that passes.
    RequestDuration,
    /// A question of one's own: a threshold is the most that passes.
    Query(Box<Query>),
    /// Nothing: the check fails at every tick.
    Missing,
}

/// What came of one check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CheckResult {
    /// Within its bounds.
    Passed,
    /// Outside, or without a value where that is a failure. Counts as a failed check.
    Failed {
        /// Why.
        reason: String,
    },
    /// Without a value, where that means nothing.
    NoData,
    /// Without a value, where that means that the measuring is broken.
    Error,
}

impl Check {
    fn new(name: impl Into<String>, source: Source) -> Self {
        Self { name: name.into(), source, min: None, max: None, no_value: NoValue::Fail }
    }

    /// Flagger's `request-success-rate`, in percent.
    #[must_use]
    pub fn request_success_rate() -> Self {
        Self::new("request-success-rate", Source::RequestSuccessRate)
    }

    /// Flagger's `request-duration`, in milliseconds.
    #[must_use]
    pub fn request_duration() -> Self {
        Self::new("request-duration", Source::RequestDuration)
    }

    /// A question of one's own.
    pub fn of_query(name: impl Into<String>, query: Query) -> Self {
        Self::new(name, Source::Query(Box::new(query)))
    }

    /// As a manifest has it: the builtin of that name, else the question, else nothing. A range makes the threshold
    /// ignored; a threshold is a lower bound for the success rate and an upper bound for all else.
    #[must_use]
    pub fn from_manifest(
        name: &str,
        query: Option<Query>,
        threshold: Option<f64>,
        range: Option<(Option<f64>, Option<f64>)>,
    ) -> Self {
        let source = match (query, name) {
            (Some(query), _) => Source::Query(Box::new(query)),
            (None, "request-success-rate") => Source::RequestSuccessRate,
            (None, "request-duration") => Source::RequestDuration,
            (None, _) => Source::Missing,
        };
        let (min, max) = match (range, &source) {
            (Some(range), _) => range,
            (None, Source::RequestSuccessRate) => (threshold, None),
            (None, _) => (None, threshold),
        };
        Self { min, max, ..Self::new(name, source) }
    }

    /// Not below this.
    #[must_use]
    pub const fn with_min(mut self, min: f64) -> Self {
        self.min = Some(min);
        self
    }

    /// Not above this.
    #[must_use]
    pub const fn with_max(mut self, max: f64) -> Self {
        self.max = Some(max);
        self
    }

    /// With this meaning of a tick without a value.
    #[must_use]
    pub const fn with_no_value(mut self, no_value: NoValue) -> Self {
        self.no_value = no_value;
        self
    }

    /// What this number means; `None` and NaN are no value. A duration and its bounds are cut to whole milliseconds.
    #[must_use]
    pub fn judge(&self, value: Option<f64>) -> CheckResult {
        let failed = |reason: String| CheckResult::Failed { reason };
        if self.source == Source::Missing {
            return failed(format!("`{}` asks for nothing", self.name));
        }
        let Some(value) = value.filter(|value| !value.is_nan()) else {
            return match self.no_value {
                NoValue::NoData => CheckResult::NoData,
                NoValue::Pass => CheckResult::Passed,
                NoValue::Fail => failed(format!("`{}` has no value", self.name)),
                NoValue::Error => CheckResult::Error,
            };
        };
        let cut = |number: f64| if self.source == Source::RequestDuration { number.trunc() } else { number };
        let value = cut(value);
        if let Some(min) = self.min.map(cut).filter(|min| value < *min) {
            return failed(format!("`{}` is {value}, below {min}", self.name));
        }
        if let Some(max) = self.max.map(cut).filter(|max| value > *max) {
            return failed(format!("`{}` is {value}, above {max}", self.name));
        }
        CheckResult::Passed
    }

    /// What is to be asked for a workload of a mesh by Istio: the builtins, or the check's own question.
    #[must_use]
    pub fn query(&self, target: &str, namespace: &str, interval: TimeDelta) -> Option<Query> {
        let (target, namespace) = (quoted(&regex_escaped(target)), quoted(namespace));
        let window = promql_duration(interval);
        let labels = format!(
            "reporter=\"destination\",destination_workload_namespace={namespace},destination_workload=~{target}"
        );
        let rate = |metric: &str, more: &str| format!("rate({metric}{{{labels}{more}}}[{window}])");
        let text = match &self.source {
            Source::Query(query) => return Some((**query).clone()),
            Source::Missing => return None,
            Source::RequestSuccessRate => {
                let good = rate("istio_requests_total", ",response_code!~\"5.*\"");
                format!("sum({good}) / sum({}) * 100", rate("istio_requests_total", ""))
            }
            Source::RequestDuration => {
                let buckets = rate("istio_request_duration_milliseconds_bucket", "");
                format!("histogram_quantile(0.99, sum({buckets}) by (le))")
            }
        };
        Some(Query::new(Provider::Prometheus, text))
    }
}

/// The first check that does not pass, with what came of it; checks after it are not asked, as in Flagger.
pub fn first_failure(
    checks: &[Check],
    mut value_of: impl FnMut(&Check) -> Option<f64>,
) -> Option<(&Check, CheckResult)> {
    checks
        .iter()
        .map(|check| (check, check.judge(value_of(check))))
        .find(|(_, result)| *result != CheckResult::Passed)
}

/// When a webhook is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Gate {
    /// Before anything begins.
    ConfirmRollout,
    /// At the first tick.
    PreRollout,
    /// At each tick, before the checks.
    #[default]
    #[serde(alias = "")]
    Rollout,
    /// Before each step up.
    ConfirmTrafficIncrease,
    /// At the end.
    ConfirmPromotion,
    /// At each tick: its success asks for a rollback.
    Rollback,
    /// After success and failure.
    PostRollout,
    /// At every event.
    Event,
}

/// What the answer of a webhook does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum GateEffect {
    /// Go on.
    Open,
    /// Wait, and ask again at the next tick; nothing is counted.
    Wait,
    /// A failed check.
    FailedCheck,
    /// Keep the present step; nothing is counted.
    Hold,
    /// Roll back now.
    Rollback,
    /// Nothing.
    Ignored,
}

impl Gate {
    /// What an answer with this status does; `None` is no answer (no connection, a timeout).
    ///
    /// A status of at most 202 is a success: 204 is not one in Flagger.
    #[must_use]
    pub fn answered(self, status: Option<u16>) -> GateEffect {
        let success = status.is_some_and(|status| status <= 202);
        match (self, success) {
            (Self::Rollback, true) => GateEffect::Rollback,
            (Self::Event | Self::PostRollout, _) => GateEffect::Ignored,
            (Self::Rollback, false) | (_, true) => GateEffect::Open,
            (Self::ConfirmRollout | Self::ConfirmPromotion, false) => GateEffect::Wait,
            (Self::PreRollout | Self::Rollout, false) => GateEffect::FailedCheck,
            (Self::ConfirmTrafficIncrease, false) => GateEffect::Hold,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_threshold_bounds_the_success_rate_from_below_and_all_else_from_above() {
        let passes = |check: &Check, value| check.judge(Some(value)) == CheckResult::Passed;
        let rate = Check::from_manifest("request-success-rate", None, Some(99.0), None);
        assert!(passes(&rate, 99.0) && passes(&rate, 100.0) && !passes(&rate, 98.99));
        let duration = Check::from_manifest("request-duration", None, Some(500.0), None);
        assert!(passes(&duration, 500.9) && !passes(&duration, 501.0));
        let range = Some((Some(1.0), Some(5.0)));
        let own = Check::from_manifest("own", Some(Query::new(Provider::Datadog, "x")), Some(0.0), range);
        assert!(passes(&own, 5.0) && passes(&own, 1.0) && !passes(&own, 5.1) && !passes(&own, 0.9));
        assert!(!passes(&Check::from_manifest("own", None, Some(1e9), None), 0.0));
    }

    #[test]
    fn no_value_fails_unless_said_otherwise() {
        let check = Check::request_duration().with_max(500.0);
        for value in [None, Some(f64::NAN)] {
            assert!(matches!(check.judge(value), CheckResult::Failed { .. }));
            assert_eq!(check.clone().with_no_value(NoValue::Pass).judge(value), CheckResult::Passed);
            assert_eq!(check.clone().with_no_value(NoValue::Error).judge(value), CheckResult::Error);
        }
    }

    #[test]
    fn the_first_failure_ends_the_tick() {
        let checks =
            [Check::request_success_rate().with_min(99.0), Check::request_duration().with_max(100.0)];
        let mut asked = 0;
        let failed = first_failure(&checks, |_| {
            asked += 1;
            Some(50.0)
        });
        assert_eq!(failed.map(|(check, _)| check.name.as_str()), Some("request-success-rate"));
        assert_eq!(asked, 1);
        assert_eq!(first_failure(&checks[1..], |_| Some(50.0)), None);
    }

    #[test]
    fn gates_do_what_their_kind_says() {
        for (gate, open, shut) in [
            (Gate::ConfirmRollout, GateEffect::Open, GateEffect::Wait),
            (Gate::Rollout, GateEffect::Open, GateEffect::FailedCheck),
            (Gate::ConfirmTrafficIncrease, GateEffect::Open, GateEffect::Hold),
            (Gate::Rollback, GateEffect::Rollback, GateEffect::Open),
            (Gate::Event, GateEffect::Ignored, GateEffect::Ignored),
        ] {
            assert_eq!(gate.answered(Some(200)), open);
            assert_eq!(gate.answered(Some(204)), shut);
            assert_eq!(gate.answered(None), shut);
        }
        assert_eq!(
            serde_json::from_str::<Gate>("\"confirm-traffic-increase\"").ok(),
            Some(Gate::ConfirmTrafficIncrease)
        );
    }
}
