//! What is odd about VirtualServices as one sidecar sees them.

use std::collections::HashMap;

use pointsman_api::istio::networking::{Destination, HTTPRoute};
use pointsman_types::{Diagnostic, FieldPath, host};

use super::sidecar::View;
use crate::findings;
use crate::scope::Scope;
use crate::service::EndpointsBy;
use crate::virtual_service::{ResolvedVirtualService, RouteOrigin};

/// So many names are looked through for one that was probably meant.
const MOST_NAMES: usize = 500;

/// Everything about one VirtualService: dropped delegates, destinations that are not there, rules that do nothing.
pub(crate) fn virtual_service(view: &View<'_>, resolved: &ResolvedVirtualService) -> Vec<Diagnostic> {
    let mut found = resolved.findings.clone();
    let mut open: Option<&RouteOrigin> = None;
    for (route, origin) in resolved.spec.http.iter().zip(&resolved.origins) {
        if let Some(earlier) = open {
            found.push(findings::shadowed(origin, earlier));
        } else if route.r#match.is_empty() {
            open = Some(origin);
        }
        weights(route, origin, &mut found);
        for (path, destination) in places(route, origin) {
            check_destination(view, destination, origin, path, &mut found);
        }
    }
    for (position, name) in resolved.hosts.iter().enumerate() {
        let covers = |candidate: &str| candidate == name || host::subset_of(candidate, name);
        let services = &view.listener.services;
        let is_reached = if host::is_wildcard(name) {
            services.list.iter().any(|registered| covers(&registered.service.host))
        } else {
            services.position(name).is_some()
        };
        if !is_reached {
            found.push(findings::unreached_host(resolved, position, name));
        }
    }
    found
}

/// Hosts that several VirtualServices claim: the first has them.
pub(crate) fn hosts(scope: &Scope) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for listener in &scope.listeners {
        let mut first: HashMap<&str, &ResolvedVirtualService> = HashMap::new();
        for resolved in &listener.virtual_services {
            for (position, name) in resolved.hosts.iter().enumerate() {
                let earlier = first.entry(name).or_insert(resolved);
                if earlier.object != resolved.object {
                    found.push(findings::shadowed_host(resolved, position, name, earlier));
                }
            }
        }
    }
    found
}

/// What is wrong with the services that a proxy knows.
pub(crate) fn services(scope: &Scope) -> Vec<Diagnostic> {
    scope.services.list.iter().flat_map(|registered| registered.findings.iter().cloned()).collect()
}

fn weights(route: &HTTPRoute, origin: &RouteOrigin, found: &mut Vec<Diagnostic>) {
    match route.route.as_slice() {
        [] => {}
        [only] if only.weight != 0 && only.weight != 100 => {
            found.push(findings::lone_weight(origin, only.weight))
        }
        [_] => {}
        several => {
            let sum = several.iter().map(|share| u64::try_from(share.weight).unwrap_or_default()).sum();
            match sum {
                0 => found.push(findings::no_weight(origin)),
                sum if sum > u64::from(u32::MAX) => found.push(findings::too_much_weight(origin, sum)),
                _ => {}
            }
        }
    }
}

/// Every destination of a route with its place.
fn places<'r>(route: &'r HTTPRoute, origin: &RouteOrigin) -> Vec<(FieldPath, &'r Destination)> {
    let base = origin.path();
    let mut places = Vec::new();
    for (position, share) in route.route.iter().enumerate() {
        if let Some(destination) =
            share.destination.as_ref().filter(|_| share.weight > 0 || route.route.len() == 1)
        {
            places.push((base.clone().field("route").index(position).field("destination"), destination));
        }
    }
    if let Some(mirror) = &route.mirror {
        places.push((base.clone().field("mirror"), mirror));
    }
    for (position, mirror) in route.mirrors.iter().enumerate() {
        if let Some(destination) = &mirror.destination {
            places.push((base.clone().field("mirrors").index(position).field("destination"), destination));
        }
    }
    places
}

fn check_destination(
    view: &View<'_>,
    destination: &Destination,
    origin: &RouteOrigin,
    path: FieldPath,
    found: &mut Vec<Diagnostic>,
) {
    let Some(registered) = view.scope.services.with_host(&destination.host) else {
        // Looking for a near name among all of a large mesh, for each of many, would take too long.
        let known = view
            .scope
            .services
            .list
            .iter()
            .take(MOST_NAMES)
            .map(|registered| registered.service.host.as_str());
        found.push(findings::unknown_host(origin, path, destination, known));
        return;
    };
    let service = &registered.service;
    if service.endpoints_by == EndpointsBy::Alias {
        return;
    }
    if let Some(port) = &destination.port
        && !service.ports.iter().any(|known| u32::from(known.number) == port.number)
    {
        found.push(findings::unknown_port(origin, path.clone(), port.number, service));
    }
    if destination.subset.is_empty() {
        return;
    }
    let rule = view.world.rule_of(view.proxy, registered);
    let subsets = rule.as_ref().map(|rule| rule.rule.subsets.as_slice()).unwrap_or_default();
    let Some(subset) = subsets.iter().find(|subset| subset.name == destination.subset) else {
        let known = subsets.iter().map(|subset| subset.name.as_str());
        found.push(findings::unknown_subset(origin, path, destination, known));
        return;
    };
    let selects = |labels: &pointsman_types::Labels| {
        subset.labels.iter().all(|(name, value)| labels.value(name) == Some(value))
    };
    // Where no workload is known at all, nothing can be said of subsets.
    if !registered.workloads.is_empty()
        && !registered.workloads.iter().any(|workload| selects(&workload.labels))
    {
        found.push(findings::empty_subset(origin, path, destination));
    }
}
