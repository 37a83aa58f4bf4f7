//! Workloads outside Kubernetes.

use std::collections::BTreeMap;

use crate::macros::{message, one_of};

message! {
    /// An endpoint: a machine, or one address of a ServiceEntry.
    WorkloadEntry {
        /// Address, host name or Unix socket.
        address / with_address: String = "address",
        /// Ports by the name of the service port.
        ports / with_ports: BTreeMap<String, u32> = "ports",
        /// Labels.
        labels / with_labels: BTreeMap<String, String> = "labels",
        /// Network.
        network / with_network: String = "network",
        /// `region/zone/subzone`.
        locality / with_locality: String = "locality",
        /// Relative share; 0 counts as 1.
        weight / with_weight: u32 = "weight",
        /// Service account.
        service_account / with_service_account: String = "serviceAccount",
    }
}

message! {
    /// What the workloads of a group have in common.
    WorkloadGroup {
        /// Metadata that they get.
        metadata / with_metadata: Option<WorkloadGroupMeta> = "metadata",
        /// What they look like.
        template / with_template: Option<WorkloadEntry> = "template",
        /// How their health is found out.
        probe / with_probe: Option<ReadinessProbe> = "probe",
    }
}

message! {
    /// Metadata that workloads of a group get.
    WorkloadGroupMeta {
        /// Labels.
        labels / with_labels: BTreeMap<String, String> = "labels",
        /// Annotations.
        annotations / with_annotations: BTreeMap<String, String> = "annotations",
    }
}

one_of! {
    /// How a probe looks.
    ProbeMethod {
        /// By an HTTP request.
        HttpGet(HTTPHealthCheckConfig) = "httpGet",
        /// By a connection.
        TcpSocket(TCPHealthCheckConfig) = "tcpSocket",
        /// By a command.
        Exec(ExecHealthCheckConfig) = "exec",
        /// By a gRPC request.
        Grpc(GrpcHealthCheckConfig) = "grpc",
    }
}

message! {
    /// How the health of a workload is found out.
    ReadinessProbe {
        /// Seconds before the first look.
        initial_delay_seconds / with_initial_delay_seconds: i32 = "initialDelaySeconds",
        /// Seconds that an answer may take; 0 means 1.
        timeout_seconds / with_timeout_seconds: i32 = "timeoutSeconds",
        /// Seconds between looks; 0 means 10.
        period_seconds / with_period_seconds: i32 = "periodSeconds",
        /// How many good answers in a row; 0 means 1.
        success_threshold / with_success_threshold: i32 = "successThreshold",
        /// How many bad answers in a row; 0 means 3.
        failure_threshold / with_failure_threshold: i32 = "failureThreshold",
        ; /// How it looks.
        oneof health_check_method / with_health_check_method: ProbeMethod,
    }
}

message! {
    /// A probe by an HTTP request.
    HTTPHealthCheckConfig {
        /// Path.
        path / with_path: String = "path",
        /// Port.
        port / with_port: u32 = "port",
        /// Host.
        host / with_host: String = "host",
        /// `HTTP` or `HTTPS`.
        scheme / with_scheme: String = "scheme",
        /// Request headers.
        http_headers / with_http_headers: Vec<HTTPHeader> = "httpHeaders",
    }
}

message! {
    /// A request header.
    HTTPHeader {
        /// Name.
        name / with_name: String = "name",
        /// Value.
        value / with_value: String = "value",
    }
}

message! {
    /// A probe by a connection.
    TCPHealthCheckConfig {
        /// Host.
        host / with_host: String = "host",
        /// Port.
        port / with_port: u32 = "port",
    }
}

message! {
    /// A probe by a command.
    ExecHealthCheckConfig {
        /// The command.
        command / with_command: Vec<String> = "command",
    }
}

message! {
    /// A probe by a gRPC request.
    GrpcHealthCheckConfig {
        /// Port.
        port / with_port: u32 = "port",
        /// Service.
        service / with_service: String = "service",
    }
}
