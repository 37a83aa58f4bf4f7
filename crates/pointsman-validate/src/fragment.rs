//! Parts of objects on their own, for editors and for code that makes them.
//!
//! Paths of findings begin at the part. The rules are those for the part inside an object.

use pointsman_api::Decoded;
use pointsman_api::istio::{mesh, networking as net, security as sec, telemetry as tel};
use pointsman_manifest::Value;
use pointsman_types::duration::TimeDelta;
use pointsman_types::{Diagnostic, ObjectRef};

use crate::report::Report;
use crate::virtual_service::{self as vs, Scope};
use crate::words::{self, address, header};
use crate::{destination_rule as dr, gateway as gw, mesh as mesh_rules};

pub use crate::words::export::Exported;

/// Where a part stands, as far as its rules depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Surroundings<'a> {
    /// The VirtualService has no hosts: others let it decide.
    pub delegate: bool,
    /// The object was made from one of the Gateway API.
    pub gateway_semantics: bool,
    /// The same policy has outlier detection.
    pub outlier_detection: bool,
    /// The namespace of the object.
    pub namespace: &'a str,
}

impl<'a> Surroundings<'a> {
    /// In an object about which nothing is known.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// In a VirtualService without hosts.
    #[must_use]
    pub const fn in_delegate(mut self) -> Self {
        self.delegate = true;
        self
    }

    /// In an object made from one of the Gateway API.
    #[must_use]
    pub const fn with_gateway_semantics(mut self) -> Self {
        self.gateway_semantics = true;
        self
    }

    /// In a policy with outlier detection.
    #[must_use]
    pub const fn with_outlier_detection(mut self) -> Self {
        self.outlier_detection = true;
        self
    }

    /// In an object of that namespace.
    #[must_use]
    pub const fn in_namespace(mut self, namespace: &'a str) -> Self {
        self.namespace = namespace;
        self
    }

    const fn scope(self) -> Scope {
        Scope { delegate: self.delegate, gateways_only: false, gateway_semantics: self.gateway_semantics }
    }
}

macro_rules! fragments {
    ($( $(#[$meta:meta])* $name:ident($part:ident: $type:ty $(, $more:ident: $mtype:ty)*) => $check:expr; )*) => {$(
        $(#[$meta])*
        #[must_use]
        pub fn $name($part: $type $(, $more: $mtype)*) -> Vec<Diagnostic> {
            Report::of(|at, out| $check(at, out))
        }
    )*};
}

fragments! {
    /// A route of HTTP.
    http_route(route: &net::HTTPRoute, around: Surroundings<'_>) => |at: &_, out: &mut _| vs::http_route::check(route, around.scope(), at, out);
    /// The weighted destinations of a TLS or TCP route.
    route_destinations(routes: &[net::RouteDestination], around: Surroundings<'_>) => |at: &_, out: &mut _| vs::destination::of_l4(routes, around.gateway_semantics, at, out);
    /// A destination.
    destination(to: &net::Destination) => |at: &_, out: &mut _| vs::destination::check(to, at, out);
    /// A redirect, with the conditions of its route.
    http_redirect(redirect: &net::HTTPRedirect, matches: &[net::HTTPMatchRequest]) => |at: &_, out: &mut _| vs::direct::redirect(redirect, matches, at, out);
    /// A direct response.
    http_direct_response(response: &net::HTTPDirectResponse) => |at: &_, out: &mut _| vs::direct::direct_response(response, at, out);
    /// A rewrite.
    http_rewrite(rewrite: &net::HTTPRewrite) => |at: &_, out: &mut _| vs::direct::rewrite(rewrite, at, out);
    /// A replacement by expression.
    regex_rewrite(rewrite: &net::RegexRewrite) => |at: &_, out: &mut _| vs::direct::regex_rewrite(rewrite, at, out);
    /// Retries.
    http_retry(retries: &net::HTTPRetry) => |at: &_, out: &mut _| vs::retry::check(retries, at, out);
    /// Faults.
    http_fault(fault: &net::HTTPFaultInjection) => |at: &_, out: &mut _| vs::fault::check(fault, at, out);
    /// A fault that delays.
    fault_delay(fault: &net::FaultDelay) => |at: &_, out: &mut _| vs::fault::delay(fault, at, out);
    /// A fault that fails requests.
    fault_abort(fault: &net::FaultAbort) => |at: &_, out: &mut _| vs::fault::abort(fault, at, out);
    /// A CORS policy.
    cors_policy(policy: &net::CorsPolicy) => |at: &_, out: &mut _| vs::fault::cors(policy, at, out);
    /// A traffic policy.
    traffic_policy(policy: &net::TrafficPolicy, around: Surroundings<'_>) => |at: &_, out: &mut _| dr::policy::check(policy, around.namespace, at, out);
    /// A connection pool.
    connection_pool(pool: &net::ConnectionPoolSettings) => |at: &_, out: &mut _| dr::connection::check(pool, at, out);
    /// Outlier detection.
    outlier_detection(outlier: &net::OutlierDetection) => |at: &_, out: &mut _| dr::outlier::check(outlier, at, out);
    /// How an endpoint is chosen.
    load_balancer(settings: &net::LoadBalancerSettings, around: Surroundings<'_>) => |at: &_, out: &mut _| dr::load_balancer::check(settings, around.outlier_detection, at, out);
    /// Preference by locality.
    locality_lb_setting(setting: &net::LocalityLoadBalancerSetting, around: Surroundings<'_>) => |at: &_, out: &mut _| dr::locality::check(setting, around.outlier_detection, at, out);
    /// Preference by zone.
    zone_aware_lb_setting(setting: &net::ZoneAwareLoadBalancerSetting, around: Surroundings<'_>) => |at: &_, out: &mut _| dr::locality::zone_aware(setting, around.outlier_detection, at, out);
    /// TLS towards a destination.
    client_tls(settings: &net::ClientTLSSettings, around: Surroundings<'_>) => |at: &_, out: &mut _| dr::tls::check(settings, around.namespace, at, out);
    /// A listener of a gateway.
    server(server: &net::Server, around: Surroundings<'_>) => |at: &_, out: &mut _| gw::server::check(server, around.gateway_semantics, at, out);
    /// A port of a gateway, with what its listener is bound to.
    server_port(port: &net::ServerPort, bind: &str) => |at: &_, out: &mut _| gw::server::port(port, bind, at, out);
    /// TLS of a listener.
    server_tls(settings: &net::ServerTLSSettings) => |at: &_, out: &mut _| gw::tls::check(settings, at, out);
    /// `exportTo` of an object of that kind and namespace.
    export_to(entries: &[String], exported: Exported, namespace: &str) => |at: &_, out: &mut _| words::export::export_to(entries, exported, namespace, at, out);
    /// Localities beside each other.
    localities(localities: &[String]) => |at: &crate::report::Place<'_>, out: &mut _| {
        let mut seen = dr::locality::Localities::default();
        localities.iter().enumerate().for_each(|(position, locality)| seen.add(locality, &at.index(position), out));
    };
    /// A host name without a wildcard.
    fqdn(name: &str) => |at: &_, out: &mut _| words::fqdn(name, at, out);
    /// A host whose first label may be a wildcard.
    wildcard_host(name: &str) => |at: &_, out: &mut _| words::wildcard_host(name, at, out);
    /// A host of a VirtualService for gateways alone; `has_server_names`: whether a TLS route of it names some.
    gateway_host(name: &str, has_server_names: bool) => |at: &_, out: &mut _| vs::gateway_host(name, has_server_names, at, out);
    /// A server name that gateways of the mesh make.
    generated_server_name(name: &str) => |at: &_, out: &mut _| vs::gateway_host_generated(name, at, out);
    /// A number of a port.
    port_number(number: u32) => |at: &_, out: &mut _| words::port(number, at, out);
    /// A name of a port.
    port_name(name: &str) => |at: &_, out: &mut _| words::label(name, "port name", at, out);
    /// A duration.
    duration(time: TimeDelta) => |at: &_, out: &mut _| words::duration(time, at, out);
    /// An IP address.
    ip_address(text: &str) => |at: &_, out: &mut _| address::ip(text, at, out);
    /// An IP address or a block.
    ip_or_block(text: &str) => |at: &_, out: &mut _| address::ip_or_block(text, at, out);
    /// A status of HTTP.
    http_status(status: i64) => |at: &_, out: &mut _| words::http_status(status, at, out);
    /// A name of a header.
    header_name(name: &str) => |at: &_, out: &mut _| header::strict_name(name, at, out);
    /// A name in the conditions of a route: of a header, a pseudo-header or a claim.
    header_match_name(name: &str) => |at: &_, out: &mut _| header::match_name(name, at, out);
    /// A filter of access logs.
    access_logging_filter(filter: &tel::AccessLoggingFilter) => |at: &_, out: &mut _| crate::telemetry::access_logging_filter(filter, at, out);
    /// An issuer of tokens.
    jwt_rule(rule: &sec::JWTRule) => |at: &_, out: &mut _| crate::security::jwt_rule(rule, at, out);
    /// The configuration of a mesh.
    mesh_config(config: &mesh::MeshConfig) => |at: &_, out: &mut _| mesh_rules::config::check(config, at, out);
    /// The configuration of proxies, as a proxy gets it: complete, with the defaults of the control plane written out.
    mesh_proxy_config(config: &mesh::ProxyConfig) => |at: &_, out: &mut _| mesh_rules::proxy::complete(config, at, out);
    /// The networks of a mesh.
    mesh_networks(networks: &mesh::MeshNetworks) => |at: &_, out: &mut _| mesh_rules::networks::check(networks, at, out);
    /// Settings of connections.
    connection_settings(settings: &mesh::ConnectionSettings) => |at: &_, out: &mut _| mesh_rules::proxy::connection_settings(settings, at, out);
    /// The traffic policy of a whole mesh.
    default_traffic_policy(policy: &mesh::DefaultTrafficPolicy) => |at: &_, out: &mut _| mesh_rules::config::traffic_policy(policy, at, out);
    /// Retries towards workloads.
    inbound_http_retry(retries: &net::HTTPRetry) => |at: &_, out: &mut _| mesh_rules::config::inbound_retries(retries, at, out);
    /// Settings of services of a mesh.
    service_settings(settings: &mesh::ServiceSettings) => |at: &_, out: &mut _| mesh_rules::config::service_settings(settings, at, out);
    /// An extension provider.
    extension_provider(provider: &mesh::ExtensionProvider) => |at: &_, out: &mut _| mesh_rules::provider::check(provider, at, out);
    /// The service of an extension provider and its port.
    provider_service(name: &str, port: u32) => |at: &_, out: &mut _| mesh_rules::provider::service(name, port, at, out);
    /// A trust domain.
    trust_domain(name: &str) => |at: &_, out: &mut _| mesh_rules::config::trust_domain(name, at, out);
    /// `host:port`.
    proxy_address(text: &str) => |at: &_, out: &mut _| mesh_rules::proxy::address(text, at, out);
    /// How long connecting may take, in a whole mesh.
    connect_timeout(time: TimeDelta) => |at: &_, out: &mut _| mesh_rules::config::connect_timeout(time, at, out);
    /// How long a protocol may stay unknown.
    protocol_detection_timeout(time: TimeDelta) => |at: &_, out: &mut _| mesh_rules::config::detection_timeout(time, at, out);
    /// How long a proxy may drain.
    drain_duration(time: TimeDelta) => |at: &_, out: &mut _| mesh_rules::proxy::drain_duration(time, at, out);
    /// How proxies and the control plane know each other.
    control_plane_auth_policy(policy: mesh::AuthenticationPolicy) => |at: &_, out: &mut _| mesh_rules::proxy::control_plane_auth(policy, at, out);
    /// A value of a header that is set.
    header_value(value: &str) => |at: &_, out: &mut _| header::value(value, at, out);
}

/// Reads a route of HTTP on its own. Unlike the API server, the control plane leaves a null out of `match` and takes one in
/// `withoutHeaders` for presence: these are remarks.
#[must_use]
pub fn read_http_route(value: &Value) -> Decoded<net::HTTPRoute> {
    let mut read = Decoded::of_message(value, ObjectRef::default());
    read.findings.iter_mut().for_each(crate::validator::forgive_null);
    read
}

/// Direction, port and host of a server name that gateways of the mesh make; `None` where it is none.
///
/// ```
/// use pointsman_validate::fragment::parts_of_server_name;
/// assert_eq!(parts_of_server_name("outbound_.80_._.reviews.prod"), Some(("outbound", "80", "reviews.prod")));
/// ```
#[must_use]
pub fn parts_of_server_name(name: &str) -> Option<(&str, &str, &str)> {
    vs::generated_sni(name)
}
