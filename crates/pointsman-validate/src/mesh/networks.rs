//! The networks of a mesh.

use pointsman_api::istio::mesh::{
    MeshNetworks, NetworkEndpoints, NetworkEndpointsKind, NetworkGateway, NetworkGatewayKind,
};

use super::address::is_host;
use crate::codes;
use crate::report::{Place, Report};
use crate::words::{self, address, quote};

pub(super) fn check(networks: &MeshNetworks, at: &Place<'_>, out: &mut Report) {
    let list = at.field("networks");
    for (name, network) in &networks.networks {
        let here = list.field(name);
        for (position, endpoints) in network.endpoints.iter().enumerate() {
            check_endpoints(endpoints, &here.item("endpoints", position), out);
        }
        for (position, gateway) in network.gateways.iter().enumerate() {
            check_gateway(gateway, &here.item("gateways", position), out);
        }
    }
}

fn check_endpoints(endpoints: &NetworkEndpoints, at: &Place<'_>, out: &mut Report) {
    match &endpoints.kind {
        Some(NetworkEndpointsKind::FromCidr(block)) if !address::is_block(block) => {
            let message = format!("{} is not a block of addresses", quote(block));
            out.error(&at.field("fromCidr"), codes::INVALID_ADDRESS, message);
        }
        Some(NetworkEndpointsKind::FromRegistry(name)) => {
            words::label(name, "name of the registry", &at.field("fromRegistry"), out);
        }
        _ => {}
    }
}

fn check_gateway(gateway: &NetworkGateway, at: &Place<'_>, out: &mut Report) {
    words::port(gateway.port, &at.field("port"), out);
    match &gateway.gw {
        Some(NetworkGatewayKind::RegistryServiceName(name)) => {
            words::fqdn(name, &at.field("registryServiceName"), out)
        }
        Some(NetworkGatewayKind::Address(text)) if !is_host(text) => {
            let message = format!("{} is neither a host name nor an IP address", quote(text));
            out.error(&at.field("address"), codes::PROXY_ADDRESS, message);
        }
        _ => {}
    }
}
