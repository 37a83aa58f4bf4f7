//! Clusters and endpoints.

use pointsman_manifest::{Map, Value};
use pointsman_route::ir::{Cluster, Endpoint, HashKey, Health, LoadBalancing, Locality};

use super::{Message, only, when};

/// A cluster as Envoy's `Cluster`, its endpoints asked from the control plane.
#[must_use]
pub fn cluster(cluster: &Cluster) -> Value {
    let name = cluster.name.as_str();
    if cluster.balancing == LoadBalancing::Passthrough {
        let message = Message::new().with("name", name).with("type", "ORIGINAL_DST");
        return balanced(message.with("lbPolicy", "CLUSTER_PROVIDED"), cluster).done();
    }
    let source = Message::new()
        .with("ads", Map::new())
        .with("initialFetchTimeout", "0s")
        .with("resourceApiVersion", "V3")
        .done();
    let eds = Message::new().with("edsConfig", source).with("serviceName", name).done();
    let message = Message::new().with("name", name).with("type", "EDS").with("edsClusterConfig", eds);
    balanced(message, cluster).done()
}

/// A cluster as Envoy's `Cluster` with its endpoints in it, for a proxy without control plane.
#[must_use]
pub fn cluster_with_endpoints(cluster: &Cluster) -> Value {
    let message = Message::new()
        .with("name", cluster.name.as_str())
        .with("type", "STATIC")
        .with("loadAssignment", load_assignment(cluster));
    balanced(message, cluster).done()
}

fn balanced(message: Message, cluster: &Cluster) -> Message {
    let text = |number: Option<u64>| number.map(|number| number.to_string());
    let (policy, config, by) = match cluster.balancing {
        LoadBalancing::LeastRequest => ("LEAST_REQUEST", None, HashKey::Address),
        LoadBalancing::RoundRobin | LoadBalancing::Passthrough => ("", None, HashKey::Address),
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
    let by_name = only("consistentHashingLbConfig", only("useHostnameForHashing", true));
    message.maybe("commonLbConfig", when(by == HashKey::Hostname).map(|()| by_name))
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
