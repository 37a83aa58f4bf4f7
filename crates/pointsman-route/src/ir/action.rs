//! What happens to a request.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{ClusterName, HashPolicy, HeaderOps, Mirror, Retry};

/// What happens to a request that a route takes.
///
/// Source: the action of Envoy's `Route`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum Action {
    /// It is sent on.
    Forward(Box<Forward>),
    /// The client is sent elsewhere.
    Redirect(Box<Redirect>),
    /// The proxy answers.
    DirectResponse(Box<DirectResponse>),
    /// A route without action: Envoy refuses it. A request that reaches it is answered 404 here.
    #[default]
    None,
}

impl Action {
    /// Everything to one cluster, with no other treatment.
    #[must_use]
    pub fn to_cluster(cluster: ClusterName) -> Self {
        Self::Forward(Box::new(Forward::to(DestinationChoice::Cluster(cluster))))
    }
}

/// How a request is sent on.
///
/// Source: Envoy's `RouteAction`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Forward {
    /// Where to.
    pub destination: DestinationChoice,
    /// What becomes of the path.
    #[serde(default, skip_serializing_if = "PathRewrite::is_none")]
    pub path_rewrite: PathRewrite,
    /// What becomes of the authority.
    #[serde(default, skip_serializing_if = "HostRewrite::is_none")]
    pub host_rewrite: HostRewrite,
    /// Whether the authority that is replaced is told in `x-forwarded-host`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub append_forwarded_host: bool,
    /// How long the whole request may take; zero: no limit; `None`: Envoy's default of 15 s. Istio: zero unless set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Duration>,
    /// How long the stream may be idle.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idle_timeout: Option<Duration>,
    /// The most that a client's `grpc-timeout` may ask for; zero: whatever it asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_grpc_timeout: Option<Duration>,
    /// How long the stream may last, in Envoy's newer words. Istio: for requests that come in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_stream_duration: Option<MaxStreamDuration>,
    /// Retries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry: Option<Retry>,
    /// Copies to others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mirrors: Vec<Mirror>,
    /// What consistent hashing looks at, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hash: Vec<HashPolicy>,
    /// Protocols that a request may upgrade to, such as `websocket`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub upgrades: Vec<String>,
    /// The answer where the cluster does not exist; `None`: 503.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster_not_found_status: Option<u16>,
}

/// How long a stream may last; zero: no limit.
///
/// Source: Envoy's `RouteAction.MaxStreamDuration`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct MaxStreamDuration {
    /// Any stream.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub any: Option<Duration>,
    /// The most that a client's `grpc-timeout` may ask for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grpc_timeout_max: Option<Duration>,
}

impl Forward {
    /// With that destination and no other treatment (no timeout either, as Istio sends it).
    #[must_use]
    pub fn to(destination: DestinationChoice) -> Self {
        Self {
            destination,
            path_rewrite: PathRewrite::None,
            host_rewrite: HostRewrite::None,
            append_forwarded_host: false,
            timeout: Some(Duration::ZERO),
            idle_timeout: None,
            max_grpc_timeout: None,
            max_stream_duration: None,
            retry: None,
            mirrors: Vec::new(),
            hash: Vec::new(),
            upgrades: Vec::new(),
            cluster_not_found_status: None,
        }
    }
}

/// Where a request is sent.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum DestinationChoice {
    /// To one cluster.
    Cluster(ClusterName),
    /// To the cluster that this request header names; 503 without it.
    ClusterHeader(String),
    /// Shared among several by weight: `draw % sum`, consecutive ranges in this order, weight 0 never.
    Weighted {
        /// The destinations.
        destinations: Vec<WeightedDestination>,
        /// The request header whose decimal number replaces the draw. Istio never sets it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        random_header: Option<String>,
        /// Whether the hash of the request replaces the draw. Istio never sets it.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        use_hash_policy: bool,
    },
}

impl DestinationChoice {
    /// Shared by weight, by the draw alone.
    #[must_use]
    pub const fn weighted(destinations: Vec<WeightedDestination>) -> Self {
        Self::Weighted { destinations, random_header: None, use_hash_policy: false }
    }
}

/// One of several destinations.
///
/// Source: Envoy's `WeightedCluster.ClusterWeight`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct WeightedDestination {
    /// Where to; empty where `cluster_header` is given.
    pub cluster: ClusterName,
    /// The request header that names the cluster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster_header: Option<String>,
    /// Its relative share.
    pub weight: u32,
    /// Header operations that run before the route's.
    #[serde(default, skip_serializing_if = "HeaderOps::is_empty")]
    pub headers: HeaderOps,
    /// The authority sent; the route's own rewrite wins over it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host_rewrite: Option<String>,
}

impl WeightedDestination {
    /// A share without other treatment.
    #[must_use]
    pub fn new(cluster: ClusterName, weight: u32) -> Self {
        Self { cluster, cluster_header: None, weight, headers: HeaderOps::default(), host_rewrite: None }
    }
}

/// What becomes of the path; the query stays.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum PathRewrite {
    /// Nothing.
    #[default]
    None,
    /// The matched part is replaced: the configured prefix, or the whole path where exact or regex matched.
    Prefix(String),
    /// Every match of the expression is replaced.
    Regex(RegexRewrite),
}

impl PathRewrite {
    /// Whether the path stays.
    #[must_use]
    pub const fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }
}

/// A replacement by regular expression.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RegexRewrite {
    /// What is looked for (RE2, bytes), everywhere in the path without query.
    pub pattern: String,
    /// What stands there afterwards; `\1` is the first group, `\0` the whole match, `\\` a backslash.
    pub substitution: String,
}

/// What becomes of the authority.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum HostRewrite {
    /// Nothing.
    #[default]
    None,
    /// This text.
    Literal(String),
    /// The host name of the endpoint.
    Auto,
    /// The value of this request header, if it is there.
    Header(String),
    /// The path without query, rewritten.
    PathRegex(RegexRewrite),
}

impl HostRewrite {
    /// Whether the authority stays.
    #[must_use]
    pub const fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }
}

/// The client is sent elsewhere.
///
/// Source: Envoy's `RedirectAction`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Redirect {
    /// The status; 301 when 0.
    pub status: u16,
    /// The scheme, such as `https`; the request's when `None`.
    pub scheme: Option<String>,
    /// The host without port; the request's when `None`.
    pub host: Option<String>,
    /// The port; the request's when `None`. The default port of the scheme is left out.
    pub port: Option<u16>,
    /// The path.
    pub path: RedirectPath,
    /// Whether the query is dropped.
    pub strip_query: bool,
}

/// The path of a redirect.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum RedirectPath {
    /// The request's.
    #[default]
    Keep,
    /// This one. The query stays unless the text has one itself.
    Whole(String),
    /// The matched part is replaced, as in [`PathRewrite::Prefix`].
    Prefix(String),
    /// Every match of the expression is replaced.
    Regex(RegexRewrite),
}

/// The proxy answers by itself.
///
/// Source: Envoy's `DirectResponseAction`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct DirectResponse {
    /// The status.
    pub status: u16,
    /// The body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Vec<u8>>,
}
