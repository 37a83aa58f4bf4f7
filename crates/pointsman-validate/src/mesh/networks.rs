//! MeshNetworks.

use pointsman_api::istio::mesh::{MeshNetworks, NetworkEndpointsKind, NetworkGateway, NetworkGatewayKind};
use pointsman_types::host;

use crate::codes;
use crate::report::{Place, Report};
use crate::words::address::{ip_or_block, is_ip};
use crate::words::{self, quote};

pub(crate) fn check(networks: &MeshNetworks, at: &Place<'_>, out: &mut Report) {
    let inner = at.field("networks");
    for (name, network) in &networks.networks {
        let here = inner.field(name);
        for (position, endpoint) in network.endpoints.iter().enumerate() {
            endpoints(endpoint.kind.as_ref(), &here.item("endpoints", position), out);
        }
        for (position, one) in network.gateways.iter().enumerate() {
            gateway(one, &here.item("gateways", position), out);
        }
    }
}

fn endpoints(kind: Option<&NetworkEndpointsKind>, at: &Place<'_>, out: &mut Report) {
    match kind {
        Some(NetworkEndpointsKind::FromCidr(block)) => ip_or_block(block, &at.field("fromCidr"), out),
        Some(NetworkEndpointsKind::FromRegistry(name)) => {
            words::label(name, "registry name", &at.field("fromRegistry"), out)
        }
        _ => words::missing("fromRegistry", at, out),
    }
}

fn gateway(gateway: &NetworkGateway, at: &Place<'_>, out: &mut Report) {
    match &gateway.gw {
        Some(NetworkGatewayKind::RegistryServiceName(name)) => {
            words::fqdn(name, &at.field("registryServiceName"), out)
        }
        Some(NetworkGatewayKind::Address(address)) => {
            if !is_ip(address) && host::check_fqdn(address).is_err() {
                let message = format!("{} is not an IP address or the name of a host", quote(address));
                out.error(&at.field("address"), codes::INVALID_ADDRESS, message);
            }
        }
        _ => words::missing("address", at, out),
    }
    words::port(gateway.port, &at.field("port"), out);
}
