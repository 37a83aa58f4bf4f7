//! Services.

use std::collections::BTreeMap;

use crate::decode::Decoder;
use crate::field::Field;
use crate::macros::message;
use crate::object::Kind;
use pointsman_manifest::Value;

message! {
    /// A name and ports for a group of pods.
    Service {
        /// Labels that its pods have; none: its endpoints are made by hand.
        selector / with_selector: BTreeMap<String, String> = "selector",
        /// Ports.
        ports / with_ports: Vec<ServicePort> = "ports",
        /// `ClusterIP`, `NodePort`, `LoadBalancer`, `ExternalName`; empty: `ClusterIP`.
        r#type / with_type: String = "type",
        /// Virtual address; `None` for a headless service.
        cluster_ip / with_cluster_ip: String = "clusterIP",
        /// Virtual addresses.
        cluster_ips / with_cluster_ips: Vec<String> = "clusterIPs",
        /// The other name of an `ExternalName` service.
        external_name / with_external_name: String = "externalName",
        /// Addresses outside.
        external_ips / with_external_ips: Vec<String> = "externalIPs",
        /// `None` or `ClientIP`.
        session_affinity / with_session_affinity: String = "sessionAffinity",
        /// Details of that.
        session_affinity_config / with_session_affinity_config: Value = "sessionAffinityConfig",
        /// Address of the load balancer.
        load_balancer_ip / with_load_balancer_ip: String = "loadBalancerIP",
        /// Class of the load balancer.
        load_balancer_class / with_load_balancer_class: String = "loadBalancerClass",
        /// Who may reach the load balancer.
        load_balancer_source_ranges / with_load_balancer_source_ranges: Vec<String> = "loadBalancerSourceRanges",
        /// Whether pods that are not ready count.
        publish_not_ready_addresses / with_publish_not_ready_addresses: bool = "publishNotReadyAddresses",
        /// `Cluster` or `Local`.
        external_traffic_policy / with_external_traffic_policy: String = "externalTrafficPolicy",
        /// `Cluster` or `Local`.
        internal_traffic_policy / with_internal_traffic_policy: String = "internalTrafficPolicy",
        /// Port of the health check of the load balancer.
        health_check_node_port / with_health_check_node_port: i32 = "healthCheckNodePort",
        /// IP families.
        ip_families / with_ip_families: Vec<String> = "ipFamilies",
        /// `SingleStack`, `PreferDualStack`, `RequireDualStack`.
        ip_family_policy / with_ip_family_policy: String = "ipFamilyPolicy",
        /// Whether the load balancer uses node ports; none: yes.
        allocate_load_balancer_node_ports / with_allocate_load_balancer_node_ports: Option<bool> = "allocateLoadBalancerNodePorts",
        /// Preference among endpoints.
        traffic_distribution / with_traffic_distribution: String = "trafficDistribution",
    }
}

impl Kind for Service {
    const GROUP: &'static str = "";
    const VERSIONS: &'static [&'static str] = &["v1"];
    const KIND: &'static str = "Service";
}

message! {
    /// A port of a service.
    ServicePort {
        /// Name: Istio reads the protocol from it, `http`, `http-web`, `grpc-x`, `tcp-x`.
        name / with_name: String = "name",
        /// `TCP`, `UDP`, `SCTP`; empty: `TCP`.
        protocol / with_protocol: String = "protocol",
        /// The application's protocol: stronger than the name.
        app_protocol / with_app_protocol: String = "appProtocol",
        /// 1 to 65535.
        port / with_port: i32 = "port",
        /// Port of the pods, by number or name; none: the same.
        target_port / with_target_port: Option<TargetPort> = "targetPort",
        /// Port of the nodes.
        node_port / with_node_port: i32 = "nodePort",
    }
}

/// A port of pods: by number, or by the name that the container gives it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TargetPort {
    /// By number.
    Number(i32),
    /// By name.
    Name(String),
}

impl From<i32> for TargetPort {
    fn from(number: i32) -> Self {
        Self::Number(number)
    }
}

impl From<&str> for TargetPort {
    fn from(name: &str) -> Self {
        Self::Name(name.to_owned())
    }
}

impl Field for TargetPort {
    fn decode<'v>(value: &'v Value, decoder: &mut Decoder<'v>) -> Self {
        match value {
            Value::String(name) => Self::Name(name.clone()),
            other => Self::Number(i32::decode(other, decoder)),
        }
    }

    fn to_value(&self) -> Value {
        match self {
            Self::Number(number) => (*number).into(),
            Self::Name(name) => name.as_str().into(),
        }
    }

    fn is_unset(&self) -> bool {
        false
    }
}
