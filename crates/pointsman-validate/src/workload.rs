//! WorkloadEntry, WorkloadGroup, ProxyConfig.

use std::collections::BTreeSet;

use pointsman_api::istio::networking::{
    HTTPHealthCheckConfig, ProbeMethod, ProxyConfig, ReadinessProbe, WorkloadEntry, WorkloadGroup,
};
use pointsman_types::host;

use crate::codes;
use crate::metadata::Context;
use crate::report::{Place, Report};
use crate::words::address::{is_ip, unix};
use crate::words::{self, labels, not_negative, quote, selector};

pub(crate) fn entry(entry: &WorkloadEntry, _: &Context<'_>, at: &Place<'_>, out: &mut Report) {
    Endpoint { entry, service_ports: None, host_names: true }.check(at, out);
}

/// A workload, on its own or as an endpoint of a service.
pub(crate) struct Endpoint<'a> {
    pub(crate) entry: &'a WorkloadEntry,
    /// The names of the service's ports, where there is a service.
    pub(crate) service_ports: Option<&'a BTreeSet<&'a str>>,
    /// Whether the address may be the name of a host.
    pub(crate) host_names: bool,
}

impl Endpoint<'_> {
    pub(crate) fn check(&self, at: &Place<'_>, out: &mut Report) {
        let entry = self.entry;
        if entry.address.is_empty() {
            if entry.network.is_empty() {
                words::missing("address", at, out);
            } else {
                out.warn(
                    &at.field("address"),
                    codes::ADDRESS_MISSING,
                    "the workload has a network but no address",
                );
            }
            if entry.network.is_empty() {
                return;
            }
        } else if let Some(path) = entry.address.strip_prefix("unix://") {
            self.socket(path, at, out);
        } else {
            self.address(at, out);
        }
        self.ports(at, out);
        labels::labels(&entry.labels, &at.field("labels"), out);
    }

    fn socket(&self, path: &str, at: &Place<'_>, out: &mut Report) {
        unix(path, &at.field("address"), out);
        if !self.entry.ports.is_empty() {
            let message = "ports are set although the address is a Unix socket";
            out.error(&at.field("ports"), codes::PORT_OF_SOCKET, message);
        }
        if self.service_ports.is_some_and(|ports| ports.len() != 1) {
            let message = "the address is a Unix socket, but the service has not exactly one port";
            out.error(&at.field("address"), codes::SOCKET_PORTS, message);
        }
    }

    fn address(&self, at: &Place<'_>, out: &mut Report) {
        let address = &self.entry.address;
        if is_ip(address) || (self.host_names && host::check_fqdn(address).is_ok()) {
            return;
        }
        let wanted = if self.host_names { "an IP address or the name of a host" } else { "an IP address" };
        let message = format!("{} is not {wanted}", quote(address));
        out.error(&at.field("address"), codes::INVALID_ADDRESS, message);
    }

    pub(crate) fn ports(&self, at: &Place<'_>, out: &mut Report) {
        let inner = at.field("ports");
        for (name, number) in &self.entry.ports {
            let here = inner.field(name);
            if self.service_ports.is_some_and(|ports| !ports.contains(name.as_str())) {
                let message = format!("the service has no port {}", quote(name));
                out.error(&here, codes::ENDPOINT_PORT, message);
            }
            words::label(name, "port name", &here, out);
            words::port(*number, &here, out);
        }
    }
}

pub(crate) fn group(group: &WorkloadGroup, _: &Context<'_>, at: &Place<'_>, out: &mut Report) {
    if group.template.is_none() {
        words::missing("template", at, out);
    }
    if let Some(metadata) = &group.metadata {
        labels::labels(&metadata.labels, &at.field("metadata").field("labels"), out);
    }
    if let Some(settings) = &group.probe {
        probe(settings, &at.field("probe"), out);
    }
}

fn probe(probe: &ReadinessProbe, at: &Place<'_>, out: &mut Report) {
    let counters = [
        ("initialDelaySeconds", probe.initial_delay_seconds),
        ("timeoutSeconds", probe.timeout_seconds),
        ("periodSeconds", probe.period_seconds),
        ("successThreshold", probe.success_threshold),
        ("failureThreshold", probe.failure_threshold),
    ];
    for (name, number) in counters {
        not_negative(number, name, at, out);
    }
    match &probe.health_check_method {
        Some(ProbeMethod::HttpGet(request)) => http_get(request, &at.field("httpGet"), out),
        Some(ProbeMethod::TcpSocket(socket)) => {
            words::port(socket.port, &at.field("tcpSocket").field("port"), out);
        }
        Some(ProbeMethod::Exec(exec)) => {
            if exec.command.is_empty() {
                words::missing("command", &at.field("exec"), out);
            }
        }
        Some(_) => out.error(
            &at.field("grpc"),
            codes::NOT_SUPPORTED,
            "the control plane does not support `grpc` here",
        ),
        None => {
            out.error(at, codes::PROBE_EMPTY, "the probe has none of `httpGet`, `tcpSocket` and `exec`");
        }
    }
}

fn http_get(request: &HTTPHealthCheckConfig, at: &Place<'_>, out: &mut Report) {
    words::port(request.port, &at.field("port"), out);
    if !["", "HTTP", "HTTPS"].contains(&request.scheme.as_str()) {
        let message = format!("the scheme {} is neither `HTTP` nor `HTTPS`", quote(&request.scheme));
        out.error(&at.field("scheme"), codes::PROBE_SCHEME, message);
    }
    for (position, header) in request.http_headers.iter().enumerate() {
        let good = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        if header.name.is_empty() || !header.name.bytes().all(good) {
            let message = format!("{} is not the name of a header", quote(&header.name));
            out.error(&at.item("httpHeaders", position).field("name"), codes::HEADER_NAME, message);
        }
    }
}

pub(crate) fn proxy_config(config: &ProxyConfig, _: &Context<'_>, at: &Place<'_>, out: &mut Report) {
    selector::match_labels(config.selector.as_ref(), &at.field("selector"), out);
    if let Some(workers) = config.concurrency {
        not_negative(workers, "concurrency", at, out);
    }
}
