//! The shares of routes.

use pointsman_manifest::{Map, Value};

use super::select::{name_of, routes_of, shared_l4};
use super::{Role, RoleError, Roles, SharedRoutes, spec_list};

/// The shares to write, out of 100.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Shares {
    /// The canary's.
    pub canary: u32,
    /// Those of further Services, such as an experiment's.
    pub extras: Vec<Extra>,
    /// Services that had a share as extras before and have none any more.
    pub former: Vec<String>,
}

/// A further version with a share.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Extra {
    /// Its Service, which names its subset too.
    pub service: String,
    /// The hash of its pods.
    pub hash: String,
    /// Its share.
    pub weight: u32,
}

/// Something of somebody else that was left as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Where: `http[0].route[2]`, `subsets[1]`.
    pub at: String,
    /// What, as it is written.
    pub what: String,
}

impl Shares {
    /// This share for the canary, the rest for stable.
    #[must_use]
    pub fn canary(weight: u32) -> Self {
        Self { canary: weight, ..Self::default() }
    }

    /// With these further Services.
    #[must_use]
    pub fn with_extras(mut self, extras: Vec<Extra>) -> Self {
        self.extras = extras;
        self.extras.retain(|extra| !extra.service.is_empty());
        self.extras.sort_by(|a, b| a.service.cmp(&b.service));
        self
    }

    /// Without these Services, which had a share before.
    #[must_use]
    pub fn without(mut self, services: Vec<String>) -> Self {
        self.former = services;
        self
    }
}

/// The first part of the host's name.
fn short(host: &str) -> &str {
    host.split('.').next().unwrap_or_default()
}

fn host_of(item: &Value) -> &str {
    item.get("destination").and_then(|to| to.get("host")).and_then(Value::as_str).unwrap_or_default()
}

fn subset_of(item: &Value) -> &str {
    item.get("destination").and_then(|to| to.get("subset")).and_then(Value::as_str).unwrap_or_default()
}

fn weight_of(item: &Value) -> u32 {
    item.get("weight").and_then(Value::as_u64).and_then(|weight| u32::try_from(weight).ok()).unwrap_or(0)
}

pub(super) fn is_of(role: &Role, item: &Value) -> bool {
    let by_service = !role.service.is_empty() && short(host_of(item)) == short(&role.service);
    by_service || (!role.subset.is_empty() && subset_of(item) == role.subset)
}

impl Roles {
    /// Shares the traffic in the routes of one VirtualService: the canary's share, those of the extras, what destinations of
    /// others hold, and the rest for stable. Managed mirrors follow. Answers which destinations of others stayed.
    ///
    /// # Errors
    /// Routes that are not there, that are not the only ones, or that lack one of the two destinations.
    pub fn set_shares(
        &self,
        service: &mut Value,
        routes: &SharedRoutes,
        shares: &Shares,
    ) -> Result<Vec<Kept>, RoleError> {
        let edits = self.positions(service, routes)?;
        let mut kept = Vec::new();
        for (list, positions) in edits {
            let Some(items) = service.at_mut(&spec_list(list)).and_then(Value::as_list_mut) else { continue };
            for position in positions {
                if let Some(route) = items.get_mut(position) {
                    self.share(route, shares, &format!("{list}[{position}]"), &mut kept);
                }
            }
        }
        self.order(service);
        Ok(kept)
    }

    /// Which routes of which list are changed; all checks are done here.
    fn positions(
        &self,
        service: &Value,
        wanted: &SharedRoutes,
    ) -> Result<Vec<(&'static str, Vec<usize>)>, RoleError> {
        let mut found = Vec::new();
        let any_named = !(wanted.http.is_empty() && wanted.tls.is_empty() && wanted.tcp.is_empty());
        // Where another list names routes, one that names none is shared only if it can be.
        let stays = |routes: &[Value], failed: bool| routes.is_empty() || (any_named && failed);
        let http = routes_of(service, "http")?;
        let positions = self.http_positions(http, &wanted.http).and_then(|positions| {
            self.check_destinations(http, &positions)?;
            Ok(positions)
        });
        if !wanted.http.is_empty() || !stays(http, positions.is_err()) {
            let mut positions = positions?;
            let mirrors = http.iter().enumerate().filter(|(position, route)| {
                !positions.contains(position)
                    && self.is_managed(name_of(route))
                    && route.get("mirror").is_some()
            });
            let mirrors: Vec<usize> = mirrors.map(|(position, _)| position).collect();
            positions.extend(mirrors);
            found.push(("http", positions));
        }
        for (list, named) in [("tls", &wanted.tls), ("tcp", &wanted.tcp)] {
            let routes = routes_of(service, list)?;
            let positions = shared_l4(list, routes, named).and_then(|positions| {
                self.check_destinations(routes, &positions)?;
                Ok(positions)
            });
            if !named.is_empty() || !stays(routes, positions.is_err()) {
                found.push((list, positions?));
            }
        }
        if found.is_empty() { Err(RoleError::Ambiguous { list: "http" }) } else { Ok(found) }
    }

    fn share(&self, route: &mut Value, shares: &Shares, at: &str, kept: &mut Vec<Kept>) {
        let Some(items) = route.get_mut("route").and_then(Value::as_list_mut) else { return };
        let is_extra = |item: &Value| shares.extras.iter().any(|extra| short(host_of(item)) == extra.service);
        let is_own = |item: &Value| is_of(&self.canary, item) || is_of(&self.stable, item) || is_extra(item);
        let is_former = |item: &Value| shares.former.iter().any(|service| short(host_of(item)) == *service);
        items.retain(|item| is_own(item) || !is_former(item));
        let mut taken = shares.canary;
        for (position, item) in items.iter().enumerate().filter(|(_, item)| !is_own(item)) {
            taken = taken.saturating_add(weight_of(item));
            if weight_of(item) > 0 && !self.beside.iter().any(|subset| subset == subset_of(item)) {
                kept.push(Kept { at: format!("{at}.route[{position}]"), what: item.to_json() });
            }
        }
        for extra in &shares.extras {
            taken = taken.saturating_add(extra.weight);
            if extra.weight > 0 && !items.iter().any(|item| short(host_of(item)) == extra.service) {
                let to: Map = [("host", extra.service.as_str())].into_iter().collect();
                items.push(Value::Map([("destination", to)].into_iter().collect()));
            }
        }
        for item in items.iter_mut() {
            let extra = shares.extras.iter().find(|extra| short(host_of(item)) == extra.service);
            let weight = match extra {
                _ if is_of(&self.canary, item) => shares.canary,
                _ if is_of(&self.stable, item) => 100_u32.saturating_sub(taken),
                Some(extra) => extra.weight,
                None => continue,
            };
            item.set("weight", weight);
        }
    }
}
