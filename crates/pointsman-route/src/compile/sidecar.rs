//! What a sidecar is told about requests that its workload sends.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use pointsman_api::istio::networking::Destination;
use pointsman_types::{Port, host};

use super::domains::Domains;
use super::{World, clusters, l4};
use crate::ir::{
    Action, ClusterName, DestinationChoice, DirectResponse, Forward, Origin, Route, RouteConfig, TableConfig,
    VirtualHost,
};
use crate::proxy::Proxy;
use crate::registry::Registered;
use crate::scope::{ListenerScope, Scope};
use crate::service::{EndpointsBy, MeshService};
use crate::settings::OutboundPolicy;
use crate::translate::{self, RoutePlace, RouteScope};
use crate::virtual_service::{MESH, ResolvedVirtualService};

/// A virtual host before its routes are made.
#[derive(Debug, Clone)]
pub(crate) struct PlannedHost {
    pub(crate) name: String,
    pub(crate) domains: Vec<String>,
    pub(crate) body: Body,
}

/// What the routes of a virtual host are made from.
#[derive(Debug, Clone)]
pub(crate) enum Body {
    /// The routes of a VirtualService, by position in the scope.
    VirtualService(usize),
    /// Everything to the service, by position in the scope.
    Service(usize),
}

/// One port of a sidecar: its virtual hosts by name.
#[derive(Debug, Clone)]
pub(crate) struct PlannedPort {
    pub(crate) port: u16,
    pub(crate) hosts: Vec<PlannedHost>,
}

/// A compiled sidecar with the plan that it was made by.
#[derive(Debug, Clone)]
pub(crate) struct CompiledSidecar {
    pub(crate) scope: Scope,
    /// Parallel to the route configurations; each with the position of its listener.
    pub(crate) plans: Vec<(usize, PlannedPort)>,
}

pub(crate) fn compile(world: &World, proxy: &Proxy) -> (TableConfig, CompiledSidecar) {
    let scope = Scope::of(world, proxy);
    let mut config = world.empty_table();
    let mut plans = Vec::new();
    for (position, listener) in scope.listeners.iter().enumerate() {
        let view = View { world, proxy, scope: &scope, listener };
        plans.extend(view.plan().into_iter().map(|planned| (position, planned)));
    }
    plans.sort_by_key(|(_, planned)| planned.port);
    for (position, planned) in &plans {
        let Some(listener) = scope.listeners.get(*position) else { continue };
        let view = View { world, proxy, scope: &scope, listener };
        let hosts = planned.hosts.iter().map(|host| Arc::new(view.virtual_host(host, planned.port)));
        config.routes.push(Arc::new(view.route_config(planned.port, hosts.collect())));
    }
    let http_ports: BTreeSet<u16> = plans.iter().map(|(_, planned)| planned.port).collect();
    for listener in &scope.listeners {
        let view = View { world, proxy, scope: &scope, listener };
        config.listeners.extend(l4::of_sidecar(&view, &http_ports));
    }
    for registered in &scope.services.list {
        clusters::of_service(world, proxy, registered, &mut config.clusters);
    }
    (config, CompiledSidecar { scope, plans })
}

/// The mesh as one sidecar sees it.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    pub(crate) world: &'a World,
    pub(crate) proxy: &'a Proxy,
    pub(crate) scope: &'a Scope,
    pub(crate) listener: &'a ListenerScope,
}

impl View<'_> {
    /// All virtual hosts of all ports.
    pub(crate) fn plan(&self) -> Vec<PlannedPort> {
        let owners = Owners::of(self.listener);
        let mut ports: BTreeMap<u16, PortPlan> = BTreeMap::new();
        for (position, registered) in self.listener.services.list.iter().enumerate() {
            for port in registered.service.ports.iter().filter(|port| port.protocol.is_http()) {
                if self.has_port(port.number) {
                    ports.entry(port.number).or_default().services.push(position);
                }
            }
        }
        for (position, resolved) in self.listener.virtual_services.iter().enumerate() {
            let mut its_ports: BTreeSet<u16> = owners
                .services_of(position, resolved, self.listener)
                .flat_map(|service| {
                    self.listener.services.list.get(service).into_iter().flat_map(|registered| {
                        registered
                            .service
                            .ports
                            .iter()
                            .filter(|port| port.protocol.is_http())
                            .map(|port| port.number)
                    })
                })
                .collect();
            its_ports.insert(FALLBACK_PORT);
            for port in its_ports {
                if let Some(plan) = ports.get_mut(&port)
                    && translate::has_routes(&resolved.spec.http, &self.route_scope(resolved, port))
                {
                    plan.virtual_services.push(position);
                }
            }
        }
        ports.into_iter().map(|(port, plan)| self.plan_port(port, &plan, &owners)).collect()
    }

    fn plan_port(&self, port: u16, plan: &PortPlan, owners: &Owners<'_>) -> PlannedPort {
        let mut building = Building::default();
        let full_names: HashSet<&str> =
            plan.services.iter().filter_map(|&service| Some(self.service(service)?.host.as_str())).collect();
        let mut without: BTreeSet<usize> = plan.services.iter().copied().collect();
        for &position in &plan.virtual_services {
            let Some(resolved) = self.listener.virtual_services.get(position) else { continue };
            let (hosts, services) = self.separate(position, resolved, port, owners);
            let routed: Vec<_> = services
                .iter()
                .copied()
                .filter(|&service| self.service(service).is_some_and(|s| speaks_http(s, port)))
                .collect();
            // Hosts that are no services are reached only where a service of the same VirtualService is, or on port 80.
            if routed.is_empty() && port != FALLBACK_PORT {
                continue;
            }
            if !self.may_speak_for(resolved, &services) {
                continue;
            }
            let body = || Body::VirtualService(position);
            for host in hosts {
                building.add(host, port, Domains::of_host(host), body(), &full_names);
            }
            for service in routed {
                without.remove(&service);
                self.add_service(&mut building, service, port, body(), &full_names);
            }
        }
        for service in without {
            self.add_service(&mut building, service, port, Body::Service(service), &full_names);
        }
        building.hosts.sort_by(|a, b| a.name.cmp(&b.name));
        PlannedPort { port, hosts: building.hosts }
    }

    fn add_service(
        &self,
        building: &mut Building,
        position: usize,
        port: u16,
        body: Body,
        full_names: &HashSet<&str>,
    ) {
        let Some(service) = self.service(position) else { return };
        // An alias is called by the routes of what it stands for, unless it has some of its own.
        if service.endpoints_by != EndpointsBy::Alias || matches!(body, Body::VirtualService(_)) {
            let domains = Domains::of_service(service, &self.proxy.namespace, &self.world.settings.domain);
            building.add(&service.host, port, domains, body, full_names);
        }
    }

    /// What was made from the Gateway API speaks for services of its own namespace, and to clients there for those of others.
    fn may_speak_for(&self, resolved: &ResolvedVirtualService, services: &[usize]) -> bool {
        let namespace = resolved.namespace();
        let is_of_own =
            |service: &MeshService| service.namespace == namespace || self.proxy.namespace == namespace;
        resolved.semantics != translate::Semantics::Gateway
            || services.iter().any(|&service| self.service(service).is_some_and(is_of_own))
    }

    fn service(&self, position: usize) -> Option<&MeshService> {
        self.listener.services.service(position)
    }

    /// Whether routes of a port are made here.
    pub(crate) fn has_port(&self, port: u16) -> bool {
        self.scope.answers(self.listener, port) && self.proxy.has_port(port)
    }

    /// The hosts of a VirtualService that are no services on that port, and those that are.
    fn separate<'r>(
        &self,
        position: usize,
        resolved: &'r ResolvedVirtualService,
        port: u16,
        owners: &Owners<'_>,
    ) -> (Vec<&'r str>, Vec<usize>) {
        let has_port =
            |service: &usize| self.service(*service).is_some_and(|service| service.port(port).is_some());
        let (mut hosts, mut services) = (Vec::new(), Vec::new());
        for name in resolved.hosts.iter().filter(|name| !host::is_wildcard(name)) {
            match self.listener.services.position(name).filter(has_port) {
                Some(service) => services.push(service),
                None => hosts.push(name.as_str()),
            }
        }
        for name in resolved.hosts.iter().filter(|name| host::is_wildcard(name)) {
            let covered =
                if resolved.semantics == translate::Semantics::Gateway { &[] } else { owners.covered(name) };
            let mut covered = covered.iter().copied().filter(has_port).peekable();
            if covered.peek().is_none() {
                hosts.push(name.as_str());
            }
            services.extend(covered.filter(|service| owners.owner(*service) == Some(position)));
        }
        (hosts, services)
    }

    pub(crate) fn virtual_host(&self, planned: &PlannedHost, port: u16) -> VirtualHost {
        let routes = match planned.body {
            Body::VirtualService(position) => {
                self.listener.virtual_services.get(position).map(|resolved| self.routes(resolved, port))
            }
            Body::Service(position) => self
                .listener
                .services
                .list
                .get(position)
                .map(|registered| vec![self.default_route(registered, port)]),
        };
        VirtualHost {
            name: planned.name.clone(),
            domains: planned.domains.clone(),
            routes: routes.unwrap_or_default(),
            include_request_attempt_count: self.world.settings.counts_attempts,
            ..VirtualHost::default()
        }
    }

    fn routes(&self, resolved: &ResolvedVirtualService, port: u16) -> Vec<Route> {
        // The sidecar knows only services that have the port of the listener.
        let service = |name: &str| {
            let registered = self.listener.services.with_host(name)?;
            registered.service.port(port).map(|_| &registered.service)
        };
        let origin = |place: RoutePlace| {
            let (object, path) = resolved.origins.get(place.route)?.place(place.condition);
            Some(Origin { object, path })
        };
        let hash = |destination: &Destination| {
            let registered = self.scope.services.with_host(&destination.host);
            self.world.hash_of(self.proxy, destination, registered.map(AsRef::as_ref))
        };
        let scope = RouteScope {
            service: &service,
            hash: &hash,
            origin: &origin,
            ..self.route_scope(resolved, port)
        };
        translate::routes(&resolved.spec.http, &scope)
    }

    pub(crate) fn route_scope(&self, resolved: &ResolvedVirtualService, port: u16) -> RouteScope<'_> {
        let mut scope = RouteScope::new(self.proxy, port, &[MESH]).with_semantics(resolved.semantics);
        scope.profile = self.world.profile;
        scope.with_settings(&self.world.settings)
    }

    fn default_route(&self, registered: &Registered, port: u16) -> Route {
        let service = &registered.service;
        let destination = Destination::new()
            .with_host(service.host.as_str())
            .with_port(pointsman_api::istio::networking::PortSelector::new().with_number(u32::from(port)));
        let mut forward =
            Forward::to(DestinationChoice::Cluster(ClusterName::outbound(port, "", &service.host)));
        forward.hash = self.world.hash_of(self.proxy, &destination, Some(registered)).unwrap_or_default();
        forward.max_grpc_timeout = Some(std::time::Duration::ZERO);
        // The route of a service avoids endpoints tried before even where they are chosen by hash.
        let retry = self.world.settings.default_retry.as_ref();
        forward.retry = translate::retry(retry, false, self.world.profile);
        Route { name: "default".to_owned(), action: Action::Forward(Box::new(forward)), ..Route::default() }
    }

    pub(crate) fn route_config(&self, port: u16, mut hosts: Vec<Arc<VirtualHost>>) -> RouteConfig {
        let mut unknown = catch_all(&self.scope.outbound);
        unknown.include_request_attempt_count = self.world.settings.counts_attempts;
        hosts.push(Arc::new(unknown));
        RouteConfig {
            name: port.to_string(),
            port: Port::new(u32::from(port)).ok(),
            virtual_hosts: hosts,
            ignore_port_in_host: true,
            max_direct_response_body: Some(1 << 20),
            validate_clusters: Some(false),
            ..RouteConfig::default()
        }
    }
}

/// The port on which hosts that are no services are reached too.
const FALLBACK_PORT: u16 = 80;

fn speaks_http(service: &MeshService, port: u16) -> bool {
    service.port(port).is_some_and(|port| port.protocol.is_http())
}

fn catch_all(outbound: &Outbound) -> VirtualHost {
    let (name, action) = match outbound {
        Outbound::Refused => {
            let refused = DirectResponse { status: 502, body: None };
            ("block_all", Action::DirectResponse(Box::new(refused)))
        }
        Outbound::LetOut(cluster) => ("allow_any", Action::to_cluster(cluster.clone())),
    };
    VirtualHost {
        name: name.to_owned(),
        domains: vec!["*".to_owned()],
        routes: vec![Route { name: name.to_owned(), action, ..Route::default() }],
        ..VirtualHost::default()
    }
}

/// What happens to hosts that nobody knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outbound {
    Refused,
    LetOut(ClusterName),
}

impl Outbound {
    pub(crate) const fn policy(&self) -> OutboundPolicy {
        match self {
            Self::Refused => OutboundPolicy::RegistryOnly,
            Self::LetOut(_) => OutboundPolicy::AllowAny,
        }
    }
}

impl From<OutboundPolicy> for Outbound {
    fn from(policy: OutboundPolicy) -> Self {
        match policy {
            OutboundPolicy::AllowAny => Self::LetOut(ClusterName::new(ClusterName::PASSTHROUGH)),
            OutboundPolicy::RegistryOnly => Self::Refused,
        }
    }
}

#[derive(Debug, Default)]
struct PortPlan {
    services: Vec<usize>,
    virtual_services: Vec<usize>,
}

/// Virtual hosts of one port while they are collected: the first of a name, and each domain once.
#[derive(Debug, Default)]
struct Building {
    hosts: Vec<PlannedHost>,
    names: HashSet<String>,
    domains: HashSet<String>,
}

impl Building {
    fn add(&mut self, host: &str, port: u16, domains: Domains, body: Body, full_names: &HashSet<&str>) {
        let name = format!("{host}:{port}");
        if self.names.contains(&name) {
            return;
        }
        let domains = domains.take(&mut self.domains, full_names);
        if !domains.is_empty() {
            self.names.insert(name.clone());
            self.hosts.push(PlannedHost { name, domains, body });
        }
    }
}

/// Which VirtualService speaks for each service, where wildcards overlap.
struct Owners<'a> {
    owner: HashMap<usize, usize>,
    /// For each wildcard host of a VirtualService, the services that it covers.
    covered: HashMap<&'a str, Vec<usize>>,
}

impl<'a> Owners<'a> {
    fn of(scope: &'a ListenerScope) -> Self {
        let mut by_host: HashMap<&str, usize> = HashMap::new();
        for (position, resolved) in scope.virtual_services.iter().enumerate() {
            for name in &resolved.hosts {
                by_host.entry(name).or_insert(position);
            }
        }
        let wildcards: Vec<&str> = by_host.keys().copied().filter(|name| host::is_wildcard(name)).collect();
        let mut owners = Self { owner: HashMap::new(), covered: HashMap::new() };
        for (service, registered) in scope.services.list.iter().enumerate() {
            let name = registered.service.host.as_str();
            let covering = covering(name, &by_host);
            let most_specific =
                if by_host.contains_key(name) { Some(name) } else { covering.first().copied() };
            let Some(owner) = most_specific.and_then(|name| by_host.get(name)) else { continue };
            owners.owner.insert(service, *owner);
            if host::is_wildcard(name) {
                for wildcard in wildcards.iter().filter(|wildcard| host::matches(wildcard, name)) {
                    owners.covered.entry(wildcard).or_default().push(service);
                }
            } else {
                for wildcard in covering {
                    owners.covered.entry(wildcard).or_default().push(service);
                }
            }
        }
        owners
    }

    fn owner(&self, service: usize) -> Option<usize> {
        self.owner.get(&service).copied()
    }

    fn covered(&self, wildcard: &str) -> &[usize] {
        self.covered.get(wildcard).map(Vec::as_slice).unwrap_or_default()
    }

    /// The services that a VirtualService may have routes for.
    fn services_of<'s>(
        &'s self,
        position: usize,
        resolved: &'s ResolvedVirtualService,
        scope: &'s ListenerScope,
    ) -> impl Iterator<Item = usize> + 's {
        resolved.hosts.iter().flat_map(move |name| {
            let exact = scope.services.position(name).filter(|_| !host::is_wildcard(name));
            let owned = self
                .covered(name)
                .iter()
                .copied()
                .filter(move |service| self.owner(*service) == Some(position));
            exact.into_iter().chain(owned)
        })
    }
}

/// The known wildcard hosts that cover a name, the most specific one first.
fn covering<'k>(name: &str, known: &HashMap<&'k str, usize>) -> Vec<&'k str> {
    let mut found = Vec::new();
    let mut wanted = String::with_capacity(name.len() + 1);
    // A wildcard covers itself; for any other name its star stands for no letter or more.
    let first = usize::from(host::is_wildcard(name));
    for (start, _) in name.char_indices().skip(first).chain([(name.len(), ' ')]) {
        wanted.clear();
        wanted.push('*');
        wanted.push_str(name.get(start..).unwrap_or_default());
        if let Some((known, _)) = known.get_key_value(wanted.as_str()) {
            found.push(*known);
        }
    }
    found
}
