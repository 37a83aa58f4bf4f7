//! The configuration of a mesh.

use pointsman_manifest::Value;
use pointsman_types::duration::TimeDelta;

use super::{ExtensionProvider, ProxyConfig};
use crate::core::LabelSelector;
use crate::istio::networking::{
    ClientTLSSettings, ConnectionPoolSettings, HTTPRetry, LocalityLoadBalancerSetting, OutlierDetection,
    TcpKeepalive, ZoneAwareLoadBalancerSetting,
};
use crate::macros::{message, one_of, wire_enum};

message! {
    /// The configuration of a mesh.
    ///
    /// Shape: what is not set has the control plane's default: [`MeshConfig::with_defaults`].
    MeshConfig {
        /// Port that outbound traffic is redirected to; 0 means 15001.
        proxy_listen_port / with_proxy_listen_port: i32 = "proxyListenPort",
        /// Port that inbound traffic is redirected to; 0 means 15006.
        proxy_inbound_listen_port / with_proxy_inbound_listen_port: i32 = "proxyInboundListenPort",
        /// Port for explicit HTTP proxying; 0: none.
        proxy_http_port / with_proxy_http_port: i32 = "proxyHttpPort",
        /// How long a connection may take to open; none: 10 s.
        connect_timeout / with_connect_timeout: Option<TimeDelta> = "connectTimeout",
        /// How long a tunnel of ambient mode may be idle; none: 1 h.
        hbone_idle_timeout / with_hbone_idle_timeout: Option<TimeDelta> = "hboneIdleTimeout",
        /// How long the proxy waits to see the protocol; none or 0: without end.
        protocol_detection_timeout / with_protocol_detection_timeout: Option<TimeDelta> = "protocolDetectionTimeout",
        /// Keepalive probes of upstream connections.
        tcp_keepalive / with_tcp_keepalive: Option<TcpKeepalive> = "tcpKeepalive",
        /// Class of the Ingress objects that count; empty: `istio`.
        ingress_class / with_ingress_class: String = "ingressClass",
        /// Service of the ingress gateway; empty: `istio-ingressgateway`.
        ingress_service / with_ingress_service: String = "ingressService",
        /// Which Ingress objects count.
        ingress_controller_mode / with_ingress_controller_mode: IngressControllerMode = "ingressControllerMode",
        /// Label `istio` of the ingress gateway's workloads; empty: `ingressgateway`.
        ingress_selector / with_ingress_selector: String = "ingressSelector",
        /// Whether traces are made.
        enable_tracing / with_enable_tracing: bool = "enableTracing",
        /// File of the access log; empty: none.
        access_log_file / with_access_log_file: String = "accessLogFile",
        /// Format of the access log; empty: the built-in one.
        access_log_format / with_access_log_format: String = "accessLogFormat",
        /// Encoding of the access log.
        access_log_encoding / with_access_log_encoding: AccessLogEncoding = "accessLogEncoding",
        /// Whether access logs go to Envoy's service.
        enable_envoy_access_log_service / with_enable_envoy_access_log_service: bool = "enableEnvoyAccessLogService",
        /// Whether what listeners log is left out.
        disable_envoy_listener_log / with_disable_envoy_listener_log: bool = "disableEnvoyListenerLog",
        /// Settings of proxies.
        default_config / with_default_config: Option<ProxyConfig> = "defaultConfig",
        /// What happens to hosts that nobody knows; none: they are let out.
        outbound_traffic_policy / with_outbound_traffic_policy: Option<MeshOutboundTrafficPolicy> = "outboundTrafficPolicy",
        /// Where inbound traffic goes.
        inbound_traffic_policy / with_inbound_traffic_policy: Option<MeshInboundTrafficPolicy> = "inboundTrafficPolicy",
        /// Where configuration comes from.
        config_sources / with_config_sources: Vec<Value> = "configSources",
        /// Whether proxies speak mutual TLS where both can; none: yes.
        enable_auto_mtls / with_enable_auto_mtls: Option<bool> = "enableAutoMtls",
        /// Trust domain; empty: `cluster.local`.
        trust_domain / with_trust_domain: String = "trustDomain",
        /// Trust domains that count as the same.
        trust_domain_aliases / with_trust_domain_aliases: Vec<String> = "trustDomainAliases",
        /// More authorities.
        ca_certificates / with_ca_certificates: Vec<CertificateData> = "caCertificates",
        /// Who sees services that do not say it; empty: all.
        default_service_export_to / with_default_service_export_to: Vec<String> = "defaultServiceExportTo",
        /// Who sees virtual services that do not say it; empty: all.
        default_virtual_service_export_to / with_default_virtual_service_export_to: Vec<String> = "defaultVirtualServiceExportTo",
        /// Who sees destination rules that do not say it; empty: all.
        default_destination_rule_export_to / with_default_destination_rule_export_to: Vec<String> = "defaultDestinationRuleExportTo",
        /// Namespace whose policies hold for the mesh; empty: `istio-system`.
        root_namespace / with_root_namespace: String = "rootNamespace",
        /// Preference by locality, where a destination rule does not say it.
        locality_lb_setting / with_locality_lb_setting: Option<LocalityLoadBalancerSetting> = "localityLbSetting",
        /// Preference by zone, where a destination rule does not say it.
        zone_aware_lb_setting / with_zone_aware_lb_setting: Option<ZoneAwareLoadBalancerSetting> = "zoneAwareLbSetting",
        /// How often names are looked up; none: 60 s.
        dns_refresh_rate / with_dns_refresh_rate: Option<TimeDelta> = "dnsRefreshRate",
        /// Whether connections are upgraded to HTTP/2.
        h2_upgrade_policy / with_h2_upgrade_policy: MeshH2UpgradePolicy = "h2UpgradePolicy",
        /// Name of inbound clusters in statistics.
        inbound_cluster_stat_name / with_inbound_cluster_stat_name: String = "inboundClusterStatName",
        /// Name of outbound clusters in statistics.
        outbound_cluster_stat_name / with_outbound_cluster_stat_name: String = "outboundClusterStatName",
        /// Deprecated.
        certificates / with_certificates: Vec<Value> = "certificates",
        /// Settings of services.
        service_settings / with_service_settings: Vec<ServiceSettings> = "serviceSettings",
        /// Which services are seen in other clusters.
        service_scope_configs / with_service_scope_configs: Vec<ServiceScopeConfigs> = "serviceScopeConfigs",
        /// Whether the proxy offers the workload's metrics with its own; none: yes.
        enable_prometheus_merge / with_enable_prometheus_merge: Option<bool> = "enablePrometheusMerge",
        /// Deprecated.
        verify_certificate_at_client / with_verify_certificate_at_client: Option<bool> = "verifyCertificateAtClient",
        /// Who signs certificates.
        ca / with_ca: Value = "ca",
        /// Services that policies and telemetry refer to by name.
        extension_providers / with_extension_providers: Vec<ExtensionProvider> = "extensionProviders",
        /// Which of them are used where nothing is said.
        default_providers / with_default_providers: Option<DefaultProviders> = "defaultProviders",
        /// Namespaces that the control plane looks at; empty: all.
        discovery_selectors / with_discovery_selectors: Vec<LabelSelector> = "discoverySelectors",
        /// How paths are normalised.
        path_normalization / with_path_normalization: Option<ProxyPathNormalization> = "pathNormalization",
        /// Retries, where a route does not say them.
        default_http_retry_policy / with_default_http_retry_policy: Option<HTTPRetry> = "defaultHttpRetryPolicy",
        /// Retries of inbound requests; none: none.
        default_inbound_http_retry_policy / with_default_inbound_http_retry_policy: Option<HTTPRetry> = "defaultInboundHttpRetryPolicy",
        /// TLS between workloads.
        mesh_mtls / with_mesh_mtls: Option<TLSConfig> = "meshMTLS",
        /// TLS of everything else.
        tls_defaults / with_tls_defaults: Option<TLSConfig> = "tlsDefaults",
        /// Limits, where a destination rule does not say them.
        default_traffic_policy / with_default_traffic_policy: Option<DefaultTrafficPolicy> = "defaultTrafficPolicy",
        /// Who sees service entries.
        service_entry_visibility / with_service_entry_visibility: Option<ServiceEntryVisibility> = "serviceEntryVisibility",
    }
}

impl MeshConfig {
    /// With the control plane's defaults where nothing is set.
    #[must_use]
    pub fn with_defaults(mut self) -> Self {
        let text = |field: &mut String, default: &str| {
            if field.is_empty() {
                default.clone_into(field);
            }
        };
        text(&mut self.root_namespace, "istio-system");
        text(&mut self.trust_domain, "cluster.local");
        text(&mut self.ingress_class, "istio");
        text(&mut self.ingress_service, "istio-ingressgateway");
        text(&mut self.ingress_selector, "ingressgateway");
        let everybody = |field: &mut Vec<String>| {
            if field.is_empty() {
                field.push("*".to_owned());
            }
        };
        everybody(&mut self.default_service_export_to);
        everybody(&mut self.default_virtual_service_export_to);
        everybody(&mut self.default_destination_rule_export_to);
        let port = |field: &mut i32, default| *field = if *field == 0 { default } else { *field };
        port(&mut self.proxy_listen_port, 15001);
        port(&mut self.proxy_inbound_listen_port, 15006);
        if self.ingress_controller_mode == IngressControllerMode::Unspecified {
            self.ingress_controller_mode = IngressControllerMode::Strict;
        }
        self.connect_timeout.get_or_insert(TimeDelta::from_secs(10));
        self.dns_refresh_rate.get_or_insert(TimeDelta::from_secs(60));
        self.enable_auto_mtls.get_or_insert(true);
        self.enable_prometheus_merge.get_or_insert(true);
        self.outbound_traffic_policy
            .get_or_insert_with(|| MeshOutboundTrafficPolicy::new().with_mode(MeshOutboundMode::AllowAny));
        self.locality_lb_setting.get_or_insert_with(|| LocalityLoadBalancerSetting::new().with_enabled(true));
        self
    }
}

wire_enum! {
    /// Which Ingress objects count.
    IngressControllerMode {
        /// As `STRICT`.
        Unspecified = "UNSPECIFIED" = 0,
        /// None.
        Off = "OFF" = 1,
        /// Those without a class and those of the class.
        Default = "DEFAULT" = 2,
        /// Those of the class.
        Strict = "STRICT" = 3,
    }
}

wire_enum! {
    /// Encoding of the access log.
    AccessLogEncoding {
        /// Lines.
        Text = "TEXT" = 0,
        /// JSON.
        Json = "JSON" = 1,
    }
}

wire_enum! {
    /// What happens to hosts that nobody knows.
    MeshOutboundMode {
        /// They are refused.
        RegistryOnly = "REGISTRY_ONLY" = 0,
        /// They are let out.
        AllowAny = "ALLOW_ANY" = 1,
        /// They are let out, each name looked up on its own.
        AllowAnyDynamicDns = "ALLOW_ANY_DYNAMIC_DNS" = 3,
    }
}

message! {
    /// What happens to hosts that nobody knows.
    MeshOutboundTrafficPolicy {
        /// Whether they are let out. Empty is `REGISTRY_ONLY`, although no policy at all is `ALLOW_ANY`.
        mode / with_mode: MeshOutboundMode = "mode",
        /// TLS towards them.
        tls / with_tls: Option<ClientTLSSettings> = "tls",
    }
}

wire_enum! {
    /// Where inbound traffic goes.
    InboundMode {
        /// To the address that was asked for.
        Passthrough = "PASSTHROUGH" = 0,
        /// To `127.0.0.1`.
        Localhost = "LOCALHOST" = 1,
    }
}

message! {
    /// Where inbound traffic goes.
    MeshInboundTrafficPolicy {
        /// Where.
        mode / with_mode: InboundMode = "mode",
    }
}

one_of! {
    /// Certificates, or where they are.
    CertificateSource {
        /// In PEM.
        Pem(String) = "pem",
        /// At the address of a SPIFFE bundle.
        SpiffeBundleUrl(String) = "spiffeBundleUrl",
    }
}

message! {
    /// An authority.
    CertificateData {
        /// Signers that it stands for.
        cert_signers / with_cert_signers: Vec<String> = "certSigners",
        /// Trust domains that it stands for.
        trust_domains / with_trust_domains: Vec<String> = "trustDomains",
        ; /// Its certificates.
        oneof certificate_data / with_certificate_data: CertificateSource,
    }
}

wire_enum! {
    /// Whether connections are upgraded to HTTP/2.
    MeshH2UpgradePolicy {
        /// No.
        DoNotUpgrade = "DO_NOT_UPGRADE" = 0,
        /// Yes.
        Upgrade = "UPGRADE" = 1,
    }
}

message! {
    /// Settings of services.
    ServiceSettings {
        /// The settings.
        settings / with_settings: Option<ServiceSettingsValues> = "settings",
        /// Which services: full names, `*.` first for all below.
        hosts / with_hosts: Vec<String> = "hosts",
    }
}

message! {
    /// The settings of services.
    ServiceSettingsValues {
        /// Whether only endpoints of the own cluster are used.
        cluster_local / with_cluster_local: bool = "clusterLocal",
    }
}

wire_enum! {
    /// Where services are seen.
    ServiceScope {
        /// In their cluster.
        Local = "LOCAL" = 0,
        /// In all clusters.
        Global = "GLOBAL" = 1,
    }
}

message! {
    /// Where services are seen.
    ServiceScopeConfigs {
        /// Namespaces of the services.
        namespace_selector / with_namespace_selector: Option<LabelSelector> = "namespaceSelector",
        /// The services.
        services_selector / with_services_selector: Option<LabelSelector> = "servicesSelector",
        /// Where.
        scope / with_scope: ServiceScope = "scope",
    }
}

message! {
    /// Which providers are used where nothing is said.
    DefaultProviders {
        /// For traces.
        tracing / with_tracing: Vec<String> = "tracing",
        /// For metrics.
        metrics / with_metrics: Vec<String> = "metrics",
        /// For access logs.
        access_logging / with_access_logging: Vec<String> = "accessLogging",
    }
}

wire_enum! {
    /// How paths are normalised before routing and authorization.
    NormalizationType {
        /// As `BASE`.
        Default = "DEFAULT" = 0,
        /// Not.
        None = "NONE" = 1,
        /// As RFC 3986 says; backslashes become slashes.
        Base = "BASE" = 2,
        /// Double slashes become one, too.
        MergeSlashes = "MERGE_SLASHES" = 3,
        /// Escaped slashes become slashes first, too.
        DecodeAndMergeSlashes = "DECODE_AND_MERGE_SLASHES" = 4,
    }
}

message! {
    /// How paths are normalised.
    ProxyPathNormalization {
        /// How.
        normalization / with_normalization: NormalizationType = "normalization",
    }
}

wire_enum! {
    /// Lowest version of TLS.
    MeshTLSProtocol {
        /// As the proxy has it.
        Auto = "TLS_AUTO" = 0,
        /// 1.2.
        V1_2 = "TLSV1_2" = 1,
        /// 1.3.
        V1_3 = "TLSV1_3" = 2,
    }
}

message! {
    /// TLS.
    TLSConfig {
        /// Lowest version.
        min_protocol_version / with_min_protocol_version: MeshTLSProtocol = "minProtocolVersion",
        /// Curves.
        ecdh_curves / with_ecdh_curves: Vec<String> = "ecdhCurves",
        /// Ciphers.
        cipher_suites / with_cipher_suites: Vec<String> = "cipherSuites",
    }
}

message! {
    /// Limits, where a destination rule does not say them.
    DefaultTrafficPolicy {
        /// How many connections and requests.
        connection_pool / with_connection_pool: Option<ConnectionPoolSettings> = "connectionPool",
        /// When an endpoint is left out.
        outlier_detection / with_outlier_detection: Option<OutlierDetection> = "outlierDetection",
    }
}

wire_enum! {
    /// Who sees service entries.
    Visibility {
        /// Not said.
        Unspecified = "VISIBILITY_UNSPECIFIED" = 0,
        /// Nobody.
        None = "NONE" = 1,
        /// Their namespace.
        Namespace = "NAMESPACE" = 2,
        /// Everybody.
        Public = "PUBLIC" = 3,
    }
}

message! {
    /// Who sees service entries.
    ServiceEntryVisibility {
        /// Where no policy fits.
        default_visibility / with_default_visibility: Visibility = "defaultVisibility",
        /// Whether it holds for sidecars too.
        apply_to_sidecars / with_apply_to_sidecars: bool = "applyToSidecars",
        /// The first that fits counts.
        policies / with_policies: Vec<VisibilityPolicy> = "policies",
    }
}

message! {
    /// Who sees certain service entries.
    VisibilityPolicy {
        /// Who.
        visibility / with_visibility: Visibility = "visibility",
        /// Which: one of these.
        matching_rules / with_matching_rules: Vec<VisibilityMatch> = "matchingRules",
    }
}

message! {
    /// Which service entries.
    VisibilityMatch {
        /// By their namespace.
        namespace_selector / with_namespace_selector: Option<LabelSelector> = "namespaceSelector",
    }
}
