//! Managed routes by role.

use pointsman_manifest::Value;
use pointsman_rollout::{ManagedRoute, RequestMatch, RouteAction};
use pointsman_types::FieldPath;

use super::select::{name_of, routes_of};
use super::shares::is_of;
use super::{RoleError, Roles, SharedRoutes};

impl Roles {
    /// Lets a managed route stand before all others, in the order of `managedRoutes`; without matches it is taken away. A
    /// header route has a match for each of `matches`, a mirror copies the destinations of the first shared route.
    ///
    /// # Errors
    /// As [`set_shares`](Self::set_shares).
    pub fn set_managed(
        &self,
        service: &mut Value,
        routes: &SharedRoutes,
        managed: &ManagedRoute,
    ) -> Result<(), RoleError> {
        let mut list = routes_of(service, "http")?.to_vec();
        list.retain(|route| name_of(route) != managed.name);
        if !managed.matches.is_empty() {
            let shared = self.shared_route(&list, routes);
            // A header route needs no more than the canary's Service; a mirror needs all destinations.
            let alone = matches!(managed.action, RouteAction::ToCanary) && !self.canary.service.is_empty();
            let shared = if alone { shared.unwrap_or_default() } else { shared? };
            list.push(self.rule(managed, &shared));
        }
        self.write(service, list);
        Ok(())
    }

    /// The first route that shares the traffic.
    fn shared_route(&self, list: &[Value], routes: &SharedRoutes) -> Result<Value, RoleError> {
        let positions = self.http_positions(list, &routes.http)?;
        self.check_destinations(list, &positions)?;
        let first = positions.first().and_then(|position| list.get(*position));
        first.cloned().ok_or(RoleError::Ambiguous { list: "http" })
    }

    /// Takes every managed route away, those that only steps name too.
    ///
    /// # Errors
    /// `spec.http` is no list, or, with managed routes, no list of maps.
    pub fn remove_managed(&self, service: &mut Value) -> Result<(), RoleError> {
        let mut list = match routes_of(service, "http") {
            Err(RoleError::NotAMap { .. }) if self.managed.is_empty() => return Ok(()),
            list => list?.to_vec(),
        };
        let before = list.len();
        list.retain(|route| !self.is_managed(name_of(route)));
        if list.len() < before {
            self.write(service, list);
        }
        Ok(())
    }

    /// Puts managed routes first, in their order; the others stay in theirs.
    pub(super) fn order(&self, service: &mut Value) {
        if !self.managed.is_empty()
            && let Ok(list) = routes_of(service, "http").map(<[Value]>::to_vec)
            && !list.is_empty()
        {
            self.write(service, list);
        }
    }

    fn write(&self, service: &mut Value, list: Vec<Value>) {
        let rank = |route: &Value| {
            let name = name_of(route);
            let position = self.managed.iter().position(|managed| !name.is_empty() && managed == name);
            position.unwrap_or(if self.is_managed(name) { self.managed.len() } else { usize::MAX })
        };
        let mut list = list;
        list.sort_by_key(rank);
        if let Some(written) = service.at_mut(&FieldPath::root().field("spec")) {
            written.set("http", Value::List(list));
        }
    }

    fn rule(&self, managed: &ManagedRoute, shared: &Value) -> Value {
        let destinations = shared.get("route").and_then(Value::as_list).unwrap_or_default();
        let canary = destinations.iter().find(|item| is_of(self.role_of_canary(), item));
        let mut to = canary.and_then(|item| item.get("destination")).cloned().unwrap_or_else(|| {
            let host = [("host", self.canary.service.as_str())];
            let subset = Some(("subset", self.canary.subset.as_str())).filter(|(_, name)| !name.is_empty());
            Value::Map(host.into_iter().chain(subset).collect())
        });
        // The port is that of the first destination where the canary's says none.
        let port = destinations.first().and_then(|item| item.get("destination")?.get("port"));
        if let (None, Some(port)) = (to.get("port"), port) {
            to.set("port", port.clone());
        }
        let mut rule = Value::default();
        rule.set("name", managed.name.as_str());
        rule.set("match", managed.matches.iter().map(condition).collect::<Value>());
        match managed.action {
            RouteAction::ToCanary => {
                let mut item = Value::default();
                item.set("destination", to);
                item.set("weight", 100_u32);
                rule.set("route", Value::List(vec![item]));
            }
            RouteAction::Mirror(share) => {
                rule.set("route", Value::List(destinations.to_vec()));
                rule.set("mirror", to);
                let mut percentage = Value::default();
                percentage.set("value", crate::managed::percent(share));
                rule.set("mirrorPercentage", percentage);
            }
        }
        rule
    }
}

fn condition(request: &RequestMatch) -> Value {
    crate::managed::condition(request)
}
