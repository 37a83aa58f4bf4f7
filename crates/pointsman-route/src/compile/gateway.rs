//! What a gateway is told about requests from outside.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use pointsman_types::{Diagnostic, Port};

use super::distinct_chains::distinct;
use super::{World, check, clusters, l4};
use crate::gateway_merge::{self, MergedServer};
use crate::ir::{
    FilterChain, L4Action, Listener, Origin, Route, RouteConfig, TableConfig, TlsRequirement, VirtualHost,
};
use crate::proxy::Proxy;
use crate::scope::Scope;
use crate::service::Target;
use crate::translate::{self, RoutePlace, RouteScope};
use crate::virtual_service::ResolvedVirtualService;

pub(crate) fn compile(world: &World, proxy: &Proxy) -> (TableConfig, Vec<Diagnostic>) {
    let scope = Scope::of(world, proxy);
    let view = View { world, proxy, scope: &scope };
    let gateways: Vec<_> = world
        .gateways
        .iter()
        .filter(|gateway| {
            gateway.spec.selector.iter().all(|(name, value)| proxy.labels.value(name) == Some(value))
        })
        .cloned()
        .collect();
    let (servers, mut findings) = gateway_merge::merge(&gateways, |port| view.target_port(port));
    let mut config = world.empty_table();
    let mut by_name: BTreeMap<(u16, String), Vec<&MergedServer>> = BTreeMap::new();
    for server in servers.iter().filter(|server| server.is_http() && proxy.has_port(server.port)) {
        by_name.entry((server.port, server.route_name())).or_default().push(server);
    }
    for ((port, name), servers) in &by_name {
        config.routes.push(Arc::new(view.route_config(*port, name, servers, &mut findings)));
    }
    config.listeners = listeners(view, &servers);
    for registered in &scope.services.list {
        clusters::of_service(world, proxy, registered, &mut config.clusters);
    }
    findings.extend(check::services(&scope));
    (config, findings)
}

/// Listeners are needed where something else than the port decides: with TLS, and where connections are passed on.
fn listeners(view: View<'_>, servers: &[MergedServer]) -> Vec<Arc<Listener>> {
    let mut by_port: BTreeMap<u16, Vec<&MergedServer>> = BTreeMap::new();
    for server in servers.iter().filter(|server| view.proxy.has_port(server.port)) {
        by_port.entry(server.port).or_default().push(server);
    }
    by_port.retain(|_, servers| servers.iter().any(|server| server.protocol.is_tls() || !server.is_http()));
    let listener = |(number, servers): (u16, Vec<&MergedServer>)| {
        let port = Port::new(u32::from(number)).ok()?;
        let mut taken = HashSet::new();
        let chains = distinct(servers.iter().flat_map(|server| view.chains(server, &mut taken)).collect());
        // Where nothing is bound to the servers there is nothing to listen for.
        if chains.is_empty() {
            return None;
        }
        Some(Arc::new(Listener {
            name: format!("0.0.0.0_{number}"),
            address: None,
            port,
            chains,
            default: None,
            is_bound: true,
        }))
    };
    by_port.into_iter().filter_map(listener).collect()
}

#[derive(Clone, Copy)]
struct View<'a> {
    world: &'a World,
    proxy: &'a Proxy,
    scope: &'a Scope,
}

/// A host of a gateway while its VirtualServices are collected.
#[derive(Default)]
struct HostRoutes {
    routes: Vec<Route>,
    needs_tls: bool,
}

impl View<'_> {
    /// The port of the workload behind a port of the Service in front of it.
    fn target_port(&self, number: u16) -> u16 {
        let selects = self.world.registry.services.iter().filter(|registered| {
            registered.service.namespace == self.proxy.namespace
                && registered.workloads.iter().any(|workload| workload.labels == self.proxy.labels)
        });
        for registered in selects {
            if let Some(port) = registered.service.port(number) {
                match &port.target {
                    Target::Number(target) => return *target,
                    Target::Name(name) => {
                        let known = registered.workloads.iter().find_map(|workload| workload.ports.get(name));
                        return known.copied().unwrap_or(number);
                    }
                }
            }
        }
        number
    }

    fn chains(&self, server: &MergedServer, taken: &mut HashSet<(String, String)>) -> Vec<FilterChain> {
        if server.is_http() {
            return vec![FilterChain {
                name: server.route_name(),
                server_names: if server.ends_tls() { server.server_names() } else { Vec::new() },
                transport: if server.ends_tls() { "tls".to_owned() } else { "raw_buffer".to_owned() },
                action: L4Action::Http(server.route_name()),
                ..FilterChain::default()
            }];
        }
        let bound = self.world.virtual_services.seen(&self.proxy.namespace, &server.gateway);
        let known = |name: &str| {
            let service = &self.scope.services.with_host(name)?.service;
            let only = match service.ports.as_slice() {
                [only] => Some(only.number),
                _ => None,
            };
            Some((only, service.alias_of.clone().unwrap_or_else(|| service.host.clone())))
        };
        let hashes = |name: &str, subset: &str| {
            let registered = self.scope.services.with_host(name);
            self.world.hashes_source_ip(self.proxy, subset, registered.map(AsRef::as_ref))
        };
        l4::of_server(server, &bound, &known, &hashes, taken)
    }

    fn route_config(
        &self,
        port: u16,
        name: &str,
        servers: &[&MergedServer],
        findings: &mut Vec<Diagnostic>,
    ) -> RouteConfig {
        let mut order: Vec<String> = Vec::new();
        let mut hosts: HashMap<String, HostRoutes> = HashMap::new();
        for server in servers {
            for resolved in self.world.virtual_services.seen(&self.proxy.namespace, &server.gateway) {
                let common = server.common_hosts(resolved.namespace(), &resolved.hosts);
                if common.is_empty() {
                    continue;
                }
                findings.extend(resolved.findings.iter().cloned());
                let routes = self.routes(&resolved, server);
                // Where nothing of it counts here, it is as if it were not there.
                if routes.is_empty() {
                    continue;
                }
                for host in common {
                    let entry = hosts.entry(host.clone()).or_insert_with(|| {
                        order.push(host);
                        HostRoutes::default()
                    });
                    entry.routes.extend(routes.iter().cloned());
                    entry.needs_tls |= server.redirects_to_tls();
                }
            }
            if server.redirects_to_tls() {
                for host in server.own_hosts() {
                    hosts
                        .entry(host.clone())
                        .or_insert_with(|| {
                            order.push(host);
                            HostRoutes::default()
                        })
                        .needs_tls = true;
                }
            }
        }
        let number = servers.first().map_or(port, |server| server.number());
        let made = order.into_iter().filter_map(|host| {
            let mut made = virtual_host(&host, number, hosts.remove(&host)?);
            made.include_request_attempt_count = self.world.settings.counts_attempts;
            Some(Arc::new(made))
        });
        let mut virtual_hosts: Vec<_> = made.collect();
        if virtual_hosts.is_empty() {
            virtual_hosts.push(Arc::new(VirtualHost {
                name: format!("blackhole:{number}"),
                domains: vec!["*".to_owned()],
                ..VirtualHost::default()
            }));
        }
        RouteConfig {
            name: name.to_owned(),
            port: Port::new(u32::from(port)).ok(),
            virtual_hosts,
            ignore_port_in_host: true,
            max_direct_response_body: Some(1 << 20),
            validate_clusters: Some(false),
            ..RouteConfig::default()
        }
    }

    /// Routes are those of the port that the Gateway names, whatever port the workload listens on.
    fn routes(&self, resolved: &ResolvedVirtualService, server: &MergedServer) -> Vec<Route> {
        let service = |name: &str| self.scope.services.with_host(name).map(|registered| &registered.service);
        let hash = |destination: &pointsman_api::istio::networking::Destination| {
            let registered = self.scope.services.with_host(&destination.host);
            self.world.hash_of(self.proxy, destination, registered.map(AsRef::as_ref))
        };
        let origin = |place: RoutePlace| {
            let (object, path) = resolved.origins.get(place.route)?.place(place.condition);
            Some(Origin { object, path })
        };
        let gateways = [server.gateway.as_str()];
        let mut scope = RouteScope::new(self.proxy, server.number(), &gateways)
            .with_semantics(resolved.semantics)
            .with_settings(&self.world.settings);
        scope.profile = self.world.profile;
        scope.service = &service;
        scope.hash = &hash;
        scope.origin = &origin;
        scope.is_tls = server.server.tls.is_some();
        translate::routes(&resolved.spec.http, &scope)
    }
}

fn virtual_host(host: &str, port: u16, routes: HostRoutes) -> VirtualHost {
    let mut routes_in_order = routes.routes;
    translate::catch_all_last(&mut routes_in_order);
    VirtualHost {
        name: format!("{host}:{port}"),
        domains: vec![host.to_owned()],
        routes: routes_in_order,
        require_tls: if routes.needs_tls { TlsRequirement::All } else { TlsRequirement::None },
        ..VirtualHost::default()
    }
}
