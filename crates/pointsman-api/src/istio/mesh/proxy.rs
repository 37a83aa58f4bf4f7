//! Settings of proxies, for the mesh or (as the annotation `proxy.istio.io/config`) for a workload.

use std::collections::BTreeMap;

use pointsman_manifest::Value;
use pointsman_types::duration::TimeDelta;

use super::Tracing;
use crate::istio::networking::{ClientTLSSettings, ProxyImage, ReadinessProbe, TcpKeepalive};
use crate::macros::{message, one_of, wire_enum};

message! {
    /// Settings of a proxy.
    ProxyConfig {
        /// Folder of the generated configuration.
        config_path / with_config_path: String = "configPath",
        /// The proxy's program.
        binary_path / with_binary_path: String = "binaryPath",
        /// How long connections are drained; none: 45 s.
        drain_duration / with_drain_duration: Option<TimeDelta> = "drainDuration",
        /// Address of the control plane.
        discovery_address / with_discovery_address: String = "discoveryAddress",
        /// Deprecated.
        discovery_refresh_delay / with_discovery_refresh_delay: Option<TimeDelta> = "discoveryRefreshDelay",
        /// Deprecated.
        zipkin_address / with_zipkin_address: String = "zipkinAddress",
        /// Where statistics go by UDP.
        statsd_udp_address / with_statsd_udp_address: String = "statsdUdpAddress",
        /// Deprecated.
        envoy_metrics_service_address / with_envoy_metrics_service_address: String = "envoyMetricsServiceAddress",
        /// Port of Envoy's administration; 0 means 15000.
        proxy_admin_port / with_proxy_admin_port: i32 = "proxyAdminPort",
        /// Deprecated.
        availability_zone / with_availability_zone: String = "availabilityZone",
        /// How the control plane is spoken to.
        control_plane_auth_policy / with_control_plane_auth_policy: AuthenticationPolicy = "controlPlaneAuthPolicy",
        /// File of Envoy's bootstrap, in place of the generated one.
        custom_config_file / with_custom_config_file: String = "customConfigFile",
        /// Longest name in statistics; 0 means 189.
        stat_name_length / with_stat_name_length: i32 = "statNameLength",
        /// Worker threads; 0: as many as cores; none: by the CPU limit.
        concurrency / with_concurrency: Option<i32> = "concurrency",
        /// File that the bootstrap is made from.
        proxy_bootstrap_template_path / with_proxy_bootstrap_template_path: String = "proxyBootstrapTemplatePath",
        /// How traffic gets to the proxy.
        interception_mode / with_interception_mode: InboundInterceptionMode = "interceptionMode",
        /// Traces.
        tracing / with_tracing: Option<Tracing> = "tracing",
        /// Deprecated.
        sds / with_sds: Value = "sds",
        /// Where access logs go.
        envoy_access_log_service / with_envoy_access_log_service: Option<RemoteService> = "envoyAccessLogService",
        /// Where metrics go.
        envoy_metrics_service / with_envoy_metrics_service: Option<RemoteService> = "envoyMetricsService",
        /// Environment of the proxy.
        proxy_metadata / with_proxy_metadata: BTreeMap<String, String> = "proxyMetadata",
        /// Envoy's runtime values.
        runtime_values / with_runtime_values: BTreeMap<String, String> = "runtimeValues",
        /// Port for health checks; 0 means 15020.
        status_port / with_status_port: i32 = "statusPort",
        /// Tags of statistics.
        extra_stat_tags / with_extra_stat_tags: Vec<String> = "extraStatTags",
        /// What stands before a gateway.
        gateway_topology / with_gateway_topology: Option<Topology> = "gatewayTopology",
        /// How long the proxy lives after its workload; none: 5 s.
        termination_drain_duration / with_termination_drain_duration: Option<TimeDelta> = "terminationDrainDuration",
        /// Name of the mesh.
        mesh_id / with_mesh_id: String = "meshId",
        /// How the workload's health is found out, on virtual machines.
        readiness_probe / with_readiness_probe: Option<ReadinessProbe> = "readinessProbe",
        /// Which statistics are made.
        proxy_stats_matcher / with_proxy_stats_matcher: Option<ProxyStatsMatcher> = "proxyStatsMatcher",
        /// Whether the workload begins after the proxy.
        hold_application_until_proxy_starts / with_hold_application_until_proxy_starts: Option<bool> = "holdApplicationUntilProxyStarts",
        /// More authorities, in PEM.
        ca_certificates_pem / with_ca_certificates_pem: Vec<String> = "caCertificatesPem",
        /// Image.
        image / with_image: Option<ProxyImage> = "image",
        /// Who computes with private keys.
        private_key_provider / with_private_key_provider: Value = "privateKeyProvider",
        /// Headers that the proxy adds.
        proxy_headers / with_proxy_headers: Option<ProxyHeaders> = "proxyHeaders",
        /// How often access logs are written; none: 1 s.
        file_flush_interval / with_file_flush_interval: Option<TimeDelta> = "fileFlushInterval",
        /// How many kilobytes of access logs are kept back at most; 0 means 64.
        file_flush_min_size_kb / with_file_flush_min_size_kb: u32 = "fileFlushMinSizeKb",
        /// Whether metrics are compressed; none: yes.
        stats_compression / with_stats_compression: Option<bool> = "statsCompression",
        /// Limits and timeouts of connections.
        connection_settings / with_connection_settings: Option<ConnectionSettings> = "connectionSettings",
        ; /// The name of the workload in traces.
        oneof cluster_name / with_cluster_name: ClusterName,
    }
}

one_of! {
    /// The name of the workload in traces.
    ClusterName {
        /// This one.
        ServiceCluster(String) = "serviceCluster",
        /// Made by this rule.
        TracingServiceName(TracingServiceName) = "tracingServiceName",
    }
}

wire_enum! {
    /// How the name of a workload in traces is made.
    TracingServiceName {
        /// Label `app` and namespace.
        AppLabelAndNamespace = "APP_LABEL_AND_NAMESPACE" = 0,
        /// Canonical name.
        CanonicalNameOnly = "CANONICAL_NAME_ONLY" = 1,
        /// Canonical name and namespace.
        CanonicalNameAndNamespace = "CANONICAL_NAME_AND_NAMESPACE" = 2,
    }
}

wire_enum! {
    /// How the control plane is spoken to.
    AuthenticationPolicy {
        /// Plain.
        None = "NONE" = 0,
        /// With mutual TLS.
        MutualTls = "MUTUAL_TLS" = 1,
        /// As the mesh says.
        Inherit = "INHERIT" = 1000,
    }
}

wire_enum! {
    /// How inbound traffic gets to the proxy.
    InboundInterceptionMode {
        /// Redirected; the client's address is lost.
        Redirect = "REDIRECT" = 0,
        /// Redirected; both addresses stay.
        Tproxy = "TPROXY" = 1,
        /// Not.
        None = "NONE" = 2,
    }
}

message! {
    /// A service outside.
    RemoteService {
        /// `host:port`.
        address / with_address: String = "address",
        /// TLS.
        tls_settings / with_tls_settings: Option<ClientTLSSettings> = "tlsSettings",
        /// Keepalive probes.
        tcp_keepalive / with_tcp_keepalive: Option<TcpKeepalive> = "tcpKeepalive",
    }
}

wire_enum! {
    /// What becomes of the header `x-forwarded-client-cert`.
    ForwardClientCertDetails {
        /// As the proxy has it.
        Undefined = "UNDEFINED" = 0,
        /// It is taken out.
        Sanitize = "SANITIZE" = 1,
        /// It is kept with mutual TLS.
        ForwardOnly = "FORWARD_ONLY" = 2,
        /// The client's certificate is appended, with mutual TLS.
        AppendForward = "APPEND_FORWARD" = 3,
        /// It becomes the client's certificate, with mutual TLS.
        SanitizeSet = "SANITIZE_SET" = 4,
        /// It is kept.
        AlwaysForwardOnly = "ALWAYS_FORWARD_ONLY" = 5,
    }
}

message! {
    /// What stands before a gateway.
    Topology {
        /// How many proxies are trusted to tell the client's address.
        num_trusted_proxies / with_num_trusted_proxies: u32 = "numTrustedProxies",
        /// What becomes of the client's certificate.
        forward_client_cert_details / with_forward_client_cert_details: ForwardClientCertDetails = "forwardClientCertDetails",
        /// The PROXY protocol is spoken.
        proxy_protocol / with_proxy_protocol: Value = "proxyProtocol",
    }
}

message! {
    /// Which statistics are made.
    ProxyStatsMatcher {
        /// Those that begin so.
        inclusion_prefixes / with_inclusion_prefixes: Vec<String> = "inclusionPrefixes",
        /// Those that end so.
        inclusion_suffixes / with_inclusion_suffixes: Vec<String> = "inclusionSuffixes",
        /// Those that match.
        inclusion_regexps / with_inclusion_regexps: Vec<String> = "inclusionRegexps",
    }
}

message! {
    /// Headers that the proxy adds.
    ProxyHeaders {
        /// What becomes of `x-forwarded-client-cert`.
        forwarded_client_cert / with_forwarded_client_cert: ForwardClientCertDetails = "forwardedClientCert",
        /// What that header holds.
        set_current_client_cert_details / with_set_current_client_cert_details: Option<ClientCertDetails> = "setCurrentClientCertDetails",
        /// `x-request-id`.
        request_id / with_request_id: Option<HeaderSwitchedOff> = "requestId",
        /// `server`.
        server / with_server: Option<ServerHeader> = "server",
        /// `x-envoy-attempt-count`.
        attempt_count / with_attempt_count: Option<HeaderSwitchedOff> = "attemptCount",
        /// The `x-envoy-` headers that help finding faults.
        envoy_debug_headers / with_envoy_debug_headers: Option<HeaderSwitchedOff> = "envoyDebugHeaders",
        /// The headers that tell who is at the other end.
        metadata_exchange_headers / with_metadata_exchange_headers: Option<MetadataExchangeHeaders> = "metadataExchangeHeaders",
        /// Whether names of headers keep their case in HTTP/1.1.
        preserve_http1_header_case / with_preserve_http1_header_case: Option<bool> = "preserveHttp1HeaderCase",
        /// `x-forwarded-host`.
        x_forwarded_host / with_x_forwarded_host: Option<HeaderSwitchedOn> = "xForwardedHost",
        /// `x-forwarded-port`.
        x_forwarded_port / with_x_forwarded_port: Option<HeaderSwitchedOn> = "xForwardedPort",
    }
}

message! {
    /// A header that is there unless it is switched off.
    HeaderSwitchedOff {
        /// Whether it is off.
        disabled / with_disabled: Option<bool> = "disabled",
    }
}

message! {
    /// A header that is there once it is switched on.
    HeaderSwitchedOn {
        /// Whether it is on.
        enabled / with_enabled: Option<bool> = "enabled",
    }
}

message! {
    /// The header `server`.
    ServerHeader {
        /// Whether the proxy leaves it as it is.
        disabled / with_disabled: Option<bool> = "disabled",
        /// What it says; empty: `istio-envoy`.
        value / with_value: String = "value",
    }
}

wire_enum! {
    /// Who gets the headers that tell who is at the other end.
    MetadataExchangeMode {
        /// Everybody.
        Undefined = "UNDEFINED" = 0,
        /// Only the mesh.
        InMesh = "IN_MESH" = 1,
    }
}

message! {
    /// The headers that tell who is at the other end.
    MetadataExchangeHeaders {
        /// Who gets them.
        mode / with_mode: MetadataExchangeMode = "mode",
    }
}

message! {
    /// What the header `x-forwarded-client-cert` holds.
    ClientCertDetails {
        /// The subject; none: yes.
        subject / with_subject: Option<bool> = "subject",
        /// The certificate.
        cert / with_cert: Option<bool> = "cert",
        /// The chain.
        chain / with_chain: Option<bool> = "chain",
        /// The names; none: yes.
        dns / with_dns: Option<bool> = "dns",
        /// The address; none: yes.
        uri / with_uri: Option<bool> = "uri",
    }
}

wire_enum! {
    /// For which place settings of connections are made.
    ConnectionProfile {
        /// Beside a workload.
        Sidecar = "SIDECAR" = 0,
        /// At the edge, where clients are not trusted.
        Edge = "EDGE" = 1,
    }
}

wire_enum! {
    /// What becomes of headers with `_` in their names.
    HeadersWithUnderscoresAction {
        /// As the profile says.
        Unspecified = "HEADERS_WITH_UNDERSCORES_UNSPECIFIED" = 0,
        /// They pass.
        Allow = "HEADERS_WITH_UNDERSCORES_ALLOW" = 1,
        /// The request is refused.
        RejectRequest = "HEADERS_WITH_UNDERSCORES_REJECT_REQUEST" = 2,
        /// They are dropped.
        DropHeader = "HEADERS_WITH_UNDERSCORES_DROP_HEADER" = 3,
    }
}

wire_enum! {
    /// What becomes of escaped slashes in paths.
    PathWithEscapedSlashesAction {
        /// As the profile says.
        Unspecified = "PATH_WITH_ESCAPED_SLASHES_UNSPECIFIED" = 0,
        /// They stay.
        KeepUnchanged = "KEEP_UNCHANGED" = 1,
        /// The request is refused.
        RejectRequest = "REJECT_REQUEST" = 2,
        /// The client is sent to the path without them.
        UnescapeAndRedirect = "UNESCAPE_AND_REDIRECT" = 3,
        /// They become slashes.
        UnescapeAndForward = "UNESCAPE_AND_FORWARD" = 4,
    }
}

message! {
    /// Limits and timeouts of connections.
    ConnectionSettings {
        /// What holds where nothing is set.
        profile / with_profile: ConnectionProfile = "profile",
        /// Bytes kept back for a client.
        listener_per_connection_buffer_limit_bytes / with_listener_per_connection_buffer_limit_bytes: Option<i32> = "listenerPerConnectionBufferLimitBytes",
        /// Bytes kept back for a service.
        cluster_per_connection_buffer_limit_bytes / with_cluster_per_connection_buffer_limit_bytes: Option<i32> = "clusterPerConnectionBufferLimitBytes",
        /// How long a connection may be without requests.
        http_idle_timeout / with_http_idle_timeout: Option<TimeDelta> = "httpIdleTimeout",
        /// How long a connection may last.
        http_max_connection_duration / with_http_max_connection_duration: Option<TimeDelta> = "httpMaxConnectionDuration",
        /// How long it is drained.
        http_drain_timeout / with_http_drain_timeout: Option<TimeDelta> = "httpDrainTimeout",
        /// How long a request may take to arrive.
        http_request_timeout / with_http_request_timeout: Option<TimeDelta> = "httpRequestTimeout",
        /// How long its headers may take.
        http_request_headers_timeout / with_http_request_headers_timeout: Option<TimeDelta> = "httpRequestHeadersTimeout",
        /// How long a stream may be silent.
        http_stream_idle_timeout / with_http_stream_idle_timeout: Option<TimeDelta> = "httpStreamIdleTimeout",
        /// How long a stream may last.
        http_max_stream_duration / with_http_max_stream_duration: Option<TimeDelta> = "httpMaxStreamDuration",
        /// Most streams of one connection.
        http_max_concurrent_streams / with_http_max_concurrent_streams: Option<i32> = "httpMaxConcurrentStreams",
        /// First window of a stream, in bytes.
        http2_initial_stream_window_size / with_http2_initial_stream_window_size: Option<i32> = "http2InitialStreamWindowSize",
        /// First window of a connection, in bytes.
        http2_initial_connection_window_size / with_http2_initial_connection_window_size: Option<i32> = "http2InitialConnectionWindowSize",
        /// What becomes of headers with `_`.
        http_headers_with_underscores_action / with_http_headers_with_underscores_action: HeadersWithUnderscoresAction = "httpHeadersWithUnderscoresAction",
        /// Whether double slashes become one.
        http_merge_slashes / with_http_merge_slashes: Option<bool> = "httpMergeSlashes",
        /// What becomes of escaped slashes.
        http_path_with_escaped_slashes_action / with_http_path_with_escaped_slashes_action: PathWithEscapedSlashesAction = "httpPathWithEscapedSlashesAction",
        /// Most connections of a listener.
        listener_connection_limit / with_listener_connection_limit: Option<i32> = "listenerConnectionLimit",
        /// Most connections of all listeners.
        global_downstream_connection_limit / with_global_downstream_connection_limit: Option<i32> = "globalDownstreamConnectionLimit",
    }
}
