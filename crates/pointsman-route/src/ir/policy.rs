//! What is done to a request besides sending it: mirrors, retries, faults, CORS, hash policies.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{ClusterName, RegexRewrite, StringMatch};

/// A share of requests: `draw % denominator < numerator`.
///
/// Shape: a numerator above the denominator means always. The default is none.
///
/// Source: Envoy's `FractionalPercent`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Fraction {
    /// So many.
    pub numerator: u32,
    /// Of so many.
    pub denominator: Denominator,
}

/// What a [`Fraction`] is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum Denominator {
    /// 100.
    #[default]
    Hundred,
    /// 10,000.
    TenThousand,
    /// 1,000,000.
    Million,
}

impl Fraction {
    /// Always.
    pub const ALWAYS: Self = Self { numerator: 100, denominator: Denominator::Hundred };

    /// So many of a million.
    #[must_use]
    pub const fn of_million(numerator: u32) -> Self {
        Self { numerator, denominator: Denominator::Million }
    }

    /// So many of a hundred.
    #[must_use]
    pub const fn of_hundred(numerator: u32) -> Self {
        Self { numerator, denominator: Denominator::Hundred }
    }

    /// Whether it happens for this draw.
    #[must_use]
    pub const fn holds(self, draw: u64) -> bool {
        draw % self.denominator.value() < self.numerator as u64
    }
}

impl Denominator {
    /// As a number.
    #[must_use]
    pub const fn value(self) -> u64 {
        match self {
            Self::Hundred => 100,
            Self::TenThousand => 10_000,
            Self::Million => 1_000_000,
        }
    }
}

/// A share of requests that can be changed while the proxy runs.
///
/// Source: Envoy's `RuntimeFractionalPercent`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct RuntimeFraction {
    /// The share without an override.
    pub default: Fraction,
    /// The name of the override, may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub runtime_key: String,
}

impl From<Fraction> for RuntimeFraction {
    fn from(default: Fraction) -> Self {
        Self { default, runtime_key: String::new() }
    }
}

/// Copies of requests sent to another cluster; answers are thrown away.
///
/// Source: Envoy's `RequestMirrorPolicy`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Mirror {
    /// Where to; empty where `cluster_header` is given.
    pub cluster: ClusterName,
    /// The request header that names the cluster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster_header: Option<String>,
    /// Which share, by [`Draws::route`](pointsman_types::Draws); `None`: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fraction: Option<RuntimeFraction>,
    /// Whether the copy goes to the host of the request itself, not to that with `-shadow` behind its first part. Istio:
    /// true.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub keeps_host: bool,
}

impl Mirror {
    /// All requests, to the host of the request itself.
    #[must_use]
    pub const fn to(cluster: ClusterName) -> Self {
        Self { cluster, cluster_header: None, fraction: None, keeps_host: true }
    }

    /// With only that share of requests.
    #[must_use]
    pub fn with_fraction(mut self, fraction: impl Into<RuntimeFraction>) -> Self {
        self.fraction = Some(fraction.into());
        self
    }
}

/// When and how often a request is tried again.
///
/// Source: Envoy's `RetryPolicy`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Retry {
    /// Conditions, joined by commas: `connect-failure,refused-stream`.
    pub retry_on: String,
    /// How often at most, besides the first try; `None`: 1.
    pub retries: Option<u32>,
    /// How long each try may take.
    pub per_try_timeout: Option<Duration>,
    /// Statuses that are tried again with the condition `retriable-status-codes`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub status_codes: Vec<u16>,
    /// Whether endpoints tried before are avoided.
    pub avoid_previous_hosts: bool,
    /// How often a choice of endpoint is repeated to avoid them.
    pub host_selection_attempts: Option<i64>,
    /// Other priorities (localities) are preferred after so many attempts.
    pub avoid_previous_priorities: Option<u32>,
    /// The base of the backoff; `None`: 25 ms.
    pub base_interval: Option<Duration>,
    /// The longest backoff; `None`: ten times the base.
    pub max_interval: Option<Duration>,
}

/// Errors made on purpose.
///
/// Source: Envoy's fault filter.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Fault {
    /// Some requests wait.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay: Option<DelayFault>,
    /// Some requests fail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub abort: Option<AbortFault>,
}

/// Some requests wait before they are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DelayFault {
    /// How long.
    pub duration: Duration,
    /// How many of them, by [`Draws::fault_delay`](pointsman_types::Draws).
    pub fraction: Fraction,
}

/// Some requests are answered with an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AbortFault {
    /// Which error.
    pub status: AbortStatus,
    /// How many of them, by [`Draws::fault_abort`](pointsman_types::Draws).
    pub fraction: Fraction,
}

/// The error of an abort.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum AbortStatus {
    /// An HTTP status.
    Http(u16),
    /// A gRPC status.
    Grpc(u32),
}

/// Which other origins may use the answers.
///
/// Source: Envoy's `CorsPolicy`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Cors {
    /// Allowed values of `origin`.
    pub allow_origins: Vec<StringMatch>,
    /// `access-control-allow-methods`, joined by commas.
    pub allow_methods: String,
    /// `access-control-allow-headers`, joined by commas.
    pub allow_headers: String,
    /// `access-control-expose-headers`, joined by commas.
    pub expose_headers: String,
    /// `access-control-max-age`, in seconds as text.
    pub max_age: String,
    /// `access-control-allow-credentials`.
    pub allow_credentials: Option<bool>,
    /// Whether preflights of other origins are sent on (the default) or answered.
    pub forward_unmatched_preflights: Option<bool>,
    /// The share of requests for which the policy is in force; `None`: all.
    pub enabled: Option<RuntimeFraction>,
}

/// One thing that consistent hashing looks at.
///
/// Source: Envoy's `RouteAction.HashPolicy`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct HashPolicy {
    /// What.
    pub source: HashSource,
    /// Whether later policies are left out once there is a hash.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub terminal: bool,
}

impl From<HashSource> for HashPolicy {
    fn from(source: HashSource) -> Self {
        Self { source, terminal: false }
    }
}

/// What consistent hashing looks at.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum HashSource {
    /// All values of a header.
    Header {
        /// Name.
        name: String,
        /// Applied to each value first.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rewrite: Option<RegexRewrite>,
    },
    /// A cookie.
    Cookie {
        /// Name.
        name: String,
        /// How long a generated one lives; zero: the session; `None`: none is generated.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ttl: Option<Duration>,
        /// The path of a generated one; may be empty.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        path: String,
        /// Other attributes of a generated one: `SameSite` and `Strict`.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        attributes: Vec<(String, String)>,
    },
    /// The address of the client.
    SourceIp,
    /// A query parameter.
    QueryParameter(String),
}
