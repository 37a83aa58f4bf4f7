//! Clusters: the endpoints behind each port and subset of a service.

use std::collections::BTreeMap;
use std::sync::Arc;

use pointsman_api::istio::networking::{ConsistentHashLb, HashAlgorithm, LbPolicy, SimpleLb, TrafficPolicy};

use super::{World, upstream};
use crate::destination_rule::effective_policy;
use crate::ir::{Cluster, ClusterName, Discovery, Endpoint, HashKey, Health, LoadBalancing};
use crate::proxy::Proxy;
use crate::registry::Registered;
use crate::service::{EndpointsBy, MeshPort, Protocol, Target};
use crate::workload::Workload;

/// The clusters of a service: for each port one of all endpoints and one a subset.
pub(crate) fn of_service(
    world: &World,
    proxy: &Proxy,
    registered: &Registered,
    clusters: &mut Vec<Arc<Cluster>>,
) {
    if registered.service.endpoints_by == EndpointsBy::Alias {
        return;
    }
    let rule = world.rule_of(proxy, registered);
    let empty = pointsman_api::istio::networking::DestinationRule::new();
    let rule = rule.as_ref().map_or(&empty, |folded| &folded.rule);
    for port in registered.service.ports.iter().filter(|port| port.protocol != Protocol::Udp) {
        let policy = effective_policy(rule, "", port.number);
        add(cluster(registered, port, "", &BTreeMap::new(), &policy), clusters);
        for subset in &rule.subsets {
            let policy = effective_policy(rule, &subset.name, port.number);
            add(cluster(registered, port, &subset.name, &subset.labels, &policy), clusters);
        }
    }
}

/// A cluster whose endpoints stand in it is not sent where there are none.
fn add(cluster: Cluster, clusters: &mut Vec<Arc<Cluster>>) {
    let by_dns = matches!(cluster.discovery, Discovery::Dns | Discovery::DnsRoundRobin);
    if !(by_dns && cluster.endpoints.is_empty()) {
        clusters.push(Arc::new(cluster));
    }
}

fn cluster(
    registered: &Registered,
    port: &MeshPort,
    subset: &str,
    labels: &BTreeMap<String, String>,
    policy: &TrafficPolicy,
) -> Cluster {
    let has_labels = |workload: &&Arc<Workload>| {
        labels.iter().all(|(name, value)| workload.labels.value(name) == Some(value))
    };
    let service = &registered.service;
    let endpoints = registered.workloads_of(port.number).iter().filter(has_labels);
    Cluster {
        name: ClusterName::outbound(port.number, subset, &service.host),
        balancing: balancing(policy, service.endpoints_by),
        endpoints: endpoints.filter_map(|workload| endpoint(workload, port, service.endpoints_by)).collect(),
        discovery: discovery(policy, service.endpoints_by),
        upstream: upstream::of_policy(policy, port.protocol),
    }
}

fn discovery(policy: &TrafficPolicy, by: EndpointsBy) -> Discovery {
    let settings = policy.load_balancer.as_ref().and_then(|settings| settings.lb_policy.as_ref());
    match (settings, by) {
        (Some(LbPolicy::Simple(SimpleLb::Passthrough)), _) | (_, EndpointsBy::Client) => Discovery::Client,
        (_, EndpointsBy::Dns) => Discovery::Dns,
        (_, EndpointsBy::DnsRoundRobin) => Discovery::DnsRoundRobin,
        _ => Discovery::ControlPlane,
    }
}

fn endpoint(workload: &Workload, port: &MeshPort, by: EndpointsBy) -> Option<Endpoint> {
    let number = match (workload.ports.get(&port.name), &port.target) {
        // A ServiceEntry names service ports, an EndpointSlice too; pods name container ports.
        (Some(number), _) if workload.names_service_ports => *number,
        (_, Target::Number(number)) => *number,
        (_, Target::Name(name)) => *workload.ports.get(name)?,
    };
    Some(Endpoint {
        address: workload.socket_address(number),
        hostname: if by.is_dns() { workload.address.clone() } else { String::new() },
        weight: workload.weight,
        locality: workload.locality.clone(),
        health: if workload.is_ready { Health::Healthy } else { Health::Unhealthy },
        labels: workload.labels.clone(),
        ..Endpoint::default()
    })
}

fn balancing(policy: &TrafficPolicy, by: EndpointsBy) -> LoadBalancing {
    let settings = policy.load_balancer.as_ref().and_then(|settings| settings.lb_policy.as_ref());
    match settings {
        // Nobody has to be chosen where the client has chosen.
        _ if by == EndpointsBy::Client => LoadBalancing::Passthrough,
        Some(LbPolicy::ConsistentHash(hash)) => by_hash(hash),
        Some(LbPolicy::Simple(SimpleLb::Passthrough)) => LoadBalancing::Passthrough,
        Some(LbPolicy::Simple(SimpleLb::Random)) => LoadBalancing::Random,
        Some(LbPolicy::Simple(SimpleLb::RoundRobin)) => LoadBalancing::RoundRobin,
        _ => LoadBalancing::LeastRequest,
    }
}

fn by_hash(hash: &ConsistentHashLb) -> LoadBalancing {
    let key = HashKey::Address;
    match &hash.hash_algorithm {
        Some(HashAlgorithm::Maglev(maglev)) => LoadBalancing::Maglev { table_size: maglev.table_size, key },
        other => {
            let size = match other {
                Some(HashAlgorithm::RingHash(ring)) => ring.minimum_ring_size,
                _ => hash.minimum_ring_size,
            };
            LoadBalancing::RingHash { minimum_size: (size != 0).then_some(size), maximum_size: None, key }
        }
    }
}
