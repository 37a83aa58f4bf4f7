//! VirtualServices as they are in force: names written out, delegates put in.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use pointsman_api::Object;
use pointsman_api::istio::networking::{Destination, HTTPMatchRequest, HTTPRoute, VirtualService};
use pointsman_types::{Diagnostic, FieldPath, ObjectRef, host};

use crate::delegate;
use crate::findings;
use crate::settings::MeshSettings;
use crate::store::{Key, Objects};
use crate::translate::Semantics;
use crate::visibility::{Tier, Visibility};

/// The gateway name that stands for all sidecars.
pub const MESH: &str = "mesh";

/// A VirtualService in force.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ResolvedVirtualService {
    pub(crate) object: ObjectRef,
    pub(crate) created: String,
    pub(crate) semantics: Semantics,
    pub(crate) visibility: Visibility,
    /// Its hosts in lower case.
    pub(crate) hosts: Vec<String>,
    /// Names are full, no route delegates.
    pub(crate) spec: VirtualService,
    /// For each of `spec.http`, where it was written.
    pub(crate) origins: Vec<RouteOrigin>,
    pub(crate) findings: Vec<Diagnostic>,
    /// The VirtualServices that it takes routes from, found or not.
    pub(crate) delegates: Vec<Key>,
}

/// Where a route was written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RouteOrigin {
    pub(crate) object: Arc<ObjectRef>,
    pub(crate) index: usize,
    /// For each condition: where it was written, of the object or of the root that delegates to it.
    pub(crate) matches: Vec<(Arc<ObjectRef>, usize, usize)>,
}

impl RouteOrigin {
    fn own(object: &Arc<ObjectRef>, index: usize, matches: usize) -> Self {
        let matches = (0..matches).map(|place| (Arc::clone(object), index, place)).collect();
        Self { object: Arc::clone(object), index, matches }
    }

    pub(crate) fn path(&self) -> FieldPath {
        FieldPath::root().field("spec").field("http").index(self.index)
    }

    /// Object and path of the route, or of one of its conditions.
    pub(crate) fn place(&self, condition: Option<usize>) -> (ObjectRef, FieldPath) {
        match condition.and_then(|condition| self.matches.get(condition)) {
            Some((object, route, place)) => {
                let path = FieldPath::root().field("spec").field("http").index(*route);
                ((**object).clone(), path.field("match").index(*place))
            }
            None => ((*self.object).clone(), self.path()),
        }
    }
}

/// `name`, `./name`, `namespace/name` or the old `name.namespace` of a gateway as `namespace/name`.
#[must_use]
pub fn resolve_gateway_name(gateway: &str, namespace: &str) -> String {
    if gateway == MESH {
        return gateway.to_owned();
    }
    match gateway.split_once('/') {
        Some((".", name)) => format!("{namespace}/{name}"),
        Some(_) => gateway.to_owned(),
        None => match gateway.split_once('.') {
            Some((name, rest)) => format!("{}/{name}", rest.split('.').next().unwrap_or_default()),
            None => format!("{namespace}/{gateway}"),
        },
    }
}

/// Writes out all names.
pub(crate) fn write_out_names(spec: &VirtualService, namespace: &str, domain: &str) -> VirtualService {
    let mut spec = spec.clone();
    for name in &mut spec.hosts {
        *name = full_host(name, namespace, domain);
    }
    let gateways = |names: &mut Vec<String>| {
        for name in names {
            *name = resolve_gateway_name(name, namespace);
        }
    };
    let destination = |destination: Option<&mut Destination>| {
        if let Some(destination) = destination {
            destination.host = full_host(&destination.host, namespace, domain);
        }
    };
    gateways(&mut spec.gateways);
    for route in &mut spec.http {
        route.r#match.iter_mut().for_each(|condition| gateways(&mut condition.gateways));
        route.route.iter_mut().for_each(|share| destination(share.destination.as_mut()));
        destination(route.mirror.as_mut());
        route.mirrors.iter_mut().for_each(|mirror| destination(mirror.destination.as_mut()));
    }
    for route in &mut spec.tls {
        route.r#match.iter_mut().for_each(|condition| gateways(&mut condition.gateways));
        route.route.iter_mut().for_each(|share| destination(share.destination.as_mut()));
    }
    for route in &mut spec.tcp {
        route.r#match.iter_mut().for_each(|condition| gateways(&mut condition.gateways));
        route.route.iter_mut().for_each(|share| destination(share.destination.as_mut()));
    }
    spec
}

/// A short name written out. Without a domain only the namespace is added.
pub(crate) fn full_host(name: &str, namespace: &str, domain: &str) -> String {
    if domain.is_empty() {
        let is_short = !name.is_empty() && !name.contains(['.', '*', ':']) && !namespace.is_empty();
        return if is_short { format!("{name}.{namespace}") } else { name.to_owned() };
    }
    host::resolve_short_name(name, namespace, domain)
}

/// Resolves one VirtualService; `None` for a delegate, which is never in force by itself.
pub(crate) fn resolve(
    object: &Object<VirtualService>,
    all: &Objects<VirtualService>,
    settings: &MeshSettings,
) -> Option<ResolvedVirtualService> {
    if object.spec.hosts.is_empty() {
        return None;
    }
    let meta = &object.metadata;
    let reference = Arc::new(object.object_ref());
    let semantics = Semantics::of(meta);
    // What was made from the Gateway API has full names already.
    let spec = match semantics {
        Semantics::Gateway => object.spec.clone(),
        _ => write_out_names(&object.spec, &meta.namespace, &settings.domain),
    };
    let mut resolved = ResolvedVirtualService {
        object: (*reference).clone(),
        created: meta.creation_timestamp.clone(),
        semantics,
        visibility: Visibility::of(&object.spec.export_to, &settings.virtual_service_export_to),
        hosts: spec.hosts.iter().map(|host| host.to_ascii_lowercase()).collect(),
        spec,
        origins: Vec::new(),
        findings: Vec::new(),
        delegates: Vec::new(),
    };
    let written = std::mem::take(&mut resolved.spec.http);
    for (index, route) in written.into_iter().enumerate() {
        if route.delegate.is_some() && semantics == Semantics::VirtualService {
            resolved.put_in(&route, RouteOrigin::own(&reference, index, route.r#match.len()), all, settings);
        } else {
            resolved.origins.push(RouteOrigin::own(&reference, index, route.r#match.len()));
            resolved.spec.http.push(route);
        }
    }
    Some(resolved)
}

impl ResolvedVirtualService {
    pub(crate) fn namespace(&self) -> &str {
        &self.object.namespace
    }

    pub(crate) fn key(&self) -> Key {
        (self.object.namespace.clone(), self.object.name.clone())
    }

    /// Whether it stands in for another state of itself without changing what others do: only its routes differ.
    pub(crate) fn has_shape_of(&self, other: &Self) -> bool {
        self.hosts == other.hosts
            && self.created == other.created
            && self.semantics == other.semantics
            && self.visibility == other.visibility
            && self.spec.gateways == other.spec.gateways
            && self.spec.tls == other.spec.tls
            && self.spec.tcp == other.spec.tcp
    }

    /// By age, then name, then namespace.
    pub(crate) fn order(&self) -> (&str, &str, &str) {
        (&self.created, &self.object.name, &self.object.namespace)
    }

    pub(crate) fn tier(&self, client: &str) -> Option<Tier> {
        self.visibility.tier(self.namespace(), client)
    }

    pub(crate) fn is_bound_to(&self, gateway: &str) -> bool {
        let gateways = &self.spec.gateways;
        if gateways.is_empty() { gateway == MESH } else { gateways.iter().any(|name| name == gateway) }
    }

    /// Every destination of a route, or of its copies, that counts for clients of that namespace.
    pub(crate) fn destinations_from<'s>(&'s self, client: &'s str) -> impl Iterator<Item = &'s Destination> {
        // Conditions that name no namespace are not looked at where others name one, and L4 routes not at all.
        let http = self.spec.http.iter().filter(move |route| {
            let mut named =
                route.r#match.iter().map(|one| &one.source_namespace).filter(|name| !name.is_empty());
            client.is_empty() || named.clone().next().is_none() || named.any(|name| name == client)
        });
        let shares = self.spec.tls.iter().flat_map(|route| &route.route);
        let shares = shares.chain(self.spec.tcp.iter().flat_map(|route| &route.route));
        http.flat_map(http_destinations).chain(shares.filter_map(|share| share.destination.as_ref()))
    }

    fn put_in(
        &mut self,
        root: &HTTPRoute,
        place: RouteOrigin,
        all: &Objects<VirtualService>,
        settings: &MeshSettings,
    ) {
        let Some(wanted) = &root.delegate else { return };
        let namespace = if wanted.namespace.is_empty() { self.namespace() } else { &wanted.namespace };
        let key = (namespace.to_owned(), wanted.name.clone());
        self.delegates.push(key.clone());
        let Some(found) = all.get(&key).filter(|found| found.spec.hosts.is_empty()) else {
            self.findings.push(findings::no_delegate(&place, &key, all.contains_key(&key)));
            return;
        };
        let visibility = Visibility::of(&found.spec.export_to, &settings.virtual_service_export_to);
        if !visibility.is_seen(&found.metadata.namespace, self.namespace()) {
            self.findings.push(findings::unseen_delegate(&place, &key));
            return;
        }
        let spec = write_out_names(&found.spec, &found.metadata.namespace, &settings.domain);
        let object = Arc::new(found.object_ref());
        for (index, route) in spec.http.iter().enumerate() {
            let Some(merged) = delegate::merge_route(root, route) else {
                self.findings.push(findings::incompatible_delegate(&place, &object, index));
                continue;
            };
            self.origins.push(merged_origin(&place, &object, index, &root.r#match, &route.r#match));
            self.spec.http.push(merged);
        }
    }
}

fn merged_origin(
    root: &RouteOrigin,
    object: &Arc<ObjectRef>,
    index: usize,
    above: &[HTTPMatchRequest],
    below: &[HTTPMatchRequest],
) -> RouteOrigin {
    let pairs = delegate::merge_with_places(above, below).unwrap_or_default();
    let (from, route) = if below.is_empty() { (&root.object, root.index) } else { (object, index) };
    let matches = pairs.into_iter().map(|(_, place)| (Arc::clone(from), route, place)).collect();
    RouteOrigin { object: Arc::clone(object), index, matches }
}

fn http_destinations(route: &HTTPRoute) -> impl Iterator<Item = &Destination> {
    let shares = route.route.iter().filter_map(|share| share.destination.as_ref());
    let copies = route.mirrors.iter().filter_map(|mirror| mirror.destination.as_ref());
    shares.chain(&route.mirror).chain(copies)
}

/// The VirtualServices in force, in order.
#[derive(Debug, Clone, Default)]
pub(crate) struct VirtualServices {
    pub(crate) list: Vec<Arc<ResolvedVirtualService>>,
    by_key: HashMap<Key, Arc<ResolvedVirtualService>>,
    /// Which roots take routes from a delegate.
    roots_of: HashMap<Key, BTreeSet<Key>>,
}

impl VirtualServices {
    pub(crate) fn of(all: &Objects<VirtualService>, settings: &MeshSettings) -> Self {
        let mut found = Self::default();
        for object in all.values() {
            if let Some(resolved) = resolve(object, all, settings) {
                found.put(Arc::new(resolved));
            }
        }
        found.list = found.by_key.values().cloned().collect();
        found.list.sort_by(|a, b| a.order().cmp(&b.order()));
        found
    }

    /// Resolves one again, and those that delegate to it; answers which were looked at.
    pub(crate) fn update(
        &mut self,
        key: &Key,
        all: &Objects<VirtualService>,
        settings: &MeshSettings,
    ) -> BTreeSet<Key> {
        let mut keys = self.roots_of.get(key).cloned().unwrap_or_default();
        keys.insert(key.clone());
        for key in &keys {
            self.take(key);
            let resolved = all.get(key).and_then(|object| resolve(object, all, settings));
            if let Some(resolved) = resolved.map(Arc::new) {
                self.put(Arc::clone(&resolved));
                let place = self.list.partition_point(|other| other.order() < resolved.order());
                self.list.insert(place, resolved);
            }
        }
        keys
    }

    fn put(&mut self, resolved: Arc<ResolvedVirtualService>) {
        for delegate in &resolved.delegates {
            self.roots_of.entry(delegate.clone()).or_default().insert(resolved.key());
        }
        self.by_key.insert(resolved.key(), resolved);
    }

    fn take(&mut self, key: &Key) {
        let Some(old) = self.by_key.remove(key) else { return };
        for delegate in &old.delegates {
            if let Some(roots) = self.roots_of.get_mut(delegate) {
                roots.remove(key);
            }
        }
        let place = self.list.partition_point(|other| other.order() < old.order());
        if self.list.get(place).is_some_and(|other| Arc::ptr_eq(other, &old)) {
            self.list.remove(place);
        }
    }

    pub(crate) fn with_key(&self, key: &Key) -> Option<&Arc<ResolvedVirtualService>> {
        self.by_key.get(key)
    }

    /// Those that a namespace sees and that are bound to one of these gateways: its own first, then those exported to it by
    /// name, then the public ones.
    pub(crate) fn seen(&self, client: &str, gateway: &str) -> Vec<Arc<ResolvedVirtualService>> {
        let mut seen: Vec<(Tier, &Arc<ResolvedVirtualService>)> = self
            .list
            .iter()
            .filter(|resolved| resolved.is_bound_to(gateway))
            .filter_map(|resolved| Some((resolved.tier(client)?, resolved)))
            .collect();
        // In a tier what a namespace says by the Gateway API for itself goes first; a gateway does so for public ones alone.
        seen.sort_by_key(|(tier, resolved)| {
            let goes_first = resolved.semantics == Semantics::Gateway
                && resolved.namespace() == client
                && (gateway == MESH || *tier == Tier::Public);
            (*tier, !goes_first)
        });
        seen.into_iter().map(|(_, resolved)| Arc::clone(resolved)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::resolve_gateway_name;

    #[test]
    fn gateway_names_are_written_out() {
        let table =
            [("mesh", "mesh"), ("gw", "a/gw"), ("./gw", "a/gw"), ("b/gw", "b/gw"), ("gw.b.svc.x", "b/gw")];
        for (written, expected) in table {
            assert_eq!(resolve_gateway_name(written, "a"), expected, "{written}");
        }
    }
}
