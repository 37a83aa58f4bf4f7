//! Sidecar.

mod egress;
mod ingress;

use pointsman_api::istio::networking::{OutboundTrafficMode, OutboundTrafficPolicy, Sidecar, SidecarPort};

use crate::codes;
use crate::destination_rule::connection;
use crate::gateway::server::protocol;
use crate::metadata::Context;
use crate::report::{Place, Report};
use crate::virtual_service::destination;
use crate::words::{self, selector};

pub(crate) fn check(sidecar: &Sidecar, context: &Context<'_>, at: &Place<'_>, out: &mut Report) {
    if !selector::labels(sidecar.workload_selector.as_ref(), &at.field("workloadSelector"), out) {
        return;
    }
    let says_nothing = sidecar.egress.is_empty()
        && sidecar.ingress.is_empty()
        && sidecar.outbound_traffic_policy.is_none()
        && sidecar.inbound_connection_pool.is_none();
    if says_nothing {
        let message =
            "none of `egress`, `ingress`, `outboundTrafficPolicy` and `inboundConnectionPool` is set";
        return out.error(at, codes::SIDECAR_EMPTY, message);
    }
    ingress::check(&sidecar.ingress, &at.field("ingress"), out);
    if let Some(pool) = &sidecar.inbound_connection_pool {
        connection::check(pool, &at.field("inboundConnectionPool"), out);
    }
    egress::check(&sidecar.egress, context.namespace, &at.field("egress"), out);
    if let Some(policy) = &sidecar.outbound_traffic_policy {
        outbound(policy, &at.field("outboundTrafficPolicy"), out);
    }
}

/// What ports of both directions have in common.
fn port(port: &SidecarPort, at: &Place<'_>, out: &mut Report) {
    if port.target_port > 0 {
        out.error(&at.field("targetPort"), codes::TARGET_PORT, "`targetPort` is not supported any more");
    }
    if !port.name.is_empty() {
        words::label(&port.name, "port name", &at.field("name"), out);
    }
    protocol(&port.protocol, true, at, out);
}

fn outbound(policy: &OutboundTrafficPolicy, at: &Place<'_>, out: &mut Report) {
    if let OutboundTrafficMode::Other(number) = policy.mode {
        let message = format!("the mode `{number}` is none for a sidecar");
        out.error(&at.field("mode"), codes::OUTBOUND_MODE, message);
    }
    let Some(proxy) = &policy.egress_proxy else { return };
    let here = at.field("egressProxy");
    if policy.mode != OutboundTrafficMode::AllowAny {
        let message = "`egressProxy` is set, but the mode is not `ALLOW_ANY`";
        out.error(&here, codes::EGRESS_PROXY_MODE, message);
    }
    words::fqdn(&proxy.host, &here.field("host"), out);
    if proxy.port.is_none() {
        words::missing("port", &here, out);
    }
    destination::check(proxy, &here, out);
}
