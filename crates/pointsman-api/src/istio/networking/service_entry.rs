//! Services that the registry does not know by itself.

use super::WorkloadEntry;
use crate::macros::{message, wire_enum};

message! {
    /// Adds a service to the registry.
    ServiceEntry {
        /// Hosts.
        hosts / with_hosts: Vec<String> = "hosts",
        /// Addresses or CIDR blocks by which it is called.
        addresses / with_addresses: Vec<String> = "addresses",
        /// Ports.
        ports / with_ports: Vec<ServicePort> = "ports",
        /// Inside or outside the mesh.
        location / with_location: Location = "location",
        /// How endpoints are found.
        resolution / with_resolution: Resolution = "resolution",
        /// Endpoints.
        endpoints / with_endpoints: Vec<WorkloadEntry> = "endpoints",
        /// The workloads that are its endpoints.
        workload_selector / with_workload_selector: Option<LabelSelector> = "workloadSelector",
        /// The namespaces that see it: `.`, `*`, `~` or names; empty means all.
        export_to / with_export_to: Vec<String> = "exportTo",
        /// Names that its servers may have.
        subject_alt_names / with_subject_alt_names: Vec<String> = "subjectAltNames",
    }
}

message! {
    /// Which workloads: those that have all these labels.
    ///
    /// Source: `istio.networking.v1alpha3.WorkloadSelector`.
    LabelSelector {
        /// The labels.
        labels / with_labels: std::collections::BTreeMap<String, String> = "labels",
    }
}

message! {
    /// A port of a service.
    ServicePort {
        /// 1 to 65535.
        number / with_number: u32 = "number",
        /// Protocol.
        protocol / with_protocol: String = "protocol",
        /// Name.
        name / with_name: String = "name",
        /// The port of the endpoints; 0: the same.
        target_port / with_target_port: u32 = "targetPort",
    }
}

wire_enum! {
    /// Inside or outside the mesh.
    Location {
        /// Outside.
        MeshExternal = "MESH_EXTERNAL" = 0,
        /// Inside.
        MeshInternal = "MESH_INTERNAL" = 1,
    }
}

wire_enum! {
    /// How endpoints are found.
    Resolution {
        /// The address that the client asked for.
        None = "NONE" = 0,
        /// They are listed.
        Static = "STATIC" = 1,
        /// By DNS.
        Dns = "DNS" = 2,
        /// By DNS, one at a time.
        DnsRoundRobin = "DNS_ROUND_ROBIN" = 3,
        /// By DNS, for the host that was asked for.
        DynamicDns = "DYNAMIC_DNS" = 4,
    }
}
