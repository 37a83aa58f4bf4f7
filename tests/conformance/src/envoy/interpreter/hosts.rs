//! The virtual hosts of a sidecar.

use serde_json::Value;

use super::delegate::is_exported;
use super::scope::Known;
use super::{Interpreter, Place, Rule, condition, full_name, text, texts};

impl Interpreter {
    /// VirtualServices in force for a gateway name, in order: own ones, exported ones, public ones, each by name.
    pub(super) fn bound_to(&self, gateway: &str) -> Vec<&Value> {
        let mut found: Vec<(usize, String, String, &Value)> = Vec::new();
        for object in self.of_kind("VirtualService") {
            let own = text(&object["metadata"]["namespace"]);
            let names = texts(&object["spec"]["gateways"]);
            let bound = if names.is_empty() {
                gateway == "mesh"
            } else {
                names.iter().any(|name| gateway_name(name, &own) == gateway)
            };
            if texts(&object["spec"]["hosts"]).is_empty()
                || !bound
                || !is_exported(object, &self.client.namespace)
                || (gateway == "mesh" && !self.is_in_scope(object))
            {
                continue;
            }
            let export_to = texts(&object["spec"]["exportTo"]);
            let is_public = export_to.is_empty() || export_to.iter().any(|name| name == "*");
            let tier = match (is_public, own == self.client.namespace) {
                (true, _) => 2,
                (false, true) => 0,
                (false, false) => 1,
            };
            found.push((tier, text(&object["metadata"]["name"]), own, object));
        }
        found.sort_by(|a, b| (a.0, &a.1, &a.2).cmp(&(b.0, &b.1, &b.2)));
        found.into_iter().map(|(_, _, _, object)| object).collect()
    }

    /// The rules of a VirtualService that count for the client on its port, up to the first that takes everything.
    pub(super) fn rules_of(&self, object: &Value, gateway: &str) -> Vec<Rule> {
        let own = text(&object["metadata"]["namespace"]);
        let mut rules = Vec::new();
        for (route, namespace) in self.routes_of(object) {
            let name = text(&object["metadata"]["name"]);
            let rule = |condition| Rule {
                condition,
                route: route.clone(),
                namespace: namespace.clone(),
                object: format!("{own}/{name}"),
            };
            let conditions = route["match"].as_array().cloned().unwrap_or_default();
            if conditions.is_empty() {
                rules.push(rule(None));
                return rules;
            }
            for condition in conditions {
                if !self.counts(&condition, gateway, &own) {
                    continue;
                }
                let is_open = condition::is_open(Some(&condition));
                rules.push(rule(Some(condition)));
                if is_open {
                    return rules;
                }
            }
        }
        rules
    }

    fn counts(&self, condition: &Value, gateway: &str, own: &str) -> bool {
        if condition["port"].as_u64().is_some_and(|port| port != 0 && port != u64::from(self.client.port)) {
            return false;
        }
        let gateways = texts(&condition["gateways"]);
        if !gateways.is_empty() {
            return gateways.iter().any(|name| gateway_name(name, own) == gateway);
        }
        let mut labels = condition["sourceLabels"].as_object().into_iter().flatten();
        labels.all(|(name, value)| self.client.labels.get(name).map(String::as_str) == value.as_str())
            && condition["sourceNamespace"]
                .as_str()
                .is_none_or(|namespace| namespace == self.client.namespace)
    }

    /// Every service that listeners know and that has the port.
    fn known(&self) -> Vec<Known<'_>> {
        let mut known = self.listed();
        known.retain(|known| known.ports().contains(&u64::from(self.client.port)));
        known.sort_by(|a, b| a.host.cmp(&b.host));
        known
    }

    pub(super) fn sidecar_places(&self) -> Vec<Place> {
        let known = self.known();
        let objects = self.bound_to("mesh");
        let mut places: Vec<Place> = Vec::new();
        for object in &objects {
            let rules = self.rules_of(object, "mesh");
            if rules.is_empty() {
                continue;
            }
            let (own, others) = claims(object, &objects, &known);
            // Hosts that are no services come in the wake of services, or on port 80 where there are none.
            let alone = own.is_empty() && (self.client.port != 80 || others.1);
            if alone {
                continue;
            }
            for host in others.0 {
                let domains = vec![host.clone()];
                self.add(&mut places, &host, domains, &[], &known, &rules);
            }
            for service in own {
                let (domains, short) = self.domains(service);
                self.add(&mut places, &service.host, domains, &short, &known, &rules);
            }
        }
        for service in &known {
            let route = serde_json::json!({"name": "default", "route": [{"destination":
                {"host": service.host, "port": {"number": self.client.port}}}]});
            let rules = vec![only(route)];
            let (domains, short) = self.domains(service);
            self.add(&mut places, &service.host, domains, &short, &known, &rules);
        }
        let (name, field) =
            if self.lets_out() { ("allow_any", "passthrough") } else { ("block_all", "blocked") };
        let rules = vec![only(serde_json::json!({"name": name, field: true}))];
        let domains = vec!["*".to_owned()];
        places.push(Place { name: name.to_owned(), domains, rules, ..Place::default() });
        if known.is_empty() { Vec::new() } else { places }
    }

    fn domains(&self, service: &Known<'_>) -> (Vec<String>, Vec<String>) {
        let host = &service.host;
        let mut domains = vec![host.clone(), format!("{host}.")];
        let mut short = Vec::new();
        if service.is_kubernetes {
            let namespace = &service.namespace;
            let name = host.split('.').next().unwrap_or_default();
            short.push(format!("{name}.{namespace}"));
            short.push(format!("{name}.{namespace}.svc"));
            if *namespace == self.client.namespace {
                short.push(name.to_owned());
            }
        }
        domains.extend(short.iter().cloned());
        (domains, short)
    }

    /// Adds a virtual host, unless it is there; a name belongs to whoever had it first.
    fn add(
        &self,
        places: &mut Vec<Place>,
        host: &str,
        domains: Vec<String>,
        short: &[String],
        known: &[Known<'_>],
        rules: &[Rule],
    ) {
        let name = format!("{host}:{}", self.client.port);
        if let Some(place) = places.iter_mut().find(|place| place.name == name) {
            place.is_contested |= rules.iter().any(|rule| !rule.object.is_empty());
            return;
        }
        let is_free = |domain: &String| {
            let taken = places.iter().flat_map(|place| &place.domains);
            let gives_way = short.contains(domain) && known.iter().any(|service| service.host == *domain);
            !gives_way && !taken.into_iter().any(|known| known.eq_ignore_ascii_case(domain))
        };
        let domains: Vec<_> = domains.iter().filter(|domain| is_free(domain)).cloned().collect();
        if !domains.is_empty() {
            places.push(Place { name, domains, rules: rules.to_vec(), ..Place::default() });
        }
    }
}

/// A rule of the control plane's own.
fn only(route: Value) -> Rule {
    Rule { condition: None, route, namespace: String::new(), object: String::new() }
}

pub(in super::super) fn gateway_name(name: &str, own: &str) -> String {
    match (name.split_once('/'), name.split_once('.')) {
        _ if name == "mesh" => name.to_owned(),
        (Some((".", name)), _) => format!("{own}/{name}"),
        (Some(_), _) => name.to_owned(),
        (None, Some((first, rest))) => format!("{}/{first}", rest.split('.').next().unwrap_or_default()),
        (None, None) => format!("{own}/{name}"),
    }
}

/// Hosts of an object in full.
fn hosts_of(object: &Value) -> Vec<String> {
    let own = text(&object["metadata"]["namespace"]);
    texts(&object["spec"]["hosts"]).iter().map(|host| full_name(host, &own).to_ascii_lowercase()).collect()
}

/// Whether a wildcard covers a name, which may itself be a wildcard.
fn covers(wildcard: &str, name: &str) -> bool {
    let (Some(tail), name_tail) = (wildcard.strip_prefix('*'), name.strip_prefix('*').unwrap_or(name)) else {
        return false;
    };
    name_tail.ends_with(tail) && (!name.starts_with('*') || name.len() >= wildcard.len())
}

/// The services that a VirtualService speaks for, and its hosts that are none (with whether there are services among its
/// hosts at all that another one speaks for).
fn claims<'k, 'o>(
    object: &Value,
    all: &[&Value],
    known: &'k [Known<'o>],
) -> (Vec<&'k Known<'o>>, (Vec<String>, bool)) {
    let mut own: Vec<&Known<'_>> = Vec::new();
    let mut others = Vec::new();
    let hosts = hosts_of(object);
    for host in hosts.iter().filter(|host| !host.starts_with('*')) {
        match known.iter().find(|service| service.host == *host) {
            Some(service) => own.push(service),
            None => others.push(host.clone()),
        }
    }
    for wildcard in hosts.iter().filter(|host| host.starts_with('*')) {
        let overlaps = |service: &&Known<'_>| {
            covers(wildcard, &service.host)
                || (service.host.starts_with('*') && covers(&service.host, wildcard))
        };
        let covered: Vec<_> =
            known.iter().filter(overlaps).filter(|service| speaker(service, all).is_some()).collect();
        if covered.is_empty() {
            others.push(wildcard.clone());
        }
        own.extend(covered.into_iter().filter(|service| {
            speaker(service, all).is_some_and(|speaker| speaker["metadata"] == object["metadata"])
        }));
    }
    (own, (others, false))
}

/// The VirtualService with the most specific host for a service, the first of equals.
fn speaker<'o>(service: &Known<'_>, all: &[&'o Value]) -> Option<&'o Value> {
    let mut best: Option<(usize, &Value)> = None;
    for &object in all {
        for host in hosts_of(object) {
            let rank = if host == service.host {
                usize::MAX
            } else if host.starts_with('*') && covers(&host, &service.host) {
                host.len()
            } else {
                continue;
            };
            if best.is_none_or(|(known, _)| rank > known) {
                best = Some((rank, object));
            }
        }
    }
    best.map(|(_, object)| object)
}
