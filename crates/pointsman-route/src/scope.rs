//! What a proxy knows of the mesh, as the Sidecar in force says.
//!
//! Source: `convertToSidecarScope` and `SelectVirtualServices` of Istio at 86c9f01f.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use pointsman_api::Object;
use pointsman_api::istio::networking::{IstioEgressListener, OutboundTrafficMode, Sidecar};
use pointsman_types::host;

use crate::compile::World;
use crate::compile::sidecar::Outbound;
use crate::ir::ClusterName;
use crate::proxy::Proxy;
use crate::registry::Registered;
use crate::service::{MeshService, Protocol};
use crate::settings::OutboundPolicy;
use crate::translate::Semantics;
use crate::virtual_service::{MESH, ResolvedVirtualService, full_host};
use crate::visibility::Tier;

/// The part of the mesh that a proxy knows.
#[derive(Debug, Clone)]
pub(crate) struct Scope {
    /// All services, those that only routes send requests to included.
    pub(crate) services: ServiceSet,
    pub(crate) listeners: Vec<ListenerScope>,
    pub(crate) outbound: Outbound,
    /// Whether a Sidecar leaves something out, so that destinations of routes decide what is known.
    pub(crate) is_narrowed: bool,
}

/// What one listener of a sidecar knows.
#[derive(Debug, Clone)]
pub(crate) struct ListenerScope {
    /// The port; `None`: all that no other listener has.
    pub(crate) port: Option<u16>,
    pub(crate) services: ServiceSet,
    /// In order of precedence.
    pub(crate) virtual_services: Vec<Arc<ResolvedVirtualService>>,
}

/// Services, one for each host.
#[derive(Debug, Clone, Default)]
pub(crate) struct ServiceSet {
    pub(crate) list: Vec<Arc<Registered>>,
    by_host: HashMap<String, usize>,
}

impl ServiceSet {
    pub(crate) fn position(&self, host: &str) -> Option<usize> {
        self.by_host.get(host).copied()
    }

    pub(crate) fn with_host(&self, host: &str) -> Option<&Arc<Registered>> {
        self.list.get(self.position(host)?)
    }

    pub(crate) fn service(&self, position: usize) -> Option<&MeshService> {
        self.list.get(position).map(|registered| &registered.service)
    }

    /// Of several services with one host the first counts, but one of Kubernetes drives out others. Entries of one
    /// namespace that find endpoints alike are put together.
    fn add(&mut self, new: &Arc<Registered>) {
        let host = &new.service.host;
        let Some(known) = self.by_host.get(host).and_then(|position| self.list.get_mut(*position)) else {
            self.by_host.insert(host.clone(), self.list.len());
            self.list.push(Arc::clone(new));
            return;
        };
        match (known.service.is_kubernetes(), new.service.is_kubernetes()) {
            (true, false) => {}
            (false, true) => *known = Arc::clone(new),
            _ if known.service.namespace == new.service.namespace
                && known.service.endpoints_by == new.service.endpoints_by
                && known.service.labels == new.service.labels
                && known.service.selector == new.service.selector
                && known.service.visibility == new.service.visibility =>
            {
                let has = |number| known.service.port(number).is_some();
                if new.service.ports.iter().any(|port| !has(port.number)) {
                    *known = Arc::new(known.joined_with(new));
                }
            }
            _ => {}
        }
    }
}

impl Scope {
    pub(crate) fn of(world: &World, proxy: &Proxy) -> Self {
        let seen = seen_services(world, &proxy.namespace);
        let sidecar = if proxy.is_gateway() { None } else { sidecar_of(world, proxy) };
        let all = [IstioEgressListener::new().with_hosts(vec!["*/*".to_owned()])];
        let egress = match sidecar {
            Some(sidecar) if !sidecar.spec.egress.is_empty() => sidecar.spec.egress.as_slice(),
            _ => &all,
        };
        let virtual_services = world.virtual_services.seen(&proxy.namespace, MESH);
        let listeners: Vec<_> = egress
            .iter()
            .map(|listener| {
                Imports::of(listener, &proxy.namespace).listener(&seen, &virtual_services, &proxy.namespace)
            })
            .collect();
        let mut scope = Self {
            services: ServiceSet::default(),
            listeners: Vec::new(),
            outbound: outbound(world, sidecar, &proxy.namespace),
            is_narrowed: sidecar.is_some_and(|sidecar| !sidecar.spec.egress.is_empty()),
        };
        for (listener, written) in listeners.iter().zip(egress) {
            for registered in &listener.services.list {
                scope.services.add(registered);
            }
            if scope.is_narrowed {
                let only = needed_port(written);
                scope.add_destinations(&listener.virtual_services, only, world, &proxy.namespace);
            }
        }
        scope.listeners = listeners;
        scope
    }

    /// Whether a listener answers for a port: one that names it goes before one that names none.
    pub(crate) fn answers(&self, listener: &ListenerScope, port: u16) -> bool {
        match listener.port {
            Some(own) => own == port,
            None => !self.listeners.iter().any(|other| other.port == Some(port)),
        }
    }

    /// Services that routes send requests to are known even where no listener names them.
    fn add_destinations(
        &mut self,
        virtual_services: &[Arc<ResolvedVirtualService>],
        only: Option<u16>,
        world: &World,
        own: &str,
    ) {
        let mut by_host: HashMap<&str, Vec<&Arc<Registered>>> = HashMap::new();
        for registered in &world.registry.services {
            by_host.entry(&registered.service.host).or_default().push(registered);
        }
        for resolved in virtual_services {
            let mut wanted: BTreeMap<&str, BTreeSet<u32>> = BTreeMap::new();
            for destination in resolved.destinations_from(own) {
                let port = destination.port.as_ref().map_or(0, |port| port.number);
                wanted.entry(&destination.host).or_default().insert(port);
            }
            for (host, ports) in wanted {
                let candidates = by_host.get(host).map(Vec::as_slice).unwrap_or_default();
                let trimmed = destination_service(candidates, own).and_then(|chosen| match only {
                    Some(port) => trimmed(chosen, |number| number == port),
                    None if ports.contains(&0) || chosen.service.ports.is_empty() => Some(Arc::clone(chosen)),
                    None => trimmed(chosen, |number| ports.contains(&u32::from(number))),
                });
                if let Some(trimmed) = trimmed {
                    self.services.add(&trimmed);
                }
            }
        }
    }
}

/// Of the services with a host: that of the own namespace, seen or not, else one of Kubernetes, else the oldest that is seen.
fn destination_service<'s>(candidates: &[&'s Arc<Registered>], own: &str) -> Option<&'s Arc<Registered>> {
    let of_own = |registered: &&&Arc<Registered>| registered.service.namespace == own;
    let is_kubernetes = |registered: &&&Arc<Registered>| registered.service.is_kubernetes();
    let seen = || {
        let is_seen = |registered: &&&Arc<Registered>| {
            registered.service.visibility.is_seen(&registered.service.namespace, own)
        };
        candidates.iter().filter(is_seen)
    };
    let own_ones = || candidates.iter().filter(of_own);
    let chosen = own_ones().find(is_kubernetes).or_else(|| own_ones().next());
    chosen.or_else(|| seen().find(is_kubernetes)).or_else(|| seen().next()).copied()
}

/// The service with only the ports that are wanted; `None` where it has none of them.
fn trimmed(registered: &Arc<Registered>, is_wanted: impl Fn(u16) -> bool) -> Option<Arc<Registered>> {
    let ports = &registered.service.ports;
    let count = ports.iter().filter(|port| is_wanted(port.number)).count();
    if count == 0 {
        return None;
    }
    if count == ports.len() {
        return Some(Arc::clone(registered));
    }
    let mut fewer = (**registered).clone();
    fewer.service.ports.retain(|port| is_wanted(port.number));
    Some(Arc::new(fewer))
}

/// The services that a namespace sees: those exported to it by name, then the public ones.
fn seen_services(world: &World, client: &str) -> Vec<Arc<Registered>> {
    let tier = |registered: &Arc<Registered>| {
        let service = &registered.service;
        service.visibility.tier(&service.namespace, client)
    };
    let mut seen: Vec<_> = world
        .registry
        .services
        .iter()
        .filter_map(|registered| Some((tier(registered)?, registered)))
        .collect();
    // Those that name the namespace go before the public ones, the own namespace's among the others.
    seen.sort_by_key(|(tier, _)| *tier == Tier::Public);
    seen.into_iter().map(|(_, registered)| Arc::clone(registered)).collect()
}

/// The Sidecar in force: of the own namespace with a selector, of the own namespace without, of the root namespace.
pub(crate) fn sidecar_of<'w>(world: &'w World, proxy: &Proxy) -> Option<&'w Arc<Object<Sidecar>>> {
    let of = |namespace: &str| {
        let namespace = namespace.to_owned();
        world.sidecars.iter().filter(move |sidecar| sidecar.metadata.namespace == namespace)
    };
    let selects = |sidecar: &&Arc<Object<Sidecar>>| {
        sidecar.spec.workload_selector.as_ref().is_some_and(|selector| {
            selector.labels.iter().all(|(name, value)| proxy.labels.value(name) == Some(value))
        })
    };
    let is_general = |sidecar: &&Arc<Object<Sidecar>>| sidecar.spec.workload_selector.is_none();
    of(&proxy.namespace)
        .find(selects)
        .or_else(|| of(&proxy.namespace).find(is_general))
        .or_else(|| of(&world.settings.root_namespace).find(is_general))
}

fn outbound(world: &World, sidecar: Option<&Arc<Object<Sidecar>>>, own: &str) -> Outbound {
    let Some(policy) = sidecar.and_then(|sidecar| sidecar.spec.outbound_traffic_policy.as_ref()) else {
        return world.settings.outbound.into();
    };
    match (&policy.mode, &policy.egress_proxy) {
        (OutboundTrafficMode::AllowAny, Some(proxy)) => {
            let host = full_host(&proxy.host, own, &world.settings.domain);
            let port =
                proxy.port.as_ref().and_then(|port| u16::try_from(port.number).ok()).unwrap_or_default();
            Outbound::LetOut(ClusterName::outbound(port, &proxy.subset, &host))
        }
        (OutboundTrafficMode::AllowAny, None) => OutboundPolicy::AllowAny.into(),
        _ => OutboundPolicy::RegistryOnly.into(),
    }
}

/// The one service port that a listener keeps; `None`: all of them.
fn needed_port(listener: &IstioEgressListener) -> Option<u16> {
    let port = listener.port.as_ref()?;
    let number = u16::try_from(port.number).ok().filter(|number| *number != 0)?;
    (Protocol::of_name(&port.protocol) != Protocol::HttpProxy).then_some(number)
}

/// Whether an egress listener of a Sidecar imports a service to the namespace `own`, whatever its ports.
pub(crate) fn imports(listener: &IstioEgressListener, own: &str, service: &MeshService) -> bool {
    Imports::of(listener, own).has_service(service)
}

/// The hosts of a listener by namespace.
struct Imports<'a> {
    port: Option<u16>,
    only_port: Option<u16>,
    by_namespace: BTreeMap<&'a str, ImportedHosts<'a>>,
}

#[derive(Default)]
struct ImportedHosts<'a> {
    exact: BTreeSet<&'a str>,
    wildcard: Vec<&'a str>,
    excluded: Vec<&'a str>,
}

impl ImportedHosts<'_> {
    fn imports(&self, name: &str) -> bool {
        self.exact.contains(name) || self.wildcard.iter().any(|wildcard| host::subset_of(name, wildcard))
    }
}

impl<'a> Imports<'a> {
    fn of(listener: &'a IstioEgressListener, own: &'a str) -> Self {
        let mut by_namespace: BTreeMap<&str, ImportedHosts<'_>> = BTreeMap::new();
        for text in &listener.hosts {
            let (is_excluded, text) =
                text.strip_prefix('~').map_or((false, text.as_str()), |rest| (true, rest));
            let Some((namespace, name)) = text.split_once('/').filter(|(_, name)| !name.contains('/')) else {
                continue;
            };
            let namespace = match namespace {
                "." => own,
                "" if is_excluded => "*",
                other => other,
            };
            let imported = by_namespace.entry(namespace).or_default();
            if is_excluded {
                imported.excluded.push(name);
            } else if host::is_wildcard(name) {
                imported.wildcard.push(name);
            } else {
                imported.exact.insert(name);
            }
        }
        let port =
            listener.port.as_ref().and_then(|port| u16::try_from(port.number).ok()).filter(|port| *port != 0);
        Self { port, only_port: needed_port(listener), by_namespace }
    }

    fn listener(
        &self,
        seen: &[Arc<Registered>],
        virtual_services: &[Arc<ResolvedVirtualService>],
        own: &str,
    ) -> ListenerScope {
        let imported: Vec<_> = seen
            .iter()
            .filter(|registered| self.has_service(&registered.service))
            .filter_map(|registered| match self.only_port {
                Some(port) => trimmed(registered, |number| number == port),
                None => Some(Arc::clone(registered)),
            })
            .map(|registered| self.with_known_aliases(registered))
            .collect();
        // Of one host only the services of one namespace count: the own one, else that of the preferred service.
        let mut namespaces: HashMap<&str, &MeshService> = HashMap::new();
        for registered in &imported {
            let service = &registered.service;
            let known = namespaces.entry(&service.host).or_insert(service);
            let is_better = |known: &MeshService| {
                known.namespace != own
                    && (service.namespace == own || (service.is_kubernetes() && !known.is_kubernetes()))
            };
            if is_better(known) {
                *known = service;
            }
        }
        let mut services = ServiceSet::default();
        for registered in &imported {
            let service = &registered.service;
            if namespaces
                .get(service.host.as_str())
                .is_some_and(|chosen| chosen.namespace == service.namespace)
            {
                services.add(registered);
            }
        }
        let virtual_services =
            virtual_services.iter().filter(|resolved| self.has_virtual_service(resolved)).cloned().collect();
        ListenerScope { port: self.port, services, virtual_services }
    }

    fn in_force<'s>(&'s self, namespace: &str) -> impl Iterator<Item = &'s ImportedHosts<'a>> + use<'s, 'a> {
        self.by_namespace.get(namespace).into_iter().chain(self.by_namespace.get("*"))
    }

    fn excludes(&self, namespace: &str, name: &str) -> bool {
        self.in_force(namespace)
            .any(|hosts| hosts.excluded.iter().any(|excluded| host::subset_of(name, excluded)))
    }

    fn has_service(&self, service: &MeshService) -> bool {
        let name = service.host.as_str();
        !self.excludes(&service.namespace, name)
            && self.in_force(&service.namespace).any(|hosts| hosts.imports(name))
    }

    /// A service without the aliases that are not imported by the entry that imports the service.
    fn with_known_aliases(&self, registered: Arc<Registered>) -> Arc<Registered> {
        let service = &registered.service;
        let importing = self.in_force(&service.namespace).find(|hosts| hosts.imports(&service.host));
        let is_known = |alias: &String| importing.is_some_and(|hosts| hosts.imports(alias));
        if service.aliases.iter().all(is_known) {
            return registered;
        }
        let mut fewer = (*registered).clone();
        fewer.service.aliases.retain(is_known);
        Arc::new(fewer)
    }

    fn has_virtual_service(&self, resolved: &ResolvedVirtualService) -> bool {
        let is_part = |name: &str, imported: &str| match resolved.semantics {
            Semantics::Gateway => host::subset_of(name, imported),
            _ => host::matches(name, imported),
        };
        let namespace = resolved.namespace();
        resolved.hosts.iter().filter(|name| !self.excludes(namespace, name)).any(|name| {
            self.in_force(namespace).any(|hosts| {
                hosts.exact.contains(name.as_str())
                    || hosts.wildcard.iter().any(|wildcard| is_part(name, wildcard))
                    || (host::is_wildcard(name) && hosts.exact.iter().any(|exact| is_part(name, exact)))
            })
        })
    }
}
