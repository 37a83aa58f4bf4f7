//! Route configurations.

use pointsman_manifest::{Map, Number, Value};
use pointsman_route::ir::{
    Action, DestinationChoice, HeaderMatch, Origin, PathMatch, Route, RouteConfig, RouteDetails,
    TlsRequirement, VirtualCluster, VirtualHost,
};
use pointsman_route::{Metadata, MetadataValue};
use pointsman_types::Port;

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
        .list("virtualHosts", &config.virtual_hosts, |host| virtual_host(host, config.port))
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

fn virtual_host(host: &VirtualHost, port: Option<Port>) -> Value {
    let tls = match host.require_tls {
        TlsRequirement::None => "",
        TlsRequirement::ExternalOnly => "EXTERNAL_ONLY",
        TlsRequirement::All => "ALL",
    };
    Message::new()
        .with("name", host.name.as_str())
        .texts("domains", &host.domains)
        .list("routes", &host.routes, |one| route(one, port))
        .text("requireTls", tls)
        .list("virtualClusters", &host.virtual_clusters, virtual_cluster)
        .header_ops(&host.headers)
        .maybe("typedPerFilterConfig", per_filter_config(None, host.cors.as_ref(), None))
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

fn route(route: &Route, port: Option<Port>) -> Value {
    let message = Message::new().text("name", &route.name).with("match", route_match(&route.matches));
    let message = match &route.action {
        Action::Forward(forward) => message.with("route", route_action(forward)),
        Action::Redirect(redirect) => message.with("redirect", redirect_action(redirect)),
        Action::DirectResponse(response) => message.with("directResponse", direct_response(response)),
        Action::None => message,
    };
    let nothing = RouteDetails::default();
    let details = route.details.as_deref().unwrap_or(&nothing);
    let filters =
        per_filter_config(route.fault.as_deref(), route.cors.as_deref(), details.processor.as_ref());
    message
        .maybe("metadata", metadata(&details.metadata, route.origin.as_deref()))
        .maybe("decorator", operation(details, route, port).map(|operation| only("operation", operation)))
        .header_ops(&route.headers)
        .maybe("typedPerFilterConfig", filters)
        .text("statPrefix", &details.stat_prefix)
        .done()
}

/// The name of a span, as the control plane gives it: the destination or else the object, and the path.
fn operation(details: &RouteDetails, route: &Route, port: Option<Port>) -> Option<String> {
    if !details.operation.is_empty() {
        return Some(details.operation.clone());
    }
    let origin = route.origin.as_deref()?;
    let path = match &route.matches.path {
        PathMatch::Prefix(prefix) => format!("{prefix}*"),
        PathMatch::Exact(path) => path.clone(),
        PathMatch::Regex(regex) => regex.clone(),
        _ => "/*".to_owned(),
    };
    let cluster = match &route.action {
        Action::Forward(forward) => match &forward.destination {
            DestinationChoice::Cluster(cluster) => cluster.parts(),
            _ => None,
        },
        _ => None,
    };
    Some(match cluster {
        Some(parts) => format!("{}:{}{path}", parts.host, parts.port),
        None => {
            let port = port.map_or(0, Port::value);
            format!("{}:{port}{path}", origin.object.name)
        }
    })
}

fn metadata(metadata: &Metadata, origin: Option<&Origin>) -> Option<Value> {
    if metadata.is_empty() {
        return origin.and_then(origin_metadata);
    }
    let mut filters = Map::new();
    for (filter, value) in metadata.iter() {
        filters.insert(filter, metadata_value(value));
    }
    Some(only("filterMetadata", Value::Map(filters)))
}

fn metadata_value(value: &MetadataValue) -> Value {
    match value {
        MetadataValue::Null => Value::Null,
        MetadataValue::Bool(value) => Value::from(*value),
        MetadataValue::Number(number) => Number::from_f64(*number).map_or(Value::Null, Value::Number),
        MetadataValue::Text(text) => Value::from(text.as_str()),
        MetadataValue::List(items) => items.iter().map(metadata_value).collect(),
        MetadataValue::Fields(fields) => {
            let mut map = Map::new();
            for (name, value) in fields {
                map.insert(name.as_str(), metadata_value(value));
            }
            Value::Map(map)
        }
    }
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
