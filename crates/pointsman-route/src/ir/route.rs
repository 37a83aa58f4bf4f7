//! One route.

use pointsman_types::{FieldPath, ObjectRef};
use serde::{Deserialize, Serialize};

use super::{Action, ClusterName, Cors, Fault, HeaderOps, RouteMatch};
use crate::request::Metadata;

/// When and what: conditions that must all hold, and what then happens.
///
/// Source: Envoy's `Route` with the per-route filter settings that Istio uses (fault, CORS).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Route {
    /// Name, may be empty: `route` or `route.match` of the VirtualService; `default`.
    pub name: String,
    /// Which requests.
    pub matches: RouteMatch,
    /// What happens to them.
    pub action: Action,
    /// Header operations of the route.
    #[serde(skip_serializing_if = "HeaderOps::is_empty")]
    pub headers: HeaderOps,
    /// Injected delays and errors.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<Box<Fault>>,
    /// Cross-origin policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cors: Option<Box<Cors>>,
    /// Where it was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<Box<Origin>>,
    /// What does not decide where requests go.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub details: Option<Box<RouteDetails>>,
}

/// What a route says that does not decide where requests go.
///
/// Source: `stat_prefix`, `decorator`, `metadata` and the filter settings of Envoy's `Route`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RouteDetails {
    /// A name for statistics of the route alone; may be empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub stat_prefix: String,
    /// The name of the span in traces; may be empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub operation: String,
    /// What filters are told about the route, by filter.
    #[serde(skip_serializing_if = "Metadata::is_empty")]
    pub metadata: Metadata,
    /// The service that looks at requests before they are sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub processor: Option<ExternalProcessor>,
}

/// A service that looks at the whole request and answer, and chooses the endpoint of an inference pool.
///
/// Source: what Istio sets of Envoy's `ExtProcOverrides` for an InferencePool.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ExternalProcessor {
    /// Where it is.
    pub cluster: ClusterName,
    /// Whether requests are sent on where it does not answer.
    pub failure_mode_allow: bool,
}

impl ExternalProcessor {
    /// The service on that port of a host; without it requests fail.
    #[must_use]
    pub fn new(host: &str, port: u16) -> Self {
        Self { cluster: ClusterName::outbound(port, "", host), failure_mode_allow: false }
    }

    /// With requests sent on where it does not answer, or not.
    #[must_use]
    pub const fn with_failure_mode_allow(mut self, allow: bool) -> Self {
        self.failure_mode_allow = allow;
        self
    }
}

/// Where a route was written: the object and the place in it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Origin {
    /// The object, mostly a VirtualService.
    pub object: ObjectRef,
    /// The place, such as `spec.http[0].match[1]`.
    pub path: FieldPath,
}
