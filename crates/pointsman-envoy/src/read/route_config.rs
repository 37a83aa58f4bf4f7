//! Route configurations.

use std::cell::RefCell;
use std::sync::Arc;

use pointsman_manifest::{Map, Value};
use pointsman_route::ir::{
    HeaderMatch, Route, RouteConfig, RouteDetails, TlsRequirement, VirtualCluster, VirtualHost,
};
use pointsman_route::{Metadata, MetadataValue};
use pointsman_types::Diagnostic;

use super::action::action;
use super::matcher::{DEEPEST, header_match, route_match};
use super::node::{NOT_MODELLED, Node};
use super::policy::{
    cors_policy, external_processor, hash_policy, header_ops, mirror, per_filter_config, retry,
};

/// Reads Envoy's `RouteConfiguration`, its fields in either case.
///
/// All findings are returned: what has the wrong kind, what is not modelled, what Envoy refuses. The rest is read.
#[must_use]
pub fn read_route_configuration(value: &Value) -> (RouteConfig, Vec<Diagnostic>) {
    let findings = RefCell::new(Vec::new());
    let config = route_config(&Node::new(value, &findings));
    (config, sorted(findings))
}

/// Reads every route configuration of a configuration dump of Envoy's admin interface, of a discovery response, or of a
/// list of these; a single route configuration too.
#[must_use]
pub fn read_tables(value: &Value) -> (Vec<RouteConfig>, Vec<Diagnostic>) {
    let findings = RefCell::new(Vec::new());
    let mut configs = Vec::new();
    collect(&Node::new(value, &findings), &mut configs);
    (configs, sorted(findings))
}

/// Reads Envoy's `HeaderMatcher`.
#[must_use]
pub fn read_header_match(value: &Value) -> (HeaderMatch, Vec<Diagnostic>) {
    let findings = RefCell::new(Vec::new());
    let header = header_match(&Node::new(value, &findings));
    (header, sorted(findings))
}

fn sorted(findings: RefCell<Vec<Diagnostic>>) -> Vec<Diagnostic> {
    let mut findings = findings.into_inner();
    Diagnostic::sort(&mut findings);
    findings
}

fn collect(node: &Node<'_>, configs: &mut Vec<RouteConfig>) {
    const LISTS: [&str; 4] = ["configs", "static_route_configs", "dynamic_route_configs", "resources"];
    let lists: Vec<Node<'_>> = LISTS.iter().flat_map(|list| node.items(list)).collect();
    if let Some(inner) = node.field("route_config") {
        configs.push(route_config(&inner));
    } else if node.field("virtual_hosts").is_some() {
        configs.push(route_config(node));
    }
    // Nothing of this lies deeper than a list in a list.
    for entry in lists {
        let inner: Vec<Node<'_>> = LISTS.iter().flat_map(|list| entry.items(list)).collect();
        if let Some(config) = entry.field("route_config") {
            configs.push(route_config(&config));
        } else if entry.field("virtual_hosts").is_some() {
            configs.push(route_config(&entry));
        }
        configs
            .extend(inner.iter().filter_map(|one| one.field("route_config")).map(|one| route_config(&one)));
    }
}

fn route_config(node: &Node<'_>) -> RouteConfig {
    node.not_modelled(&["vhds", "cluster_specifier_plugins", "typed_per_filter_config"]);
    let name = node.text("name").unwrap_or_default();
    RouteConfig {
        // A sidecar's configuration is named by its port.
        port: name.parse().ok().and_then(|port: u32| pointsman_types::Port::new(port).ok()),
        name,
        virtual_hosts: node.items("virtual_hosts").iter().map(|host| Arc::new(virtual_host(host))).collect(),
        ignore_port_in_host: node.flag("ignore_port_in_host_matching"),
        virtual_host_header: node.text("vhost_header").filter(|name| !name.is_empty()),
        headers: header_ops(node),
        most_specific_header_ops_win: node.flag("most_specific_header_mutations_wins"),
        internal_only_headers: node.texts("internal_only_headers"),
        mirrors: node.items("request_mirror_policies").iter().map(mirror).collect(),
        max_direct_response_body: node.number("max_direct_response_body_size_bytes"),
        validate_clusters: node.boolean("validate_clusters"),
    }
}

fn virtual_host(node: &Node<'_>) -> VirtualHost {
    node.not_modelled(&["matcher", "rate_limits", "hedge_policy"]);
    let require_tls = match node.text("require_tls").as_deref() {
        None | Some("NONE") => TlsRequirement::None,
        Some("EXTERNAL_ONLY") => TlsRequirement::ExternalOnly,
        Some("ALL") => TlsRequirement::All,
        Some(other) => {
            node.error(NOT_MODELLED, format!("`{other}` is no requirement of TLS"));
            TlsRequirement::None
        }
    };
    let (_, cors) = per_filter_config(node);
    VirtualHost {
        name: node.text("name").unwrap_or_default(),
        domains: node.texts("domains"),
        routes: node.items("routes").iter().map(route).collect(),
        require_tls,
        headers: header_ops(node),
        retry: node.field("retry_policy").map(|policy| retry(&policy)),
        cors: cors.or_else(|| node.field("cors").map(|cors| cors_policy(&cors))),
        mirrors: node.items("request_mirror_policies").iter().map(mirror).collect(),
        hash: node.items("hash_policy").iter().filter_map(hash_policy).collect(),
        virtual_clusters: node.items("virtual_clusters").iter().map(virtual_cluster).collect(),
        include_request_attempt_count: node.flag("include_request_attempt_count"),
    }
}

fn virtual_cluster(node: &Node<'_>) -> VirtualCluster {
    VirtualCluster {
        name: node.text("name").unwrap_or_default(),
        headers: node.items("headers").iter().map(header_match).collect(),
    }
}

fn route(node: &Node<'_>) -> Route {
    let (fault, cors) = per_filter_config(node);
    let details = details(node);
    Route {
        name: node.text("name").unwrap_or_default(),
        matches: node.field("match").map(|matches| route_match(&matches)).unwrap_or_default(),
        action: action(node),
        headers: header_ops(node),
        fault: fault.map(Box::new),
        cors: cors.map(Box::new),
        origin: None,
        details: (details != RouteDetails::default()).then(|| Box::new(details)),
    }
}

fn details(node: &Node<'_>) -> RouteDetails {
    let metadata = node.field("metadata").and_then(|metadata| metadata.field("filter_metadata"));
    let fields = metadata.as_ref().and_then(|metadata| metadata.value().as_map());
    RouteDetails {
        stat_prefix: node.text("stat_prefix").unwrap_or_default(),
        operation: node.field("decorator").and_then(|d| d.text("operation")).unwrap_or_default(),
        metadata: fields
            .into_iter()
            .flat_map(Map::iter)
            .fold(Metadata::new(), |read, (filter, value)| read.with(filter, metadata_value(value, DEEPEST))),
        processor: external_processor(node),
    }
}

/// What stands too deep is as good as null.
fn metadata_value(value: &Value, depth: usize) -> MetadataValue {
    let Some(deeper) = depth.checked_sub(1) else { return MetadataValue::Null };
    match value {
        Value::Null => MetadataValue::Null,
        Value::Bool(value) => MetadataValue::Bool(*value),
        Value::Number(number) => MetadataValue::Number(number.as_f64()),
        Value::String(text) => MetadataValue::Text(text.clone()),
        Value::List(items) => {
            MetadataValue::List(items.iter().map(|item| metadata_value(item, deeper)).collect())
        }
        Value::Map(fields) => MetadataValue::Fields(
            fields.iter().map(|(name, value)| (name.to_owned(), metadata_value(value, deeper))).collect(),
        ),
    }
}
