//! The bootstrap of one Envoy that answers for many configurations.

use pointsman_envoy::{cluster_with_endpoints, route_configuration};
use pointsman_manifest::Value;
use pointsman_route::ir::{
    Action, Cluster, ClusterName, DestinationChoice, Endpoint, HashKey, HeaderOp, LoadBalancing, Mirror,
    PathNormalization, RouteConfig, SlashHandling,
};
use pointsman_types::HeaderMatching;

use super::echo::{ADDRESSES, address};

/// What holds for all configurations of one Envoy.
#[derive(Debug, Clone, Copy)]
pub(super) struct Setting {
    pub(super) normalization: PathNormalization,
    pub(super) matching: HeaderMatching,
}

/// Where endpoints answer, and where copies go.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ports {
    pub(super) echo: u16,
    pub(super) mirror: u16,
}

/// Clusters where a hash chooses among endpoints, for cases that have no endpoints of their own.
pub(super) fn hash_clusters(ports: Ports) -> Vec<Cluster> {
    let endpoint = |last: u8| Endpoint {
        address: format!("{}:{}", address(last), ports.echo),
        weight: u32::from(last % 3) + 1,
        ..Endpoint::default()
    };
    let ring = |minimum_size, count| {
        let balancing = LoadBalancing::RingHash { minimum_size, maximum_size: None, key: HashKey::Address };
        (balancing, count)
    };
    let maglev = |table_size, count| (LoadBalancing::Maglev { table_size, key: HashKey::Address }, count);
    let kinds = [
        ("ring", ring(None, 3)),
        ("ring-large", ring(Some(4_096), ADDRESSES)),
        ("maglev", maglev(None, 5)),
        ("maglev-small", maglev(Some(101), ADDRESSES)),
    ];
    let kinds = kinds.into_iter().map(|(name, (balancing, count))| Cluster {
        name: ClusterName::new(name),
        balancing,
        endpoints: (1..=count).map(endpoint).collect(),
        ..Cluster::default()
    });
    kinds.collect()
}

/// A cluster with one endpoint.
pub(super) fn plain_cluster(name: &str, ports: Ports) -> Cluster {
    let (last, port) = match copies_to(name) {
        Some(last) => (last, ports.mirror),
        None => (1, ports.echo),
    };
    let endpoint = Endpoint { address: format!("{}:{port}", address(last)), ..Endpoint::default() };
    let balancing = LoadBalancing::RoundRobin;
    Cluster { name: ClusterName::new(name), balancing, endpoints: vec![endpoint], ..Cluster::default() }
}

/// The last byte of the address of a cluster that only gets copies: these are counted one by one.
pub(super) fn copies_to(name: &str) -> Option<u8> {
    const KINDS: [(&str, u8); 4] = [("copy-1", 1), ("copy-2", 2), ("copy-a", 3), ("copy-b", 4)];
    KINDS.iter().find(|(kind, _)| name.contains(kind)).map(|(_, last)| *last)
}

/// A compiled cluster as it can be reached here: its loopback addresses at the port of the echo server, anything else as
/// one endpoint.
pub(super) fn settled(mut cluster: Cluster, ports: Ports) -> Cluster {
    let is_here = |endpoint: &Endpoint| endpoint.address.starts_with("127.");
    let name = cluster.name.as_str().to_owned();
    let is_open = cluster.balancing == LoadBalancing::Passthrough || !cluster.endpoints.iter().all(is_here);
    if is_open || copies_to(&name).is_some() {
        return plain_cluster(&name, ports);
    }
    for endpoint in &mut cluster.endpoints {
        let address = endpoint.address.rsplit_once(':').map_or("", |(address, _)| address);
        endpoint.address = format!("{address}:{}", ports.echo);
    }
    cluster
}

/// The configuration as Envoy gets it: with headers that say what was chosen, the random number from a header, and names of
/// clusters that no other configuration has.
pub(super) fn observed(config: &RouteConfig, prefix: &str) -> RouteConfig {
    let mut config = config.clone();
    let observe = |name: &str, value: &str| HeaderOp::set(name, value);
    config.headers.response.push(observe("x-observed-route", "[%ROUTE_NAME%]"));
    config.headers.response.push(observe("x-observed-cluster", "%UPSTREAM_CLUSTER%"));
    config.headers.response.push(observe("x-observed-endpoint", "%UPSTREAM_HOST%"));
    config.headers.response.push(observe("x-observed-flags", "%RESPONSE_FLAGS%"));
    rename_mirrors(&mut config.mirrors, prefix);
    for host in &mut config.virtual_hosts {
        let host = std::sync::Arc::make_mut(host);
        host.headers.response.push(observe("x-observed-host", &host.name.replace('%', "%%")));
        rename_mirrors(&mut host.mirrors, prefix);
        for route in &mut host.routes {
            let Action::Forward(forward) = &mut route.action else { continue };
            rename_mirrors(&mut forward.mirrors, prefix);
            match &mut forward.destination {
                DestinationChoice::Cluster(name) => rename(name, prefix),
                DestinationChoice::ClusterHeader(_) => {}
                DestinationChoice::Weighted { destinations, random_header, use_hash_policy } => {
                    if !*use_hash_policy {
                        random_header.get_or_insert_with(|| "x-random".to_owned());
                    }
                    for destination in destinations {
                        rename(&mut destination.cluster, prefix);
                    }
                }
            }
        }
    }
    config
}

pub(super) fn rename(name: &mut ClusterName, prefix: &str) {
    *name = ClusterName::new(format!("{prefix}{}", name.as_str()));
}

fn rename_mirrors(mirrors: &mut [Mirror], prefix: &str) {
    for mirror in mirrors {
        rename(&mut mirror.cluster, prefix);
    }
}

/// The whole bootstrap as JSON. Configuration `n` is asked by the request header `x-scope: n`.
pub(super) fn bootstrap(
    configs: &[RouteConfig],
    clusters: &[Cluster],
    setting: Setting,
    port: u16,
) -> String {
    let scopes: Vec<String> = configs
        .iter()
        .enumerate()
        .map(|(number, config)| {
            let config = route_configuration(config).to_json();
            format!(
                r#"{{"name":"{number}","route_configuration":{config},"key":{{"fragments":[{{"string_key":"{number}"}}]}}}}"#
            )
        })
        .collect();
    let clusters: Vec<String> = clusters.iter().map(|one| upstream(one).to_json()).collect();
    let PathNormalization { dot_segments, merge_slashes, escaped_slashes } = setting.normalization;
    let slashes = match escaped_slashes {
        SlashHandling::Keep => "KEEP_UNCHANGED",
        SlashHandling::Unescape => "UNESCAPE_AND_FORWARD",
        SlashHandling::Reject => "REJECT_REQUEST",
    };
    let individually = setting.matching == HeaderMatching::Individual;
    let filters: Vec<String> = [("fault", "HTTPFault"), ("cors", "Cors"), ("router", "Router")]
        .iter()
        .map(|(name, message)| {
            format!(
                r#"{{"name":"envoy.filters.http.{name}","typed_config":{{"@type":"type.googleapis.com/envoy.extensions.filters.http.{name}.v3.{message}"}}}}"#
            )
        })
        .collect();
    let manager = format!(
        r#"{{"@type":"type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix":"in","normalize_path":{dot_segments},"merge_slashes":{merge_slashes},
        "path_with_escaped_slashes_action":"{slashes}","generate_request_id":false,"upgrade_configs":[{{"upgrade_type":"websocket"}}],
        "scoped_routes":{{"name":"all","scope_key_builder":{{"fragments":[{{"header_value_extractor":{{"name":"x-scope","index":0}}}}]}},
        "scoped_route_configurations_list":{{"scoped_route_configurations":[{}]}}}},
        "http_filters":[{}]}}"#,
        scopes.join(",\n"),
        filters.join(",")
    );
    format!(
        r#"{{"layered_runtime":{{"layers":[{{"name":"static","static_layer":{{
        "re2.max_program_size.error_level":32768,
        "envoy.reloadable_features.http_reject_path_with_fragment":false,
        "envoy.reloadable_features.match_headers_individually":{individually}}}}}]}},
        "static_resources":{{"clusters":[{}],"listeners":[{{"name":"in",
        "address":{{"socket_address":{{"address":"127.0.0.1","port_value":{port}}}}},
        "listener_filters":[{{"name":"envoy.filters.listener.proxy_protocol","typed_config":{{"@type":"type.googleapis.com/envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol","allow_requests_without_proxy_protocol":true}}}}],
        "filter_chains":[{{"filters":[{{"name":"envoy.filters.network.http_connection_manager","typed_config":{manager}}}]}}]}}]}}}}"#,
        clusters.join(",\n")
    )
}

/// A cluster as it is asked here: without limits, since many requests may be under way.
fn upstream(cluster: &Cluster) -> Value {
    let mut written = cluster_with_endpoints(cluster);
    let limits = r#"{"thresholds":[{"maxRetries":100000,"maxRequests":100000,"maxConnections":100000,"maxPendingRequests":100000}]}"#;
    if let Value::Map(map) = &mut written {
        map.insert("circuitBreakers", Value::from_json(limits).unwrap_or_default());
    }
    written
}
