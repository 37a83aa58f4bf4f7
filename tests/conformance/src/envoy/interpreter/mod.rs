//! A naive interpreter of raw manifests, written from the rules of Istio and Envoy alone.
//!
//! It shares no code with the compiler: it looks at JSON, decides anew for each request, and is slow. Where it has nothing
//! to say (repeated headers, which two versions of Envoy match differently; letters beyond ASCII in paths) it is silent.

#![expect(clippy::indexing_slicing, reason = "a field of JSON that is not there answers null")]

mod condition;
mod delegate;
mod gateway;
mod hosts;
mod outcome;

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Answer, AskedRequest, ThirdParty};

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

/// Answers requests from raw manifests.
#[derive(Debug, Clone)]
pub struct Interpreter {
    documents: Vec<Value>,
    client: Client,
}

/// A virtual host: names and rules in order.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) name: String,
    pub(super) domains: Vec<String>,
    pub(super) rules: Vec<Rule>,
}

/// A rule: a condition of a route that counts for the client, or none, and the route.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    pub(super) condition: Option<Value>,
    pub(super) route: Value,
    /// Namespace of the VirtualService, which completes short names.
    pub(super) namespace: String,
}

impl Interpreter {
    /// For these manifests.
    #[must_use]
    pub const fn new(documents: Vec<Value>, client: Client) -> Self {
        Self { documents, client }
    }

    pub(super) fn of_kind<'s>(&'s self, kind: &'s str) -> impl Iterator<Item = &'s Value> {
        self.documents.iter().filter(move |document| document["kind"] == kind)
    }

    fn places(&self) -> Vec<Place> {
        if self.client.is_gateway { self.gateway_places() } else { self.sidecar_places() }
    }
}

impl ThirdParty for Interpreter {
    fn answer(&self, request: &AskedRequest) -> Answer {
        if !is_clear(request) {
            return Answer::default();
        }
        let places = self.places();
        let host = request.authority.split(':').next().unwrap_or_default().to_ascii_lowercase();
        let Some(place) = place_of(&places, &host) else { return refused() };
        for rule in &place.rules {
            if condition::holds(rule.condition.as_ref(), request) {
                let mut answer = self.outcome(rule, request);
                answer.virtual_host = answer.route.is_some().then(|| place.name.clone());
                return answer;
            }
        }
        refused()
    }
}

fn refused() -> Answer {
    Answer { status: Some(404), ..Answer::default() }
}

/// Whether every version of Envoy would understand the request alike.
fn is_clear(request: &AskedRequest) -> bool {
    let mut names: Vec<_> = request.headers.iter().map(|(name, _)| name.to_ascii_lowercase()).collect();
    names.sort();
    let count = names.len();
    names.dedup();
    // Test headers may be repeated: nothing matches on them.
    count == names.len() && request.path.is_ascii() && !request.path.contains(&b'%')
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
pub(super) fn compare(case: &super::Case, clusters: &[String]) -> usize {
    use std::sync::Arc;

    use pointsman_route::ir::{Cluster, ClusterName, Endpoint, TableConfig};
    use pointsman_route::{RoutingTable, Scratch};

    let cluster = |name: &String| {
        let endpoints = vec![Endpoint { address: "127.0.0.1:1".into(), ..Endpoint::default() }];
        Arc::new(Cluster { name: ClusterName::new(name), endpoints, ..Cluster::default() })
    };
    let config = TableConfig {
        routes: vec![Arc::new(case.config.clone())],
        clusters: clusters.iter().map(cluster).collect(),
        ..TableConfig::default()
    };
    let table = RoutingTable::build(config).0;
    let address = std::net::SocketAddr::from(([127, 0, 0, 1], 1));
    let mut scratch = Scratch::new();
    let mut compared = 0;
    for request in &case.requests {
        let (ours, _) =
            super::ask::ask_ours(&table, &case.config.name, request, (address, address), &mut scratch);
        let theirs = case.third.as_ref().map(|third| third.answer(request)).unwrap_or_default();
        let differences = ours.differences(&theirs);
        let trace = super::ask::explain_ours(&table, &case.config.name, request);
        assert!(differences.is_empty(), "{differences:#?}\n{}\n{}\n{trace}", case.text, request.curl());
        compared += usize::from(theirs.status.is_some());
    }
    compared
}
