//! One route.

use pointsman_types::{FieldPath, ObjectRef};
use serde::{Deserialize, Serialize};

use super::{Action, Cors, Fault, HeaderOps, RouteMatch};

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
}

/// Where a route was written: the object and the place in it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Origin {
    /// The object, mostly a VirtualService.
    pub object: ObjectRef,
    /// The place, such as `spec.http[0].match[1]`.
    pub path: FieldPath,
}
