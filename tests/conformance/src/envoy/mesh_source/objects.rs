//! The objects of a random mesh.

use serde_json::{Value, json};

use super::super::Dice;
use super::super::interpreter::Client;
use super::{policies, routes, rules, words};

pub(super) fn documents(dice: &mut Dice, client: &Client) -> Vec<Value> {
    let mut documents = services(dice);
    documents.extend(rules::destination_rules(dice));
    documents.extend(rules::sidecars(dice, client));
    if client.is_gateway {
        for number in 0..=dice.below(2) {
            documents.push(gateway(dice, number, client));
        }
    }
    let mut hosts_before: Vec<String> = Vec::new();
    for number in 0..=dice.below(4) {
        let document = virtual_service(dice, number, client, &hosts_before, &mut documents);
        for host in document["spec"]["hosts"].as_array().into_iter().flatten() {
            hosts_before.extend(host.as_str().map(ToOwned::to_owned));
        }
        documents.push(document);
    }
    documents
}

/// Services with their pods, and ServiceEntries. Every address is a loopback address of its own.
fn services(dice: &mut Dice) -> Vec<Value> {
    let mut documents = Vec::new();
    for (name, namespace, ports, versions) in words::SERVICES {
        let ports: Vec<_> = ports
            .iter()
            .map(|port| json!({"name": format!("http-{port}"), "port": port, "targetPort": 18_080}))
            .collect();
        let mut metadata = json!({"name": name, "namespace": namespace});
        if dice.percent(10) && !name.starts_with("copy") {
            let export_to = dice.text(&[".", "default", "other", "*"]);
            metadata["annotations"] = json!({"networking.istio.io/exportTo": export_to});
        }
        documents.push(json!({"apiVersion": "v1", "kind": "Service", "metadata": metadata,
            "spec": {"selector": {"app": name}, "ports": ports}}));
        for (position, version) in versions.iter().enumerate() {
            documents.push(json!({"apiVersion": "v1", "kind": "Pod",
                "metadata": {"name": format!("{name}-{position}"), "namespace": namespace,
                    "labels": {"app": name, "version": version}},
                "spec": {"containers": [{"name": "app"}]},
                "status": {"phase": "Running", "podIP": format!("127.0.0.{}", position + 1)}}));
        }
    }
    for (position, (host, ports, resolution)) in words::ENTRIES.into_iter().enumerate() {
        let ports: Vec<_> = ports
            .iter()
            .map(|port| json!({"name": format!("http-{port}"), "number": port, "protocol": "HTTP", "targetPort": 18_080}))
            .collect();
        let mut spec = json!({"hosts": [host], "ports": ports, "resolution": resolution});
        if resolution == "STATIC" {
            let endpoint = |(position, version): (usize, &&str)| {
                json!({"address": format!("127.0.0.{}", position + 1),
                "labels": {"version": version}, "weight": 1 + position % 3})
            };
            let versions = ["v1", "v2", "v1", "v3", "v2", "v1"];
            spec["endpoints"] = versions.iter().enumerate().map(endpoint).collect();
        }
        if dice.percent(10) {
            spec["exportTo"] = json!([dice.text(&[".", "default", "other", "*"])]);
        }
        documents.push(json!({"apiVersion": "networking.istio.io/v1", "kind": "ServiceEntry",
            "metadata": {"name": format!("entry-{position}"), "namespace": "default"}, "spec": spec}));
    }
    documents
}

fn gateway(dice: &mut Dice, number: usize, client: &Client) -> Value {
    let namespace = dice.text(&words::NAMESPACES);
    let servers: Vec<_> = (0..=dice.below(2))
        .map(|position| {
            let hosts: Vec<_> = (0..=dice.below(2)).map(|_| dice.text(&words::GATEWAY_HOSTS)).collect();
            let mut server = json!({"port": {"number": client.port, "name": format!("http-{position}"), "protocol": "HTTP"}, "hosts": hosts});
            if dice.percent(8) {
                server["tls"] = json!({"httpsRedirect": true});
            }
            server
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

fn hosts(dice: &mut Dice, client: &Client, before: &[String]) -> Vec<String> {
    let mut hosts: Vec<String> = Vec::new();
    for _ in 0..=dice.below(3) {
        let host = match dice.below(10) {
            0..=1 if !before.is_empty() => dice.one_of(before).clone(),
            0..=4 if !client.is_gateway => {
                let (name, namespace, ..) = *dice.one_of(&words::SERVICES[..4]);
                match dice.below(3) {
                    0 => name.to_owned(),
                    _ => format!("{name}.{namespace}.svc.cluster.local"),
                }
            }
            5 => dice.one_of(&words::ENTRIES).0.to_owned(),
            _ => dice.text(&words::OTHER_HOSTS),
        };
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
    documents: &mut Vec<Value>,
) -> Value {
    let namespace = dice.text(&words::NAMESPACES);
    let mut spec = json!({"hosts": hosts(dice, client, before)});
    let gateways = gateways(dice, client, documents);
    if !gateways.is_empty() {
        spec["gateways"] = json!(gateways);
    }
    if dice.percent(25) {
        let export_to = *dice.one_of(&[&["."][..], &["default"], &["other"], &["*"], &["default", "other"]]);
        spec["exportTo"] = json!(export_to);
    }
    let mut http = Vec::new();
    for position in 0..=dice.below(4) {
        let name = format!("r{number}-{position}");
        if dice.percent(20) {
            let delegate = format!("delegate-{number}-{position}");
            http.push(root_route(dice, &name, &delegate, &namespace, documents));
        } else {
            http.push(routes::route(dice, &name, &gateways));
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
    documents: &mut Vec<Value>,
) -> Value {
    let target = if dice.percent(70) { namespace.to_owned() } else { dice.text(&words::NAMESPACES) };
    let mut route = json!({"name": name, "delegate": {"name": delegate, "namespace": target}});
    if dice.percent(70) {
        route["match"] = json!(routes::matches(dice, &[]));
    }
    if dice.percent(30) {
        route["headers"] = policies::headers(dice);
    }
    if dice.percent(30) {
        route["rewrite"] = policies::rewrite(dice);
    }
    if dice.percent(15) {
        route["fault"] = policies::fault(dice);
    }
    if dice.percent(15) {
        route["corsPolicy"] = policies::cors(dice);
    }
    if dice.percent(90) {
        let below: Vec<_> =
            (0..=dice.below(3)).map(|position| routes::route(dice, &format!("d{position}"), &[])).collect();
        let mut spec = json!({"http": below});
        if dice.percent(20) {
            spec["exportTo"] = json!(dice.one_of(&[&["."][..], &["default"], &["*"]]));
        }
        documents.push(object(delegate, &target, spec));
    }
    route
}
