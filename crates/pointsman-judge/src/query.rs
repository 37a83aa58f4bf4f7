//! What is to be asked, and of whom.

use std::collections::BTreeMap;

use pointsman_types::{Time, duration::TimeDelta};
use serde::{Deserialize, Serialize};
use url::Url;

/// A question to a metrics system, as data. The library asks nothing itself: the caller carries the question there and
/// tells the answer as a [`Measurement`](crate::Measurement).
///
/// Shape: `text` is in the provider's own language (PromQL, a Datadog query, a JSON path for `web`, empty for a job);
/// `range` is there when a series is wanted and not the value of now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Query {
    /// Whose language it is.
    pub provider: Provider,
    /// Where to ask; `None` when the caller knows better.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Url>,
    /// The question.
    #[serde(default)]
    pub text: String,
    /// How long to wait for the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<TimeDelta>,
    /// A series instead of a value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<Range>,
    /// What else the provider wants to know: headers, an account, the manifest of a job.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, String>,
}

/// Which system answers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Provider {
    /// Prometheus and what speaks its API.
    Prometheus,
    /// Datadog.
    Datadog,
    /// New Relic.
    NewRelic,
    /// Wavefront.
    Wavefront,
    /// Amazon CloudWatch.
    CloudWatch,
    /// Graphite.
    Graphite,
    /// InfluxDB.
    InfluxDb,
    /// Apache SkyWalking.
    SkyWalking,
    /// A Kayenta server.
    Kayenta,
    /// Any address that answers in JSON.
    Web,
    /// A Kubernetes job: its end is the answer.
    Job,
    /// Something else, by name.
    Other(String),
}

/// From when to when, and how far apart the points are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Range {
    /// The first point.
    pub start: Time,
    /// Not after this.
    pub end: Time,
    /// From one point to the next.
    pub step: TimeDelta,
}

impl Query {
    /// A question to this provider.
    pub fn new(provider: Provider, text: impl Into<String>) -> Self {
        Self {
            provider,
            address: None,
            text: text.into(),
            timeout: None,
            range: None,
            parameters: BTreeMap::new(),
        }
    }

    /// Asked there.
    #[must_use]
    pub fn with_address(mut self, address: Url) -> Self {
        self.address = Some(address);
        self
    }

    /// Waiting so long for the answer.
    #[must_use]
    pub const fn with_timeout(mut self, timeout: TimeDelta) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// For a series.
    #[must_use]
    pub const fn with_range(mut self, range: Range) -> Self {
        self.range = Some(range);
        self
    }

    /// With one thing more that the provider wants to know.
    #[must_use]
    pub fn with_parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.parameters.insert(name.into(), value.into());
        self
    }
}
