//! Clusters, and which endpoint of them a hash chooses.

use pointsman_policy::hash::{combine, xx_hash64, xx_hash64_chain};
use pointsman_policy::{HashHost, Maglev, Ring, RingOptions};
use serde_json::Value;

use super::super::AskedRequest;
use super::scope::Known;
use super::{Interpreter, condition, full_name, text, texts};

impl Interpreter {
    /// Port, else the only port of the service a gateway knows, else the port of the request.
    pub(super) fn cluster(&self, destination: &Value, namespace: &str) -> (String, u64, String) {
        let host = full_name(&text(&destination["host"]), namespace);
        let named = destination["port"]["number"].as_u64();
        let only = match self.service(&host).map(|known| known.ports()).as_deref() {
            Some([only]) if self.client.is_gateway => Some(*only),
            _ => None,
        };
        let port = named.or(only).unwrap_or(u64::from(self.client.port));
        (format!("outbound|{port}|{}|{host}", text(&destination["subset"])), port, host)
    }

    /// Whether the control plane sends that cluster.
    pub(super) fn exists(&self, destination: &Value, port: u64, host: &str) -> bool {
        let subset = text(&destination["subset"]);
        self.has_port(host, port)
            && (subset.is_empty()
                || self
                    .rule_of(host)
                    .is_some_and(|rule| subsets(&rule).iter().any(|known| known["name"] == subset.as_str())))
    }

    /// The DestinationRule for a host: of the client's namespace, else of the service's. Rules of one host are one.
    fn rule_of(&self, host: &str) -> Option<Value> {
        let known = self.service(host)?;
        let client = self.client.namespace.as_str();
        self.rule_in(client, host, true).or_else(|| self.rule_in(&known.namespace, host, false))
    }

    fn rule_in(&self, namespace: &str, host: &str, is_own: bool) -> Option<Value> {
        let is_private = |rule: &Value| texts(&rule["spec"]["exportTo"]) == ["."];
        let name = |rule: &Value| full_name(&text(&rule["spec"]["host"]), namespace);
        let mut rules: Vec<&Value> = self
            .of_kind("DestinationRule")
            .filter(|rule| rule["metadata"]["namespace"] == namespace && (is_own || !is_private(rule)))
            .filter(|rule| {
                let wanted = name(rule);
                wanted == host
                    || wanted
                        .strip_prefix('*')
                        .is_some_and(|tail| host.trim_start_matches('*').ends_with(tail))
            })
            .collect();
        rules.sort_by_key(|rule| text(&rule["metadata"]["name"]));
        let best = rules.iter().map(|rule| rank(&name(rule))).max()?;
        rules.retain(|rule| rank(&name(rule)) == best);
        // Private and public ones stay apart; of what stays apart the last counts.
        let private = is_private(rules.first()?);
        let is_last = if rules.iter().any(|rule| is_private(rule) != private) { !private } else { private };
        rules.retain(|rule| is_private(rule) == is_last);
        let mut merged = rules.first()?["spec"].clone();
        for other in rules.iter().skip(1) {
            for subset in subsets(&other["spec"]) {
                if !subsets(&merged).iter().any(|known| known["name"] == subset["name"]) {
                    merged["subsets"].as_array_mut()?.push(subset.clone());
                }
            }
            if merged.get("trafficPolicy").is_none() {
                merged["trafficPolicy"] = other["spec"]["trafficPolicy"].clone();
            }
        }
        Some(merged)
    }

    /// What routes to a destination hash. Policies of ports count only where the destination names one.
    pub(super) fn hash_of(&self, destination: &Value, namespace: &str) -> Option<Value> {
        let (_, _, host) = self.cluster(destination, namespace);
        let rule = self.rule_of(&host)?;
        let port = destination["port"]["number"].as_u64();
        let subset = named_subset(&rule, &text(&destination["subset"]));
        let of = |policy: &Value| policy["loadBalancer"].get("consistentHash").cloned();
        let by_port = |policy: &Value| port.and_then(|port| of(entry(policy, port)?));
        let (over, base) = (&subset["trafficPolicy"], &rule["trafficPolicy"]);
        by_port(over).or_else(|| of(over)).or_else(|| by_port(base)).or_else(|| of(base))
    }

    /// The endpoint that a hash chooses; `None` where none does.
    pub(super) fn endpoint(&self, destination: &Value, port: u64, host: &str, hash: u64) -> Option<String> {
        let rule = self.rule_of(host)?;
        let subset = named_subset(&rule, &text(&destination["subset"]));
        let base = &rule["trafficPolicy"];
        let mut balancer = entry(base, port).unwrap_or(base)["loadBalancer"].clone();
        let over = &subset["trafficPolicy"];
        if let Some(entry) = entry(over, port) {
            balancer = entry["loadBalancer"].clone();
        } else if over.get("loadBalancer").is_some() {
            balancer = over["loadBalancer"].clone();
        }
        let wanted = balancer.get("consistentHash")?;
        let endpoints = self.endpoints(&self.service(host)?, &subset["labels"]);
        let hosts: Vec<HashHost> =
            endpoints.iter().map(|(address, weight)| HashHost::new(address.clone(), *weight)).collect();
        let chosen = if let Some(maglev) = wanted.get("maglev") {
            Maglev::build(&hosts, maglev["tableSize"].as_u64().unwrap_or(65_537)).pick(hash, 0)
        } else {
            let smallest = wanted["ringHash"]["minimumRingSize"].as_u64();
            let options = RingOptions { minimum_size: smallest.unwrap_or(1_024), ..RingOptions::default() };
            Ring::build(&hosts, options).pick(hash, 0)
        };
        endpoints.get(chosen?).map(|(address, _)| address.clone())
    }

    /// Whether anybody answers there.
    pub(super) fn has_endpoints(&self, destination: &Value, host: &str) -> bool {
        let Some(known) = self.service(host) else { return false };
        let rule = self.rule_of(host).unwrap_or_default();
        let subset = named_subset(&rule, &text(&destination["subset"]));
        if is_static(&known) {
            return !self.endpoints(&known, &subset["labels"]).is_empty();
        }
        // An address found by DNS has no labels; where the client has chosen, nobody asks for them.
        let is_free = subset["labels"].as_object().is_none_or(serde_json::Map::is_empty);
        is_free || known.is_kubernetes || known.object["spec"]["resolution"] == "NONE"
    }

    fn endpoints(&self, known: &Known<'_>, labels: &Value) -> Vec<(String, u32)> {
        let here = |address: &Value| format!("{}:{}", text(address), self.ports.echo);
        let has =
            |own: &Value| labels.as_object().into_iter().flatten().all(|(name, value)| own[name] == *value);
        if known.is_kubernetes {
            let selector = &known.object["spec"]["selector"];
            let selects = |pod: &&Value| {
                pod["metadata"]["namespace"] == known.namespace.as_str()
                    && pod["metadata"]["labels"]["app"] == selector["app"]
                    && has(&pod["metadata"]["labels"])
            };
            return self
                .of_kind("Pod")
                .filter(selects)
                .map(|pod| (here(&pod["status"]["podIP"]), 1))
                .collect();
        }
        let endpoints = known.object["spec"]["endpoints"].as_array().into_iter().flatten();
        let weight =
            |endpoint: &Value| endpoint["weight"].as_u64().and_then(|weight| u32::try_from(weight).ok());
        endpoints
            .filter(|endpoint| has(&endpoint["labels"]))
            .map(|endpoint| (here(&endpoint["address"]), weight(endpoint).unwrap_or(1)))
            .collect()
    }
}

/// Whether endpoints are known; of others the comparison has one each.
fn is_static(known: &Known<'_>) -> bool {
    let copies = known.host.starts_with("copy");
    !copies && (known.is_kubernetes || known.object["spec"]["resolution"] == "STATIC")
}

fn rank(host: &str) -> usize {
    if host.starts_with('*') { host.len() } else { usize::MAX }
}

fn subsets(rule: &Value) -> &[Value] {
    rule["subsets"].as_array().map(Vec::as_slice).unwrap_or_default()
}

fn named_subset(rule: &Value, name: &str) -> Value {
    subsets(rule).iter().find(|known| known["name"] == name).cloned().unwrap_or_default()
}

/// The entry of a policy for a port.
fn entry(policy: &Value, port: u64) -> Option<&Value> {
    let mut entries = policy["portLevelSettings"].as_array()?.iter();
    entries.find(|entry| entry["port"]["number"] == port)
}

/// The hash of a request that is sent on with these headers.
pub(super) fn request_hash(
    policies: &[Value],
    request: &AskedRequest,
    headers: &[(String, Vec<u8>)],
    source: std::net::IpAddr,
) -> Option<u64> {
    let lines = |name: &str| -> Vec<&[u8]> {
        let named = headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.trim_ascii()).collect()
    };
    let mut hash = None;
    for policy in policies {
        let next = if let Some(name) = policy["httpHeaderName"].as_str() {
            let mut values = lines(name);
            values.sort_unstable();
            (!values.is_empty()).then(|| xx_hash64_chain(values.iter().copied()))
        } else if let Some(name) = policy["httpCookie"]["name"].as_str() {
            let cookies = lines("cookie");
            let pairs = cookies.iter().flat_map(|line| line.split(|byte| *byte == b';'));
            let mut values = pairs.filter_map(|pair| {
                let pair = pair.trim_ascii();
                pair.strip_prefix(name.as_bytes())?.strip_prefix(b"=")
            });
            values.next().filter(|value| !value.is_empty()).map(xx_hash64)
        } else if policy["useSourceIp"] == true {
            Some(xx_hash64(source.to_string().as_bytes()))
        } else {
            let name = policy["httpQueryParameterName"].as_str()?;
            condition::parameter(condition::split(&request.path).1, name).map(xx_hash64)
        };
        if let Some(next) = next {
            hash = Some(combine(hash, next));
        }
    }
    hash
}
