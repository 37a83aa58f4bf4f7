//! Listeners that choose by server name, address and port, before any request is read.
//!
//! Source: `buildSidecarOutboundTCPTLSFilterChainOpts` and `createGatewayTCPFilterChainOpts` of Istio at 86c9f01f.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::net::IpAddr;
use std::sync::Arc;

use pointsman_api::istio::networking::{L4MatchAttributes, RouteDestination, TLSMatchAttributes};
use pointsman_types::{Port, host};

use super::distinct_chains::distinct;
use super::domains::Domains;
use super::sidecar::{Outbound, View};
use crate::gateway_merge::MergedServer;
use crate::ir::{Cidr, ClusterName, FilterChain, L4Action, Listener, TcpRoute, WeightedDestination};
use crate::proxy::Proxy;
use crate::service::{EndpointsBy, MeshPort, MeshService, Protocol};
use crate::translate::{RouteScope, cluster_of};
use crate::virtual_service::{MESH, ResolvedVirtualService};

/// The conditions of a TLS or TCP route that the control plane decides, and those left to the proxy.
struct Condition<'a> {
    port: u32,
    labels: &'a BTreeMap<String, String>,
    gateways: &'a [String],
    namespace: &'a str,
}

impl<'a> Condition<'a> {
    fn of_tls(condition: &'a TLSMatchAttributes) -> Self {
        Self {
            port: condition.port,
            labels: &condition.source_labels,
            gateways: &condition.gateways,
            namespace: &condition.source_namespace,
        }
    }

    fn of_tcp(condition: &'a L4MatchAttributes) -> Self {
        Self {
            port: condition.port,
            labels: &condition.source_labels,
            gateways: &condition.gateways,
            namespace: &condition.source_namespace,
        }
    }

    /// Unlike for HTTP, all of them must hold.
    fn counts(&self, proxy: &Proxy, gateway: &str, port: u16) -> bool {
        self.counts_at(gateway, port)
            && self.labels.iter().all(|(name, value)| proxy.labels.value(name) == Some(value))
            && (self.namespace.is_empty() || self.namespace == proxy.namespace)
    }

    /// At a gateway nobody knows where connections come from, so that labels and namespace are not looked at.
    fn counts_at(&self, gateway: &str, port: u16) -> bool {
        (self.port == 0 || self.port == u32::from(port))
            && (self.gateways.is_empty() || self.gateways.iter().any(|name| name == gateway))
    }
}

/// The listeners of a sidecar for services that do not speak HTTP.
pub(crate) fn of_sidecar(view: &View<'_>, http_ports: &BTreeSet<u16>) -> Vec<Arc<Listener>> {
    let by_host = ByHost::of(&view.listener.virtual_services);
    let mut listeners: BTreeMap<(u16, Option<IpAddr>), Vec<FilterChain>> = BTreeMap::new();
    for registered in &view.listener.services.list {
        let service = &registered.service;
        for port in service.ports.iter().filter(|port| is_l4(port.protocol) && view.has_port(port.number)) {
            if service.endpoints_by == EndpointsBy::Alias {
                continue;
            }
            let addresses: Vec<Option<&str>> = match service.addresses.as_slice() {
                [] => vec![None],
                some => some.iter().map(|address| Some(address.as_str())).collect(),
            };
            for address in addresses {
                let ip = address.and_then(|address| address.parse().ok());
                let network =
                    address.filter(|_| ip.is_none()).and_then(|address| address.parse::<Cidr>().ok());
                let chains =
                    chains_of(view, service, port, network, ip.is_some() || network.is_some(), &by_host);
                listeners.entry((port.number, ip)).or_default().extend(chains);
            }
        }
    }
    let made = listeners.into_iter().filter_map(|((number, address), chains)| {
        let default = default_action(view, number, address, http_ports);
        listener(number, address, chains, default)
    });
    made.map(Arc::new).collect()
}

const fn is_l4(protocol: Protocol) -> bool {
    !protocol.is_http() && !matches!(protocol, Protocol::Udp)
}

/// What happens where no chain matches: requests of HTTP services on the same port, else as for unknown hosts.
fn default_action(
    view: &View<'_>,
    port: u16,
    address: Option<IpAddr>,
    http_ports: &BTreeSet<u16>,
) -> Option<L4Action> {
    if address.is_none() && http_ports.contains(&port) {
        return Some(L4Action::Http(port.to_string()));
    }
    match &view.scope.outbound {
        Outbound::LetOut(cluster) => Some(L4Action::Tcp(TcpRoute::to(cluster.clone()))),
        Outbound::Refused => None,
    }
}

fn listener(
    number: u16,
    address: Option<IpAddr>,
    chains: Vec<FilterChain>,
    default: Option<L4Action>,
) -> Option<Listener> {
    let port = Port::new(u32::from(number)).ok()?;
    let chains = distinct(chains);
    let name = address.map_or_else(|| format!("0.0.0.0_{number}"), |address| format!("{address}_{number}"));
    Some(Listener { name, address, port, chains, default, is_bound: false })
}

/// VirtualServices by host, so that those of a service are found without looking at all.
struct ByHost<'a> {
    exact: BTreeMap<&'a str, Vec<usize>>,
    wildcard: Vec<(&'a str, usize)>,
    list: &'a [Arc<ResolvedVirtualService>],
}

impl<'a> ByHost<'a> {
    fn of(list: &'a [Arc<ResolvedVirtualService>]) -> Self {
        let mut found = Self { exact: BTreeMap::new(), wildcard: Vec::new(), list };
        for (position, resolved) in list.iter().enumerate() {
            if resolved.spec.tls.is_empty() && resolved.spec.tcp.is_empty() {
                continue;
            }
            for name in &resolved.hosts {
                if host::is_wildcard(name) {
                    found.wildcard.push((name, position));
                } else {
                    found.exact.entry(name).or_default().push(position);
                }
            }
        }
        found
    }

    fn of_service(&self, name: &str) -> impl Iterator<Item = &'a ResolvedVirtualService> {
        let mut positions: BTreeSet<usize> = self.exact.get(name).into_iter().flatten().copied().collect();
        positions.extend(
            self.wildcard
                .iter()
                .filter(|(wildcard, _)| host::matches(wildcard, name))
                .map(|(_, position)| *position),
        );
        let list = self.list;
        positions.into_iter().filter_map(move |position| list.get(position).map(AsRef::as_ref))
    }
}

fn chains_of(
    view: &View<'_>,
    service: &MeshService,
    port: &MeshPort,
    network: Option<Cidr>,
    has_address: bool,
    by_host: &ByHost<'_>,
) -> Vec<FilterChain> {
    let mut own: Vec<Cidr> = network.into_iter().collect();
    let gateways = [MESH];
    let known = |name: &str| view.listener.services.with_host(name).map(|registered| &registered.service);
    let scope = RouteScope::new(view.proxy, port.number, &gateways).with_services(&known);
    let hashes = |name: &str, subset: &str| {
        let registered = view.scope.services.with_host(name);
        view.world.hashes_source_ip(view.proxy, subset, registered.map(AsRef::as_ref))
    };
    let counts = |condition: Condition<'_>| condition.counts(view.proxy, MESH, port.number);
    let mut chains = Vec::new();
    for resolved in by_host.of_service(&service.host) {
        if port.protocol.is_tls() {
            for route in resolved.spec.tls.iter().filter(|route| !route.route.is_empty()) {
                for condition in route.r#match.iter().filter(|condition| counts(Condition::of_tls(condition)))
                {
                    // Networks that a condition names hold for those behind it that name none, too.
                    if !condition.destination_subnets.is_empty() {
                        own = networks(&condition.destination_subnets);
                    }
                    chains.push(FilterChain {
                        destinations: own.clone(),
                        server_names: condition.sni_hosts.clone(),
                        transport: "tls".to_owned(),
                        action: L4Action::Tcp(destinations(&route.route, &scope, &hashes)),
                        ..FilterChain::default()
                    });
                }
            }
            continue;
        }
        for route in resolved.spec.tcp.iter().filter(|route| !route.route.is_empty()) {
            let action = L4Action::Tcp(destinations(&route.route, &scope, &hashes));
            let counting: Vec<_> =
                route.r#match.iter().filter(|condition| counts(Condition::of_tcp(condition))).collect();
            if route.r#match.is_empty()
                || counting.iter().any(|condition| condition.destination_subnets.is_empty())
            {
                chains.push(FilterChain { destinations: own, action, ..FilterChain::default() });
                return chains;
            }
            let networks: Vec<_> =
                counting.iter().flat_map(|condition| networks(&condition.destination_subnets)).collect();
            if !networks.is_empty() {
                chains.push(FilterChain { destinations: networks, action, ..FilterChain::default() });
            }
        }
    }
    if port.protocol.is_tls() && !chains.is_empty() {
        return chains;
    }
    // Where the address does not tell the service, the server name must.
    let names = if port.protocol.is_tls() && (!has_address || !own.is_empty()) {
        server_names(view, service)
    } else {
        Vec::new()
    };
    chains.push(FilterChain {
        destinations: own,
        transport: if names.is_empty() { String::new() } else { "tls".to_owned() },
        server_names: names,
        action: L4Action::Tcp(TcpRoute {
            hash_source_ip: hashes(&service.host, ""),
            ..TcpRoute::to(ClusterName::outbound(port.number, "", &service.host))
        }),
        ..FilterChain::default()
    });
    chains
}

/// The host of a service; of aliases the short forms too.
fn server_names(view: &View<'_>, service: &MeshService) -> Vec<String> {
    let domain = &view.world.settings.domain;
    let alias = |alias: &String| Domains::of_alias(alias, &view.proxy.namespace, domain);
    std::iter::once(service.host.clone()).chain(service.aliases.iter().flat_map(alias)).collect()
}

fn networks(subnets: &[String]) -> Vec<Cidr> {
    subnets.iter().filter_map(|subnet| subnet.parse().ok()).collect()
}

/// A single destination has all, whatever its weight; of several those without weight are left out.
fn destinations(shares: &[RouteDestination], scope: &RouteScope<'_>, hashes: Hashes<'_>) -> TcpRoute {
    let is_only = shares.len() == 1;
    let destinations = shares.iter().filter(|share| is_only || share.weight > 0).map(|share| {
        let cluster = share.destination.as_ref().map(|to| cluster_of(to, scope)).unwrap_or_default();
        let weight = if is_only { 1 } else { u32::try_from(share.weight).unwrap_or_default() };
        WeightedDestination::new(cluster, weight)
    });
    TcpRoute { destinations: destinations.collect(), hash_source_ip: hashes_source_ip(shares, hashes) }
}

/// Whether connections to a host, and to a subset of it, are spread by the address they come from.
type Hashes<'a> = &'a dyn Fn(&str, &str) -> bool;

/// Of several destinations the first decides, whatever its subset says.
///
/// Source: `buildOutboundNetworkFilters` of Istio at 86c9f01f.
fn hashes_source_ip(shares: &[RouteDestination], hashes: Hashes<'_>) -> bool {
    let Some(first) = shares.first().and_then(|share| share.destination.as_ref()) else { return false };
    let subset = if shares.len() == 1 { first.subset.as_str() } else { "" };
    hashes(&first.host, subset)
}

/// The chains of a gateway's server that passes connections on. `taken`: the server names that earlier chains of the port have,
/// by bind address.
pub(crate) fn of_server(
    server: &MergedServer,
    virtual_services: &[Arc<ResolvedVirtualService>],
    known: Known<'_>,
    hashes: Hashes<'_>,
    taken: &mut HashSet<(String, String)>,
) -> Vec<FilterChain> {
    let mut chains = Vec::new();
    for resolved in virtual_services {
        if server.common_hosts(resolved.namespace(), &resolved.hosts).is_empty() {
            continue;
        }
        let counts = |condition: Condition<'_>| condition.counts_at(&server.gateway, server.number());
        if server.protocol.is_tls() && !server.ends_tls() {
            for route in resolved.spec.tls.iter().filter(|route| !route.route.is_empty()) {
                for condition in route.r#match.iter().filter(|condition| counts(Condition::of_tls(condition)))
                {
                    // A name that an earlier condition has leaves the whole condition out.
                    let at_bind = |name: &String| (server.server.bind.clone(), name.clone());
                    let names: Vec<_> = condition.sni_hosts.iter().map(at_bind).collect();
                    if names.iter().any(|name| taken.contains(name)) {
                        continue;
                    }
                    taken.extend(names);
                    let is_any = condition.sni_hosts.iter().any(|name| name == "*");
                    chains.push(FilterChain {
                        server_names: if is_any { Vec::new() } else { condition.sni_hosts.clone() },
                        transport: "tls".to_owned(),
                        action: L4Action::Tcp(gateway_destinations(
                            &route.route,
                            server.number(),
                            known,
                            hashes,
                        )),
                        ..FilterChain::default()
                    });
                }
            }
            continue;
        }
        for route in resolved.spec.tcp.iter().filter(|route| !route.route.is_empty()) {
            let is_any = route.r#match.is_empty()
                || route.r#match.iter().any(|condition| counts(Condition::of_tcp(condition)));
            if is_any {
                let (server_names, transport) = match server.ends_tls() {
                    true => (server.server_names(), "tls"),
                    false => (Vec::new(), ""),
                };
                chains.push(FilterChain {
                    server_names,
                    transport: transport.to_owned(),
                    action: L4Action::Tcp(gateway_destinations(&route.route, server.number(), known, hashes)),
                    ..FilterChain::default()
                });
                return chains;
            }
        }
    }
    chains
}

/// What a gateway knows of a destination: its only port, and the host that it stands for.
pub(crate) type ClusterTarget = (Option<u16>, String);
type Known<'a> = &'a dyn Fn(&str) -> Option<ClusterTarget>;

fn gateway_destinations(
    shares: &[RouteDestination],
    port: u16,
    known: Known<'_>,
    hashes: Hashes<'_>,
) -> TcpRoute {
    let is_only = shares.len() == 1;
    let destinations = shares.iter().filter(|share| is_only || share.weight > 0).map(|share| {
        let to = share.destination.clone().unwrap_or_default();
        let (only, host) = known(&to.host).unwrap_or((None, to.host.clone()));
        let named = to.port.as_ref().and_then(|port| u16::try_from(port.number).ok());
        let cluster = ClusterName::outbound(named.or(only).unwrap_or(port), &to.subset, &host);
        let weight = if is_only { 1 } else { u32::try_from(share.weight).unwrap_or_default() };
        WeightedDestination::new(cluster, weight)
    });
    TcpRoute { destinations: destinations.collect(), hash_source_ip: hashes_source_ip(shares, hashes) }
}
