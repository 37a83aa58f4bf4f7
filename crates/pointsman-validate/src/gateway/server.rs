//! Listeners of gateways.

use pointsman_api::istio::networking::{Server, ServerPort, ServerTLSMode, ServerTLSSettings};
use pointsman_types::host;

use super::tls;
use crate::codes;
use crate::report::{Place, Report};
use crate::words::address::{ip, is_ip, unix};
use crate::words::protocol::Protocol;
use crate::words::{self, quote};

pub(crate) fn check(server: &Server, gateway_semantics: bool, at: &Place<'_>, out: &mut Report) {
    if server.hosts.is_empty() {
        words::missing("hosts", at, out);
    }
    for (position, name) in server.hosts.iter().enumerate() {
        let rules = HostRules { gateway_semantics, addresses: true };
        namespaced_host(name, rules, &at.item("hosts", position), out);
    }
    let before = out.errors();
    match &server.port {
        None => words::missing("port", at, out),
        Some(number) => port(number, &server.bind, &at.field("port"), out),
    }
    let good_port = out.errors() == before;
    bind(server, at, out);
    let protocol = server.port.as_ref().and_then(|port| Protocol::parse(&port.protocol));
    if let Some(settings) = &server.tls {
        if settings.https_redirect && server.port.is_some() && !protocol.is_some_and(Protocol::is_http) {
            let message = "`httpsRedirect` has no effect on a port that does not speak HTTP";
            out.warn(&at.field("tls").field("httpsRedirect"), codes::HTTPS_REDIRECT, message);
        }
        tls::check(settings, &at.field("tls"), out);
    }
    if let Some(protocol) = protocol.filter(|_| good_port) {
        fits(protocol, server.tls.as_ref(), at, out);
    }
}

/// Whether protocol and TLS settings belong together.
fn fits(protocol: Protocol, settings: Option<&ServerTLSSettings>, at: &Place<'_>, out: &mut Report) {
    match settings {
        None if protocol.is_tls() => {
            let message = "the port speaks TLS, but `tls` is missing";
            out.error(&at.field("tls"), codes::TLS_MISSING, message);
        }
        Some(settings) if !(protocol.is_tls() || protocol.is_http() && redirects_only(settings)) => {
            let message = "`tls` is set, but the port does not speak TLS";
            out.error(&at.field("tls"), codes::TLS_WITHOUT_PROTOCOL, message);
        }
        _ => {}
    }
}

/// The settings of a port that only sends clients to HTTPS.
fn redirects_only(settings: &ServerTLSSettings) -> bool {
    matches!(settings.mode, ServerTLSMode::Passthrough | ServerTLSMode::AutoPassthrough)
        && settings.ca_certificates.is_empty()
        && settings.private_key.is_empty()
        && settings.server_certificate.is_empty()
}

fn bind(server: &Server, at: &Place<'_>, out: &mut Report) {
    let here = at.field("bind");
    if let Some(path) = server.bind.strip_prefix("unix://") {
        unix(path, &here, out);
        if let Some(port) = server.port.as_ref().filter(|port| port.number != 0) {
            let message = format!("port `{}` is set although `bind` is a Unix socket", port.number);
            out.error(&at.field("port").field("number"), codes::PORT_OF_SOCKET, message);
        }
    } else if !server.bind.is_empty() {
        ip(&server.bind, &here, out);
    }
}

pub(crate) fn port(port: &ServerPort, bind: &str, at: &Place<'_>, out: &mut Report) {
    protocol(&port.protocol, false, at, out);
    if !(port.number == 0 && bind.starts_with("unix://")) {
        words::port(port.number, &at.field("number"), out);
    }
    if port.target_port > 0 {
        out.error(&at.field("targetPort"), codes::TARGET_PORT, "`targetPort` is not supported any more");
    }
    if port.name.is_empty() {
        words::missing("name", at, out);
    }
}

/// A protocol, which may be left out in some places.
pub(crate) fn protocol(text: &str, may_be_empty: bool, at: &Place<'_>, out: &mut Report) {
    if !(text.is_empty() && may_be_empty) && Protocol::parse(text).is_none() {
        let message = format!("{} is not a protocol, which are {}", quote(text), Protocol::NAMES);
        out.error(&at.field("protocol"), codes::PROTOCOL, message);
    }
}

/// What a host behind a namespace may be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HostRules {
    pub(crate) gateway_semantics: bool,
    pub(crate) addresses: bool,
}

/// `host` or `namespace/host`.
pub(crate) fn namespaced_host(text: &str, rules: HostRules, at: &Place<'_>, out: &mut Report) {
    let Some((namespace, name)) = text.split_once('/') else {
        return server_host(text, rules, at, out);
    };
    if namespace.is_empty() || name.is_empty() {
        let message = format!("{} is not of the form `namespace/host`", quote(text));
        return out.error(at, codes::NAMESPACED_HOST, message);
    }
    let word = matches!(namespace, "*" | ".") || (namespace == "~" && rules.gateway_semantics);
    if !word && !host::is_dns_label(namespace) {
        let message = format!("{} is not `*`, `.` or a namespace", quote(namespace));
        out.error(at, codes::NAMESPACED_HOST, message);
    }
    server_host(name, rules, at, out);
}

/// A host with a dot, or `*`, or a wildcard `*.` before one.
pub(crate) fn server_host(name: &str, rules: HostRules, at: &Place<'_>, out: &mut Report) {
    let address = rules.addresses && is_ip(name);
    if !name.contains('.') && name != "*" {
        let message = format!("{} is a short name, which means nothing here", quote(name));
        out.error(at, codes::SHORT_HOST, message);
    } else if !address {
        words::wildcard_host(name, at, out);
    }
    if name.len() > 1 && name.contains('*') && !name.starts_with("*.") {
        let message = format!("{} has a wildcard for a part of a label", quote(name));
        out.error(at, codes::PARTIAL_WILDCARD, message);
    }
}
