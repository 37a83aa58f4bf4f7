//! A naive interpreter of raw manifests, written from the rules of Istio and Envoy alone.
//!
//! It shares no code with the compiler: it looks at JSON, and decides anew for each request. Where it has nothing to say
//! (paths that settings clean) it is silent. It also says which rule decided: the one whose absence would change the answer.

#![expect(clippy::indexing_slicing, reason = "a field of JSON that is not there answers null")]

mod condition;
mod cross_origin;
mod delegate;
mod destination;
mod gateway;
mod headers;
mod hosts;
mod outcome;
mod scope;
mod without;

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::fmt;

use pointsman_route::ir::PathNormalization;
use pointsman_types::HeaderMatching;
use serde_json::Value;

use super::bootstrap::{Ports, Setting};
use super::{Answer, AskedRequest, ThirdParty};

pub(super) use hosts::gateway_name;

/// Whose view is interpreted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// A gateway, or a sidecar.
    pub is_gateway: bool,
    /// Its namespace.
    pub namespace: String,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// The port that requests arrive at.
    pub port: u16,
}

impl fmt::Display for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let role = if self.is_gateway { "gateway" } else { "sidecar" };
        write!(
            f,
            "as seen by a {role} in {} with labels {:?} on port {}",
            self.namespace, self.labels, self.port
        )
    }
}

/// Answers requests from raw manifests.
#[derive(Debug)]
pub struct Interpreter {
    documents: Vec<Value>,
    client: Client,
    setting: Setting,
    ports: Ports,
    places: OnceCell<Vec<Place>>,
    /// The same without certain rules.
    without: OnceCell<Vec<(&'static str, Interpreter)>>,
}

/// A virtual host: names and rules in order.
#[derive(Debug, Clone, Default)]
pub(super) struct Place {
    pub(super) name: String,
    pub(super) domains: Vec<String>,
    pub(super) rules: Vec<Rule>,
    /// Whether plain requests are sent to HTTPS.
    pub(super) needs_tls: bool,
    /// Whether another object wanted it too.
    pub(super) is_contested: bool,
}

/// A rule: a condition of a route that counts for the client, or none, and the route.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    pub(super) condition: Option<Value>,
    pub(super) route: Value,
    /// Namespace of the VirtualService, which completes short names.
    pub(super) namespace: String,
    /// The VirtualService.
    pub(super) object: String,
}

/// As a real Envoy is asked where there is none.
const SETTING: Setting =
    Setting { normalization: PathNormalization::BASE, matching: HeaderMatching::Individual };
const PORTS: Ports = Ports { echo: 1, mirror: 2 };

impl Interpreter {
    /// For these manifests.
    #[must_use]
    pub const fn new(documents: Vec<Value>, client: Client) -> Self {
        Self {
            documents,
            client,
            setting: SETTING,
            ports: PORTS,
            places: OnceCell::new(),
            without: OnceCell::new(),
        }
    }

    /// With the settings of the Envoy that is asked.
    #[must_use]
    pub(super) const fn with_setting(mut self, setting: Setting, ports: Ports) -> Self {
        self.setting = setting;
        self.ports = ports;
        self
    }

    pub(super) fn of_kind<'s>(&'s self, kind: &'s str) -> impl Iterator<Item = &'s Value> {
        self.documents.iter().filter(move |document| document["kind"] == kind)
    }

    fn places(&self) -> &[Place] {
        self.places.get_or_init(|| {
            if self.client.is_gateway { self.gateway_places() } else { self.sidecar_places() }
        })
    }

    /// Where a request belongs, and the rule that takes it.
    fn found(&self, request: &AskedRequest) -> (Option<&Place>, Option<&Rule>) {
        let host = request.authority.split(':').next().unwrap_or_default().to_ascii_lowercase();
        let Some(place) = place_of(self.places(), &host) else { return (None, None) };
        let holds = |rule: &&Rule| condition::holds(rule.condition.as_ref(), request, self.setting);
        (Some(place), place.rules.iter().find(holds))
    }

    /// What decided the request, as far as it is a matter of meshes.
    pub(super) fn features(&self, request: &AskedRequest) -> Vec<&'static str> {
        let mut features = Vec::new();
        if !self.is_clear(request) || is_bad(&request.path) {
            return features;
        }
        features.push(if self.client.is_gateway { "gateways" } else { "sidecars" });
        let (Some(place), rule) = self.found(request) else { return features };
        if let Some(rule) = rule.filter(|_| !place.needs_tls) {
            if rule.route["delegated"] == true {
                features.push("delegates");
            }
            if place.rules.iter().any(|other| other.object != rule.object) {
                features.push("routes of several VirtualServices at a gateway");
            }
            if rule.route["route"].as_array().is_some_and(|shares| {
                let [only] = shares.as_slice() else { return false };
                only.get("weight").is_some()
            }) {
                features.push("weight of a single destination");
            }
            let answer = self.answer(request);
            if let Some(host) = answer.cluster.as_deref().and_then(|cluster| cluster.split('|').nth(3)) {
                let is_entry =
                    |entry: &Value| texts(&entry["spec"]["hosts"]).iter().any(|known| known == host);
                if self.of_kind("ServiceEntry").any(is_entry) {
                    features.push("ServiceEntries");
                }
            }
        }
        if place.is_contested {
            features.push("the first of several VirtualServices of a sidecar");
        }
        features.extend(self.decided_by(request));
        features
    }

    /// Whether the request is understood alike, however paths are cleaned.
    fn is_clear(&self, request: &AskedRequest) -> bool {
        if self.setting.normalization == PathNormalization::NONE {
            return !request.path.contains(&b'#');
        }
        let (path, _) = condition::split(&request.path);
        let odd = [&b"//"[..], b"/.", b"\\", b"%"];
        !odd.iter().any(|odd| path.windows(odd.len()).any(|part| part == *odd))
    }
}

impl ThirdParty for Interpreter {
    fn answer(&self, request: &AskedRequest) -> Answer {
        if is_bad(&request.path) {
            return Answer { status: Some(400), ..refused() };
        }
        if !self.is_clear(request) {
            return Answer::default();
        }
        let (place, rule) = self.found(request);
        let Some(place) = place else { return refused() };
        if place.needs_tls {
            let location = format!("https://{}{}", request.authority, request.path.escape_ascii());
            return Answer { status: Some(301), location: Some(location), ..Answer::default() };
        }
        let Some(rule) = rule else { return refused() };
        let mut answer = self.outcome(rule, request);
        answer.virtual_host = answer.route.is_some().then(|| place.name.clone());
        answer
    }
}

/// Whether the proxy refuses a path whatever its settings.
fn is_bad(path: &[u8]) -> bool {
    !path.iter().all(u8::is_ascii_graphic)
}

fn refused() -> Answer {
    Answer { status: Some(404), copies: Some(Vec::new()), ..Answer::default() }
}

/// The exact name, else the longest wildcard before a name, else the one for everything.
fn place_of<'p>(places: &'p [Place], host: &str) -> Option<&'p Place> {
    let mut best: Option<(usize, &Place)> = None;
    for place in places {
        for domain in &place.domains {
            let domain = domain.to_ascii_lowercase();
            let rank = if domain == host {
                usize::MAX
            } else if domain == "*" {
                0
            } else {
                match domain.strip_prefix('*') {
                    Some(tail) if host.ends_with(tail) && host.len() > tail.len() => domain.len(),
                    _ => continue,
                }
            };
            if best.is_none_or(|(known, _)| rank > known) {
                best = Some((rank, place));
            }
        }
    }
    best.map(|(_, place)| place)
}

pub(super) fn texts(value: &Value) -> Vec<String> {
    let items = value.as_array().into_iter().flatten();
    items.filter_map(|item| item.as_str().map(ToOwned::to_owned)).collect()
}

pub(super) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// `name` in a namespace, or any other name as it is.
pub(super) fn full_name(name: &str, namespace: &str) -> String {
    if name.contains(['.', '*']) { name.to_owned() } else { format!("{name}.{namespace}.svc.cluster.local") }
}

/// Compares the compiled table with the interpreter where there is no Envoy; answers how many requests were compared.
#[cfg(test)]
pub(super) fn compare(case: &super::Case) -> usize {
    use std::sync::Arc;

    use pointsman_route::ir::TableConfig;
    use pointsman_route::{RoutingTable, Scratch};

    let (mut config, clusters) = case.input.compiled();
    config.name = "config".to_owned();
    let config = TableConfig {
        routes: vec![Arc::new(config)],
        clusters: clusters
            .into_iter()
            .map(|cluster| super::bootstrap::settled(cluster, PORTS))
            .chain([super::bootstrap::plain_cluster("PassthroughCluster", PORTS)])
            .map(Arc::new)
            .collect(),
        ..TableConfig::default()
    };
    let table = RoutingTable::build(config).0;
    let Some(third) = case.input.third() else { return 0 };
    let mut scratch = Scratch::new();
    let mut compared = 0;
    for request in &case.requests {
        let from = super::client::addresses(request.source, 1);
        let (mut ours, ()) = super::ask::ask_ours(&table, "config", request, from, &mut scratch, |_, _| ());
        ours.copies = None;
        let theirs = third.answer(request);
        let differences = ours.differences(&theirs);
        let trace = super::ask::explain_ours(&table, "config", request);
        assert!(
            differences.is_empty(),
            "{differences:#?}\n{}\n{}\n{trace}",
            case.input.text(),
            request.curl()
        );
        compared += usize::from(theirs.status.is_some());
    }
    compared
}
