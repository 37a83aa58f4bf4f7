//! Virtual services, and their routes below HTTP.

use std::collections::BTreeMap;

use super::{Destination, HTTPRoute};
use crate::macros::message;

message! {
    /// Where requests to certain hosts go.
    ///
    /// Shape: without `hosts` it is a delegate, used only by others; without `gateways` it speaks to the sidecars (`mesh`).
    VirtualService {
        /// Hosts: names, short names (completed by the namespace), wildcards; empty for a delegate.
        hosts / with_hosts: Vec<String> = "hosts",
        /// Gateways (`namespace/name`) and `mesh`; empty means `mesh`.
        gateways / with_gateways: Vec<String> = "gateways",
        /// Routes of HTTP, the first match wins.
        http / with_http: Vec<HTTPRoute> = "http",
        /// Routes of TLS that is passed through, chosen by SNI.
        tls / with_tls: Vec<TLSRoute> = "tls",
        /// Routes of plain TCP.
        tcp / with_tcp: Vec<TCPRoute> = "tcp",
        /// The namespaces that see it: `.`, `*` or names; empty means all.
        export_to / with_export_to: Vec<String> = "exportTo",
    }
}

message! {
    /// A route of TLS that is passed through.
    TLSRoute {
        /// Conditions: one of them must hold.
        r#match / with_match: Vec<TLSMatchAttributes> = "match",
        /// Where to, shared by weight.
        route / with_route: Vec<RouteDestination> = "route",
    }
}

message! {
    /// A condition on a TLS connection: everything that is set must hold.
    TLSMatchAttributes {
        /// Server names, exact or with a leading wildcard.
        sni_hosts / with_sni_hosts: Vec<String> = "sniHosts",
        /// Destination addresses or CIDR blocks.
        destination_subnets / with_destination_subnets: Vec<String> = "destinationSubnets",
        /// Port that was connected to; 0 for any.
        port / with_port: u32 = "port",
        /// Labels that the client's workload has.
        source_labels / with_source_labels: BTreeMap<String, String> = "sourceLabels",
        /// Gateways for which it counts; empty: those of the VirtualService.
        gateways / with_gateways: Vec<String> = "gateways",
        /// Namespace of the client's workload.
        source_namespace / with_source_namespace: String = "sourceNamespace",
    }
}

message! {
    /// A route of TCP.
    TCPRoute {
        /// Conditions: one of them must hold; empty holds always.
        r#match / with_match: Vec<L4MatchAttributes> = "match",
        /// Where to, shared by weight.
        route / with_route: Vec<RouteDestination> = "route",
    }
}

message! {
    /// A condition on a TCP connection: everything that is set must hold.
    L4MatchAttributes {
        /// Destination addresses or CIDR blocks.
        destination_subnets / with_destination_subnets: Vec<String> = "destinationSubnets",
        /// Port that was connected to; 0 for any.
        port / with_port: u32 = "port",
        /// The control plane does not use it.
        source_subnet / with_source_subnet: String = "sourceSubnet",
        /// Labels that the client's workload has.
        source_labels / with_source_labels: BTreeMap<String, String> = "sourceLabels",
        /// Gateways for which it counts; empty: those of the VirtualService.
        gateways / with_gateways: Vec<String> = "gateways",
        /// Namespace of the client's workload.
        source_namespace / with_source_namespace: String = "sourceNamespace",
    }
}

message! {
    /// A weighted destination of a TLS or TCP route.
    RouteDestination {
        /// Where to.
        destination / with_destination: Option<Destination> = "destination",
        /// Its share, relative to the sum. Ignored where it is the only one.
        weight / with_weight: i32 = "weight",
    }
}
