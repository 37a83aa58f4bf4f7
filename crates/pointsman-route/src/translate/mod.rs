//! Single parts of Istio's configuration as the proxy is told them: functions of their arguments alone.
//!
//! The compiler is made of these; they are public because tools that render or explain one object need them too.
//!
//! Source: `pilot/pkg/networking/core/route` of Istio at 86c9f01f.

mod action;
mod headers;
mod matches;
mod policies;
mod route;
mod semantics;

pub use action::{direct_response, redirect};
pub use headers::{HeaderChanges, header_changes};
pub use matches::{applies_to_source, metadata_match, route_match};
pub use policies::{
    cors, fault, hash_policies, inbound_retry, mirror_fraction, mirror_policy_fraction, percentage, retry,
};
pub use route::{RoutePlace, RouteScope, catch_all_last, cluster_of, has_routes, inbound_route, routes};
pub use semantics::Semantics;
