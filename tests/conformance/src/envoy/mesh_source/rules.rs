//! DestinationRules and Sidecars of a random mesh.

use serde_json::{Value, json};

use super::super::Dice;
use super::super::interpreter::Client;
use super::words;

pub(super) fn destination_rules(dice: &mut Dice) -> Vec<Value> {
    let mut documents = Vec::new();
    let services = words::SERVICES.iter().map(|(name, namespace, ..)| {
        (format!("{name}.{namespace}.svc.cluster.local"), (*namespace).to_owned())
    });
    let entries = words::ENTRIES.iter().map(|(host, ..)| ((*host).to_owned(), "default".to_owned()));
    let all: Vec<_> = services.chain(entries).collect();
    for (number, (host, namespace)) in all.into_iter().enumerate() {
        if dice.percent(20) {
            continue;
        }
        let namespace = if dice.percent(80) { namespace } else { dice.text(&words::NAMESPACES) };
        documents.push(rule(dice, &format!("rule-{number}"), &namespace, &host));
        if dice.percent(10) {
            documents.push(rule(dice, &format!("rule-{number}-more"), &namespace, &host));
        }
    }
    if dice.percent(25) {
        let host = dice.text(&["*.default.svc.cluster.local", "*.svc.cluster.local", "*.example.com"]);
        let namespace = dice.text(&words::NAMESPACES);
        documents.push(rule(dice, "rule-wide", &namespace, &host));
    }
    documents
}

fn rule(dice: &mut Dice, name: &str, namespace: &str, host: &str) -> Value {
    let mut subsets = Vec::new();
    for subset in words::SUBSETS {
        if dice.percent(25) {
            continue;
        }
        let mut subset = json!({"name": subset, "labels": {"version": subset}});
        if dice.percent(20) {
            subset["trafficPolicy"] = policy(dice);
        }
        subsets.push(subset);
    }
    let mut spec = json!({"host": host, "subsets": subsets});
    if dice.percent(65) {
        spec["trafficPolicy"] = policy(dice);
    }
    if dice.percent(10) {
        spec["exportTo"] = json!(["."]);
    }
    json!({"apiVersion": "networking.istio.io/v1", "kind": "DestinationRule",
        "metadata": {"name": name, "namespace": namespace}, "spec": spec})
}

fn policy(dice: &mut Dice) -> Value {
    let mut policy = json!({"loadBalancer": balancer(dice)});
    if dice.percent(15) {
        policy["portLevelSettings"] =
            json!([{"port": {"number": dice.one_of(&[80, 8080])}, "loadBalancer": balancer(dice)}]);
    }
    if dice.percent(10) {
        policy["connectionPool"] = json!({"tcp": {"maxConnections": 1000, "connectTimeout": "3s",
            "tcpKeepalive": {"time": "60s"}}, "http": {"maxRetries": 1000, "idleTimeout": "90s"}});
    }
    policy
}

fn balancer(dice: &mut Dice) -> Value {
    if dice.percent(20) {
        return json!({"simple": dice.text(&["ROUND_ROBIN", "RANDOM", "LEAST_REQUEST"])});
    }
    let mut hash = match dice.below(8) {
        0..=2 => json!({"httpHeaderName": dice.text(&["end-user", "x-version", "x-t-a"])}),
        3..=4 => json!({"httpCookie": {"name": dice.text(&["user", "session"])}}),
        5..=6 => json!({"useSourceIp": true}),
        _ => json!({"httpQueryParameterName": dice.text(&words::PARAMETERS)}),
    };
    match dice.below(4) {
        0..=1 => hash["maglev"] = json!({"tableSize": dice.one_of(&[101, 1009])}),
        2 => hash["ringHash"] = json!({"minimumRingSize": dice.one_of(&[100, 2048])}),
        _ => {}
    }
    json!({"consistentHash": hash})
}

/// Of the namespace of the client, for it alone or for all; or of the whole mesh.
pub(super) fn sidecars(dice: &mut Dice, client: &Client) -> Vec<Value> {
    let mut documents = Vec::new();
    if client.is_gateway || !dice.percent(35) {
        return documents;
    }
    for number in 0..=dice.below(2) {
        let (namespace, selector) = match dice.below(4) {
            0 => ("istio-system", None),
            1 => (client.namespace.as_str(), Some(json!({"app": dice.text(&["client", "somebody"])}))),
            _ => (client.namespace.as_str(), None),
        };
        let mut spec = json!({"egress": [{"hosts": egress_hosts(dice)}]});
        if let Some(labels) = selector {
            spec["workloadSelector"] = json!({"labels": labels});
        }
        if dice.percent(30) {
            spec["outboundTrafficPolicy"] = json!({"mode": dice.text(&["REGISTRY_ONLY", "ALLOW_ANY"])});
        }
        documents.push(json!({"apiVersion": "networking.istio.io/v1", "kind": "Sidecar",
            "metadata": {"name": format!("sidecar-{number}"), "namespace": namespace}, "spec": spec}));
    }
    documents
}

fn egress_hosts(dice: &mut Dice) -> Vec<String> {
    let mut hosts: Vec<String> = (0..=dice.below(3))
        .map(|_| {
            dice.text(&[
                "./*",
                "other/*",
                "default/*",
                "*/alpha.default.svc.cluster.local",
                "*/*.example.com",
                "other/gamma.other.svc.cluster.local",
                "*/nowhere.test",
                "*/*.test",
                "*/copy-a.default.svc.cluster.local",
            ])
        })
        .collect();
    if dice.percent(25) {
        hosts.push(dice.text(&["~*/beta.default.svc.cluster.local", "~other/*", "~*/*.many.test", "~./*"]));
    }
    hosts.sort();
    hosts.dedup();
    hosts
}
