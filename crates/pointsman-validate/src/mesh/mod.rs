//! The configuration of a mesh, which no webhook looks at: the control plane judges it when it starts.
//!
//! Paths of findings begin at the configuration, as it stands in the ConfigMap `istio`.
//!
//! Source: `pkg/config/validation/agent` of Istio at 86c9f01f.

mod address;
mod config;
mod connection;
mod networks;
mod provider;
mod proxy;

use pointsman_api::istio::mesh::{
    AuthenticationPolicy, ConnectionSettings, DefaultTrafficPolicy, ExtensionProvider, MeshConfig,
    MeshNetworks, ProxyConfig, ServiceSettings,
};
use pointsman_api::istio::networking::HTTPRetry;
use pointsman_types::Diagnostic;
use pointsman_types::duration::TimeDelta;

use crate::report::Report;

macro_rules! functions {
    ($( $(#[$meta:meta])* $name:ident($part:ident: $type:ty) => $check:path; )*) => {$(
        $(#[$meta])*
        #[must_use]
        pub fn $name($part: $type) -> Vec<Diagnostic> {
            Report::of(|at, out| $check($part, at, out))
        }
    )*};
}

functions! {
    /// The configuration of a mesh, with the settings of its proxies.
    ///
    /// ```
    /// use pointsman_api::istio::mesh::MeshConfig;
    /// let config = MeshConfig::new().with_trust_domain("shop_example");
    /// let findings = pointsman_validate::mesh::mesh_config(&config);
    /// assert!(findings.iter().any(|finding| finding.path.to_string() == "trustDomain"));
    /// ```
    mesh_config(config: &MeshConfig) => config::check;
    /// The networks of a mesh.
    mesh_networks(networks: &MeshNetworks) => networks::check;
    /// The settings of proxies.
    proxy_config(config: &ProxyConfig) => proxy::check;
    /// Limits and timeouts of the connections that proxies take.
    connection_settings(settings: &ConnectionSettings) => connection::check;
    /// What holds for every destination of the mesh.
    default_traffic_policy(policy: &DefaultTrafficPolicy) => config::default_traffic_policy;
    /// Retries by the proxy of the workload itself, where some fields have no meaning.
    default_inbound_retry(retries: &HTTPRetry) => config::default_inbound_retry;
    /// A service that policies and telemetry refer to by name.
    extension_provider(provider: &ExtensionProvider) => provider::check;
    /// The service of a provider: a host, or `namespace/host`.
    provider_service(service: &str) => provider::service;
    /// Services that are only for their own cluster.
    service_settings(settings: &[ServiceSettings]) => config::service_settings;
    /// A trust domain.
    trust_domain(domain: &str) => config::trust_domain;
    /// How long a connection may take: up to an hour.
    connect_timeout(time: TimeDelta) => config::connect_timeout;
    /// How long a protocol is waited for; 0 is for ever.
    protocol_detection_timeout(time: TimeDelta) => config::protocol_detection_timeout;
    /// How long proxies take to go: whole seconds.
    drain_duration(time: TimeDelta) => proxy::drain_duration;
    /// `host:port`.
    proxy_address(text: &str) => address::host_and_port;
    /// How proxies talk to the control plane.
    control_plane_auth_policy(policy: AuthenticationPolicy) => proxy::control_plane_auth_policy;
}
