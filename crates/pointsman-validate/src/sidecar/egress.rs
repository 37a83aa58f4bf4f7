//! Listeners towards the mesh.

use std::collections::BTreeSet;

use pointsman_api::istio::networking::{CaptureMode, IstioEgressListener, SidecarPort};
use pointsman_types::host;

use super::port;
use crate::codes;
use crate::gateway::server::{HostRules, server_host};
use crate::report::{Place, Report};
use crate::words::address::{ip, unix};
use crate::words::{self, quote};

/// Numbers and sockets that earlier listeners have.
#[derive(Debug, Default)]
struct Taken<'a> {
    numbers: BTreeSet<u32>,
    sockets: BTreeSet<&'a str>,
}

pub(super) fn check(listeners: &[IstioEgressListener], namespace: &str, at: &Place<'_>, out: &mut Report) {
    let mut taken = Taken::default();
    for (position, listener) in listeners.iter().enumerate() {
        let here = at.index(position);
        match &listener.port {
            Some(number) => bound(listener, number, &mut taken, &here, out),
            None if position + 1 < listeners.len() => {
                let message = "a listener without port is not the last one";
                out.error(&here.field("port"), codes::EGRESS_NO_PORT, message);
            }
            None => {}
        }
        hosts(&listener.hosts, namespace, &here, out);
    }
}

fn bound<'a>(
    listener: &'a IstioEgressListener,
    number: &SidecarPort,
    taken: &mut Taken<'a>,
    at: &Place<'_>,
    out: &mut Report,
) {
    port(number, &at.field("port"), out);
    if number.number > 0 {
        words::port(number.number, &at.field("port").field("number"), out);
        if !listener.bind.is_empty() {
            ip(&listener.bind, &at.field("bind"), out);
        }
        if !taken.numbers.insert(number.number) {
            let message = format!("the port `{}` is there twice", number.number);
            out.error(&at.field("port").field("number"), codes::PORT_TWICE, message);
        }
        return;
    }
    match listener.bind.strip_prefix("unix://") {
        Some(path) => unix(path, &at.field("bind"), out),
        None => {
            let message = "the port has no number, and `bind` is no Unix socket";
            out.error(&at.field("bind"), codes::EGRESS_SOCKET, message);
        }
    }
    if !matches!(listener.capture_mode, CaptureMode::Default | CaptureMode::None) {
        let message = format!("the capture mode `{}` does not go with a Unix socket", listener.capture_mode);
        out.error(&at.field("captureMode"), codes::EGRESS_SOCKET, message);
    }
    if !taken.sockets.insert(&listener.bind) {
        let message = format!("{} is bound twice", quote(&listener.bind));
        out.error(&at.field("bind"), codes::PORT_TWICE, message);
    }
}

fn hosts(hosts: &[String], namespace: &str, at: &Place<'_>, out: &mut Report) {
    if hosts.is_empty() {
        words::missing("hosts", at, out);
    }
    let mut seen = Seen::default();
    for (position, text) in hosts.iter().enumerate() {
        let here = at.item("hosts", position);
        if let Some((ns, name)) = host(text, &here, out) {
            let ns = if ns == "." { namespace } else { ns };
            if seen.add(ns, name) {
                let message = format!("the host {} is there already", quote(text));
                out.warn(&here, codes::EGRESS_HOST_TWICE, message);
            }
        }
    }
    if seen.everything() && seen.namespaces.len() > 1 {
        let message = "`*/*` stands beside other namespaces, which it holds already";
        out.warn(&at.field("hosts"), codes::EGRESS_HOST_TWICE, message);
    }
}

/// Checks `namespace/host`; answers both where it is no exclusion.
fn host<'a>(text: &'a str, at: &Place<'_>, out: &mut Report) -> Option<(&'a str, &'a str)> {
    let Some((written, name)) = text.split_once('/') else {
        let message = format!("{} is not of the form `namespace/host`", quote(text));
        out.error(at, codes::NAMESPACED_HOST, message);
        return None;
    };
    let excluded = written.strip_prefix('~');
    let ns = excluded.unwrap_or(written);
    let everywhere = ns.is_empty() && excluded.is_some();
    if !everywhere && !matches!(ns, "*" | ".") && !host::is_dns_label(ns) {
        let message = format!("{} is not `*`, `.` or a namespace", quote(ns));
        out.error(at, codes::NAMESPACED_HOST, message);
    }
    server_host(name, HostRules { gateway_semantics: false, addresses: false }, at, out);
    excluded.is_none().then_some((ns, name))
}

/// Hosts seen so far, by namespace.
#[derive(Debug, Default)]
struct Seen<'a> {
    namespaces: std::collections::BTreeMap<&'a str, BTreeSet<&'a str>>,
}

impl<'a> Seen<'a> {
    /// Adds a host; answers whether the namespace had it.
    fn add(&mut self, namespace: &'a str, name: &'a str) -> bool {
        let names = self.namespaces.entry(namespace).or_default();
        let covered = names.contains(name) || names.contains("*") || (name == "*" && !names.is_empty());
        names.insert(name);
        covered
    }

    fn everything(&self) -> bool {
        self.namespaces.get("*").is_some_and(|names| names.contains("*"))
    }
}
