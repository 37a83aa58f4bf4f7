//! Sidecars.

use super::{ConnectionPoolSettings, Destination, LabelSelector, ServerTLSSettings};
use crate::macros::{message, wire_enum};

message! {
    /// What a sidecar takes in and what it knows of the mesh.
    Sidecar {
        /// The workloads for which it counts; none: all of the namespace.
        workload_selector / with_workload_selector: Option<LabelSelector> = "workloadSelector",
        /// Listeners towards the workload.
        ingress / with_ingress: Vec<IstioIngressListener> = "ingress",
        /// Listeners towards the mesh; none: everything.
        egress / with_egress: Vec<IstioEgressListener> = "egress",
        /// Limits of connections to the workload.
        inbound_connection_pool / with_inbound_connection_pool: Option<ConnectionPoolSettings> = "inboundConnectionPool",
        /// What happens to hosts that nobody knows; none: as the mesh says.
        outbound_traffic_policy / with_outbound_traffic_policy: Option<OutboundTrafficPolicy> = "outboundTrafficPolicy",
    }
}

message! {
    /// A listener towards the workload.
    IstioIngressListener {
        /// Port.
        port / with_port: Option<SidecarPort> = "port",
        /// Address.
        bind / with_bind: String = "bind",
        /// How traffic gets here.
        capture_mode / with_capture_mode: CaptureMode = "captureMode",
        /// Where the workload listens: `127.0.0.1:PORT`, `unix:///path`.
        default_endpoint / with_default_endpoint: String = "defaultEndpoint",
        /// TLS.
        tls / with_tls: Option<ServerTLSSettings> = "tls",
        /// Limits of connections.
        connection_pool / with_connection_pool: Option<ConnectionPoolSettings> = "connectionPool",
    }
}

message! {
    /// A listener towards the mesh.
    IstioEgressListener {
        /// Port; none: all ports of the hosts.
        port / with_port: Option<SidecarPort> = "port",
        /// Address or Unix socket.
        bind / with_bind: String = "bind",
        /// How traffic gets here.
        capture_mode / with_capture_mode: CaptureMode = "captureMode",
        /// What is known: `namespace/host`.
        hosts / with_hosts: Vec<String> = "hosts",
    }
}

message! {
    /// A port of a sidecar.
    SidecarPort {
        /// 1 to 65535, 0 for a Unix socket.
        number / with_number: u32 = "number",
        /// Protocol.
        protocol / with_protocol: String = "protocol",
        /// Name.
        name / with_name: String = "name",
        /// Deprecated.
        target_port / with_target_port: u32 = "targetPort",
    }
}

wire_enum! {
    /// How traffic gets to a listener.
    CaptureMode {
        /// As the mesh does it.
        Default = "DEFAULT" = 0,
        /// Redirected.
        Iptables = "IPTABLES" = 1,
        /// Addressed to it.
        None = "NONE" = 2,
    }
}

wire_enum! {
    /// What happens to hosts that nobody knows.
    OutboundTrafficMode {
        /// They are refused.
        RegistryOnly = "REGISTRY_ONLY" = 0,
        /// They are let out.
        AllowAny = "ALLOW_ANY" = 1,
    }
}

message! {
    /// What happens to hosts that nobody knows.
    OutboundTrafficPolicy {
        /// Whether they are let out.
        mode / with_mode: OutboundTrafficMode = "mode",
        /// Deprecated: the proxy that lets them out.
        egress_proxy / with_egress_proxy: Option<Destination> = "egressProxy",
    }
}
