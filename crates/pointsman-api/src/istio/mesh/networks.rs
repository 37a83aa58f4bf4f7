//! The networks of a mesh.

use std::collections::BTreeMap;

use crate::macros::{message, one_of};

message! {
    /// The networks of a mesh and how each is entered.
    MeshNetworks {
        /// Networks by name.
        networks / with_networks: BTreeMap<String, Network> = "networks",
    }
}

message! {
    /// A network whose endpoints reach each other.
    Network {
        /// Its endpoints.
        endpoints / with_endpoints: Vec<NetworkEndpoints> = "endpoints",
        /// How it is entered from other networks.
        gateways / with_gateways: Vec<NetworkGateway> = "gateways",
    }
}

one_of! {
    /// How endpoints are told apart.
    NetworkEndpointsKind {
        /// Those with an address in this range.
        FromCidr(String) = "fromCidr",
        /// Those of this registry, which is named like its cluster.
        FromRegistry(String) = "fromRegistry",
    }
}

message! {
    /// Endpoints of a network.
    NetworkEndpoints {
        ; /// Which.
        oneof kind / with_kind: NetworkEndpointsKind,
    }
}

one_of! {
    /// Where a gateway is.
    NetworkGatewayKind {
        /// At a service of the network, by its full name.
        RegistryServiceName(String) = "registryServiceName",
        /// At an IP address or a name.
        Address(String) = "address",
    }
}

message! {
    /// Where a network is entered from other networks.
    NetworkGateway {
        /// Port.
        port / with_port: u32 = "port",
        /// `region/zone/subzone`.
        locality / with_locality: String = "locality",
        ; /// Where.
        oneof gw / with_gw: NetworkGatewayKind,
    }
}
