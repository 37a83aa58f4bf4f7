//! VirtualService.

pub(crate) mod destination;
pub(crate) mod direct;
pub(crate) mod fault;
pub(crate) mod headers;
mod hosts;
pub(crate) mod http_match;
pub(crate) mod http_route;
mod l4;
pub(crate) mod retry;
mod unreachable;

use pointsman_api::istio::networking::VirtualService;

pub(crate) use hosts::{gateway_host, gateway_host_generated, generated_sni};

use crate::codes;
use crate::metadata::Context;
use crate::report::{Place, Report};
use crate::words::{export, gateway_name, header};

/// For whom a VirtualService speaks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scope {
    /// It has no hosts: others let it decide.
    pub(crate) delegate: bool,
    /// Only for gateways, not for the mesh.
    pub(crate) gateways_only: bool,
    /// It was made from an HTTPRoute.
    pub(crate) gateway_semantics: bool,
}

impl Scope {
    fn of(service: &VirtualService, context: &Context<'_>) -> Self {
        let mesh = service.gateways.iter().any(|name| name == "mesh");
        Self {
            delegate: service.hosts.is_empty(),
            gateways_only: !service.gateways.is_empty() && !mesh,
            gateway_semantics: context.route_semantics(),
        }
    }
}

pub(crate) fn check(service: &VirtualService, context: &Context<'_>, at: &Place<'_>, out: &mut Report) {
    let scope = Scope::of(service, context);
    if scope.delegate {
        delegate(service, at, out);
    }
    gateway_name::gateway_names(&service.gateways, scope.gateway_semantics, &at.field("gateways"), out);
    if !scope.gateways_only {
        claims(service, at, out);
    }
    hosts::check(service, scope, at, out);
    if service.http.is_empty() && service.tls.is_empty() && service.tcp.is_empty() {
        out.error(at, codes::NO_ROUTES, "none of `http`, `tls` and `tcp` is set");
    }
    for (position, route) in service.http.iter().enumerate() {
        http_route::check(route, scope, &at.item("http", position), out);
    }
    let known = if service.tls.is_empty() { hosts::Seen::default() } else { hosts::Seen::of(&service.hosts) };
    for (position, route) in service.tls.iter().enumerate() {
        l4::tls_route(route, &known, scope, &at.item("tls", position), out);
    }
    for (position, route) in service.tcp.iter().enumerate() {
        l4::tcp_route(route, scope, &at.item("tcp", position), out);
    }
    let exports = &at.field("exportTo");
    export::export_to(&service.export_to, export::Exported::Any, context.namespace, exports, out);
    unreachable::check(service, at, out);
}

/// A delegate speaks HTTP only, and its root says for which gateways.
fn delegate(service: &VirtualService, at: &Place<'_>, out: &mut Report) {
    let fields = [
        ("gateways", service.gateways.is_empty()),
        ("tls", service.tls.is_empty()),
        ("tcp", service.tcp.is_empty()),
    ];
    for (name, empty) in fields {
        if !empty {
            let message = format!("`{name}` is set, but without `hosts` this is a delegate");
            out.error(&at.field(name), codes::DELEGATE_FIELD, message);
        }
    }
}

/// Claims of tokens are looked at by gateways alone.
fn claims(service: &VirtualService, at: &Place<'_>, out: &mut Report) {
    for (position, route) in service.http.iter().enumerate() {
        let here = at.item("http", position);
        for (position, condition) in route.r#match.iter().enumerate() {
            let here = here.item("match", position);
            let fields = [("headers", &condition.headers), ("withoutHeaders", &condition.without_headers)];
            for (field, names) in fields {
                for name in names.keys().filter(|name| header::is_claim_key(name)) {
                    let message =
                        format!("{} is a claim, which only gateways look at", crate::words::quote(name));
                    out.error(&here.field(field).field(name), codes::CLAIM_IN_MESH, message);
                }
            }
        }
    }
}
