//! Gateway.

pub(crate) mod server;
pub(crate) mod tls;

use std::collections::BTreeSet;

use pointsman_api::istio::networking::Gateway;

use crate::codes;
use crate::metadata::Context;
use crate::report::{Place, Report};
use crate::words::{self, quote};

pub(crate) fn check(gateway: &Gateway, context: &Context<'_>, at: &Place<'_>, out: &mut Report) {
    let gateway_semantics = context.gateway_semantics();
    if !gateway_semantics {
        words::label(context.name, "name of the gateway", &Place::ROOT.field("metadata").field("name"), out);
    }
    if gateway.servers.is_empty() {
        words::missing("servers", at, out);
    }
    let mut names = BTreeSet::new();
    for (position, listener) in gateway.servers.iter().enumerate() {
        let here = at.item("servers", position);
        server::check(listener, gateway_semantics, &here, out);
        if let Some(port) = &listener.port
            && !names.insert(port.name.as_str())
        {
            let message = format!("the port name {} is there twice", quote(&port.name));
            out.error(&here.field("port").field("name"), codes::PORT_NAME_TWICE, message);
        }
    }
}
