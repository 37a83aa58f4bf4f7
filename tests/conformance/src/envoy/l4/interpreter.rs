//! A naive interpreter of TLS and TCP routes, written from the rules alone.

#![expect(clippy::indexing_slicing, reason = "a field of JSON that is not there answers null")]

use std::net::Ipv4Addr;

use serde_json::Value;

use super::super::MeshInput;
use super::super::interpreter::{gateway_name, text, texts};
use super::{AskedConnection, Ends};

/// A filter chain: networks of the destination, server names (none: any), whether it must be TLS, and where it leads.
struct Chain {
    networks: Vec<String>,
    names: Vec<String>,
    is_tls: bool,
    ends: Ends,
}

/// Where the connection may go; `None` where there is nothing to be said.
pub(super) fn ends(mesh: &MeshInput, connection: &AskedConnection) -> Option<Ends> {
    let only = |end: &str| Some(Ends::from([end.to_owned()]));
    let chains = if mesh.client.is_gateway {
        gateway_chains(mesh, connection.port)
    } else {
        sidecar_chains(mesh, connection)
    };
    let Some(chains) = chains else { return only("none") };
    match chosen(&chains, connection) {
        Some(chain) => Some(chain.ends.clone()),
        None if mesh.client.is_gateway => only("closed"),
        None => only("PassthroughCluster"),
    }
}

/// The most specific network decides first, then the most specific server name, without going back.
fn chosen<'c>(chains: &'c [Chain], connection: &AskedConnection) -> Option<&'c Chain> {
    let network = |chain: &Chain| {
        if chain.networks.is_empty() {
            return Some(0);
        }
        chain.networks.iter().filter_map(|network| within(network, connection.destination)).max()
    };
    let best = chains.iter().filter_map(network).max()?;
    let name = connection.server_name.as_deref().unwrap_or_default().to_ascii_lowercase();
    let mut left: Vec<(usize, &Chain)> = chains
        .iter()
        .filter(|chain| network(chain) == Some(best))
        .filter_map(|chain| Some((rank(&chain.names, &name)?, chain)))
        .collect();
    let longest = left.iter().map(|(rank, _)| *rank).max()?;
    left.retain(|(rank, _)| *rank == longest);
    let is_tls = connection.server_name.is_some();
    // What asks for TLS goes before what asks for nothing.
    let tls = left.iter().find(|(_, chain)| chain.is_tls && is_tls);
    tls.or_else(|| left.iter().find(|(_, chain)| !chain.is_tls)).map(|(_, chain)| *chain)
}

fn rank(names: &[String], name: &str) -> Option<usize> {
    if names.is_empty() {
        return Some(0);
    }
    let of_one = |known: &String| match known.strip_prefix('*') {
        Some(tail) => (name.len() > tail.len() && name.ends_with(tail)).then_some(known.len()),
        None => (known == name && !name.is_empty()).then_some(usize::MAX),
    };
    names.iter().filter_map(of_one).max()
}

/// The length of the prefix, and one more, where the address lies in the network.
fn within(network: &str, address: Ipv4Addr) -> Option<usize> {
    let (base, length) = network.split_once('/').unwrap_or((network, "32"));
    let (base, length): (Ipv4Addr, u32) = (base.parse().ok()?, length.parse().ok()?);
    let mask = u32::MAX.checked_shl(32 - length).unwrap_or(0);
    (base.to_bits() & mask == address.to_bits() & mask).then_some(length as usize + 1)
}

/// A service as far as connections are concerned.
struct Service {
    host: String,
    addresses: Vec<String>,
    protocol: String,
}

fn services(mesh: &MeshInput, port: u16) -> Vec<Service> {
    let mut found = Vec::new();
    for document in &mesh.documents {
        let spec = &document["spec"];
        let ports = spec["ports"].as_array().into_iter().flatten();
        let is_service = document["kind"] == "Service";
        let field = if is_service { "port" } else { "number" };
        let Some(known) = ports.into_iter().find(|known| known[field] == port) else { continue };
        if is_service {
            let meta = &document["metadata"];
            found.push(Service {
                host: format!("{}.{}.svc.cluster.local", text(&meta["name"]), text(&meta["namespace"])),
                addresses: vec![text(&spec["clusterIP"])],
                protocol: text(&known["name"]).split('-').next().unwrap_or_default().to_ascii_uppercase(),
            });
        } else if document["kind"] == "ServiceEntry" {
            for host in texts(&spec["hosts"]) {
                let (addresses, protocol) = (texts(&spec["addresses"]), text(&known["protocol"]));
                found.push(Service { host, addresses, protocol });
            }
        }
    }
    found.retain(|service| service.protocol != "HTTP");
    found.sort_by(|a, b| a.host.cmp(&b.host));
    found
}

/// The chains of the listener for the exact address, else of that for the port; `None`: there is neither.
fn sidecar_chains(mesh: &MeshInput, connection: &AskedConnection) -> Option<Vec<Chain>> {
    let services = services(mesh, connection.port);
    let address = connection.destination.to_string();
    let exact: Vec<&Service> =
        services.iter().filter(|service| service.addresses.contains(&address)).collect();
    let by_port = || -> Vec<&Service> {
        let is_open = |service: &&Service| service.addresses.iter().all(|address| address.contains('/'));
        services.iter().filter(is_open).collect()
    };
    let of_listener = if exact.is_empty() { by_port() } else { exact };
    if of_listener.is_empty() {
        return None;
    }
    Some(of_listener.into_iter().flat_map(|service| chains_of(mesh, service, connection.port)).collect())
}

fn chains_of(mesh: &MeshInput, service: &Service, port: u16) -> Vec<Chain> {
    let mut own: Vec<String> =
        service.addresses.iter().filter(|address| address.contains('/')).cloned().collect();
    let is_tls = matches!(service.protocol.as_str(), "TLS" | "HTTPS");
    let mut chains = Vec::new();
    for object in virtual_services(mesh, "mesh") {
        let covers = |host: &String| match host.strip_prefix('*') {
            Some(tail) => service.host.ends_with(tail),
            // A host lies in the wildcard of a service too.
            None => {
                *host == service.host
                    || service.host.strip_prefix('*').is_some_and(|tail| host.ends_with(tail))
            }
        };
        if !texts(&object["spec"]["hosts"]).iter().any(covers) {
            continue;
        }
        if is_tls {
            for (condition, ends) in conditions(mesh, object, "tls", "mesh", port) {
                let networks = texts(&condition["destinationSubnets"]);
                // Once named, networks hold for later conditions that name none.
                if !networks.is_empty() {
                    own = networks;
                }
                chains.push(Chain {
                    networks: own.clone(),
                    names: texts(&condition["sniHosts"]),
                    is_tls: true,
                    ends,
                });
            }
            continue;
        }
        for route in object["spec"]["tcp"].as_array().into_iter().flatten() {
            let all = route["match"].as_array().cloned().unwrap_or_default();
            let counting: Vec<&Value> =
                all.iter().filter(|condition| counts(mesh, condition, "mesh", port)).collect();
            let ends = shares(route, port);
            let is_open = |condition: &&Value| texts(&condition["destinationSubnets"]).is_empty();
            if all.is_empty() || counting.iter().any(is_open) {
                chains.push(Chain { networks: own, names: Vec::new(), is_tls: false, ends });
                return chains;
            }
            let networks: Vec<String> =
                counting.iter().flat_map(|condition| texts(&condition["destinationSubnets"])).collect();
            if !networks.is_empty() {
                chains.push(Chain { networks, names: Vec::new(), is_tls: false, ends });
            }
        }
    }
    if !is_tls || chains.is_empty() {
        let by_name = is_tls && service.addresses.is_empty();
        chains.push(Chain {
            networks: own,
            names: if by_name { vec![service.host.clone()] } else { Vec::new() },
            is_tls: by_name,
            ends: Ends::from([format!("outbound|{port}||{}", service.host)]),
        });
    }
    chains
}

fn virtual_services<'m>(mesh: &'m MeshInput, gateway: &str) -> Vec<&'m Value> {
    let is_bound = |object: &&Value| {
        let names = texts(&object["spec"]["gateways"]);
        let own = text(&object["metadata"]["namespace"]);
        match names.is_empty() {
            true => gateway == "mesh",
            false => names.iter().any(|name| gateway_name(name, &own) == gateway),
        }
    };
    let all = mesh.documents.iter().filter(|document| document["kind"] == "VirtualService");
    let mut bound: Vec<&Value> = all.filter(is_bound).collect();
    bound.sort_by_key(|object| (text(&object["metadata"]["name"]), text(&object["metadata"]["namespace"])));
    bound
}

/// The conditions of an object that count, each with where its route leads.
fn conditions<'o>(
    mesh: &MeshInput,
    object: &'o Value,
    kind: &str,
    gateway: &str,
    port: u16,
) -> Vec<(&'o Value, Ends)> {
    let mut found = Vec::new();
    for route in object["spec"][kind].as_array().into_iter().flatten() {
        for condition in route["match"].as_array().into_iter().flatten() {
            if counts(mesh, condition, gateway, port) {
                found.push((condition, shares(route, port)));
            }
        }
    }
    found
}

/// All of them must hold, unlike for HTTP; gateways do not ask who calls.
fn counts(mesh: &MeshInput, condition: &Value, gateway: &str, port: u16) -> bool {
    let gateways = texts(&condition["gateways"]);
    let mut labels = condition["sourceLabels"].as_object().into_iter().flatten();
    condition["port"].as_u64().is_none_or(|wanted| wanted == u64::from(port))
        && (gateways.is_empty() || gateways.iter().any(|name| name == gateway))
        && (mesh.client.is_gateway
            || labels.all(|(name, value)| mesh.client.labels.get(name).map(String::as_str) == value.as_str())
                && condition["sourceNamespace"]
                    .as_str()
                    .is_none_or(|namespace| namespace == mesh.client.namespace))
}

fn shares(route: &Value, port: u16) -> Ends {
    let all = route["route"].as_array().map(Vec::as_slice).unwrap_or_default();
    let several = all.len() > 1;
    let chosen = all.iter().filter(|share| !several || share["weight"].as_u64().unwrap_or(0) > 0);
    let name = |share: &Value| {
        let to = &share["destination"];
        let port = to["port"]["number"].as_u64().unwrap_or(u64::from(port));
        format!("outbound|{port}|{}|{}", text(&to["subset"]), text(&to["host"]))
    };
    chosen.map(name).collect()
}

fn gateway_chains(mesh: &MeshInput, port: u16) -> Option<Vec<Chain>> {
    let gateway = mesh.documents.iter().find(|document| document["kind"] == "Gateway")?;
    let servers = gateway["spec"]["servers"].as_array().into_iter().flatten();
    let server = servers.into_iter().find(|server| server["port"]["number"] == port)?;
    let hosts = texts(&server["hosts"]);
    let protocol = text(&server["port"]["protocol"]);
    if protocol == "HTTP" {
        return None;
    }
    let mut chains = Vec::new();
    for object in virtual_services(mesh, "default/gw") {
        let own = texts(&object["spec"]["hosts"]);
        if !own.iter().any(|host| hosts.iter().any(|server| overlap(host, server))) {
            continue;
        }
        if protocol == "TLS" {
            for (condition, ends) in conditions(mesh, object, "tls", "default/gw", port) {
                // Whatever the server's hosts are; a name that an earlier condition has leaves the condition out.
                let names = texts(&condition["sniHosts"]);
                let is_taken = |name: &String| chains.iter().any(|chain: &Chain| chain.names.contains(name));
                if !names.iter().any(is_taken) {
                    chains.push(Chain { networks: Vec::new(), names, is_tls: true, ends });
                }
            }
            continue;
        }
        for route in object["spec"]["tcp"].as_array().into_iter().flatten() {
            let all = route["match"].as_array().cloned().unwrap_or_default();
            if all.is_empty() || all.iter().any(|one| counts(mesh, one, "default/gw", port)) {
                let ends = shares(route, port);
                return Some(vec![Chain { networks: Vec::new(), names: Vec::new(), is_tls: false, ends }]);
            }
        }
    }
    if chains.is_empty() { None } else { Some(chains) }
}

fn overlap(a: &str, b: &str) -> bool {
    let covers = |wide: &str, narrow: &str| match wide.strip_prefix('*') {
        Some(tail) => narrow.trim_start_matches('*').ends_with(tail),
        None => wide == narrow,
    };
    covers(a, b) || covers(b, a)
}
