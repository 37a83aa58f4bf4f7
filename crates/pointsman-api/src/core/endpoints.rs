//! Endpoints of services.

use std::collections::BTreeMap;

use pointsman_manifest::Value;

use crate::macros::message;
use crate::object::Kind;

message! {
    /// A part of the endpoints of a service.
    EndpointSlice {
        /// `IPv4`, `IPv6` or `FQDN`.
        address_type / with_address_type: String = "addressType",
        /// The endpoints.
        endpoints / with_endpoints: Vec<Endpoint> = "endpoints",
        /// Their ports.
        ports / with_ports: Vec<EndpointPort> = "ports",
    }
}

impl Kind for EndpointSlice {
    const GROUP: &'static str = "discovery.k8s.io";
    const VERSIONS: &'static [&'static str] = &["v1", "v1beta1"];
    const KIND: &'static str = "EndpointSlice";
    const IN_SPEC: bool = false;
}

message! {
    /// An endpoint.
    Endpoint {
        /// Its addresses: all the same pod.
        addresses / with_addresses: Vec<String> = "addresses",
        /// Whether it may be used.
        conditions / with_conditions: Option<EndpointConditions> = "conditions",
        /// Host name.
        hostname / with_hostname: String = "hostname",
        /// The pod.
        target_ref / with_target_ref: Value = "targetRef",
        /// Labels of the place, deprecated.
        deprecated_topology / with_deprecated_topology: BTreeMap<String, String> = "deprecatedTopology",
        /// The node.
        node_name / with_node_name: String = "nodeName",
        /// The zone.
        zone / with_zone: String = "zone",
        /// Hints for preference by place.
        hints / with_hints: Value = "hints",
    }
}

message! {
    /// Whether an endpoint may be used.
    EndpointConditions {
        /// Whether it is ready; none: yes.
        ready / with_ready: Option<bool> = "ready",
        /// Whether it serves, though it may be going.
        serving / with_serving: Option<bool> = "serving",
        /// Whether it is going.
        terminating / with_terminating: Option<bool> = "terminating",
    }
}

message! {
    /// A port of endpoints.
    EndpointPort {
        /// Name: that of the service port.
        name / with_name: String = "name",
        /// Protocol.
        protocol / with_protocol: String = "protocol",
        /// 1 to 65535.
        port / with_port: i32 = "port",
        /// The application's protocol.
        app_protocol / with_app_protocol: String = "appProtocol",
    }
}
