//! Which routes of a VirtualService share the traffic.

use std::collections::BTreeSet;

use pointsman_manifest::Value;

use super::{RoleError, Roles, SharedRoutes, spec_list};

/// A TLS or TCP route by what it matches.
///
/// Shape: port 0 and no server names match any.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct L4Route {
    /// The only port of its matches.
    pub port: u64,
    /// All server names of its matches together.
    pub server_names: BTreeSet<String>,
}

/// The routes of a list, each a map.
pub(super) fn routes_of<'v>(service: &'v Value, list: &'static str) -> Result<&'v [Value], RoleError> {
    let Some(value) = service.at(&spec_list(list)).filter(|value| !value.is_null()) else { return Ok(&[]) };
    let routes = value.as_list().ok_or(RoleError::NotAList { list })?;
    match routes.iter().position(|route| route.as_map().is_none()) {
        Some(position) => Err(RoleError::NotAMap { list, position }),
        None => Ok(routes),
    }
}

pub(super) fn name_of(route: &Value) -> &str {
    route.get("name").and_then(Value::as_str).unwrap_or_default()
}

/// The positions of the HTTP routes that share the traffic: those named; without names the only one, else the first that has
/// none.
///
/// # Errors
/// A name that no route has; no name, and several routes.
pub fn shared_http(routes: &[Value], names: &[String]) -> Result<Vec<usize>, RoleError> {
    let position = |name: &String| {
        let found = routes.iter().position(|route| name_of(route) == name);
        found.ok_or_else(|| RoleError::NoSuchRoute { name: name.clone() })
    };
    if !names.is_empty() {
        return names.iter().map(position).collect();
    }
    let only = (routes.len() == 1).then_some(0);
    let found = only.or_else(|| routes.iter().position(|route| name_of(route).is_empty()));
    found.map(|position| vec![position]).ok_or(RoleError::Ambiguous { list: "http" })
}

impl Roles {
    /// The positions of the HTTP routes that share the traffic, managed ones aside.
    pub(super) fn http_positions(&self, routes: &[Value], names: &[String]) -> Result<Vec<usize>, RoleError> {
        if !names.is_empty() {
            return shared_http(routes, names);
        }
        let plain: Vec<usize> = (0..routes.len())
            .filter(|position| routes.get(*position).is_some_and(|route| !self.is_managed(name_of(route))))
            .collect();
        if plain.len() == 1 { Ok(plain) } else { Err(RoleError::Ambiguous { list: "http" }) }
    }

    /// Whether a route of this name is one that the rollout adds and takes away.
    pub(super) fn is_managed(&self, name: &str) -> bool {
        !name.is_empty() && self.managed.iter().chain(&self.of_steps).any(|managed| managed == name)
    }

    /// Checks that these HTTP routes can be shared: they are there, and each holds both destinations.
    ///
    /// # Errors
    /// As [`set_shares`](Self::set_shares).
    pub fn check_http(&self, routes: &[Value], names: &[String]) -> Result<(), RoleError> {
        self.check_destinations(routes, &shared_http(routes, names)?)
    }

    /// Checks that these TLS (`tls`) or TCP (`tcp`) routes can be shared.
    ///
    /// # Errors
    /// As [`set_shares`](Self::set_shares).
    pub fn check_l4(&self, list: &'static str, routes: &[Value], named: &[L4Route]) -> Result<(), RoleError> {
        self.check_destinations(routes, &shared_l4(list, routes, named)?)
    }

    pub(super) fn check_destinations(&self, routes: &[Value], positions: &[usize]) -> Result<(), RoleError> {
        for route in positions.iter().filter_map(|position| routes.get(*position)) {
            let destinations = route.get("route").and_then(Value::as_list).unwrap_or_default();
            for (role, name) in [(&self.canary, "canary"), (&self.stable, "stable")] {
                if !destinations.iter().any(|item| super::shares::is_of(role, item)) {
                    return Err(RoleError::NoDestination {
                        role: name,
                        service: role.service.clone(),
                        subset: role.subset.clone(),
                    });
                }
            }
        }
        Ok(())
    }
}

/// The positions of the TLS or TCP routes that share the traffic.
pub(super) fn shared_l4(
    list: &'static str,
    routes: &[Value],
    named: &[L4Route],
) -> Result<Vec<usize>, RoleError> {
    if named.is_empty() {
        return if routes.len() == 1 { Ok(vec![0]) } else { Err(RoleError::Ambiguous { list }) };
    }
    let is_named = |route: &Value| named.iter().any(|named| matches(route, named));
    let found: Vec<usize> = routes
        .iter()
        .enumerate()
        .filter(|(_, route)| is_named(route))
        .map(|(position, _)| position)
        .collect();
    if found.is_empty() { Err(RoleError::NoMatchingRoute { list }) } else { Ok(found) }
}

fn matches(route: &Value, named: &L4Route) -> bool {
    let conditions = route.get("match").and_then(Value::as_list).unwrap_or_default();
    let ports: BTreeSet<u64> =
        conditions.iter().filter_map(|item| item.get("port")?.as_u64()).filter(|port| *port > 0).collect();
    let names = conditions.iter().filter_map(|item| item.get("sniHosts")?.as_list()).flatten();
    let names: BTreeSet<&str> = names.filter_map(Value::as_str).collect();
    let port_fits = if named.port == 0 { true } else { ports.len() == 1 && ports.contains(&named.port) };
    let names_fit = named.server_names.is_empty()
        || named.server_names.iter().map(String::as_str).collect::<BTreeSet<_>>() == names;
    port_fits && names_fit
}

impl SharedRoutes {
    /// Whether a list is to be looked at: it names routes, or no list does.
    pub(super) const fn wants(&self, named: bool) -> bool {
        named || (self.http.is_empty() && self.tls.is_empty() && self.tcp.is_empty())
    }
}
