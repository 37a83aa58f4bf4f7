//! Route rules to virtual services.

use std::collections::BTreeMap;

use pointsman_types::{Diagnostic, ObjectRef};

use super::host::Hosts;
use super::target::Target;
use super::{NEVER_REACHED, Run, action, source};
use crate::Resource;
use crate::istio::legacy::meaning::compare_route_rules;
use crate::istio::legacy::{L4MatchAttributes as OldL4, MatchCondition, RouteRule};
use crate::istio::networking::{
    Destination, HTTPMatchRequest, HTTPRoute, HTTPRouteDestination, L4MatchAttributes, RouteDestination,
    StringMatchKind, TCPRoute, VirtualService,
};
use crate::object::Object;

/// One virtual service for each host.
pub(super) fn upgrade(
    mut rules: Vec<Object<RouteRule>>,
    hosts: &mut Hosts,
    run: &mut Run<'_>,
) -> Vec<Resource> {
    rules.sort_by(compare_route_rules);
    let mut by_host: BTreeMap<Target, Vec<Object<RouteRule>>> = BTreeMap::new();
    for rule in rules {
        match &rule.spec.destination {
            Some(destination) => {
                let target = Target::new(destination, &rule.metadata.namespace, run);
                by_host.entry(target).or_default().push(rule);
            }
            None => run.left_out(&rule.object_ref(), "", "the rule has no `destination`", "name its service"),
        }
    }
    by_host.into_iter().filter_map(|(target, rules)| of_host(&target, &rules, hosts, run)).collect()
}

fn of_host(
    target: &Target,
    rules: &[Object<RouteRule>],
    hosts: &mut Hosts,
    run: &mut Run<'_>,
) -> Option<Resource> {
    let namespace = &target.namespace;
    let mut service = VirtualService::new().with_hosts(vec![target.host_in(namespace)]);
    let mut has_catch_all = false;
    for rule in rules {
        let object = rule.object_ref();
        if has_catch_all {
            let message = "the rule was never reached: one of higher precedence takes all requests";
            run.report(&object, "precedence", Diagnostic::info(NEVER_REACHED, message));
            continue;
        }
        let mut one = OneRule { rule, object, target, hosts, run };
        let condition = rule.spec.r#match.as_ref();
        if condition.is_some_and(|condition| condition.udp.is_some()) {
            one.run.left_out(&one.object, "match.udp", "UDP was never routed", "remove the rule");
        } else if let Some(tcp) = condition.and_then(|condition| condition.tcp.as_ref()) {
            service.tcp.extend(one.tcp_route(tcp));
        } else {
            let route = one.http_route();
            has_catch_all = is_catch_all(&route);
            service.http.push(route);
        }
    }
    if !has_catch_all && !service.http.is_empty() {
        let whole = Destination::new().with_host(target.host_in(namespace));
        let share = HTTPRouteDestination::new().with_destination(whole);
        service.http.push(HTTPRoute::new().with_route(vec![share]));
    }
    let is_empty = service.http.is_empty() && service.tcp.is_empty();
    (!is_empty).then(|| Object::new(namespace, target.object_name(), service).into())
}

/// Whether it takes every request that comes to it.
fn is_catch_all(route: &HTTPRoute) -> bool {
    let takes_all = |condition: &HTTPMatchRequest| {
        let mut rest = condition.clone();
        let any_path = rest
            .uri
            .take()
            .is_none_or(|uri| matches!(uri.kind, Some(StringMatchKind::Prefix(prefix)) if prefix == "/"));
        any_path && rest == HTTPMatchRequest::new()
    };
    route.r#match.is_empty() || route.r#match.iter().any(takes_all)
}

struct OneRule<'r, 's> {
    rule: &'r Object<RouteRule>,
    object: ObjectRef,
    target: &'r Target,
    hosts: &'r mut Hosts,
    run: &'r mut Run<'s>,
}

impl OneRule<'_, '_> {
    fn http_route(&mut self) -> HTTPRoute {
        let spec = &self.rule.spec;
        let mut route = HTTPRoute::new().with_match(self.conditions());
        action::apply(spec, &self.object, &mut route, self.run);
        if let Some(mirror) = &spec.mirror {
            route.mirror = Some(self.destination(mirror, &mirror.labels.clone()));
        }
        if spec.redirect.is_none() {
            route.route = self
                .shares()
                .into_iter()
                .map(|(to, weight)| HTTPRouteDestination::new().with_destination(to).with_weight(weight))
                .collect();
        }
        route
    }

    fn conditions(&mut self) -> Vec<HTTPMatchRequest> {
        let Some(condition) = &self.rule.spec.r#match else { return Vec::new() };
        let mut new = http_condition(condition);
        let callers =
            source::callers(condition.source.as_ref(), &self.object, &self.rule.metadata.namespace, self.run);
        new.source_labels = callers.labels;
        new.source_namespace = callers.namespace;
        if new == HTTPMatchRequest::new() { Vec::new() } else { vec![new] }
    }

    fn tcp_route(&mut self, old: &OldL4) -> Option<TCPRoute> {
        if !old.source_subnet.is_empty() {
            self.run.left_out(
                &self.object,
                "match.tcp.sourceSubnet",
                "connections cannot be told by the address of the client any more",
                "name the callers by labels or by their namespace, or use an AuthorizationPolicy",
            );
            return None;
        }
        let condition = self.rule.spec.r#match.as_ref().and_then(|condition| condition.source.as_ref());
        let callers = source::callers(condition, &self.object, &self.rule.metadata.namespace, self.run);
        let new = L4MatchAttributes::new()
            .with_destination_subnets(old.destination_subnet.clone())
            .with_source_labels(callers.labels)
            .with_source_namespace(callers.namespace);
        let shares = self.shares();
        let route = shares
            .into_iter()
            .map(|(to, weight)| RouteDestination::new().with_destination(to).with_weight(weight))
            .collect::<Vec<_>>();
        let conditions = if new == L4MatchAttributes::new() { Vec::new() } else { vec![new] };
        Some(TCPRoute::new().with_match(conditions).with_route(route))
    }

    /// Destinations and weights; the weight of a single one says nothing and is left out.
    fn shares(&mut self) -> Vec<(Destination, i32)> {
        let spec = &self.rule.spec;
        if spec.route.is_empty() {
            let whole = Destination::new().with_host(self.target.host_in(&self.target.namespace));
            return vec![(whole, 0)];
        }
        let single = spec.route.len() == 1;
        let mut shares = Vec::new();
        for (position, share) in spec.route.iter().enumerate() {
            let to = match &share.destination {
                Some(service) => {
                    let mut labels = service.labels.clone();
                    labels.extend(share.labels.clone());
                    self.destination(service, &labels)
                }
                None => {
                    let subset = self.hosts.subset(self.target, &share.labels);
                    let host = self.target.host_in(&self.target.namespace);
                    Destination::new().with_host(host).with_subset(subset)
                }
            };
            if !single && share.weight == 0 {
                self.run.changed(
                    &self.object,
                    &format!("route[{position}].weight"),
                    "a weight of 0 among several gets no requests; the first releases of the new model read it as 100",
                    "nothing, from 1.0 on",
                );
            }
            shares.push((to, if single { 0 } else { share.weight }));
        }
        shares
    }

    fn destination(
        &mut self,
        service: &crate::istio::legacy::IstioService,
        labels: &BTreeMap<String, String>,
    ) -> Destination {
        let target = Target::new(service, &self.rule.metadata.namespace, self.run);
        let subset = self.hosts.subset(&target, labels);
        Destination::new().with_host(target.host_in(&self.target.namespace)).with_subset(subset)
    }
}

fn http_condition(old: &MatchCondition) -> HTTPMatchRequest {
    let mut new = HTTPMatchRequest::new();
    for (name, value) in old.request.iter().flat_map(|request| &request.headers) {
        match name.as_str() {
            "uri" => new.uri = Some(value.clone()),
            "scheme" => new.scheme = Some(value.clone()),
            "method" => new.method = Some(value.clone()),
            "authority" => new.authority = Some(value.clone()),
            _ => {
                new.headers.insert(name.clone(), value.clone());
            }
        }
    }
    new
}
