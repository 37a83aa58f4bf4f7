//! The counters of one version, summed up.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Sample;
use super::sample::number;
use crate::mesh_queries::quoted;
use crate::{Histogram, Tally};

/// The counters of one version at one time, series by series.
///
/// Shape: a number for each series of one look, by its labels, and nothing of looks before; so it is as large as the
/// latest look, however many there were. The numbers grow since each program started; [`Totals::since`] makes increments
/// of two looks.
///
/// Series must be told apart by their labels, as Prometheus does with `pod` or `instance`: those with the same labels are
/// added up, and a restart within such a sum cannot be seen. For the same reason nothing may have been summed up before.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Totals {
    /// Requests that did not fail.
    good: BTreeMap<String, u64>,
    /// Those with a code of 500 or more.
    failed: BTreeMap<String, u64>,
    /// Requests that took at most so long, by the bound as it is written.
    at_most: BTreeMap<String, BTreeMap<String, u64>>,
}

/// The label of a bucket's bound.
const BOUND: &str = "le";

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
            let counter = if sample.name == names.requests {
                let failed = sample.label(names.code).starts_with('5');
                let series = if failed { &mut totals.failed } else { &mut totals.good };
                series.entry(key(sample, "")).or_default()
            } else if sample.name == names.buckets {
                let series = totals.at_most.entry(key(sample, BOUND)).or_default();
                series.entry(sample.label(BOUND).to_owned()).or_default()
            } else {
                continue;
            };
            *counter = counter.saturating_add(whole(sample.value));
        }
        totals
    }

    /// All requests, since the programs started.
    #[must_use]
    pub fn requests(&self) -> u64 {
        sum(self.good.values().copied()).saturating_add(self.errors())
    }

    /// Those with a code of 500 or more.
    #[must_use]
    pub fn errors(&self) -> u64 {
        sum(self.failed.values().copied())
    }

    /// What was added since an earlier look, series by series.
    ///
    /// | a series | adds |
    /// |---|---|
    /// | that grew | the difference |
    /// | that fell: its program restarted, or the proxy dropped it and began it anew | all it counts now |
    /// | that was not there before: a new pod, or a code never seen | all it counts now |
    /// | that is there no more | nothing: what it counted after the earlier look is lost |
    ///
    /// A histogram is one series: when one of its buckets fell, all began again. Since what is new counts in full, an
    /// earlier look that lacks a pod which was there (a scrape that failed) counts that pod's whole life; leave out such
    /// looks.
    ///
    /// Cost: O(series · log series).
    #[must_use]
    pub fn since(&self, before: &Self) -> Tally {
        let added = |now: &BTreeMap<String, u64>, before: &BTreeMap<String, u64>| {
            sum(now.iter().map(|(series, count)| count.checked_sub(of(before, series)).unwrap_or(*count)))
        };
        let errors = added(&self.failed, &before.failed);
        let requests = added(&self.good, &before.good).saturating_add(errors);
        Tally::new(requests, errors).with_latency(self.histogram_since(before))
    }

    /// Empty where the buckets cannot be read.
    fn histogram_since(&self, before: &Self) -> Histogram {
        let (none, mut sums) = (BTreeMap::new(), BTreeMap::<&str, u64>::new());
        for (series, now) in &self.at_most {
            let before = before.at_most.get(series).unwrap_or(&none);
            let restarted = now.iter().any(|(bound, count)| *count < of(before, bound));
            for (bound, count) in now {
                let added = if restarted { *count } else { count.saturating_sub(of(before, bound)) };
                let sum = sums.entry(bound).or_default();
                *sum = sum.saturating_add(added);
            }
        }
        let read = sums.into_iter().filter_map(|(bound, count)| Some((number(bound)?, count)));
        let mut bounds: Vec<(f64, u64)> = read.filter(|(bound, _)| !bound.is_nan()).collect();
        bounds.sort_by(|a, b| a.0.total_cmp(&b.0));
        let Some((_, total)) = bounds.pop_if(|(bound, _)| bound.is_infinite()) else {
            return Histogram::default();
        };
        Histogram::from_cumulative(bounds, total).unwrap_or_default()
    }
}

/// The labels of a series but for one, in their order.
fn key(sample: &Sample, without: &str) -> String {
    let labels = sample.labels.iter().filter(|(name, value)| *name != without && !value.is_empty());
    labels.map(|(name, value)| format!("{name}={}", quoted(value))).collect::<Vec<_>>().join(",")
}

fn of(counts: &BTreeMap<String, u64>, name: &str) -> u64 {
    counts.get(name).copied().unwrap_or(0)
}

fn sum(counts: impl Iterator<Item = u64>) -> u64 {
    counts.fold(0, u64::saturating_add)
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
        assert_eq!(odd.requests(), u64::MAX);
    }

    #[test]
    fn each_series_is_compared_with_itself() {
        let totals = |pods: &[(&str, u64, u64)]| {
            let sample = |pod: &str, code: &str, count: u64| {
                format!("istio_requests_total{{pod=\"{pod}\",response_code=\"{code}\"}} {count}\n")
            };
            let text: String = pods
                .iter()
                .map(|(pod, good, failed)| sample(pod, "200", *good) + &sample(pod, "503", *failed))
                .collect();
            Totals::of_istio(&read_exposition(&text).unwrap(), &[])
        };
        let added = |before: &Totals, after: &Totals| {
            let tally = after.since(before);
            (tally.requests, tally.errors)
        };
        let before = totals(&[("a", 1_000, 10), ("b", 500, 5)]);
        // The sum grows all the same.
        assert_eq!(added(&before, &totals(&[("a", 2_000, 12), ("b", 40, 3)])), (1_045, 5));
        assert_eq!(added(&before, &totals(&[("a", 1_010, 10)])), (10, 0));
        assert_eq!(added(&before, &totals(&[("a", 1_000, 10), ("b", 500, 5), ("c", 7, 1)])), (8, 1));
        let kept = serde_json::to_string(&before).unwrap();
        assert_eq!(serde_json::from_str::<Totals>(&kept).unwrap(), before);
    }

    #[test]
    fn a_histogram_begins_again_as_a_whole() {
        let totals = |pods: [(&str, u64, u64); 2]| {
            let bucket = |pod: &str, le: &str, count: u64| {
                format!("istio_request_duration_milliseconds_bucket{{le=\"{le}\",pod=\"{pod}\"}} {count}\n")
            };
            let text = pods.map(|(pod, quick, all)| bucket(pod, "100", quick) + &bucket(pod, "+Inf", all));
            Totals::of_istio(&read_exposition(&text.concat()).unwrap(), &[])
        };
        let before = totals([("a", 10, 100), ("b", 50, 60)]);
        // The first pod's quick requests are more than ever, but all together are not.
        let after = totals([("a", 20, 30), ("b", 51, 63)]);
        assert_eq!(after.since(&before).latency.counts(), [21, 12]);
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
        assert_eq!((totals.requests(), totals.errors()), (10, 1));
    }
}
