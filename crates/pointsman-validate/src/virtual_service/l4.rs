//! Routes of TLS and TCP.

use std::collections::BTreeMap;

use pointsman_api::istio::networking::{TCPRoute, TLSMatchAttributes, TLSRoute};
use pointsman_types::host;

use super::{Scope, destination, hosts};
use crate::codes;
use crate::report::{Place, Report};
use crate::words::address::{ip_or_block, is_ip};
use crate::words::{self, gateway_name, labels, quote};

pub(super) fn tls_route(
    route: &TLSRoute,
    known: &hosts::Seen,
    scope: Scope,
    at: &Place<'_>,
    out: &mut Report,
) {
    if route.r#match.is_empty() {
        words::missing("match", at, out);
    }
    for (position, condition) in route.r#match.iter().enumerate() {
        let here = at.item("match", position);
        server_names(condition, known, scope, &here, out);
        let common = Common {
            subnets: &condition.destination_subnets,
            port: condition.port,
            labels: &condition.source_labels,
            gateways: &condition.gateways,
        };
        common.check(scope, &here, out);
    }
    if route.route.is_empty() {
        words::missing("route", at, out);
    }
    destination::of_l4(&route.route, scope.gateway_semantics, &at.field("route"), out);
}

fn server_names(
    condition: &TLSMatchAttributes,
    known: &hosts::Seen,
    scope: Scope,
    at: &Place<'_>,
    out: &mut Report,
) {
    if condition.sni_hosts.is_empty() {
        words::missing("sniHosts", at, out);
    }
    for (position, name) in condition.sni_hosts.iter().enumerate() {
        let here = at.item("sniHosts", position);
        if host::check_wildcard_host(name).is_err() && is_ip(name) {
            let message = format!("{} is an IP address, which TLS has no server names for", quote(name));
            out.warn(&here, codes::SNI_ADDRESS, message);
            continue;
        }
        if scope.gateways_only {
            hosts::gateway_host(name, true, &here, out);
        } else {
            words::wildcard_host(name, &here, out);
        }
        if !known.hold(name) {
            let message = format!("the server name {} is none of the hosts'", quote(name));
            out.error(&here, codes::SNI_NOT_HOST, message);
        }
    }
}

pub(super) fn tcp_route(route: &TCPRoute, scope: Scope, at: &Place<'_>, out: &mut Report) {
    for (position, condition) in route.r#match.iter().enumerate() {
        let common = Common {
            subnets: &condition.destination_subnets,
            port: condition.port,
            labels: &condition.source_labels,
            gateways: &condition.gateways,
        };
        // What the control plane warns of here, it loses.
        out.hushed(|out| common.check(scope, &at.item("match", position), out));
    }
    if route.route.is_empty() {
        words::missing("route", at, out);
    }
    destination::of_l4(&route.route, scope.gateway_semantics, &at.field("route"), out);
}

/// What conditions of TLS and TCP have in common.
struct Common<'a> {
    subnets: &'a [String],
    port: u32,
    labels: &'a BTreeMap<String, String>,
    gateways: &'a [String],
}

impl Common<'_> {
    fn check(&self, scope: Scope, at: &Place<'_>, out: &mut Report) {
        for (position, subnet) in self.subnets.iter().enumerate() {
            ip_or_block(subnet, &at.item("destinationSubnets", position), out);
        }
        if self.port != 0 {
            words::port(self.port, &at.field("port"), out);
        }
        labels::labels(self.labels, &at.field("sourceLabels"), out);
        gateway_name::gateway_names(self.gateways, scope.gateway_semantics, &at.field("gateways"), out);
    }
}
