//! The counters of one version, summed up.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Sample;
use super::sample::number;
use crate::{Histogram, Tally};

/// The counters of one version at one time, summed over all series that belong to it.
///
/// Shape: they grow since each program started; [`Totals::since`] makes increments of two of them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Totals {
    /// Requests.
    pub requests: u64,
    /// Those with a code of 500 or more.
    pub errors: u64,
    /// Requests that took at most so long, by the bound as it is written.
    pub at_most: BTreeMap<String, u64>,
}

/// The names of the metrics of one kind of proxy, and how they tell errors.
struct Names {
    requests: &'static str,
    code: &'static str,
    buckets: &'static str,
}

const ISTIO: Names = Names {
    requests: "istio_requests_total",
    code: "response_code",
    buckets: "istio_request_duration_milliseconds_bucket",
};

/// Envoy counts by class, such as `5`.
const ENVOY: Names = Names {
    requests: "envoy_cluster_upstream_rq_xx",
    code: "envoy_response_code_class",
    buckets: "envoy_cluster_upstream_rq_time_bucket",
};

impl Totals {
    /// From Istio's metrics (`istio_requests_total`, `istio_request_duration_milliseconds_bucket`), of the series that
    /// have these labels, such as `destination_version` and `reporter`. A request counts as failed with a code of 500 or
    /// more; one that the client broke off (code 0) does not.
    #[must_use]
    pub fn of_istio(samples: &[Sample], labels: &[(&str, &str)]) -> Self {
        Self::of(samples, labels, &ISTIO)
    }

    /// From Envoy's own metrics of an upstream cluster (`envoy_cluster_upstream_rq_xx`,
    /// `envoy_cluster_upstream_rq_time_bucket`), of the series that have these labels, such as `envoy_cluster_name`.
    #[must_use]
    pub fn of_envoy(samples: &[Sample], labels: &[(&str, &str)]) -> Self {
        Self::of(samples, labels, &ENVOY)
    }

    fn of(samples: &[Sample], labels: &[(&str, &str)], names: &Names) -> Self {
        let mut totals = Self::default();
        let belongs = |sample: &&Sample| labels.iter().all(|(name, value)| sample.label(name) == *value);
        for sample in samples.iter().filter(belongs) {
            let count = whole(sample.value);
            if sample.name == names.requests {
                totals.requests = totals.requests.saturating_add(count);
                if sample.label(names.code).starts_with('5') {
                    totals.errors = totals.errors.saturating_add(count);
                }
            } else if sample.name == names.buckets {
                let bucket = totals.at_most.entry(sample.label("le").to_owned()).or_default();
                *bucket = bucket.saturating_add(count);
            }
        }
        totals
    }

    /// What was added since an earlier look. Counters that fell began again from 0, as after a restart.
    #[must_use]
    pub fn since(&self, before: &Self) -> Tally {
        let restarted = self.requests < before.requests || self.errors < before.errors;
        let none = Self::default();
        let base = if restarted { &none } else { before };
        let requests = self.requests - base.requests;
        let tally = Tally::new(requests, (self.errors - base.errors).min(requests));
        tally.with_latency(self.histogram_since(before))
    }

    /// Empty where the buckets cannot be read.
    fn histogram_since(&self, before: &Self) -> Histogram {
        let before_of = |le: &String| before.at_most.get(le).copied().unwrap_or(0);
        let restarted = self.at_most.iter().any(|(le, count)| *count < before_of(le));
        let added = |le: &String, count: u64| if restarted { count } else { count - before_of(le) };
        let mut bounds: Vec<(f64, u64)> = self
            .at_most
            .iter()
            .filter_map(|(le, count)| Some((number(le)?, added(le, *count))))
            .filter(|(bound, _)| !bound.is_nan())
            .collect();
        bounds.sort_by(|a, b| a.0.total_cmp(&b.0));
        let Some((_, total)) = bounds.pop_if(|(bound, _)| bound.is_infinite()) else {
            return Histogram::default();
        };
        Histogram::from_cumulative(bounds, total).unwrap_or_default()
    }
}

/// A count: what is below 0 or no number is none.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "too large a number becomes the largest"
)]
fn whole(value: f64) -> u64 {
    value.round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prometheus::read_exposition;

    const TEXT: &str = "\
istio_requests_total{destination_version=\"v2\",response_code=\"200\"} 90
istio_requests_total{destination_version=\"v2\",response_code=\"503\",pod=\"b\"} 8
istio_requests_total{destination_version=\"v2\",response_code=\"404\"} 2
istio_requests_total{destination_version=\"v1\",response_code=\"500\"} 7
istio_request_duration_milliseconds_bucket{destination_version=\"v2\",le=\"100\"} 60
istio_request_duration_milliseconds_bucket{destination_version=\"v2\",le=\"25\"} 40
istio_request_duration_milliseconds_bucket{destination_version=\"v2\",le=\"+Inf\"} 100
";

    #[test]
    fn counters_become_a_tally_of_one_version() {
        let totals = Totals::of_istio(&read_exposition(TEXT).unwrap(), &[("destination_version", "v2")]);
        let tally = totals.since(&Totals::default());
        assert_eq!((tally.requests, tally.errors), (100, 8));
        assert_eq!(tally.latency.bounds_ms(), [25.0, 100.0]);
        assert_eq!(tally.latency.counts(), [40, 20, 40]);
        assert_eq!(
            totals.since(&totals),
            Tally::new(0, 0).with_latency(Histogram::new(vec![25.0, 100.0], vec![0; 3]).unwrap())
        );
    }

    #[test]
    fn counters_that_fell_began_again() {
        let totals = |text: &str| Totals::of_istio(&read_exposition(text).unwrap(), &[]);
        let before = totals("istio_requests_total{response_code=\"200\"} 1000");
        let after = totals("istio_requests_total{response_code=\"200\"} 30");
        assert_eq!(after.since(&before).requests, 30);
        let odd = totals("istio_requests_total NaN\nistio_requests_total -3\nistio_requests_total 1e300");
        assert_eq!(odd.requests, u64::MAX);
    }

    #[test]
    fn buckets_that_contradict_themselves_are_left_out() {
        let name = "istio_request_duration_milliseconds_bucket";
        let text = format!(
            "{name}{{le=\"1\"}} 5\n{name}{{le=\"2\"}} 4\n{name}{{le=\"+Inf\"}} 9\n{name}{{le=\"x\"}} 1"
        );
        let totals = Totals::of_istio(&read_exposition(&text).unwrap(), &[]);
        assert_eq!(totals.since(&Totals::default()).latency, Histogram::default());
    }

    #[test]
    fn envoys_own_counters_are_read_too() {
        let text = "envoy_cluster_upstream_rq_xx{envoy_response_code_class=\"2\",envoy_cluster_name=\"c\"} 9\n\
                    envoy_cluster_upstream_rq_xx{envoy_response_code_class=\"5\",envoy_cluster_name=\"c\"} 1\n";
        let totals = Totals::of_envoy(&read_exposition(text).unwrap(), &[("envoy_cluster_name", "c")]);
        assert_eq!((totals.requests, totals.errors), (10, 1));
    }
}
