//! The bootstrap of one Envoy that answers for many configurations.

use pointsman_envoy::{cluster_with_endpoints, route_configuration};
use pointsman_route::ir::{
    Action, Cluster, ClusterName, DestinationChoice, Endpoint, HashKey, HeaderOp, LoadBalancing,
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

/// Clusters where a hash chooses among endpoints, beside those of the cases.
pub(super) fn hash_clusters(echo_port: u16) -> Vec<Cluster> {
    let endpoint = |last: u8| Endpoint {
        address: format!("{}:{echo_port}", address(last)),
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
    });
    kinds.collect()
}

/// A cluster with one endpoint.
pub(super) fn plain_cluster(name: &str, echo_port: u16) -> Cluster {
    let endpoint = Endpoint { address: format!("{}:{echo_port}", address(1)), ..Endpoint::default() };
    Cluster { name: ClusterName::new(name), balancing: LoadBalancing::RoundRobin, endpoints: vec![endpoint] }
}

/// The configuration as Envoy gets it: with headers that say what was chosen, and the random number from a header.
fn observed(config: &RouteConfig) -> RouteConfig {
    let mut config = config.clone();
    let observe = |name: &str, value: &str| HeaderOp::set(name, value);
    config.headers.response.push(observe("x-observed-route", "[%ROUTE_NAME%]"));
    config.headers.response.push(observe("x-observed-cluster", "%UPSTREAM_CLUSTER%"));
    config.headers.response.push(observe("x-observed-endpoint", "%UPSTREAM_HOST%"));
    for host in &mut config.virtual_hosts {
        let host = std::sync::Arc::make_mut(host);
        host.headers.response.push(observe("x-observed-host", &host.name.replace('%', "%%")));
        for route in &mut host.routes {
            if let Action::Forward(forward) = &mut route.action
                && let DestinationChoice::Weighted { random_header, use_hash_policy: false, .. } =
                    &mut forward.destination
            {
                random_header.get_or_insert_with(|| "x-random".to_owned());
            }
        }
    }
    config
}

/// The whole bootstrap as JSON. Configuration `n` is asked by the request header `x-scope: n`.
pub(super) fn bootstrap(
    configs: &[&RouteConfig],
    clusters: &[Cluster],
    setting: Setting,
    port: u16,
) -> String {
    let scopes: Vec<String> = configs
        .iter()
        .enumerate()
        .map(|(number, config)| {
            let config = route_configuration(&observed(config)).to_json();
            format!(
                r#"{{"name":"{number}","route_configuration":{config},"key":{{"fragments":[{{"string_key":"{number}"}}]}}}}"#
            )
        })
        .collect();
    let clusters: Vec<String> = clusters.iter().map(|one| cluster_with_endpoints(one).to_json()).collect();
    let PathNormalization { dot_segments, merge_slashes, escaped_slashes } = setting.normalization;
    let slashes = match escaped_slashes {
        SlashHandling::Keep => "KEEP_UNCHANGED",
        SlashHandling::Unescape => "UNESCAPE_AND_FORWARD",
        SlashHandling::Reject => "REJECT_REQUEST",
    };
    let individually = setting.matching == HeaderMatching::Individual;
    let manager = format!(
        r#"{{"@type":"type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix":"in","normalize_path":{dot_segments},"merge_slashes":{merge_slashes},
        "path_with_escaped_slashes_action":"{slashes}","generate_request_id":false,
        "scoped_routes":{{"name":"all","scope_key_builder":{{"fragments":[{{"header_value_extractor":{{"name":"x-scope","index":0}}}}]}},
        "scoped_route_configurations_list":{{"scoped_route_configurations":[{}]}}}},
        "http_filters":[{{"name":"envoy.filters.http.router","typed_config":{{"@type":"type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"}}}}]}}"#,
        scopes.join(",\n")
    );
    format!(
        r#"{{"layered_runtime":{{"layers":[{{"name":"static","static_layer":{{
        "re2.max_program_size.error_level":32768,
        "envoy.reloadable_features.http_reject_path_with_fragment":false,
        "envoy.reloadable_features.match_headers_individually":{individually}}}}}]}},
        "static_resources":{{"clusters":[{}],"listeners":[{{"name":"in",
        "address":{{"socket_address":{{"address":"127.0.0.1","port_value":{port}}}}},
        "filter_chains":[{{"filters":[{{"name":"envoy.filters.network.http_connection_manager","typed_config":{manager}}}]}}]}}]}}}}"#,
        clusters.join(",\n")
    )
}
