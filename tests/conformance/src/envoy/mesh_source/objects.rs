//! The objects of a random mesh.

use serde_json::{Value, json};

use super::super::Dice;
use super::super::interpreter::Client;
use super::{Features, routes, words};

pub(super) fn documents(dice: &mut Dice, client: &Client, features: &mut Features) -> Vec<Value> {
    let mut documents = services();
    documents.extend(rules(dice));
    if client.is_gateway {
        for number in 0..=dice.below(2) {
            documents.push(gateway(dice, number, client));
        }
    }
    let mut hosts_before: Vec<String> = Vec::new();
    for number in 0..=dice.below(4) {
        let document = virtual_service(dice, number, client, &hosts_before, features, &mut documents);
        for host in document["spec"]["hosts"].as_array().into_iter().flatten() {
            hosts_before.extend(host.as_str().map(ToOwned::to_owned));
        }
        documents.push(document);
    }
    documents
}

fn services() -> Vec<Value> {
    let mut documents = Vec::new();
    for (name, namespace, ports) in words::SERVICES {
        let ports: Vec<_> =
            ports.iter().map(|port| json!({"name": format!("http-{port}"), "port": port})).collect();
        documents.push(json!({"apiVersion": "v1", "kind": "Service",
            "metadata": {"name": name, "namespace": namespace},
            "spec": {"selector": {"app": name}, "ports": ports}}));
    }
    for (position, (host, ports)) in words::ENTRIES.into_iter().enumerate() {
        let ports: Vec<_> = ports
            .iter()
            .map(|port| json!({"name": format!("http-{port}"), "number": port, "protocol": "HTTP"}))
            .collect();
        let resolution = if host.starts_with('*') { "NONE" } else { "DNS" };
        documents.push(json!({"apiVersion": "networking.istio.io/v1", "kind": "ServiceEntry",
            "metadata": {"name": format!("entry-{position}"), "namespace": "default"},
            "spec": {"hosts": [host], "ports": ports, "resolution": resolution}}));
    }
    documents
}

fn rules(dice: &mut Dice) -> Vec<Value> {
    let mut documents = Vec::new();
    for (name, namespace, _) in words::SERVICES {
        if dice.percent(20) {
            continue;
        }
        let subsets: Vec<_> = words::SUBSETS
            .iter()
            .map(|subset| json!({"name": subset, "labels": {"version": subset}}))
            .collect();
        documents.push(json!({"apiVersion": "networking.istio.io/v1", "kind": "DestinationRule",
            "metadata": {"name": name, "namespace": namespace}, "spec": {"host": name, "subsets": subsets}}));
    }
    documents
}

fn gateway(dice: &mut Dice, number: usize, client: &Client) -> Value {
    let namespace = dice.text(&words::NAMESPACES);
    let servers: Vec<_> = (0..=dice.below(2))
        .map(|position| {
            let hosts: Vec<_> = (0..=dice.below(2)).map(|_| dice.text(&words::GATEWAY_HOSTS)).collect();
            json!({"port": {"number": client.port, "name": format!("http-{position}"), "protocol": "HTTP"}, "hosts": hosts})
        })
        .collect();
    json!({"apiVersion": "networking.istio.io/v1", "kind": "Gateway",
        "metadata": {"name": format!("gw-{number}"), "namespace": namespace},
        "spec": {"selector": {"istio": "ingress"}, "servers": servers}})
}

/// `gateways` of a VirtualService: the generated gateways by all forms of their names.
fn gateways(dice: &mut Dice, client: &Client, known: &[Value]) -> Vec<String> {
    let mut names = Vec::new();
    let known = known.iter().filter(|document| document["kind"] == "Gateway");
    for gateway in known {
        let (namespace, name) =
            (gateway["metadata"]["namespace"].as_str(), gateway["metadata"]["name"].as_str());
        let (Some(namespace), Some(name)) = (namespace, name) else { continue };
        if dice.percent(75) {
            let dotted = format!("{name}.{namespace}.svc.cluster.local");
            names.push(if dice.percent(85) { format!("{namespace}/{name}") } else { dotted });
        }
    }
    if names.is_empty() || dice.percent(20) {
        names.push("mesh".to_owned());
    }
    if !client.is_gateway && dice.percent(60) {
        names.clear();
    }
    names
}

fn hosts(dice: &mut Dice, client: &Client, before: &[String], features: &mut Features) -> Vec<String> {
    let mut hosts: Vec<String> = Vec::new();
    for _ in 0..=dice.below(3) {
        let host = match dice.below(10) {
            0..=1 if !before.is_empty() => {
                features.add("same-host virtual services");
                dice.one_of(before).clone()
            }
            0..=4 if !client.is_gateway => {
                let (name, namespace, _) = *dice.one_of(&words::SERVICES[..4]);
                match dice.below(3) {
                    0 => name.to_owned(),
                    _ => format!("{name}.{namespace}.svc.cluster.local"),
                }
            }
            5 => dice.one_of(&words::ENTRIES).0.to_owned(),
            _ => dice.text(&words::OTHER_HOSTS),
        };
        if host.starts_with('*') {
            features.add("wildcard hosts");
        }
        if !hosts.contains(&host) {
            hosts.push(host);
        }
    }
    hosts
}

fn virtual_service(
    dice: &mut Dice,
    number: usize,
    client: &Client,
    before: &[String],
    features: &mut Features,
    documents: &mut Vec<Value>,
) -> Value {
    let namespace = dice.text(&words::NAMESPACES);
    let mut spec = json!({"hosts": hosts(dice, client, before, features)});
    let gateways = gateways(dice, client, documents);
    if !gateways.is_empty() {
        spec["gateways"] = json!(gateways);
    }
    if dice.percent(25) {
        let export_to = *dice.one_of(&[&["."][..], &["default"], &["other"], &["*"], &["default", "other"]]);
        spec["exportTo"] = json!(export_to);
        features.add("exportTo");
    }
    let mut http = Vec::new();
    for position in 0..=dice.below(4) {
        let name = format!("r{number}-{position}");
        if dice.percent(20) {
            let delegate = format!("delegate-{number}-{position}");
            http.push(root_route(dice, &name, &delegate, &namespace, features, documents));
        } else {
            http.push(routes::route(dice, &name, &gateways, features));
        }
    }
    spec["http"] = json!(http);
    object(&format!("vs-{number}"), &namespace, spec)
}

fn object(name: &str, namespace: &str, spec: Value) -> Value {
    json!({"apiVersion": "networking.istio.io/v1", "kind": "VirtualService",
        "metadata": {"name": name, "namespace": namespace}, "spec": spec})
}

/// A route that delegates, and mostly what it delegates to.
fn root_route(
    dice: &mut Dice,
    name: &str,
    delegate: &str,
    namespace: &str,
    features: &mut Features,
    documents: &mut Vec<Value>,
) -> Value {
    features.add("delegates");
    let target = if dice.percent(70) { namespace.to_owned() } else { dice.text(&words::NAMESPACES) };
    let mut route = json!({"name": name, "delegate": {"name": delegate, "namespace": target}});
    if dice.percent(70) {
        route["match"] = json!(routes::matches(dice, &[], features));
    }
    if dice.percent(30) {
        route["headers"] = routes::headers(dice, features);
    }
    if dice.percent(30) {
        route["rewrite"] = routes::rewrite(dice, features);
    }
    if dice.percent(90) {
        let below: Vec<_> = (0..=dice.below(3))
            .map(|position| routes::route(dice, &format!("d{position}"), &[], features))
            .collect();
        let mut spec = json!({"http": below});
        if dice.percent(20) {
            spec["exportTo"] = json!(dice.one_of(&[&["."][..], &["default"], &["*"]]));
        }
        documents.push(object(delegate, &target, spec));
    }
    route
}
