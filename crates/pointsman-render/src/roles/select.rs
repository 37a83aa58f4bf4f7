//! Which routes of a VirtualService share the traffic.

use std::collections::BTreeSet;

use pointsman_manifest::Value;

use super::{Role, RoleError, Roles, spec_list};

/// A TLS or TCP route by what it matches.
///
/// Shape: port 0 is a route that matches no port, and no server names one that matches none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct L4Route {
    /// The only port of its matches: all of them have it, or none has any.
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
/// none; none of them where all of several have one.
///
/// # Errors
/// A name that no route has.
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
    Ok(found.into_iter().collect())
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

    /// Checks that these HTTP routes can be shared: they are there, each holds both destinations, and where none is named
    /// no more than one is not managed.
    ///
    /// # Errors
    /// As [`set_shares`](Self::set_shares).
    pub fn check_http(&self, routes: &[Value], names: &[String]) -> Result<(), RoleError> {
        self.check_destinations(routes, &shared_http(routes, names)?)?;
        let plain = routes.iter().filter(|route| !self.is_managed(name_of(route))).count();
        if names.is_empty() && plain > 1 { Err(RoleError::Ambiguous { list: "http" }) } else { Ok(()) }
    }

    /// Checks that these TLS (`tls`) or TCP (`tcp`) routes can be shared.
    ///
    /// # Errors
    /// As [`set_shares`](Self::set_shares).
    pub fn check_l4(&self, list: &'static str, routes: &[Value], named: &[L4Route]) -> Result<(), RoleError> {
        self.check_destinations(routes, &shared_l4(list, routes, named)?)
    }

    /// Whether a destination is a role's by what tells the roles apart: subsets where there is a DestinationRule.
    fn names(&self, role: &Role, item: &Value) -> bool {
        let by_subset = Role { service: String::new(), subset: role.subset.clone() };
        let by_service = Role { service: role.service.clone(), subset: String::new() };
        super::shares::is_of(if self.rule.is_some() { &by_subset } else { &by_service }, item)
    }

    pub(super) fn check_destinations(&self, routes: &[Value], positions: &[usize]) -> Result<(), RoleError> {
        for route in positions.iter().filter_map(|position| routes.get(*position)) {
            let destinations = route.get("route").and_then(Value::as_list).unwrap_or_default();
            for (role, name) in [(&self.canary, "canary"), (&self.stable, "stable")] {
                if !destinations.iter().any(|item| self.names(role, item)) {
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
    if !named.iter().all(|named| routes.iter().any(|route| matches(route, named))) {
        return Err(RoleError::NoMatchingRoute { list });
    }
    let is_named = |route: &Value| named.iter().any(|named| matches(route, named));
    let found = routes.iter().enumerate().filter(|(_, route)| is_named(route));
    Ok(found.map(|(position, _)| position).collect())
}

fn matches(route: &Value, named: &L4Route) -> bool {
    let conditions = route.get("match").and_then(Value::as_list).unwrap_or_default();
    let port = |item: &Value| item.get("port").and_then(Value::as_u64).unwrap_or(0);
    let mut ports: BTreeSet<u64> = conditions.iter().map(port).collect();
    if ports.is_empty() {
        ports.insert(0);
    }
    let names = conditions.iter().filter_map(|item| item.get("sniHosts")?.as_list()).flatten();
    let names: BTreeSet<&str> = names.filter_map(Value::as_str).collect();
    ports == BTreeSet::from([named.port])
        && named.server_names.iter().map(String::as_str).collect::<BTreeSet<_>>() == names
}
