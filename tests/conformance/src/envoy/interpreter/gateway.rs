//! The virtual hosts of a gateway that speaks plain HTTP.

use serde_json::Value;

use super::{Interpreter, Place, condition, full_name, text, texts};

impl Interpreter {
    pub(super) fn gateway_places(&self) -> Vec<Place> {
        let mut gateways: Vec<&Value> = self
            .of_kind("Gateway")
            .filter(|gateway| {
                let mut labels = gateway["spec"]["selector"].as_object().into_iter().flatten();
                labels.all(|(name, value)| self.client.labels.get(name).map(String::as_str) == value.as_str())
            })
            .collect();
        gateways.sort_by_key(|gateway| {
            (text(&gateway["metadata"]["name"]), text(&gateway["metadata"]["namespace"]))
        });
        let mut places: Vec<Place> = Vec::new();
        let mut is_open = false;
        // A host that a server with settings of TLS has leaves later such servers out.
        let mut taken: Vec<String> = Vec::new();
        for gateway in gateways {
            let own = text(&gateway["metadata"]["namespace"]);
            let name = format!("{own}/{}", text(&gateway["metadata"]["name"]));
            for server in gateway["spec"]["servers"].as_array().into_iter().flatten() {
                if server["port"]["number"] == self.client.port {
                    if server["tls"].is_object() {
                        let hosts = complete(&texts(&server["hosts"]), &own);
                        if hosts.iter().any(|host| taken.contains(host)) {
                            continue;
                        }
                        taken.extend(hosts);
                    }
                    is_open = true;
                    self.add_server(&mut places, server, &own, &name);
                    if server["tls"]["httpsRedirect"] == true {
                        self.add_redirects(&mut places, server);
                    }
                }
            }
        }
        for place in &mut places {
            // Stable: what takes everything goes last.
            let (open, narrow): (Vec<_>, Vec<_>) =
                place.rules.drain(..).partition(|rule| condition::is_open(rule.condition.as_ref()));
            place.rules = narrow.into_iter().chain(open).collect();
        }
        if !is_open {
            places.clear();
        }
        places
    }

    fn add_server(&self, places: &mut Vec<Place>, server: &Value, own: &str, gateway: &str) {
        for object in self.bound_to(gateway) {
            let namespace = text(&object["metadata"]["namespace"]);
            let rules = self.rules_of(object, gateway);
            if rules.is_empty() {
                continue;
            }
            let hosts = texts(&object["spec"]["hosts"]);
            let hosts: Vec<_> =
                hosts.iter().map(|host| full_name(host, &namespace).to_ascii_lowercase()).collect();
            for host in common(&texts(&server["hosts"]), &hosts, own, &namespace) {
                let name = format!("{host}:{}", self.client.port);
                let needs_tls = server["tls"]["httpsRedirect"] == true;
                match places.iter_mut().find(|place| place.name == name) {
                    Some(place) => {
                        place.rules.extend(rules.iter().cloned());
                        place.needs_tls |= needs_tls;
                    }
                    None => {
                        let (domains, rules) = (vec![host], rules.clone());
                        places.push(Place { name, domains, rules, needs_tls, ..Place::default() });
                    }
                }
            }
        }
    }

    /// Every host of a server that only sends to HTTPS; one for a namespace alone stands there as written, where no request
    /// finds it.
    fn add_redirects(&self, places: &mut Vec<Place>, server: &Value) {
        for host in texts(&server["hosts"]) {
            let host = host.strip_prefix("*/").unwrap_or(&host).to_ascii_lowercase();
            if host.contains('/') {
                continue;
            }
            let name = format!("{host}:{}", self.client.port);
            match places.iter_mut().find(|place| place.name == name) {
                Some(place) => place.needs_tls = true,
                None => {
                    places.push(Place { name, domains: vec![host], needs_tls: true, ..Place::default() });
                }
            }
        }
    }
}

/// Hosts of a server with the namespace written out where one is meant.
fn complete(hosts: &[String], own: &str) -> Vec<String> {
    let complete = |host: &String| match host.split_once('/') {
        Some(("*", host)) => host.to_owned(),
        Some((".", host)) => format!("{own}/{host}"),
        _ => host.clone(),
    };
    hosts.iter().map(complete).collect()
}

/// The narrower of each pair of a server's host and a VirtualService's.
fn common(servers: &[String], hosts: &[String], own: &str, namespace: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for server in servers {
        let (of, server) = server.split_once('/').unwrap_or(("*", server));
        let counts = of == "*" || of == namespace || (of == "." && own == namespace);
        let server = server.to_ascii_lowercase();
        for host in hosts.iter().filter(|_| counts) {
            let narrower = if is_within(host, &server) {
                host.clone()
            } else if is_within(&server, host) {
                server.clone()
            } else {
                continue;
            };
            if !found.contains(&narrower) {
                found.push(narrower);
            }
        }
    }
    found
}

fn is_within(inner: &str, outer: &str) -> bool {
    match outer.strip_prefix('*') {
        None => inner == outer,
        Some(tail) => match inner.strip_prefix('*') {
            Some(inner_tail) => inner.len() >= outer.len() && inner_tail.ends_with(tail),
            None => inner.ends_with(tail),
        },
    }
}
