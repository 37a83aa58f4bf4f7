//! Who shares the traffic, and managed routes.

use pointsman_rollout::{ManagedRoute, RequestMatch, RouteAction};
use pointsman_types::Percent;

use super::Reading;
use crate::codes::{BAD_VALUE, DIFFERS, ELSEWHERE, MISSING, NEEDS_ROUTE};
use crate::field::Field;
use crate::imported::IstioRoute;

const ROUTERS: &[&str] =
    &["alb", "ambassador", "apisix", "appMesh", "istio", "nginx", "plugins", "smi", "traefik"];

impl Reading<'_, '_> {
    pub(super) fn routing(&mut self, canary: &Field<'_>) {
        let field = canary.get("trafficRouting");
        let mut known = ROUTERS.to_vec();
        known.extend(["managedRoutes", "maxTrafficWeight"]);
        self.notes.only(&field, &known);
        self.routing.routers =
            ROUTERS.iter().filter(|name| field.get(name).is_there()).map(|name| (*name).to_owned()).collect();
        if field.is_there() && self.routing.routers.is_empty() {
            self.notes.missing(&field, "traffic routing needs a router");
        }
        for managed in self.notes.items(&field.get("managedRoutes")) {
            let name = self.notes.needed_text(&managed.get("name"), "a managed route needs a name");
            self.routing.managed_routes.push(name);
        }
        self.istio(&field.get("istio"));
        self.services(canary);
        let max = field.get("maxTrafficWeight");
        if max.is_there() && !self.routed_by(&["nginx", "plugins"]) {
            self.notes.error(BAD_VALUE, &max, "only nginx and plugins have another total than 100");
        }
    }

    fn routed_by(&self, names: &[&str]) -> bool {
        self.routing.routers.iter().any(|router| names.contains(&router.as_str()))
    }

    fn services(&mut self, canary: &Field<'_>) {
        let ping_pong = canary.get("pingPong");
        let (of_canary, of_stable) = (canary.get("canaryService"), canary.get("stableService"));
        self.routing.canary_service = self.notes.text(&of_canary);
        self.routing.stable_service = self.notes.text(&of_stable);
        if ping_pong.is_there() {
            self.notes.only(&ping_pong, &["pingService", "pongService"]);
            let ping = self.notes.needed_text(&ping_pong.get("pingService"), "ping-pong needs two services");
            let pong = self.notes.needed_text(&ping_pong.get("pongService"), "ping-pong needs two services");
            if ping == pong && !ping.is_empty() {
                self.notes.error(BAD_VALUE, &ping_pong, format!("both services are `{ping}`"));
            }
            self.notes.info(
                ELSEWHERE,
                &ping_pong,
                "each version is named by its own subset, so no service changes its role",
            );
        }
        let both = (&self.routing.canary_service, &self.routing.stable_service);
        if let (Some(one), Some(other)) = both
            && one == other
        {
            let message = format!("canary and stable share the service `{one}`");
            self.notes.error(BAD_VALUE, &of_stable, message);
        }
        let can_do_without = self.routed_by(&["plugins"])
            || (ping_pong.is_there() && self.routed_by(&["alb", "istio"]))
            || self.routing.subsets.is_some();
        if !self.routing.routers.is_empty() && !can_do_without {
            for field in [of_canary, of_stable].iter().filter(|field| !field.is_there()) {
                self.notes.error(MISSING, field, "a route needs a service for each version");
            }
        }
    }

    fn istio(&mut self, field: &Field<'_>) {
        self.notes.only(field, &["virtualService", "virtualServices", "destinationRule"]);
        let mut services = self.notes.items(&field.get("virtualServices"));
        services.extend(Some(field.get("virtualService")).filter(Field::is_there));
        for service in services {
            let route = self.istio_route(&service);
            self.routing.istio.push(route);
        }
        if field.is_there() && self.routing.istio.is_empty() {
            self.notes
                .missing(&field.get("virtualService"), "istio needs a VirtualService to share traffic in");
        }
        let rule = field.get("destinationRule");
        if rule.is_there() {
            self.notes
                .only(&rule, &["name", "canarySubsetName", "stableSubsetName", "additionalSubsetNames"]);
            let needed = "a DestinationRule needs a name and two subsets";
            let mut text = |name| self.notes.needed_text(&rule.get(name), needed);
            self.routing.subsets = Some((text("name"), text("canarySubsetName"), text("stableSubsetName")));
        }
    }

    fn istio_route(&mut self, field: &Field<'_>) -> IstioRoute {
        self.notes.only(field, &["name", "routes", "tlsRoutes", "tcpRoutes"]);
        let mut route = IstioRoute {
            virtual_service: self.notes.needed_text(&field.get("name"), "a VirtualService needs a name"),
            ..IstioRoute::default()
        };
        for name in self.notes.items(&field.get("routes")) {
            route.http.extend(self.notes.text(&name));
        }
        for tls in self.notes.items(&field.get("tlsRoutes")) {
            let hosts = self.notes.items(&tls.get("sniHosts"));
            let hosts = hosts.iter().filter_map(|host| self.notes.text(host)).collect();
            route.tls.push((self.notes.count(&tls.get("port")), hosts));
        }
        for tcp in self.notes.items(&field.get("tcpRoutes")) {
            route.tcp.push(self.notes.count(&tcp.get("port")));
        }
        route
    }

    fn route_is_possible(&mut self, field: &Field<'_>, routers: &[&str]) -> bool {
        if self.routing.routers.is_empty() {
            self.needs_route(field);
            return false;
        }
        if !self.routed_by(routers) {
            let message = format!("only {} can do this", routers.join(", "));
            self.notes.error(NEEDS_ROUTE, field, message);
            return false;
        }
        true
    }

    pub(super) fn header_route(&mut self, field: &Field<'_>) -> Option<ManagedRoute> {
        self.notes.only(field, &["name", "match"]);
        if !self.route_is_possible(field, &["istio", "alb", "apisix", "plugins"]) {
            return None;
        }
        let name = self.notes.needed_text(&field.get("name"), "a header route needs a name");
        self.is_managed(&name, &field.get("name"));
        let mut matches = Vec::new();
        for item in self.notes.items(&field.get("match")) {
            self.notes.only(&item, &["headerName", "headerValue"]);
            let header =
                self.notes.needed_text(&item.get("headerName"), "a match needs the name of a header");
            if let Some(value) = self.text_match(&item.get("headerValue")) {
                matches.push(RequestMatch::default().with_header(&header, value));
            }
        }
        Some(ManagedRoute { name, matches, action: RouteAction::ToCanary })
    }

    pub(super) fn mirror_route(&mut self, field: &Field<'_>) -> Option<ManagedRoute> {
        self.notes.only(field, &["name", "match", "percentage"]);
        if !self.route_is_possible(field, &["istio", "plugins"]) {
            return None;
        }
        let name = self.notes.needed_text(&field.get("name"), "a mirror route needs a name");
        self.is_managed(&name, &field.get("name"));
        let percentage = field.get("percentage");
        let share = match self.notes.count(&percentage).map(Percent::new) {
            None => Percent::HUNDRED,
            Some(Ok(share)) => share,
            Some(Err(_)) => {
                self.notes.bad_value(&percentage, "a percentage from 0 to 100");
                return None;
            }
        };
        let mut matches = Vec::new();
        for item in self.notes.items(&field.get("match")) {
            matches.push(self.mirror_match(&item));
        }
        if matches.is_empty() {
            self.notes.info(DIFFERS, field, "without a match the route is taken away");
        }
        Some(ManagedRoute { name, matches, action: RouteAction::Mirror(share) })
    }

    fn mirror_match(&mut self, item: &Field<'_>) -> RequestMatch {
        self.notes.only(item, &["method", "path", "headers"]);
        let mut request = RequestMatch::default();
        let method = item.get("method");
        if method.is_there() {
            request.method = self.text_match(&method);
        }
        let path = item.get("path");
        if path.is_there() {
            request.path = self.text_match(&path);
        }
        for (name, value) in item.get("headers").entries() {
            if let Some(value) = self.text_match(&value) {
                request = request.with_header(name, value);
            }
        }
        request
    }
}
