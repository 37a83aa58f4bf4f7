//! Listeners towards the workload.

use std::collections::BTreeSet;

use pointsman_api::istio::networking::{IstioIngressListener, ServerTLSMode, ServerTLSSettings, SidecarPort};

use super::port;
use crate::codes;
use crate::destination_rule::connection;
use crate::gateway::tls;
use crate::report::{Place, Report};
use crate::words::address::{host_and_port, ip, unix};
use crate::words::protocol::Protocol;
use crate::words::{self, quote};

pub(super) fn check(listeners: &[IstioIngressListener], at: &Place<'_>, out: &mut Report) {
    let mut numbers = BTreeSet::new();
    for (position, listener) in listeners.iter().enumerate() {
        let here = at.index(position);
        let Some(number) = &listener.port else {
            words::missing("port", &here, out);
            continue;
        };
        if !numbers.insert(number.number) {
            let message = format!("the port `{}` is there twice", number.number);
            out.error(&here.field("port").field("number"), codes::PORT_TWICE, message);
        }
        one(listener, number, &here, out);
    }
}

fn one(listener: &IstioIngressListener, number: &SidecarPort, at: &Place<'_>, out: &mut Report) {
    port(number, &at.field("port"), out);
    words::port(number.number, &at.field("port").field("number"), out);
    if !listener.bind.is_empty() {
        ip(&listener.bind, &at.field("bind"), out);
    }
    if !listener.default_endpoint.is_empty() {
        endpoint(&listener.default_endpoint, &at.field("defaultEndpoint"), out);
    }
    let protocol = Protocol::parse(&number.protocol);
    if let Some(settings) = &listener.tls {
        ingress_tls(settings, protocol, &at.field("tls"), out);
    }
    if let Some(pool) = &listener.connection_pool {
        let here = at.field("connectionPool");
        if pool.http.is_some() && !protocol.is_some_and(Protocol::is_http) {
            let message = "limits of HTTP have no effect on a port that does not speak it";
            out.warn(&here.field("http"), codes::HTTP_POOL_UNUSED, message);
        }
        connection::check(pool, &here, out);
    }
}

/// Where the workload listens: on itself, or on a Unix socket.
fn endpoint(text: &str, at: &Place<'_>, out: &mut Report) {
    if let Some(path) = text.strip_prefix("unix://") {
        return unix(path, at, out);
    }
    let here = |host: &str| ["", "127.0.0.1", "0.0.0.0", "::1", "::"].contains(&host);
    let good = host_and_port(text).is_some_and(|(host, port)| {
        here(host) && port.parse().is_ok_and(words::is_port) && port.bytes().all(|byte| byte.is_ascii_digit())
    });
    if !good {
        let message = format!("{} is not an address of the workload itself", quote(text));
        out.error(at, codes::DEFAULT_ENDPOINT, message);
    }
}

fn ingress_tls(settings: &ServerTLSSettings, protocol: Option<Protocol>, at: &Place<'_>, out: &mut Report) {
    let fields = [
        ("subjectAltNames", !settings.subject_alt_names.is_empty()),
        ("httpsRedirect", settings.https_redirect),
        ("credentialName", !settings.credential_name.is_empty()),
        ("credentialNames", !settings.credential_names.is_empty()),
        ("tlsCertificates", !settings.tls_certificates.is_empty()),
    ];
    for (name, _) in fields.iter().filter(|(_, set)| *set) {
        let message = format!("sidecars do not support `{name}`");
        out.error(&at.field(name), codes::NOT_SUPPORTED, message);
    }
    if matches!(settings.mode, ServerTLSMode::IstioMutual | ServerTLSMode::AutoPassthrough) {
        let message = format!("sidecars do not support the mode `{}`", settings.mode);
        out.error(&at.field("mode"), codes::NOT_SUPPORTED, message);
    }
    if !protocol.is_some_and(Protocol::is_tls) {
        let message = "`tls` is set, but the port does not speak TLS";
        out.error(at, codes::TLS_WITHOUT_PROTOCOL, message);
    }
    tls::check(settings, at, out);
}
