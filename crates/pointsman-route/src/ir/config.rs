//! Route configurations and their virtual hosts.

use std::sync::Arc;

use pointsman_types::{HeaderMatching, Port, Profile};
use serde::{Deserialize, Serialize};

use super::{Cluster, Cors, HashPolicy, HeaderMatch, HeaderOps, Listener, Mirror, Retry, Route};

/// Everything one proxy is told about where requests go.
///
/// Shape: names of route configurations and of clusters should be unique; of several with one name the first counts.
///
/// Source: the route, listener and cluster discovery answers of one proxy.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TableConfig {
    /// What to be faithful to.
    pub profile: Profile,
    /// How request paths are cleaned before matching. Default: as Istio's mesh default.
    pub path_normalization: PathNormalization,
    /// How repeated headers match; `None` (the default): as the profile's Envoy does.
    pub header_matching: Option<HeaderMatching>,
    /// Route configurations. A request names one by port or by name.
    pub routes: Vec<Arc<RouteConfig>>,
    /// Listeners, where server name, address or protocol decide which route configuration or cluster is used. A port
    /// without listener uses the first route configuration of that port.
    pub listeners: Vec<Arc<Listener>>,
    /// Clusters with their endpoints. A destination without cluster here is still named by a decision, but without an
    /// endpoint.
    pub clusters: Vec<Arc<Cluster>>,
}

/// How request paths are cleaned before they are matched and forwarded.
///
/// Shape: default as Istio's default (`BASE`): dot segments and escaped unreserved characters are resolved, slashes are
/// left alone.
///
/// Source: `normalize_path`, `merge_slashes` and `path_with_escaped_slashes_action` of Envoy's connection manager.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct PathNormalization {
    /// Whether `..`, `.`, `\` and `%41` are resolved (RFC 3986).
    pub dot_segments: bool,
    /// Whether runs of slashes become one.
    pub merge_slashes: bool,
    /// What becomes of `%2F` and `%5C`.
    pub escaped_slashes: SlashHandling,
}

/// What becomes of escaped slashes in a request path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum SlashHandling {
    /// They stay as they are.
    #[default]
    Keep,
    /// They become plain slashes.
    Unescape,
    /// The request is refused with 400.
    Reject,
}

impl PathNormalization {
    /// Nothing is changed: Istio's `NONE`, and Envoy's own default.
    pub const NONE: Self =
        Self { dot_segments: false, merge_slashes: false, escaped_slashes: SlashHandling::Keep };
    /// Istio's `BASE`, the default.
    pub const BASE: Self =
        Self { dot_segments: true, merge_slashes: false, escaped_slashes: SlashHandling::Keep };
    /// Istio's `MERGE_SLASHES`.
    pub const MERGE_SLASHES: Self =
        Self { dot_segments: true, merge_slashes: true, escaped_slashes: SlashHandling::Keep };
    /// Istio's `DECODE_AND_MERGE_SLASHES`.
    pub const DECODE_AND_MERGE_SLASHES: Self =
        Self { dot_segments: true, merge_slashes: true, escaped_slashes: SlashHandling::Unescape };
}

impl Default for PathNormalization {
    fn default() -> Self {
        Self::BASE
    }
}

/// The routes of one listener: virtual hosts, and what holds for all of them.
///
/// Source: Envoy's `RouteConfiguration`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RouteConfig {
    /// Name: for a sidecar the port (`9080`) or `host:port`, for a gateway such as `http.8080`.
    pub name: String,
    /// The listener port by which requests find it when no listener says otherwise.
    pub port: Option<Port>,
    /// Virtual hosts. Their order does not matter; of a domain that stands twice the first counts.
    pub virtual_hosts: Vec<Arc<VirtualHost>>,
    /// Whether the port is cut from the request's host before the search. Istio: true.
    pub ignore_port_in_host: bool,
    /// The header whose value is searched instead of the authority.
    pub virtual_host_header: Option<String>,
    /// Header operations of the last level.
    #[serde(skip_serializing_if = "HeaderOps::is_empty")]
    pub headers: HeaderOps,
    /// Whether header operations run from this level to the route instead of from the route to this level. Those of a
    /// weighted destination run first either way.
    pub most_specific_header_ops_win: bool,
    /// Headers that are removed from requests from outside.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub internal_only_headers: Vec<String>,
    /// Requests mirrored for every virtual host that has no mirrors of its own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mirrors: Vec<Mirror>,
    /// The largest body of a direct response in bytes; `None`: 4096, Envoy's default. Istio: 1 MiB.
    pub max_direct_response_body: Option<u32>,
    /// Whether every destination must have a cluster for the configuration to be accepted. Istio: false.
    pub validate_clusters: Option<bool>,
}

/// Hosts and their routes.
///
/// Source: Envoy's `VirtualHost`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct VirtualHost {
    /// Name: `host:port` for a sidecar.
    pub name: String,
    /// Domains: `*`, `x.y`, `*.y` or `x.*`.
    pub domains: Vec<String>,
    /// Routes; the first that matches is taken.
    pub routes: Vec<Route>,
    /// Whether plain-text requests are sent to HTTPS.
    pub require_tls: TlsRequirement,
    /// Header operations after the route's.
    #[serde(skip_serializing_if = "HeaderOps::is_empty")]
    pub headers: HeaderOps,
    /// Retries of routes that have none of their own.
    pub retry: Option<Retry>,
    /// CORS policy of routes that have none of their own.
    pub cors: Option<Cors>,
    /// Mirrors of routes that have none of their own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mirrors: Vec<Mirror>,
    /// Hash policies of routes that have none of their own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hash: Vec<HashPolicy>,
    /// Names for kinds of requests, for statistics alone; the first that matches counts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub virtual_clusters: Vec<VirtualCluster>,
    /// Whether the number of attempts is told upstream in `x-envoy-attempt-count`. Istio: true.
    pub include_request_attempt_count: bool,
}

/// A name for a kind of requests, for statistics alone.
///
/// Source: Envoy's `VirtualCluster`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct VirtualCluster {
    /// Name.
    pub name: String,
    /// Headers that must all match.
    pub headers: Vec<HeaderMatch>,
}

/// Which requests must use TLS; others are redirected with 301 to `https`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum TlsRequirement {
    /// None.
    #[default]
    None,
    /// Those from outside.
    ExternalOnly,
    /// All.
    All,
}

impl TableConfig {
    /// How repeated headers match.
    #[must_use]
    pub fn header_matching(&self) -> HeaderMatching {
        self.header_matching.unwrap_or_else(|| self.profile.header_matching())
    }
}
