//! What was compiled before, so that a change touches only what depends on it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use pointsman_types::Diagnostic;

use super::sidecar::{Body, CompiledSidecar, View};
use super::{Compiled, World, check, gateway, sidecar};
use crate::ir::{RouteConfig, TableConfig, VirtualHost};
use crate::proxy::Proxy;
use crate::store::Key;
use crate::table::RoutingTable;
use crate::translate;
use crate::virtual_service::ResolvedVirtualService;

/// Tables by proxy, with what they were made from.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cache {
    entries: BTreeMap<Proxy, Cached>,
    /// VirtualServices that changed, in order.
    changes: Vec<Key>,
}

/// So many tables are kept; then all of them are forgotten.
const MOST_TABLES: usize = 256;
/// So many changes are kept; then all tables are forgotten.
const MOST_CHANGES: usize = 100_000;

#[derive(Debug, Clone)]
struct Cached {
    /// How many of the changes it has seen.
    seen: usize,
    surroundings: World,
    table: RoutingTable,
    /// Findings of the table itself.
    built: Vec<Diagnostic>,
    /// Findings about one VirtualService.
    by_service: BTreeMap<Key, Vec<Diagnostic>>,
    others: Vec<Diagnostic>,
    sidecar: Option<Sidecar>,
}

#[derive(Debug, Clone)]
struct Sidecar {
    compiled: CompiledSidecar,
    /// Where a VirtualService stands: listener and position there.
    places: HashMap<Key, Vec<(usize, usize)>>,
    /// Virtual hosts made from a VirtualService, by listener and position: plan and host.
    hosts: HashMap<(usize, usize), Vec<(usize, usize)>>,
}

impl Cache {
    pub(crate) fn forget(&mut self) {
        self.entries.clear();
        self.changes.clear();
    }

    pub(crate) fn note(&mut self, changed: impl IntoIterator<Item = Key>) {
        if !self.entries.is_empty() {
            self.changes.extend(changed);
        }
        if self.changes.len() > MOST_CHANGES {
            self.forget();
        }
    }

    pub(crate) fn compile(&mut self, world: &World, proxy: &Proxy) -> Compiled {
        let seen = self.changes.len();
        if let Some(cached) = self.entries.get_mut(proxy)
            && cached.surroundings.has_surroundings_of(world)
        {
            let changed: BTreeSet<&Key> = self.changes.get(cached.seen..).into_iter().flatten().collect();
            if cached.replace(world, proxy, &changed) {
                cached.seen = seen;
                return cached.answer();
            }
        }
        let before = self.entries.remove(proxy);
        if self.entries.len() >= MOST_TABLES {
            self.entries.clear();
        }
        let cached = Cached::new(world, proxy, seen, before.as_ref());
        let answer = cached.answer();
        self.entries.insert(proxy.clone(), cached);
        answer
    }
}

impl Cached {
    fn new(world: &World, proxy: &Proxy, seen: usize, before: Option<&Self>) -> Self {
        let mut by_service = BTreeMap::new();
        let (mut config, others, sidecar) = if proxy.is_gateway() {
            let (config, findings) = gateway::compile(world, proxy);
            (config, findings, None)
        } else {
            let (config, compiled) = sidecar::compile(world, proxy);
            let sidecar = Sidecar::of(compiled);
            for listener in &sidecar.compiled.scope.listeners {
                let view = View { world, proxy, scope: &sidecar.compiled.scope, listener };
                for resolved in &listener.virtual_services {
                    by_service.insert(resolved.key(), check::virtual_service(&view, resolved));
                }
            }
            let mut others = check::hosts(&sidecar.compiled.scope);
            others.extend(check::services(&sidecar.compiled.scope));
            (config, others, Some(sidecar))
        };
        // The parts that are as before need not be compiled again; their findings are not told again either.
        let (table, built) = match before.filter(|before| before.built.is_empty()) {
            Some(before) => {
                keep_equal_parts(before.table.config(), &mut config);
                before.table.rebuild(config)
            }
            None => RoutingTable::build(config),
        };
        // Only whether it is the same is asked of what surrounds the VirtualServices.
        let surroundings = World { virtual_services: Arc::default(), ..world.clone() };
        Self { seen, surroundings, table, built, by_service, others, sidecar }
    }

    fn answer(&self) -> Compiled {
        let by_service = self.by_service.values().flatten();
        let mut findings: Vec<_> = by_service.chain(&self.others).chain(&self.built).cloned().collect();
        Diagnostic::sort(&mut findings);
        findings.dedup();
        Compiled { table: self.table.clone(), findings }
    }

    /// Puts new states of VirtualServices in; `false` where more than their own virtual hosts would change.
    fn replace(&mut self, world: &World, proxy: &Proxy, changed: &BTreeSet<&Key>) -> bool {
        if changed.is_empty() {
            return true;
        }
        let Some(sidecar) = &mut self.sidecar else { return false };
        let mut touched: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
        let mut objects = BTreeSet::new();
        for key in changed {
            let Some(new) = world.virtual_services.with_key(key) else { return false };
            let Some(places) = sidecar.places.get(*key) else {
                if new.is_bound_to(crate::MESH) {
                    return false;
                }
                continue;
            };
            for &(listener, position) in places {
                if !sidecar.compiled.put(world, proxy, (listener, position), new, &mut objects) {
                    return false;
                }
                for &(plan, host) in sidecar.hosts.get(&(listener, position)).into_iter().flatten() {
                    touched.entry(plan).or_default().insert(host);
                }
            }
        }
        let key_of = |finding: &Diagnostic| (finding.object.namespace.clone(), finding.object.name.clone());
        // What is wrong with a delegate may be wrong in virtual hosts of other roots, which are not made again.
        let is_of_delegate = |key: &Key| objects.contains(key) && !changed.contains(key);
        if self.built.iter().any(|finding| is_of_delegate(&key_of(finding))) {
            return false;
        }
        let config = sidecar.compiled.patched(world, proxy, self.table.config(), &touched);
        let (table, built) = self.table.rebuild(config);
        self.table = table;
        self.built.retain(|finding| !objects.contains(&key_of(finding)));
        self.built.extend(built);
        let scope = &sidecar.compiled.scope;
        for key in changed {
            for &(position, place) in sidecar.places.get(*key).into_iter().flatten() {
                let Some(listener) = scope.listeners.get(position) else { continue };
                let view = View { world, proxy, scope, listener };
                if let Some(resolved) = listener.virtual_services.get(place) {
                    self.by_service.insert((*key).clone(), check::virtual_service(&view, resolved));
                }
            }
        }
        true
    }
}

impl Sidecar {
    fn of(compiled: CompiledSidecar) -> Self {
        let mut places: HashMap<Key, Vec<(usize, usize)>> = HashMap::new();
        for (number, listener) in compiled.scope.listeners.iter().enumerate() {
            for (position, resolved) in listener.virtual_services.iter().enumerate() {
                places.entry(resolved.key()).or_default().push((number, position));
            }
        }
        let mut hosts: HashMap<(usize, usize), Vec<(usize, usize)>> = HashMap::new();
        for (plan, (listener, planned)) in compiled.plans.iter().enumerate() {
            for (host, planned) in planned.hosts.iter().enumerate() {
                if let Body::VirtualService(position) = planned.body {
                    hosts.entry((*listener, position)).or_default().push((plan, host));
                }
            }
        }
        Self { compiled, places, hosts }
    }
}

impl CompiledSidecar {
    /// Puts a new state of a VirtualService in the place of the old one; `false` where that changes more than its routes.
    fn put(
        &mut self,
        world: &World,
        proxy: &Proxy,
        (number, position): (usize, usize),
        new: &Arc<ResolvedVirtualService>,
        objects: &mut BTreeSet<Key>,
    ) -> bool {
        let scope = &self.scope;
        let Some(listener) = scope.listeners.get(number) else { return false };
        let Some(old) = listener.virtual_services.get(position) else { return false };
        let view = View { world, proxy, scope, listener };
        let ports = self.plans.iter().filter(|(at, _)| *at == number).map(|(_, planned)| planned.port);
        let mut has_routes_alike = ports.map(|port| {
            let has = |resolved: &ResolvedVirtualService| {
                translate::has_routes(&resolved.spec.http, &view.route_scope(resolved, port))
            };
            has(old) == has(new)
        });
        if !new.has_shape_of(old)
            || !has_routes_alike.all(|alike| alike)
            || (scope.is_narrowed && !same_destinations(old, new, &proxy.namespace))
        {
            return false;
        }
        for state in [old, new] {
            objects.insert(state.key());
            objects.extend(state.delegates.iter().cloned());
        }
        let place = self
            .scope
            .listeners
            .get_mut(number)
            .and_then(|listener| listener.virtual_services.get_mut(position));
        if let Some(place) = place {
            *place = Arc::clone(new);
        }
        true
    }

    /// The configuration with some virtual hosts made again.
    fn patched(
        &self,
        world: &World,
        proxy: &Proxy,
        before: &TableConfig,
        touched: &BTreeMap<usize, BTreeSet<usize>>,
    ) -> TableConfig {
        let mut config = before.clone();
        for (plan, hosts) in touched {
            let Some((number, planned)) = self.plans.get(*plan) else { continue };
            let Some(listener) = self.scope.listeners.get(*number) else { continue };
            let view = View { world, proxy, scope: &self.scope, listener };
            let Some(routes) = config.routes.get_mut(*plan) else { continue };
            let mut new = RouteConfig::clone(routes);
            for host in hosts {
                if let (Some(planned_host), Some(place)) =
                    (planned.hosts.get(*host), new.virtual_hosts.get_mut(*host))
                {
                    *place = Arc::new(view.virtual_host(planned_host, planned.port));
                }
            }
            *routes = Arc::new(new);
        }
        config
    }
}

fn same_destinations(old: &ResolvedVirtualService, new: &ResolvedVirtualService, client: &str) -> bool {
    let of = |resolved: &ResolvedVirtualService| -> BTreeSet<(String, Option<u32>)> {
        let all = resolved.destinations_from(client);
        all.map(|to| (to.host.clone(), to.port.as_ref().map(|port| port.number))).collect()
    };
    of(old) == of(new)
}

/// Takes the old allocation of every part that is equal.
fn keep_equal_parts(before: &TableConfig, config: &mut TableConfig) {
    let clusters: HashMap<&str, _> =
        before.clusters.iter().map(|cluster| (cluster.name.as_str(), cluster)).collect();
    for cluster in &mut config.clusters {
        if let Some(old) = clusters.get(cluster.name.as_str()).filter(|old| ***old == *cluster) {
            *cluster = Arc::clone(old);
        }
    }
    let routes: HashMap<&str, _> =
        before.routes.iter().map(|routes| (routes.name.as_str(), routes)).collect();
    for routes_of in &mut config.routes {
        let Some(old) = routes.get(routes_of.name.as_str()) else { continue };
        let hosts: HashMap<&str, &Arc<VirtualHost>> =
            old.virtual_hosts.iter().map(|host| (host.name.as_str(), host)).collect();
        let mut new = RouteConfig::clone(routes_of);
        for host in &mut new.virtual_hosts {
            if let Some(old) = hosts.get(host.name.as_str()).filter(|old| ***old == *host) {
                *host = Arc::clone(old);
            }
        }
        *routes_of = if ***old == new { Arc::clone(old) } else { Arc::new(new) };
    }
}
