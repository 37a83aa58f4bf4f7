//! Roles as a Rollout says them.

use pointsman_manifest::Value;

use super::select::L4Route;
use super::{Role, RoleError, Roles, SharedRoutes};

impl Roles {
    /// As a Rollout of Argo Rollouts says it; with ping-pong, its status says which Service is stable's.
    ///
    /// # Errors
    /// It has no `trafficRouting.istio`.
    pub fn of_rollout(rollout: &Value) -> Result<Self, RoleError> {
        let canary = at(rollout, &["spec", "strategy", "canary"]).ok_or(RoleError::NotRouted)?;
        let routing = canary.get("trafficRouting").ok_or(RoleError::NotRouted)?;
        let istio = routing.get("istio").ok_or(RoleError::NotRouted)?;
        let rule = istio.get("destinationRule").filter(|value| !value.is_null());
        let subset = |name| rule.map(|rule| text(rule, name)).unwrap_or_default();
        let (canary_service, stable_service) = services(rollout, canary);
        let mut routes: Vec<SharedRoutes> = list(istio, "virtualServices").iter().map(shared).collect();
        routes.extend(istio.get("virtualService").filter(|value| !value.is_null()).map(shared));
        Ok(Self {
            name: at(rollout, &["metadata", "name"]).and_then(Value::as_str).unwrap_or_default().to_owned(),
            canary: Role { service: canary_service, subset: subset("canarySubsetName") },
            stable: Role { service: stable_service, subset: subset("stableSubsetName") },
            beside: rule.map(|rule| texts(rule, "additionalSubsetNames")).unwrap_or_default(),
            rule: rule.map(|rule| text(rule, "name")),
            ping_pong: ping_pong(canary).is_some(),
            routes,
            managed: list(routing, "managedRoutes").iter().map(|route| text(route, "name")).collect(),
            of_steps: list(canary, "steps").iter().filter_map(route_of_step).collect(),
        })
    }
}

fn at<'v>(value: &'v Value, names: &[&str]) -> Option<&'v Value> {
    names.iter().try_fold(value, |value, name| value.get(name))
}

fn text(value: &Value, name: &str) -> String {
    value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn list<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value.get(name).and_then(Value::as_list).unwrap_or_default()
}

fn texts(value: &Value, name: &str) -> Vec<String> {
    list(value, name).iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The two Services that change roles; they have none where others do.
fn ping_pong(canary: &Value) -> Option<&Value> {
    let named = ["canaryService", "stableService"].iter().any(|name| !text(canary, name).is_empty());
    canary.get("pingPong").filter(|value| !value.is_null() && !named)
}

/// Which Service is the canary's and which stable's.
fn services(rollout: &Value, canary: &Value) -> (String, String) {
    let Some(ping_pong) = ping_pong(canary) else {
        return (text(canary, "canaryService"), text(canary, "stableService"));
    };
    let (ping, pong) = (text(ping_pong, "pingService"), text(ping_pong, "pongService"));
    let stable = at(rollout, &["status", "canary", "stablePingPong"]).and_then(Value::as_str);
    if stable == Some("ping") { (pong, ping) } else { (ping, pong) }
}

fn shared(service: &Value) -> SharedRoutes {
    let l4 = |name| -> Vec<L4Route> {
        list(service, name)
            .iter()
            .map(|route| L4Route {
                port: route.get("port").and_then(Value::as_u64).unwrap_or(0),
                server_names: texts(route, "sniHosts").into_iter().collect(),
            })
            .collect()
    };
    SharedRoutes {
        virtual_service: text(service, "name"),
        http: texts(service, "routes"),
        tls: l4("tlsRoutes"),
        tcp: l4("tcpRoutes"),
    }
}

fn route_of_step(step: &Value) -> Option<String> {
    let route = ["setHeaderRoute", "setMirrorRoute"].iter().find_map(|kind| step.get(kind))?;
    Some(text(route, "name")).filter(|name| !name.is_empty())
}
