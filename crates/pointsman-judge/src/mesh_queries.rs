//! Questions about a mesh's own metrics, in PromQL.
//!
//! Names come from manifests: each is written as a quoted text with its special characters escaped, so that none can
//! change the question.
//!
//! ```
//! use pointsman_judge::mesh_queries::{IstioMetrics, Reporter};
//! use pointsman_types::duration::TimeDelta;
//! let metrics = IstioMetrics::of_workload("reviews-v2", "default", TimeDelta::from_secs(60));
//! assert_eq!(
//!     metrics.requests().text,
//!     "sum(increase(istio_requests_total{reporter=\"destination\",destination_workload=\"reviews-v2\",\
//!      destination_workload_namespace=\"default\"}[60s]))"
//! );
//! ```

use pointsman_types::duration::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::{Provider, Query};

/// Which proxy counted a request: it is counted on both sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reporter {
    /// That of the server. Requests that never came there are not counted.
    #[default]
    Destination,
    /// That of the client: also counts what never came to a server.
    Source,
}

/// Questions about `istio_requests_total` and `istio_request_duration_milliseconds` of one version.
///
/// Shape: the window is at least a second, in whole milliseconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IstioMetrics {
    matchers: Vec<Matcher>,
    window: TimeDelta,
}

/// Questions about Envoy's own metrics of one upstream cluster.
///
/// Shape: the window is at least a second, in whole milliseconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnvoyMetrics {
    matchers: Vec<Matcher>,
    window: TimeDelta,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Matcher {
    label: String,
    value: String,
}

impl IstioMetrics {
    /// Of a workload, by its name: the version is part of it, such as `reviews-v2`.
    pub fn of_workload(name: impl Into<String>, namespace: impl Into<String>, window: TimeDelta) -> Self {
        Self::at(window).with("destination_workload", name).with("destination_workload_namespace", namespace)
    }

    /// Of a version of a service, by the canonical labels of its pods.
    pub fn of_version(
        service: impl Into<String>,
        version: impl Into<String>,
        namespace: impl Into<String>,
        window: TimeDelta,
    ) -> Self {
        Self::at(window)
            .with("destination_canonical_service", service)
            .with("destination_canonical_revision", version)
            .with("destination_workload_namespace", namespace)
    }

    fn at(window: TimeDelta) -> Self {
        let reporter = Matcher { label: "reporter".into(), value: "destination".into() };
        Self { matchers: vec![reporter], window }
    }

    fn with(mut self, label: &str, value: impl Into<String>) -> Self {
        self.matchers.push(Matcher { label: label.into(), value: value.into() });
        self
    }

    /// As counted there. Default: at the destination.
    #[must_use]
    pub fn reported_by(mut self, reporter: Reporter) -> Self {
        let value = match reporter {
            Reporter::Destination => "destination",
            Reporter::Source => "source",
        };
        if let Some(first) = self.matchers.first_mut() {
            first.value = value.into();
        }
        self
    }

    /// How many requests there were in the window.
    #[must_use]
    pub fn requests(&self) -> Query {
        query(format!("sum({})", self.increase("istio_requests_total", "")))
    }

    /// How many of them failed: a code of 500 or more.
    #[must_use]
    pub fn errors(&self) -> Query {
        query(format!(
            "sum({}) or vector(0)",
            self.increase("istio_requests_total", ",response_code=~\"5..\"")
        ))
    }

    /// The share of requests that did not fail, 0 to 1.
    #[must_use]
    pub fn success_share(&self) -> Query {
        let good = self.increase("istio_requests_total", ",response_code!~\"5..\"");
        let all = self.increase("istio_requests_total", "");
        query(format!("sum({good}) / sum({all})"))
    }

    /// The latency in milliseconds at this quantile, which is brought into 0 to 1.
    #[must_use]
    pub fn latency_ms(&self, quantile: f64) -> Query {
        let buckets = self.increase("istio_request_duration_milliseconds_bucket", "");
        query(format!("histogram_quantile({}, sum by (le) ({buckets}))", share(quantile)))
    }

    /// How many requests took at most so long, by the label `le`: a histogram of the window.
    #[must_use]
    pub fn latency_buckets(&self) -> Query {
        query(format!("sum by (le) ({})", self.increase("istio_request_duration_milliseconds_bucket", "")))
    }

    fn increase(&self, metric: &str, more: &str) -> String {
        increase(metric, &self.matchers, more, self.window)
    }
}

impl EnvoyMetrics {
    /// Of an upstream cluster, by its name, such as `outbound|9080|v2|reviews.default.svc.cluster.local`.
    pub fn of_cluster(name: impl Into<String>, window: TimeDelta) -> Self {
        let cluster = Matcher { label: "envoy_cluster_name".into(), value: name.into() };
        Self { matchers: vec![cluster], window }
    }

    /// How many requests were answered in the window.
    #[must_use]
    pub fn requests(&self) -> Query {
        query(format!("sum({})", self.increase("envoy_cluster_upstream_rq_xx", "")))
    }

    /// How many of them failed: a code of 500 or more.
    #[must_use]
    pub fn errors(&self) -> Query {
        let failed = self.increase("envoy_cluster_upstream_rq_xx", ",envoy_response_code_class=\"5\"");
        query(format!("sum({failed}) or vector(0)"))
    }

    /// The share of requests that did not fail, 0 to 1.
    #[must_use]
    pub fn success_share(&self) -> Query {
        let good = self.increase("envoy_cluster_upstream_rq_xx", ",envoy_response_code_class!=\"5\"");
        let all = self.increase("envoy_cluster_upstream_rq_xx", "");
        query(format!("sum({good}) / sum({all})"))
    }

    /// The latency in milliseconds at this quantile, which is brought into 0 to 1.
    #[must_use]
    pub fn latency_ms(&self, quantile: f64) -> Query {
        let buckets = self.increase("envoy_cluster_upstream_rq_time_bucket", "");
        query(format!("histogram_quantile({}, sum by (le) ({buckets}))", share(quantile)))
    }

    /// How many requests took at most so long, by the label `le`: a histogram of the window.
    #[must_use]
    pub fn latency_buckets(&self) -> Query {
        query(format!("sum by (le) ({})", self.increase("envoy_cluster_upstream_rq_time_bucket", "")))
    }

    fn increase(&self, metric: &str, more: &str) -> String {
        increase(metric, &self.matchers, more, self.window)
    }
}

fn query(text: String) -> Query {
    Query::new(Provider::Prometheus, text)
}

fn increase(metric: &str, matchers: &[Matcher], more: &str, window: TimeDelta) -> String {
    let matchers: Vec<String> =
        matchers.iter().map(|matcher| format!("{}={}", matcher.label, quoted(&matcher.value))).collect();
    format!("increase({metric}{{{}{more}}}[{}])", matchers.join(","), promql_duration(window))
}

fn share(quantile: f64) -> f64 {
    if quantile.is_nan() { 0.5 } else { quantile.clamp(0.0, 1.0) }
}

/// A length of time as PromQL writes it; at least a second.
#[must_use]
pub fn promql_duration(length: TimeDelta) -> String {
    let millis = length.millis().max(1_000);
    if millis % 1_000 == 0 { format!("{}s", millis / 1_000) } else { format!("{millis}ms") }
}

/// A text as PromQL quotes it.
///
/// ```
/// use pointsman_judge::mesh_queries::quoted;
/// assert_eq!(quoted("a\"} or vector(1) #\\"), r#""a\"} or vector(1) #\\""#);
/// ```
#[must_use]
pub fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '\\' | '"' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            c if c.is_control() => quoted.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// A text of which a regular expression of PromQL (RE2, always anchored) matches exactly this one, not yet quoted.
#[must_use]
pub fn regex_escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if "\\.+*?()|[]{}^$".contains(c) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}
