//! ServiceEntry.

use std::collections::BTreeSet;

use pointsman_api::istio::networking::{Location, Resolution, ServiceEntry, ServicePort};
use pointsman_types::host;

use crate::codes;
use crate::gateway::server::protocol;
use crate::metadata::Context;
use crate::report::{Place, Report};
use crate::words::address::{ip_or_block, is_ip};
use crate::words::export::{Exported, export_to};
use crate::words::protocol::Protocol;
use crate::words::{self, labels, quote, selector};
use crate::workload::Endpoint;

pub(crate) fn check(entry: &ServiceEntry, context: &Context<'_>, at: &Place<'_>, out: &mut Report) {
    if !selector::labels(entry.workload_selector.as_ref(), &at.field("workloadSelector"), out) {
        return;
    }
    if entry.workload_selector.is_some() && !entry.endpoints.is_empty() {
        let message = "both `workloadSelector` and `endpoints` are set";
        out.error(&at.field("endpoints"), codes::ENDPOINTS_AND_SELECTOR, message);
    }
    hosts(entry, at, out);
    addresses(entry, at, out);
    ports(entry, context, at, out);
    match entry.resolution {
        Resolution::None => none(entry, at, out),
        Resolution::Static => listed(entry, at, out),
        Resolution::Dns | Resolution::DnsRoundRobin => dns(entry, at, out),
        Resolution::DynamicDns => dynamic_dns(entry, context, at, out),
        other => {
            let message = format!("the resolution `{other}` is not known");
            out.error(&at.field("resolution"), codes::RESOLUTION, message);
        }
    }
    several_hosts(entry, at, out);
    export_to(&entry.export_to, Exported::ServiceEntry, context.namespace, &at.field("exportTo"), out);
}

fn hosts(entry: &ServiceEntry, at: &Place<'_>, out: &mut Report) {
    if entry.hosts.is_empty() {
        words::missing("hosts", at, out);
    }
    for (position, name) in entry.hosts.iter().enumerate() {
        let here = at.item("hosts", position);
        if name == "*" {
            out.error(&here, codes::HOST_ALL, "the host `*` would take all traffic");
            continue;
        }
        words::wildcard_host(name, &here, out);
        if name.contains('*') && !name.starts_with("*.") && entry.resolution != Resolution::DynamicDns {
            let message = format!("{} has a wildcard for a part of a label", quote(name));
            out.warn(&here, codes::PARTIAL_WILDCARD, message);
        }
    }
}

fn addresses(entry: &ServiceEntry, at: &Place<'_>, out: &mut Report) {
    let blocks = matches!(entry.resolution, Resolution::None | Resolution::Static);
    for (position, address) in entry.addresses.iter().enumerate() {
        let here = at.item("addresses", position);
        ip_or_block(address, &here, out);
        if address.contains('/') && !blocks {
            let message = format!("the block {} needs the resolution `NONE` or `STATIC`", quote(address));
            out.error(&here, codes::BLOCK_RESOLUTION, message);
        }
    }
}

fn ports(entry: &ServiceEntry, context: &Context<'_>, at: &Place<'_>, out: &mut Report) {
    let opted_out = context
        .labels
        .get("networking.istio.io/enable-autoallocate-ip")
        .is_some_and(|value| value.eq_ignore_ascii_case("false"));
    let without_address = entry.addresses.is_empty() && (entry.resolution == Resolution::None || opted_out);
    let mut names = BTreeSet::new();
    let mut numbers = BTreeSet::new();
    for (position, port) in entry.ports.iter().enumerate() {
        let here = at.item("ports", position);
        if !names.insert(port.name.as_str()) {
            let message = format!("the port name {} is there twice", quote(&port.name));
            out.error(&here.field("name"), codes::PORT_NAME_TWICE, message);
        }
        if !numbers.insert(port.number) {
            let message = format!("the port `{}` is there twice", port.number);
            out.error(&here.field("number"), codes::PORT_TWICE, message);
        }
        check_port(port, &here, out);
        if without_address && matches!(port.protocol.as_str(), "" | "TCP") {
            let message = format!(
                "the TCP port `{}` takes the traffic of all services, as there are no addresses",
                port.number
            );
            out.warn(&here, codes::PORT_WITHOUT_ADDRESS, message);
        }
    }
}

fn check_port(port: &ServicePort, at: &Place<'_>, out: &mut Report) {
    if port.target_port != 0 {
        words::port(port.target_port, &at.field("targetPort"), out);
    }
    words::label(&port.name, "port name", &at.field("name"), out);
    protocol(&port.protocol, true, at, out);
    words::port(port.number, &at.field("number"), out);
}

fn none(entry: &ServiceEntry, at: &Place<'_>, out: &mut Report) {
    if !entry.endpoints.is_empty() {
        let message = "endpoints are set, but the resolution is `NONE`";
        out.error(&at.field("endpoints"), codes::ENDPOINTS_UNUSED, message);
    }
    if entry.workload_selector.is_some() {
        let message = "the selector has no effect, as the resolution is `NONE`";
        out.warn(&at.field("workloadSelector"), codes::SELECTOR_UNUSED, message);
    }
}

fn listed(entry: &ServiceEntry, at: &Place<'_>, out: &mut Report) {
    let names: BTreeSet<&str> = entry.ports.iter().map(|port| port.name.as_str()).collect();
    for (position, endpoint) in entry.endpoints.iter().enumerate() {
        let endpoint = Endpoint { entry: endpoint, service_ports: Some(&names), host_names: false };
        endpoint.check(&at.item("endpoints", position), out);
    }
}

fn dns(entry: &ServiceEntry, at: &Place<'_>, out: &mut Report) {
    if entry.endpoints.is_empty() {
        for (position, name) in
            entry.hosts.iter().enumerate().filter(|(_, name)| host::check_wildcard_host(name).is_ok())
        {
            words::fqdn(name, &at.item("hosts", position), out);
        }
    }
    if entry.resolution == Resolution::DnsRoundRobin && entry.endpoints.len() > 1 {
        let message = "more than one endpoint is set, but the resolution is `DNS_ROUND_ROBIN`";
        out.error(&at.field("endpoints"), codes::ROUND_ROBIN_ENDPOINTS, message);
    }
    let names: BTreeSet<&str> = entry.ports.iter().map(|port| port.name.as_str()).collect();
    for (position, endpoint) in entry.endpoints.iter().enumerate() {
        let here = at.item("endpoints", position);
        if !is_ip(&endpoint.address) && host::check_fqdn(&endpoint.address).is_err() {
            let message = format!("{} is not an IP address or the name of a host", quote(&endpoint.address));
            out.error(&here.field("address"), codes::INVALID_ADDRESS, message);
        }
        labels::labels(&endpoint.labels, &here.field("labels"), out);
        Endpoint { entry: endpoint, service_ports: Some(&names), host_names: true }.ports(&here, out);
    }
    let tcp = entry.ports.iter().any(|port| Protocol::parse(&port.protocol).is_some_and(Protocol::is_tcp));
    if !entry.addresses.is_empty() && tcp && entry.hosts.len() > 1 {
        let message = "several hosts share addresses, which a TCP port cannot tell apart";
        out.warn(&at.field("hosts"), codes::HOSTS_SHARE_ADDRESSES, message);
    }
}

fn dynamic_dns(entry: &ServiceEntry, context: &Context<'_>, at: &Place<'_>, out: &mut Report) {
    for (position, name) in entry.hosts.iter().enumerate().filter(|(_, name)| !name.starts_with('*')) {
        let message = format!("the host {} is no wildcard, which `DYNAMIC_DNS` is for", quote(name));
        out.error(&at.item("hosts", position), codes::DYNAMIC_HOST, message);
    }
    for (field, empty) in
        [("addresses", entry.addresses.is_empty()), ("endpoints", entry.endpoints.is_empty())]
    {
        if !empty {
            let message = format!("`{field}` is set, but the resolution is `DYNAMIC_DNS`");
            out.error(&at.field(field), codes::ENDPOINTS_UNUSED, message);
        }
    }
    for (position, port) in entry.ports.iter().enumerate() {
        let tells = [Protocol::Http, Protocol::Tls, Protocol::Grpc, Protocol::Http2];
        if !Protocol::parse(&port.protocol).is_some_and(|protocol| tells.contains(&protocol)) {
            let message = format!("the protocol {} does not tell hosts apart", quote(&port.protocol));
            out.error(&at.item("ports", position).field("protocol"), codes::DYNAMIC_PROTOCOL, message);
        }
    }
    let waypoint =
        context.labels.get("istio.io/use-waypoint").is_some_and(|name| !matches!(name.as_str(), "" | "none"));
    if waypoint && entry.location == Location::MeshInternal {
        let message = "a waypoint is used, but the location is `MESH_INTERNAL`";
        out.error(&at.field("location"), codes::DYNAMIC_LOCATION, message);
    }
}

/// Only HTTP and TLS say which of several hosts is meant.
fn several_hosts(entry: &ServiceEntry, at: &Place<'_>, out: &mut Report) {
    if entry.resolution == Resolution::None || entry.hosts.len() <= 1 {
        return;
    }
    let tells = |port: &ServicePort| {
        Protocol::parse(&port.protocol).is_some_and(|protocol| protocol.is_http() || protocol.is_tls())
    };
    if let Some(position) = entry.ports.iter().position(|port| !tells(port)) {
        let message = "several hosts share a port that speaks neither HTTP nor TLS";
        out.error(&at.item("ports", position).field("protocol"), codes::HOSTS_SHARE_PORT, message);
    }
}
