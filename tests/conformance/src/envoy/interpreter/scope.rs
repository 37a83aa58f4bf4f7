//! What a sidecar knows of the mesh.

use serde_json::Value;

use super::delegate::is_exported;
use super::{Interpreter, full_name, text, texts};

/// A service as a client may know it.
#[derive(Debug, Clone)]
pub(super) struct Known<'a> {
    pub(super) host: String,
    pub(super) namespace: String,
    pub(super) is_kubernetes: bool,
    pub(super) object: &'a Value,
}

impl Known<'_> {
    pub(super) fn ports(&self) -> Vec<u64> {
        let field = if self.is_kubernetes { "port" } else { "number" };
        let ports = self.object["spec"]["ports"].as_array().into_iter().flatten();
        ports.filter_map(|port| port[field].as_u64()).collect()
    }
}

impl Interpreter {
    /// Every service, with whether the namespace of the client sees it.
    fn everything(&self) -> Vec<(bool, Known<'_>)> {
        let mut all = Vec::new();
        for object in self.of_kind("Service") {
            let (name, namespace) =
                (text(&object["metadata"]["name"]), text(&object["metadata"]["namespace"]));
            let exported = text(&object["metadata"]["annotations"]["networking.istio.io/exportTo"]);
            let is_seen = matches!(exported.as_str(), "" | "*")
                || exported == self.client.namespace
                || (exported == "." && namespace == self.client.namespace);
            let host = format!("{name}.{namespace}.svc.cluster.local");
            all.push((is_seen, Known { host, namespace, is_kubernetes: true, object }));
        }
        for object in self.of_kind("ServiceEntry") {
            let is_seen = is_exported(object, &self.client.namespace);
            for host in texts(&object["spec"]["hosts"]) {
                let namespace = text(&object["metadata"]["namespace"]);
                all.push((is_seen, Known { host, namespace, is_kubernetes: false, object }));
            }
        }
        all
    }

    /// Every service that the namespace of the client sees.
    fn seen(&self) -> Vec<Known<'_>> {
        self.everything().into_iter().filter_map(|(is_seen, known)| is_seen.then_some(known)).collect()
    }

    /// The Sidecar in force: own with selector, own without, of the root namespace.
    fn sidecar(&self) -> Option<&Value> {
        if self.client.is_gateway {
            return None;
        }
        let mut all: Vec<&Value> = self.of_kind("Sidecar").collect();
        all.sort_by_key(|sidecar| text(&sidecar["metadata"]["name"]));
        let of = |namespace: &str, wanted: bool| {
            all.iter().copied().find(|sidecar| {
                let labels = sidecar["spec"]["workloadSelector"]["labels"].as_object();
                sidecar["metadata"]["namespace"] == namespace
                    && labels.is_some() == wanted
                    && labels.into_iter().flatten().all(|(name, value)| {
                        self.client.labels.get(name).map(String::as_str) == value.as_str()
                    })
            })
        };
        let own = self.client.namespace.as_str();
        of(own, true).or_else(|| of(own, false)).or_else(|| of("istio-system", false))
    }

    /// Whether unknown hosts are let out.
    pub(super) fn lets_out(&self) -> bool {
        let policy = self.sidecar().map(|sidecar| &sidecar["spec"]["outboundTrafficPolicy"]);
        policy.filter(|policy| policy.is_object()).is_none_or(|policy| policy["mode"] == "ALLOW_ANY")
    }

    /// Whether a host of a namespace is among those that the Sidecar names; `holds` compares with a name of it.
    fn is_imported(&self, host: &str, namespace: &str, holds: impl Fn(&str, &str) -> bool) -> bool {
        let Some(sidecar) = self.sidecar() else { return true };
        let listeners = sidecar["spec"]["egress"].as_array().into_iter().flatten();
        let names: Vec<String> = listeners.flat_map(|listener| texts(&listener["hosts"])).collect();
        let own = self.client.namespace.as_str();
        let of_namespace = |of: &str| {
            let of = if of == "." { own } else { of };
            of == "*" || of.is_empty() || of == namespace
        };
        let mut imported = false;
        for name in &names {
            let (excluded, name) = match name.strip_prefix('~') {
                Some(name) => (true, name),
                None => (false, name.as_str()),
            };
            let Some((of, name)) = name.split_once('/') else { continue };
            if !of_namespace(of) {
                continue;
            }
            if excluded && is_part(host, name) {
                return false;
            }
            imported |= !excluded && holds(host, name);
        }
        imported
    }

    /// The services that listeners know.
    pub(super) fn listed(&self) -> Vec<Known<'_>> {
        let mut known = self.seen();
        known.retain(|one| self.is_imported(&one.host, &one.namespace, is_part));
        known
    }

    /// Whether a VirtualService counts for the sidecar: one of its hosts is named, or overlaps with what is named.
    pub(super) fn is_in_scope(&self, object: &Value) -> bool {
        let namespace = text(&object["metadata"]["namespace"]);
        let hosts = texts(&object["spec"]["hosts"]);
        let overlaps = |host: &str, name: &str| is_part(host, name) || is_part(name, host);
        hosts.iter().any(|host| {
            let host = full_name(host, &namespace).to_ascii_lowercase();
            self.is_imported(&host, &namespace, overlaps)
        })
    }

    /// The service of a host: one that is listed, or to which some route in scope sends requests.
    pub(super) fn service(&self, host: &str) -> Option<Known<'_>> {
        if let Some(known) = self.listed().into_iter().find(|known| known.host == host) {
            return Some(known);
        }
        let is_wanted = self.client.is_gateway || self.destinations().iter().any(|(to, _)| to == host);
        // Where a Sidecar narrows what is known, routes reach what stands in the own namespace, seen or not.
        let is_narrowed = self
            .sidecar()
            .is_some_and(|one| one["spec"]["egress"].as_array().is_some_and(|all| !all.is_empty()));
        let is_own = |known: &Known<'_>| is_narrowed && known.namespace == self.client.namespace;
        let mut reached = self.everything();
        reached.retain(|(is_seen, known)| known.host == host && is_wanted && (*is_seen || is_own(known)));
        let own = reached.iter().position(|(_, known)| is_own(known)).unwrap_or(0);
        reached.into_iter().nth(own).map(|(_, known)| known)
    }

    /// Whether the proxy has a cluster for a port of a host; what only routes want, it has only for the ports they name.
    pub(super) fn has_port(&self, host: &str, port: u64) -> bool {
        let Some(known) = self.service(host) else { return false };
        if !known.ports().contains(&port) {
            return false;
        }
        let is_listed = self.client.is_gateway || self.listed().iter().any(|known| known.host == host);
        let named =
            |(to, wanted): &(String, Option<u64>)| to == host && wanted.is_none_or(|wanted| wanted == port);
        is_listed || self.destinations().iter().any(named)
    }

    /// Hosts and ports to which routes in scope send requests.
    fn destinations(&self) -> Vec<(String, Option<u64>)> {
        let mut found = Vec::new();
        for object in self.bound_to("mesh") {
            for (route, namespace) in self.routes_of(object) {
                let conditions = route["match"].as_array().cloned().unwrap_or_default();
                // Conditions that name no namespace are not looked at where others name one.
                let named: Vec<&str> =
                    conditions.iter().filter_map(|condition| condition["sourceNamespace"].as_str()).collect();
                if !named.is_empty() && !named.contains(&self.client.namespace.as_str()) {
                    continue;
                }
                let shares =
                    route["route"].as_array().into_iter().flatten().map(|share| &share["destination"]);
                let mirrors =
                    route["mirrors"].as_array().into_iter().flatten().map(|one| &one["destination"]);
                for to in shares.chain(mirrors).chain(route.get("mirror")) {
                    let host = full_name(&text(&to["host"]), &namespace);
                    found.push((host, to["port"]["number"].as_u64()));
                }
            }
        }
        found
    }
}

/// Whether a name is covered by another one that may be a wildcard; nothing that is a wildcard is part of a plain name.
fn is_part(name: &str, of: &str) -> bool {
    match (of.strip_prefix('*'), name.strip_prefix('*')) {
        (None, _) => name == of,
        (Some(tail), None) => name.ends_with(tail),
        (Some(tail), Some(name_tail)) => name.len() >= of.len() && name_tail.ends_with(tail),
    }
}
