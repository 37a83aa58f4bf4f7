//! `networking.istio.io`: VirtualService, DestinationRule, Gateway, ServiceEntry, Sidecar and the kinds around them.
//!
//! The versions `v1`, `v1beta1` and `v1alpha3` of a kind have the same fields and are one type.
//!
//! Source: istio/api at b8f8791d, `networking/v1alpha3/*.proto`.

mod destination_rule;
mod envoy_filter;
mod gateway;
mod load_balancer;
mod proxy_config;
mod service_entry;
mod sidecar;
mod string_match;
mod virtual_service;
mod virtual_service_http;
mod workload;

pub use destination_rule::*;
pub use envoy_filter::*;
pub use gateway::*;
pub use load_balancer::*;
pub use proxy_config::*;
pub use service_entry::*;
pub use sidecar::*;
pub use string_match::*;
pub use virtual_service::*;
pub use virtual_service_http::*;
pub use workload::*;

use crate::macros::kinds;

pub(crate) const GROUP: &str = "networking.istio.io";
const VERSIONS: &[&str] = &["v1", "v1beta1", "v1alpha3"];

kinds! {
    GROUP;
    VirtualService: VERSIONS,
    DestinationRule: VERSIONS,
    Gateway: VERSIONS,
    ServiceEntry: VERSIONS,
    Sidecar: VERSIONS,
    WorkloadEntry: VERSIONS,
    WorkloadGroup: VERSIONS,
    ProxyConfig: &["v1beta1"],
    EnvoyFilter: &["v1alpha3"],
}
