//! Clusters and endpoints.

use std::time::Duration;

use pointsman_manifest::{Map, Value};
use pointsman_route::ir::{
    Cluster, Discovery, Endpoint, HashKey, Health, LoadBalancing, Locality, Outlier, Upstream,
};

use super::{Message, only, when};
use crate::duration::write_duration;

/// A cluster as Envoy's `Cluster`: endpoints that the control plane knows are asked from it, those found by DNS stand in it.
///
/// ```
/// use pointsman_envoy::cluster;
/// use pointsman_route::ir::{Cluster, ClusterName};
///
/// let name = ClusterName::outbound(9080, "v1", "reviews.default.svc.cluster.local");
/// let written = cluster(&Cluster { name, ..Cluster::default() }).to_yaml();
/// assert!(written.starts_with("name: outbound|9080|v1|reviews.default.svc.cluster.local\ntype: EDS\n"));
/// ```
///
/// Source: `buildCluster` and `applyTrafficPolicy` of Istio at 86c9f01f. Not written are TLS and the proxy protocol towards
/// endpoints, metadata, filters and names for statistics.
#[must_use]
pub fn cluster(cluster: &Cluster) -> Value {
    let name = cluster.name.as_str();
    let message = Message::new().with("name", name);
    let message = match cluster.discovery {
        Discovery::Client => message.with("type", "ORIGINAL_DST"),
        _ if cluster.balancing == LoadBalancing::Passthrough => message.with("type", "ORIGINAL_DST"),
        Discovery::ControlPlane => {
            let source = Message::new()
                .with("ads", Map::new())
                .with("initialFetchTimeout", "0s")
                .with("resourceApiVersion", "V3")
                .done();
            let eds = Message::new().with("edsConfig", source).with("serviceName", name).done();
            message.with("type", "EDS").with("edsClusterConfig", eds)
        }
        Discovery::Dns => by_dns(message, "STRICT_DNS", cluster),
        Discovery::DnsRoundRobin => by_dns(message, "LOGICAL_DNS", cluster),
    };
    treated(message, cluster)
}

/// A cluster as Envoy's `Cluster` with its endpoints in it, for a proxy without control plane. Endpoints with names instead
/// of addresses are looked up by DNS.
#[must_use]
pub fn cluster_with_endpoints(cluster: &Cluster) -> Value {
    let message = Message::new().with("name", cluster.name.as_str());
    let has_address = |endpoint: &Endpoint| match endpoint.address.rsplit_once(':') {
        Some(_) => endpoint.address.parse::<std::net::SocketAddr>().is_ok(),
        None => true,
    };
    let message = match cluster.endpoints.iter().all(has_address) {
        true => message.with("type", "STATIC").with("loadAssignment", load_assignment(cluster)),
        false => by_dns(message, "STRICT_DNS", cluster),
    };
    treated(message, cluster)
}

fn by_dns(message: Message, kind: &str, cluster: &Cluster) -> Message {
    message
        .with("type", kind)
        .with("dnsLookupFamily", "V4_ONLY")
        .with("dnsRefreshRate", "60s")
        .with("respectDnsTtl", true)
        .with("loadAssignment", load_assignment(cluster))
}

/// How endpoints are chosen and treated.
fn treated(message: Message, cluster: &Cluster) -> Value {
    let plain = Upstream::default();
    let upstream = cluster.upstream.as_deref().unwrap_or(&plain);
    let keepalive = upstream.keepalive.map(|keepalive| {
        let seconds = |time: Option<Duration>| {
            time.and_then(|time| u32::try_from(time.as_secs()).ok()).filter(|seconds| *seconds > 0)
        };
        let probes = Message::new()
            .maybe("keepaliveProbes", keepalive.probes)
            .maybe("keepaliveTime", seconds(keepalive.time))
            .maybe("keepaliveInterval", seconds(keepalive.interval));
        only("tcpKeepalive", probes.done())
    });
    let message = message
        .with("connectTimeout", write_duration(upstream.connect_timeout.unwrap_or(Duration::from_secs(10))));
    balanced(message, cluster)
        .with("circuitBreakers", circuit_breakers(upstream))
        .maybe("upstreamConnectionOptions", keepalive)
        .maybe("typedExtensionProtocolOptions", protocol_options(upstream))
        .maybe("outlierDetection", upstream.outlier.as_ref().map(outlier_detection))
        .done()
}

/// Limits that nobody reaches, unless others are set: Envoy's own would be 1024.
fn circuit_breakers(upstream: &Upstream) -> Value {
    let limit = |limit: Option<u32>| limit.unwrap_or(u32::MAX);
    let thresholds = Message::new()
        .with("maxConnections", limit(upstream.max_connections))
        .with("maxPendingRequests", limit(upstream.max_pending_requests))
        .with("maxRequests", limit(upstream.max_requests))
        .with("maxRetries", limit(upstream.max_retries))
        .with("trackRemaining", true);
    only("thresholds", vec![thresholds.done()])
}

fn protocol_options(upstream: &Upstream) -> Option<Value> {
    let Upstream { max_requests_per_connection, idle_timeout, max_connection_duration, .. } = upstream;
    let common = Message::new()
        .maybe("idleTimeout", idle_timeout.map(write_duration))
        .maybe("maxConnectionDuration", max_connection_duration.map(write_duration))
        .maybe("maxRequestsPerConnection", *max_requests_per_connection)
        .done();
    let has_common = common.as_map().is_some_and(|fields| !fields.is_empty());
    if !has_common && !upstream.http2 {
        return None;
    }
    let protocol = if upstream.http2 { "http2ProtocolOptions" } else { "httpProtocolOptions" };
    let options = Message::of_type("envoy.extensions.upstreams.http.v3.HttpProtocolOptions")
        .maybe("commonHttpProtocolOptions", has_common.then_some(common))
        .with("explicitHttpConfig", only(protocol, Map::new()));
    Some(only("envoy.extensions.upstreams.http.v3.HttpProtocolOptions", options.done()))
}

/// What is counted is enforced always or, at 0, never; success rates are not looked at.
fn outlier_detection(outlier: &Outlier) -> Value {
    let enforced = |count: Option<u32>| count.map(|count| if count > 0 { 100_u32 } else { 0 });
    Message::new()
        .maybe("consecutive5xx", outlier.consecutive_5xx)
        .maybe("interval", outlier.interval.map(write_duration))
        .maybe("baseEjectionTime", outlier.base_ejection_time.map(write_duration))
        .maybe("maxEjectionPercent", outlier.max_ejection_percent)
        .maybe("enforcingConsecutive5xx", enforced(outlier.consecutive_5xx))
        .with("enforcingSuccessRate", 0_u32)
        .maybe("consecutiveGatewayFailure", outlier.consecutive_gateway_failure)
        .maybe("enforcingConsecutiveGatewayFailure", enforced(outlier.consecutive_gateway_failure))
        .flag("splitExternalLocalOriginErrors", when(outlier.split_local_origin))
        .maybe("consecutiveLocalOriginFailure", outlier.consecutive_local_origin_failure)
        .maybe("enforcingConsecutiveLocalOriginFailure", enforced(outlier.consecutive_local_origin_failure))
        .maybe("enforcingLocalOriginSuccessRate", outlier.split_local_origin.then_some(0_u32))
        .done()
}

fn balanced(message: Message, cluster: &Cluster) -> Message {
    let text = |number: Option<u64>| number.map(|number| number.to_string());
    let (policy, config, by) = match cluster.balancing {
        LoadBalancing::Passthrough => ("CLUSTER_PROVIDED", None, HashKey::Address),
        _ if cluster.discovery == Discovery::Client => ("CLUSTER_PROVIDED", None, HashKey::Address),
        LoadBalancing::LeastRequest => ("LEAST_REQUEST", None, HashKey::Address),
        LoadBalancing::RoundRobin => ("", None, HashKey::Address),
        LoadBalancing::Random => ("RANDOM", None, HashKey::Address),
        LoadBalancing::RingHash { minimum_size, maximum_size, key } => {
            let sizes = Message::new()
                .maybe("minimumRingSize", text(minimum_size))
                .maybe("maximumRingSize", text(maximum_size));
            ("RING_HASH", Some(("ringHashLbConfig", sizes.done())), key)
        }
        LoadBalancing::Maglev { table_size, key } => {
            let size = Message::new().maybe("tableSize", text(table_size));
            ("MAGLEV", Some(("maglevLbConfig", size.done())), key)
        }
    };
    let message = message.text("lbPolicy", policy);
    let message = match config {
        Some((name, config)) => message.with(name, config),
        None => message,
    };
    let by_name = only("useHostnameForHashing", true);
    let outlier = cluster.upstream.as_ref().and_then(|upstream| upstream.outlier);
    // Where endpoints are left out, panic is switched off or set: Envoy's own threshold would be 50 %.
    let threshold = outlier.map(|outlier| match outlier.min_health_percent {
        0 => Value::from(Map::new()),
        percent => only("value", percent),
    });
    let common = Message::new()
        .maybe("healthyPanicThreshold", threshold)
        .maybe("consistentHashingLbConfig", when(by == HashKey::Hostname).map(|()| by_name))
        .done();
    message.with("commonLbConfig", common)
}

/// The endpoints of a cluster as Envoy's `ClusterLoadAssignment`: grouped by priority and locality, in order.
#[must_use]
pub fn load_assignment(cluster: &Cluster) -> Value {
    let mut groups: Vec<((u32, &Locality), Vec<&Endpoint>)> = Vec::new();
    for endpoint in &cluster.endpoints {
        let key = (endpoint.priority, &endpoint.locality);
        match groups.iter_mut().find(|(group, _)| *group == key) {
            Some((_, endpoints)) => endpoints.push(endpoint),
            None => groups.push((key, vec![endpoint])),
        }
    }
    Message::new()
        .with("clusterName", cluster.name.as_str())
        .list("endpoints", &groups, |((priority, locality), endpoints)| {
            let place = Message::new()
                .text("region", &locality.region)
                .text("zone", &locality.zone)
                .text("subZone", &locality.subzone);
            Message::new()
                .maybe("locality", (!locality.is_empty()).then(|| place.done()))
                .list("lbEndpoints", endpoints, |endpoint| lb_endpoint(endpoint))
                .maybe("priority", (*priority != 0).then_some(*priority))
                .done()
        })
        .done()
}

fn lb_endpoint(endpoint: &Endpoint) -> Value {
    let health = match endpoint.health {
        Health::Healthy => "",
        Health::Degraded => "DEGRADED",
        Health::Unhealthy => "UNHEALTHY",
    };
    let address = Message::new()
        .with("address", socket_address(&endpoint.address))
        .text("hostname", &endpoint.hostname);
    let key = endpoint.hash_key.as_deref();
    let metadata = key.map(|key| only("filterMetadata", only("envoy.lb", only("hash_key", key))));
    Message::new()
        .with("endpoint", address.done())
        .text("healthStatus", health)
        .maybe("metadata", metadata)
        .maybe("loadBalancingWeight", (endpoint.weight != 0).then_some(endpoint.weight))
        .done()
}

/// `address:port`; what has no port is the path of a socket.
fn socket_address(address: &str) -> Value {
    let parts = address.rsplit_once(':').and_then(|(host, port)| Some((host, port.parse::<u16>().ok()?)));
    match parts {
        Some((host, port)) => {
            let host = host.trim_start_matches('[').trim_end_matches(']');
            only("socketAddress", Message::new().with("address", host).with("portValue", port).done())
        }
        None => only("pipe", only("path", address)),
    }
}
