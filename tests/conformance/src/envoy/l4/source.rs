//! Random meshes of services that do not speak HTTP.

use std::net::Ipv4Addr;

use serde_json::{Value, json};

use super::super::interpreter::Client;
use super::super::{Dice, MeshInput};
use super::{AskedConnection, L4Case};

/// Every mesh has ports of its own, since all listeners stand in one Envoy.
const PORTS_EACH: usize = 8;
const FIRST_PORT: usize = 2_000;
const NAMES: [&str; 9] = [
    "sec.default.svc.cluster.local",
    "a.ext.test",
    "b.ext.test",
    "x.wild.test",
    "x.y.wild.test",
    "wild.test",
    "A.ext.test",
    "nobody.test",
    "c.deep.ext.test",
];
const PLACES: [Ipv4Addr; 7] = [
    Ipv4Addr::new(10, 0, 0, 1),
    Ipv4Addr::new(10, 0, 0, 2),
    Ipv4Addr::new(10, 0, 0, 3),
    Ipv4Addr::new(10, 1, 0, 7),
    Ipv4Addr::new(10, 1, 2, 7),
    Ipv4Addr::new(10, 1, 2, 200),
    Ipv4Addr::new(10, 7, 7, 7),
];

/// So many cases with so many connections each.
pub(in super::super) fn cases(dice: &mut Dice, count: usize, connections: usize) -> Vec<L4Case> {
    let case = |number| {
        let first = u16::try_from(FIRST_PORT + number * PORTS_EACH).unwrap_or(u16::MAX - 8);
        let is_gateway = dice.percent(25);
        let label = if is_gateway { ("istio", "ingress") } else { ("app", "client") };
        let mut labels = std::collections::BTreeMap::from([(label.0.to_owned(), label.1.to_owned())]);
        if dice.percent(50) {
            labels.insert("version".to_owned(), dice.text(&["v1", "v2"]));
        }
        let namespace = dice.text(&["default", "other"]);
        let client = Client { is_gateway, namespace, labels, port: first };
        let mut documents = services(first);
        if is_gateway {
            documents.push(gateway(dice, first));
        }
        for number in 0..1 + dice.below(4) {
            documents.push(virtual_service(dice, number, first, is_gateway));
        }
        let connections = (0..connections).map(|_| connection(dice, first)).collect();
        L4Case { mesh: MeshInput { documents, client }, connections }
    };
    (0..count).map(case).collect()
}

/// Ports by position: plain TCP, TLS, and TCP beside HTTP.
fn services(first: u16) -> Vec<Value> {
    let service = |name: &str, namespace: &str, address: &str, ports: &[(&str, u16)]| {
        let ports: Vec<_> = ports
            .iter()
            .map(|(name, offset)| json!({"name": format!("{name}-{offset}"), "port": first + offset}))
            .collect();
        json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": namespace},
            "spec": {"clusterIP": address, "selector": {"app": name}, "ports": ports}})
    };
    let entry = |name: &str, hosts: &[&str], addresses: &[&str], resolution: &str, ports: &[(&str, u16)]| {
        let ports: Vec<_> = ports
            .iter()
            .map(|(protocol, offset)| json!({"name": format!("p-{offset}"), "number": first + offset, "protocol": protocol}))
            .collect();
        json!({"apiVersion": "networking.istio.io/v1", "kind": "ServiceEntry",
            "metadata": {"name": name, "namespace": "default"},
            "spec": {"hosts": hosts, "addresses": addresses, "resolution": resolution, "ports": ports}})
    };
    vec![
        service("db", "default", "10.0.0.1", &[("tcp", 0), ("tls", 1)]),
        service("sec", "default", "10.0.0.2", &[("tls", 1), ("https", 2)]),
        service("cache", "other", "10.0.0.3", &[("tcp", 0), ("redis", 3)]),
        service("web", "other", "10.0.0.3", &[("http", 4)]),
        entry("ext", &["a.ext.test", "b.ext.test"], &[], "DNS", &[("TLS", 1), ("TLS", 5)]),
        entry("wild", &["*.wild.test"], &[], "NONE", &[("TLS", 5)]),
        entry("net", &["net.ext.test"], &["10.1.0.0/16"], "NONE", &[("TCP", 6)]),
    ]
}

fn gateway(dice: &mut Dice, first: u16) -> Value {
    const TLS_HOSTS: [&[&str]; 4] = [&["*"], &["*.ext.test"], &["a.ext.test", "*.wild.test"], &["*.test"]];
    let tls_hosts = *dice.one_of(&TLS_HOSTS);
    json!({"apiVersion": "networking.istio.io/v1", "kind": "Gateway",
        "metadata": {"name": "gw", "namespace": "default"},
        "spec": {"selector": {"istio": "ingress"}, "servers": [
            {"port": {"number": first + 5, "name": "tls", "protocol": "TLS"}, "tls": {"mode": "PASSTHROUGH"}, "hosts": tls_hosts},
            {"port": {"number": first, "name": "tcp", "protocol": "TCP"}, "hosts": ["*"]},
            {"port": {"number": first + 4, "name": "http", "protocol": "HTTP"}, "hosts": ["*"]}]}})
}

fn virtual_service(dice: &mut Dice, number: usize, first: u16, is_gateway: bool) -> Value {
    const HOSTS: [&[&str]; 8] = [
        &["db.default.svc.cluster.local"],
        &["sec.default.svc.cluster.local"],
        &["a.ext.test"],
        &["a.ext.test", "b.ext.test"],
        &["*.wild.test"],
        &["net.ext.test"],
        &["cache.other.svc.cluster.local"],
        &["*.ext.test"],
    ];
    let hosts = *dice.one_of(&HOSTS);
    let mut spec = json!({"hosts": hosts});
    if is_gateway {
        spec["gateways"] = json!(["default/gw"]);
    }
    let names: Vec<&str> = hosts.to_vec();
    if dice.percent(60) {
        let routes: Vec<_> = (0..=dice.below(2)).map(|_| tls_route(dice, &names, first)).collect();
        spec["tls"] = json!(routes);
    }
    if dice.percent(60) || spec.get("tls").is_none() {
        let routes: Vec<_> = (0..=dice.below(2)).map(|_| tcp_route(dice, first)).collect();
        spec["tcp"] = json!(routes);
    }
    json!({"apiVersion": "networking.istio.io/v1", "kind": "VirtualService",
        "metadata": {"name": format!("vs-{number}"), "namespace": dice.text(&["default", "other"])}, "spec": spec})
}

fn tls_route(dice: &mut Dice, hosts: &[&str], first: u16) -> Value {
    let name = |dice: &mut Dice| {
        let host = dice.text(hosts);
        match host.strip_prefix('*') {
            Some(tail) if dice.percent(60) => format!("{}{tail}", dice.text(&["x", "a", "x.y", "*.y"])),
            _ => host,
        }
    };
    let conditions: Vec<_> = (0..=dice.below(2))
        .map(|_| {
            let mut names: Vec<_> = (0..=dice.below(2)).map(|_| name(dice)).collect();
            names.sort();
            names.dedup();
            let mut condition = json!({"sniHosts": names});
            narrow(dice, &mut condition, first);
            condition
        })
        .collect();
    json!({"match": conditions, "route": shares(dice, first)})
}

fn tcp_route(dice: &mut Dice, first: u16) -> Value {
    let mut route = json!({"route": shares(dice, first)});
    if dice.percent(75) {
        let conditions: Vec<_> = (0..=dice.below(2))
            .map(|_| {
                let mut condition = json!({});
                narrow(dice, &mut condition, first);
                condition
            })
            .collect();
        route["match"] = json!(conditions);
    }
    route
}

fn narrow(dice: &mut Dice, condition: &mut Value, first: u16) {
    if dice.percent(40) {
        condition["port"] = json!(first + u16::try_from(dice.below(7)).unwrap_or(0));
    }
    if dice.percent(15) {
        condition["sourceLabels"] = json!({"version": dice.text(&["v1", "v2"])});
    }
    if dice.percent(10) {
        condition["sourceNamespace"] = json!(dice.text(&["default", "other"]));
    }
    if dice.percent(20) {
        condition["destinationSubnets"] =
            json!([dice.text(&["10.1.2.0/24", "10.0.0.0/30", "10.1.2.128/25"])]);
    }
}

fn shares(dice: &mut Dice, first: u16) -> Value {
    let count = if dice.percent(40) { 1 } else { 2 + dice.below(2) };
    let mut shares: Vec<Value> = (0..count)
        .map(|_| {
            let (host, offsets): (&str, &[u16]) = *dice.one_of(&[
                ("db.default.svc.cluster.local", &[0, 1][..]),
                ("sec.default.svc.cluster.local", &[1, 2]),
                ("cache.other.svc.cluster.local", &[0, 3]),
                ("b.ext.test", &[1, 5]),
            ]);
            let mut destination = json!({"host": host});
            if dice.percent(70) {
                destination["port"] = json!({"number": first + *dice.one_of(offsets)});
            }
            if dice.percent(20) {
                destination["subset"] = json!("v1");
            }
            json!({"destination": destination})
        })
        .collect();
    if count > 1 {
        for share in &mut shares {
            share["weight"] = json!(if dice.percent(30) { 0 } else { 1 + dice.below(9) });
        }
        if shares.iter().all(|share| share["weight"] == 0)
            && let Some(share) = shares.first_mut()
        {
            share["weight"] = json!(5);
        }
    }
    json!(shares)
}

/// Mostly to a place and a port that something listens at.
fn connection(dice: &mut Dice, first: u16) -> AskedConnection {
    let (destination, offset) = match dice.below(4) {
        0 => (*dice.one_of(&PLACES), dice.below(8)),
        _ => {
            let (place, offsets): (Ipv4Addr, &[usize]) = *dice.one_of(&[
                (Ipv4Addr::new(10, 0, 0, 1), &[0, 1][..]),
                (Ipv4Addr::new(10, 0, 0, 2), &[1, 2]),
                (Ipv4Addr::new(10, 0, 0, 3), &[0, 3, 4]),
                (Ipv4Addr::new(10, 1, 0, 7), &[6]),
                (Ipv4Addr::new(10, 1, 2, 7), &[6]),
                (Ipv4Addr::new(10, 1, 2, 200), &[6]),
                (Ipv4Addr::new(10, 7, 7, 7), &[0, 1, 4, 5]),
            ]);
            (place, *dice.one_of(offsets))
        }
    };
    let port = first + u16::try_from(offset).unwrap_or(0);
    let server_name = match dice.below(10) {
        0..=2 => None,
        3 => Some(String::new()),
        _ => Some(dice.text(&NAMES)),
    };
    AskedConnection { destination, port, server_name, protocols: Vec::new() }
}
