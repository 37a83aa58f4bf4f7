//! Destination rules.

use std::collections::BTreeMap;

use pointsman_types::duration::TimeDelta;

use super::{LoadBalancerSettings, PortSelector};
use crate::istio::WorkloadSelector;
use crate::macros::{message, wire_enum};

message! {
    /// What holds for traffic after it was routed to a host: its subsets and its traffic policy.
    DestinationRule {
        /// Host: a name of the registry, short or full, or a wildcard.
        host / with_host: String = "host",
        /// The policy for all of it.
        traffic_policy / with_traffic_policy: Option<TrafficPolicy> = "trafficPolicy",
        /// Named groups of its endpoints.
        subsets / with_subsets: Vec<Subset> = "subsets",
        /// The namespaces that see it: `.`, `*` or names; empty means all.
        export_to / with_export_to: Vec<String> = "exportTo",
        /// The clients for which it counts; none: all.
        workload_selector / with_workload_selector: Option<WorkloadSelector> = "workloadSelector",
    }
}

message! {
    /// A named group of a host's endpoints.
    Subset {
        /// Its name.
        name / with_name: String = "name",
        /// Labels that its endpoints have; none: all endpoints.
        labels / with_labels: BTreeMap<String, String> = "labels",
        /// Its policy; what is not set comes from the rule.
        traffic_policy / with_traffic_policy: Option<TrafficPolicy> = "trafficPolicy",
    }
}

message! {
    /// How a client treats a destination.
    TrafficPolicy {
        /// How an endpoint is chosen.
        load_balancer / with_load_balancer: Option<LoadBalancerSettings> = "loadBalancer",
        /// How many connections and requests.
        connection_pool / with_connection_pool: Option<ConnectionPoolSettings> = "connectionPool",
        /// When an endpoint is left out.
        outlier_detection / with_outlier_detection: Option<OutlierDetection> = "outlierDetection",
        /// TLS towards it.
        tls / with_tls: Option<ClientTLSSettings> = "tls",
        /// Policies of single ports: they replace the four members above.
        port_level_settings / with_port_level_settings: Vec<PortTrafficPolicy> = "portLevelSettings",
        /// Through a proxy.
        tunnel / with_tunnel: Option<TunnelSettings> = "tunnel",
        /// With the PROXY protocol.
        proxy_protocol / with_proxy_protocol: Option<ProxyProtocol> = "proxyProtocol",
        /// How many retries at once.
        retry_budget / with_retry_budget: Option<RetryBudget> = "retryBudget",
    }
}

message! {
    /// The policy of one port.
    PortTrafficPolicy {
        /// The port.
        port / with_port: Option<PortSelector> = "port",
        /// How an endpoint is chosen.
        load_balancer / with_load_balancer: Option<LoadBalancerSettings> = "loadBalancer",
        /// How many connections and requests.
        connection_pool / with_connection_pool: Option<ConnectionPoolSettings> = "connectionPool",
        /// When an endpoint is left out.
        outlier_detection / with_outlier_detection: Option<OutlierDetection> = "outlierDetection",
        /// TLS towards it.
        tls / with_tls: Option<ClientTLSSettings> = "tls",
    }
}

message! {
    /// How many connections and requests.
    ConnectionPoolSettings {
        /// Of TCP.
        tcp / with_tcp: Option<TCPSettings> = "tcp",
        /// Of HTTP.
        http / with_http: Option<HTTPSettings> = "http",
    }
}

message! {
    /// Limits of TCP.
    TCPSettings {
        /// Most connections; 0 means no limit.
        max_connections / with_max_connections: i32 = "maxConnections",
        /// How long connecting may take; none: 10 s.
        connect_timeout / with_connect_timeout: Option<TimeDelta> = "connectTimeout",
        /// Keepalive probes.
        tcp_keepalive / with_tcp_keepalive: Option<TcpKeepalive> = "tcpKeepalive",
        /// How long a connection may last.
        max_connection_duration / with_max_connection_duration: Option<TimeDelta> = "maxConnectionDuration",
        /// How long a connection may be idle; none: 1 h; 0 for ever.
        idle_timeout / with_idle_timeout: Option<TimeDelta> = "idleTimeout",
    }
}

message! {
    /// Keepalive probes.
    TcpKeepalive {
        /// How many unanswered before the connection is dead; 0: the system's.
        probes / with_probes: u32 = "probes",
        /// How long it must be idle.
        time / with_time: Option<TimeDelta> = "time",
        /// Between probes.
        interval / with_interval: Option<TimeDelta> = "interval",
    }
}

wire_enum! {
    /// Whether connections are upgraded to HTTP/2.
    H2UpgradePolicy {
        /// As the mesh says.
        Default = "DEFAULT" = 0,
        /// No.
        DoNotUpgrade = "DO_NOT_UPGRADE" = 1,
        /// Yes.
        Upgrade = "UPGRADE" = 2,
    }
}

message! {
    /// Limits of HTTP.
    HTTPSettings {
        /// Most requests that wait for a connection; 0 means no limit.
        http1_max_pending_requests / with_http1_max_pending_requests: i32 = "http1MaxPendingRequests",
        /// Most requests at once; 0 means no limit.
        http2_max_requests / with_http2_max_requests: i32 = "http2MaxRequests",
        /// Most requests of one connection; 0 means no limit.
        max_requests_per_connection / with_max_requests_per_connection: i32 = "maxRequestsPerConnection",
        /// Most retries at once; 0 means no limit.
        max_retries / with_max_retries: i32 = "maxRetries",
        /// How long a connection may be without requests; none: 1 h.
        idle_timeout / with_idle_timeout: Option<TimeDelta> = "idleTimeout",
        /// Whether connections are upgraded to HTTP/2.
        h2_upgrade_policy / with_h2_upgrade_policy: H2UpgradePolicy = "h2UpgradePolicy",
        /// Whether the client's protocol is used.
        use_client_protocol / with_use_client_protocol: bool = "useClientProtocol",
        /// Most streams of one connection; 0: Envoy's.
        max_concurrent_streams / with_max_concurrent_streams: i32 = "maxConcurrentStreams",
        /// Pings of HTTP/2.
        http2_keep_alive / with_http2_keep_alive: Option<HTTP2KeepAlive> = "http2KeepAlive",
    }
}

message! {
    /// Pings of HTTP/2.
    HTTP2KeepAlive {
        /// Between pings.
        interval / with_interval: Option<TimeDelta> = "interval",
        /// How long an answer may take.
        timeout / with_timeout: Option<TimeDelta> = "timeout",
    }
}

message! {
    /// When an endpoint is left out (circuit breaking by errors).
    OutlierDetection {
        /// Deprecated.
        consecutive_errors / with_consecutive_errors: i32 = "consecutiveErrors",
        /// Whether errors of the connection are counted apart.
        split_external_local_origin_errors / with_split_external_local_origin_errors: bool = "splitExternalLocalOriginErrors",
        /// How many errors of the connection in a row; none: 5.
        consecutive_local_origin_failures / with_consecutive_local_origin_failures: Option<u32> = "consecutiveLocalOriginFailures",
        /// How many answers 502, 503, 504 in a row; none or 0: never.
        consecutive_gateway_errors / with_consecutive_gateway_errors: Option<u32> = "consecutiveGatewayErrors",
        /// How many answers 5xx in a row; none: 5; 0: never.
        consecutive_5xx_errors / with_consecutive_5xx_errors: Option<u32> = "consecutive5xxErrors",
        /// Between looks; none: 10 s.
        interval / with_interval: Option<TimeDelta> = "interval",
        /// How long it is left out the first time; none: 30 s.
        base_ejection_time / with_base_ejection_time: Option<TimeDelta> = "baseEjectionTime",
        /// Most endpoints left out, in percent; 0 means 10.
        max_ejection_percent / with_max_ejection_percent: i32 = "maxEjectionPercent",
        /// Fewest healthy endpoints, in percent, for which it is used.
        min_health_percent / with_min_health_percent: i32 = "minHealthPercent",
        /// Which statuses count as errors, 100 to 599.
        outlier_detection_http_error_codes / with_outlier_detection_http_error_codes: Vec<u32> = "outlierDetectionHttpErrorCodes",
    }
}

wire_enum! {
    /// Whether and how TLS is spoken to a destination.
    ClientTLSMode {
        /// Not.
        Disable = "DISABLE" = 0,
        /// The server shows a certificate.
        Simple = "SIMPLE" = 1,
        /// Both show certificates.
        Mutual = "MUTUAL" = 2,
        /// Both show the mesh's certificates.
        IstioMutual = "ISTIO_MUTUAL" = 3,
    }
}

message! {
    /// TLS towards a destination.
    ClientTLSSettings {
        /// Whether and how.
        mode / with_mode: ClientTLSMode = "mode",
        /// File of the client's certificate.
        client_certificate / with_client_certificate: String = "clientCertificate",
        /// File of its key.
        private_key / with_private_key: String = "privateKey",
        /// File of the authorities.
        ca_certificates / with_ca_certificates: String = "caCertificates",
        /// Secret with all of them.
        credential_name / with_credential_name: String = "credentialName",
        /// Names that the server may have.
        subject_alt_names / with_subject_alt_names: Vec<String> = "subjectAltNames",
        /// Server name that is asked for.
        sni / with_sni: String = "sni",
        /// Whether the server's certificate is taken unseen.
        insecure_skip_verify / with_insecure_skip_verify: Option<bool> = "insecureSkipVerify",
        /// File of revoked certificates.
        ca_crl / with_ca_crl: String = "caCrl",
    }
}

message! {
    /// Through a proxy.
    TunnelSettings {
        /// `CONNECT` or `POST`; empty: `CONNECT`.
        protocol / with_protocol: String = "protocol",
        /// The host behind it.
        target_host / with_target_host: String = "targetHost",
        /// The port behind it.
        target_port / with_target_port: u32 = "targetPort",
    }
}

wire_enum! {
    /// Version of the PROXY protocol.
    ProxyProtocolVersion {
        /// 1.
        V1 = "V1" = 0,
        /// 2.
        V2 = "V2" = 1,
    }
}

message! {
    /// With the PROXY protocol.
    ProxyProtocol {
        /// Its version.
        version / with_version: ProxyProtocolVersion = "version",
    }
}

message! {
    /// How many retries at once.
    RetryBudget {
        /// Percent of the requests at once, 0 to 100; none: 20.
        percent / with_percent: Option<f64> = "percent",
        /// Always allowed; none: 3.
        min_retry_concurrency / with_min_retry_concurrency: u32 = "minRetryConcurrency",
        /// Over which time requests are counted.
        budget_interval / with_budget_interval: Option<TimeDelta> = "budgetInterval",
    }
}
