//! Why rules of VirtualServices and services are not among the routes of a proxy.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use pointsman_api::istio::networking::HTTPMatchRequest;
use pointsman_types::{Draws, FieldPath, ObjectRef, host};
use serde::{Deserialize, Serialize};

use super::Trace;
use super::kept_out::Keeper;
use crate::compile::World;
use crate::ir::{ClusterName, Origin, VirtualHost};
use crate::registry::Registered;
use crate::request::port_start;
use crate::scope::{Scope, sidecar_of};
use crate::service::Target;
use crate::virtual_service::{MESH, ResolvedVirtualService};
use crate::{Decision, Mesh, NoRoute, OutboundPolicy, Outcome, Proxy, Request, Scratch};

/// A rule of a VirtualService for the request's host that the proxy is not told, a whole VirtualService, or a service with
/// that host.
///
/// Of services those are told that the proxy does not know on the request's port: not exported to its namespace, not
/// imported by the Sidecar in force, or without that port.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Where it is written. For a whole VirtualService or a service the field that decides: `spec.exportTo`, `spec.gateways`,
    /// `spec.hosts`, `spec.ports`; of a Kubernetes Service `metadata.name` for its host, and an annotation for `exportTo`.
    pub origin: Origin,
    /// What decides: `port`, `gateways`, `sourceLabels`, `sourceNamespace`, `exportTo`, `egress`, `hosts`, or `shadowed` for
    /// what stands behind a rule that takes every request.
    pub condition: String,
    /// Why, in words.
    pub why: String,
    /// The object that decides, where that is another one: the Sidecar in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<ObjectRef>,
}

impl Mesh {
    /// As [`RoutingTable::explain`](crate::RoutingTable::explain), and beside that why rules of VirtualServices for the
    /// request's host, or services with that host, are not among the routes of this proxy. O(VirtualServices + services + rules
    /// of those with that host).
    ///
    /// A sidecar does not read requests to a port that no service has: they go by what the mesh does with unknown hosts.
    pub fn explain(&mut self, proxy: &Proxy, request: &Request<'_>, draws: &Draws) -> Trace {
        let table = self.compile(proxy).table;
        let mut trace = table.explain(request, draws);
        let mut scratch = Scratch::new();
        let decision = table.select(request, draws, &mut scratch);
        if decision.outcome() == Outcome::Refused(NoRoute::Config) {
            trace.status = None;
            (trace.cluster, trace.verdict) = self.unknown_port(proxy, request.port());
        }
        trace.left_out = left_out(self.world(), proxy, request, &decision);
        trace
    }

    /// What becomes of a connection to a port that the proxy has no routes for: a cluster, and words.
    fn unknown_port(&mut self, proxy: &Proxy, port: u16) -> (Option<String>, String) {
        if proxy.is_gateway() {
            let hint = leads_to(self.world(), proxy, port).unwrap_or_default();
            return (None, format!("closed: no server of the gateway has the port {port}{hint}"));
        }
        match self.outbound(proxy) {
            OutboundPolicy::AllowAny => (
                Some(ClusterName::PASSTHROUGH.to_owned()),
                format!(
                    "let out unread to where the client wants: no service known here has HTTP on port {port}"
                ),
            ),
            OutboundPolicy::RegistryOnly => (
                None,
                format!(
                    "closed: no service known here has HTTP on port {port}, and unknown hosts are not let out"
                ),
            ),
        }
    }
}

/// Which port the workload of a gateway listens on for a port of the Service before it, in words.
fn leads_to(world: &World, proxy: &Proxy, port: u16) -> Option<String> {
    let is_before = |registered: &&Arc<Registered>| {
        registered.service.namespace == proxy.namespace
            && registered.workloads.iter().any(|workload| workload.labels == proxy.labels)
    };
    let mut before = world.registry.services.iter().filter(is_before).map(|registered| &registered.service);
    before.find_map(|service| match service.port(port)?.target {
        Target::Number(target) if target != port => {
            Some(format!("; {} sends it to {target}", service.origin))
        }
        _ => None,
    })
}

fn left_out(world: &World, proxy: &Proxy, request: &Request<'_>, decision: &Decision<'_>) -> Vec<LeftOut> {
    let names = names(world, proxy, request, decision);
    let place = Place::of(world, proxy, decision.route_config().and_then(|config| config.port), decision);
    let of_host = world.virtual_services.list.iter().filter(|resolved| {
        names.iter().any(|name| resolved.hosts.iter().any(|own| host::matches(own, name)))
    });
    // Gateways know hosts by their servers, not by services.
    let services = place.scope.as_ref().map(|scope| {
        let port = request.destination().map_or_else(|| request.port(), |address| address.port());
        Keeper::of(world, proxy, scope, port).services(&names, known_host(decision).is_some())
    });
    services.into_iter().flatten().chain(of_host.flat_map(|resolved| place.left_out_of(resolved))).collect()
}

/// The virtual host of a decision, where it is one of certain hosts.
fn known_host<'a>(decision: &Decision<'a>) -> Option<&'a VirtualHost> {
    decision.virtual_host().filter(|host| !host.domains.iter().any(|domain| domain == "*"))
}

/// The names under which VirtualServices may speak of the request's host.
fn names(world: &World, proxy: &Proxy, request: &Request<'_>, decision: &Decision<'_>) -> BTreeSet<String> {
    let authority = request.authority();
    let asked = authority.get(..port_start(authority).unwrap_or(authority.len())).unwrap_or_default();
    let asked = String::from_utf8_lossy(asked).to_ascii_lowercase();
    let known = known_host(decision).and_then(|host| Some(host.name.rsplit_once(':')?.0.to_owned()));
    // A wildcard is what others may speak of too: the request is not for them.
    if let Some(name) = known.filter(|name| !host::is_wildcard(name)) {
        return BTreeSet::from([name]);
    }
    let domain = &world.settings.domain;
    let longer = [format!("{asked}.svc.{domain}"), format!("{asked}.{domain}")];
    let bare = asked.trim_matches(['[', ']']);
    let services = world.registry.services.iter().map(|registered| &registered.service);
    let meant = services.filter(|service| {
        longer.contains(&service.host) || service.addresses.iter().any(|address| address == bare)
    });
    let mut names: BTreeSet<String> = meant.map(|service| service.host.clone()).collect();
    names.extend([host::resolve_short_name(&asked, &proxy.namespace, domain), asked]);
    names
}

/// A virtual host of a proxy: what counts there.
struct Place<'a> {
    proxy: &'a Proxy,
    port: Option<u32>,
    /// The gateways in force; `mesh` for sidecars.
    gateways: Vec<String>,
    /// What the proxy knows; none for gateways.
    scope: Option<Scope>,
    /// The Sidecar in force.
    sidecar: Option<ObjectRef>,
    /// Where the routes of the virtual host were written.
    there: Vec<&'a Origin>,
}

impl<'a> Place<'a> {
    fn of(
        world: &World,
        proxy: &'a Proxy,
        port: Option<pointsman_types::Port>,
        decision: &Decision<'a>,
    ) -> Self {
        let routes = |host: &'a VirtualHost| host.routes.iter().filter_map(|route| route.origin.as_deref());
        let selects = |labels: &std::collections::BTreeMap<String, String>| {
            labels.iter().all(|(name, value)| proxy.labels.value(name) == Some(value))
        };
        let gateways = world.gateways.iter().filter(|gateway| selects(&gateway.spec.selector));
        let names = gateways.map(|one| format!("{}/{}", one.metadata.namespace, one.metadata.name));
        let is_gateway = proxy.is_gateway();
        Self {
            proxy,
            port: port.map(|port| u32::from(port.value())),
            gateways: if is_gateway { names.collect() } else { vec![MESH.to_owned()] },
            scope: (!is_gateway).then(|| Scope::of(world, proxy)),
            sidecar: sidecar_of(world, proxy).map(|sidecar| sidecar.object_ref()),
            there: decision.virtual_host().into_iter().flat_map(routes).collect(),
        }
    }

    fn left_out_of(&self, resolved: &ResolvedVirtualService) -> Vec<LeftOut> {
        let whole = |field: &str, condition: &str, why: String| {
            let path = FieldPath::root().field("spec").field(field);
            let origin = Origin { object: resolved.object.clone(), path };
            vec![LeftOut { origin, condition: condition.to_owned(), why, by: None }]
        };
        if resolved.tier(&self.proxy.namespace).is_none() {
            let why = format!("not exported to the namespace `{}`", self.proxy.namespace);
            return whole("exportTo", "exportTo", why);
        }
        if !self.gateways.iter().any(|gateway| resolved.is_bound_to(gateway)) {
            // What speaks of every host elsewhere has nothing to do with this one.
            if resolved.hosts.iter().all(|host| host == "*") {
                return Vec::new();
            }
            return whole("gateways", "gateways", self.other_gateways(&resolved.spec.gateways));
        }
        let is_let_in = self.scope.as_ref().is_none_or(|scope| {
            let mut known = scope.listeners.iter().flat_map(|listener| &listener.virtual_services);
            known.any(|known| known.object == resolved.object)
        });
        if !is_let_in {
            let by = self.sidecar.clone();
            let sidecar = by.as_ref().map_or_else(|| "the Sidecar in force".to_owned(), ToString::to_string);
            let told = whole("hosts", "egress", format!("{sidecar} does not let its hosts in"));
            return told.into_iter().map(|told| LeftOut { by: by.clone(), ..told }).collect();
        }
        let mut rules = Vec::new();
        for (origin, condition) in rules_of(resolved) {
            if self.there.contains(&&origin) {
                continue;
            }
            let reason = condition.and_then(|condition| self.static_reason(condition));
            let (condition, why) = match reason {
                Some(reason) => reason,
                None if self.has_rule_of(resolved) => {
                    ("shadowed", "an earlier rule takes every request".to_owned())
                }
                None => return whole("hosts", "hosts", self.no_rule_at_all(resolved)),
            };
            rules.push(LeftOut { origin, condition: condition.to_owned(), why, by: None });
        }
        rules
    }

    fn has_rule_of(&self, resolved: &ResolvedVirtualService) -> bool {
        rules_of(resolved).any(|(origin, _)| self.there.contains(&&origin))
    }

    fn no_rule_at_all(&self, resolved: &ResolvedVirtualService) -> String {
        if self.proxy.is_gateway() {
            return "no server of its gateways has one of its hosts on this port".to_owned();
        }
        let there: BTreeSet<&ObjectRef> = self.there.iter().map(|origin| &origin.object).collect();
        let other = there.into_iter().find(|other| **other != resolved.object);
        match other.or_else(|| self.earlier_with_its_hosts(resolved)) {
            Some(other) => {
                format!("the host is that of {other}: sidecars do not put routes of several together")
            }
            None => "its hosts are no services with HTTP on this port".to_owned(),
        }
    }

    /// One that has the hosts, though none of its rules are for this port.
    fn earlier_with_its_hosts(&self, resolved: &ResolvedVirtualService) -> Option<&ObjectRef> {
        self.scope.iter().flat_map(|scope| &scope.listeners).find_map(|listener| {
            let known = listener.virtual_services.iter();
            let mut earlier = known.take_while(|known| known.object != resolved.object);
            let found = earlier.find(|known| known.hosts.iter().any(|host| resolved.hosts.contains(host)))?;
            Some(&found.object)
        })
    }

    fn other_gateways(&self, wanted: &[String]) -> String {
        let list = |names: &[String]| match names {
            [] => "none".to_owned(),
            names => format!("`{}`", names.join("`, `")),
        };
        let wanted = if wanted.is_empty() { vec![MESH.to_owned()] } else { wanted.to_vec() };
        format!("only for the gateways {}; in force here: {}", list(&wanted), list(&self.gateways))
    }

    /// Which condition the control plane itself decided, and how.
    fn static_reason(&self, condition: &HTTPMatchRequest) -> Option<(&'static str, String)> {
        if let Some(port) = self.port.filter(|port| condition.port != 0 && condition.port != *port) {
            return Some(("port", format!("only for port {}, and this is port {port}", condition.port)));
        }
        // Where a condition names gateways, labels and namespace are not looked at.
        if !condition.gateways.is_empty() {
            let in_force = condition.gateways.iter().any(|name| self.gateways.contains(name));
            return (!in_force).then(|| ("gateways", self.other_gateways(&condition.gateways)));
        }
        let differs = |(name, value): &(&String, &String)| self.proxy.labels.value(name) != Some(value);
        if let Some((name, value)) = condition.source_labels.iter().find(differs) {
            let own = match self.proxy.labels.value(name) {
                Some(own) => format!("this one has `{name}: {own}`"),
                None => format!("this one has no label `{name}`"),
            };
            return Some(("sourceLabels", format!("only for callers with `{name}: {value}`; {own}")));
        }
        let wanted = &condition.source_namespace;
        let differs = !wanted.is_empty() && *wanted != self.proxy.namespace;
        differs.then(|| {
            let own = &self.proxy.namespace;
            (
                "sourceNamespace",
                format!("only for callers in the namespace `{wanted}`; this one is in `{own}`"),
            )
        })
    }
}

/// Every condition of every rule with the place where it is written; a rule without conditions once.
fn rules_of(resolved: &ResolvedVirtualService) -> impl Iterator<Item = (Origin, Option<&HTTPMatchRequest>)> {
    resolved.spec.http.iter().zip(&resolved.origins).flat_map(|(rule, place)| {
        let count = rule.r#match.len();
        let conditions = (0..count).map(Some).chain((count == 0).then_some(None));
        conditions.map(move |position| {
            let (object, path) = place.place(position);
            (Origin { object, path }, position.and_then(|position| rule.r#match.get(position)))
        })
    })
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "left out ({} {}): {}", self.origin.object, self.origin.path, self.why)
    }
}
