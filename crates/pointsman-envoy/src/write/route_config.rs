//! Route configurations.

use pointsman_manifest::Value;
use pointsman_route::ir::{
    Action, HeaderMatch, Origin, Route, RouteConfig, TlsRequirement, VirtualCluster, VirtualHost,
};

use super::action::{direct_response, redirect_action, route_action};
use super::matcher::{header_matcher, route_match};
use super::policy::{hash_policy, mirror_policy, per_filter_config, retry_policy};
use super::{Message, only, when};

/// A route configuration as Envoy's `RouteConfiguration`.
///
/// Settings that Envoy cannot express (hash policies of a virtual host) are written where Envoy has them.
#[must_use]
pub fn route_configuration(config: &RouteConfig) -> Value {
    Message::new()
        .text("name", &config.name)
        .list("virtualHosts", &config.virtual_hosts, |host| virtual_host(host))
        .texts("internalOnlyHeaders", &config.internal_only_headers)
        .header_ops(&config.headers)
        .flag("mostSpecificHeaderMutationsWins", when(config.most_specific_header_ops_win))
        .maybe("validateClusters", config.validate_clusters)
        .maybe("maxDirectResponseBodySizeBytes", config.max_direct_response_body)
        .list("requestMirrorPolicies", &config.mirrors, mirror_policy)
        .flag("ignorePortInHostMatching", when(config.ignore_port_in_host))
        .text("vhostHeader", config.virtual_host_header.as_deref().unwrap_or_default())
        .done()
}

fn virtual_host(host: &VirtualHost) -> Value {
    let tls = match host.require_tls {
        TlsRequirement::None => "",
        TlsRequirement::ExternalOnly => "EXTERNAL_ONLY",
        TlsRequirement::All => "ALL",
    };
    Message::new()
        .with("name", host.name.as_str())
        .texts("domains", &host.domains)
        .list("routes", &host.routes, route)
        .text("requireTls", tls)
        .list("virtualClusters", &host.virtual_clusters, virtual_cluster)
        .header_ops(&host.headers)
        .maybe("typedPerFilterConfig", per_filter_config(None, host.cors.as_ref()))
        .flag("includeRequestAttemptCount", when(host.include_request_attempt_count))
        .maybe("retryPolicy", host.retry.as_ref().map(retry_policy))
        .list("hashPolicy", &host.hash, hash_policy)
        .list("requestMirrorPolicies", &host.mirrors, mirror_policy)
        .done()
}

fn virtual_cluster(cluster: &VirtualCluster) -> Value {
    Message::new()
        .list("headers", &cluster.headers, |header: &HeaderMatch| header_matcher(header))
        .with("name", cluster.name.as_str())
        .done()
}

fn route(route: &Route) -> Value {
    let message = Message::new().text("name", &route.name).with("match", route_match(&route.matches));
    let message = match &route.action {
        Action::Forward(forward) => message.with("route", route_action(forward)),
        Action::Redirect(redirect) => message.with("redirect", redirect_action(redirect)),
        Action::DirectResponse(response) => message.with("directResponse", direct_response(response)),
        Action::None => message,
    };
    message
        .maybe("metadata", route.origin.as_deref().and_then(origin_metadata))
        .header_ops(&route.headers)
        .maybe("typedPerFilterConfig", per_filter_config(route.fault.as_deref(), route.cors.as_deref()))
        .done()
}

/// The object that a route comes from, as the control plane tells it.
fn origin_metadata(origin: &Origin) -> Option<Value> {
    let object = &origin.object;
    if object.kind.is_empty() || object.name.is_empty() {
        return None;
    }
    let mut kind = String::new();
    for letter in object.kind.chars() {
        if letter.is_ascii_uppercase() && !kind.is_empty() {
            kind.push('-');
        }
        kind.push(letter.to_ascii_lowercase());
    }
    let path = format!("/apis/{}/namespaces/{}/{kind}/{}", object.api_version, object.namespace, object.name);
    Some(only("filterMetadata", only("istio", only("config", path))))
}
