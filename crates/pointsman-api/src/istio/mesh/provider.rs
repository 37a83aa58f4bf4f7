//! Services that policies and telemetry refer to by name.

use std::collections::BTreeMap;

use pointsman_manifest::Value;
use pointsman_types::duration::TimeDelta;

use crate::macros::{message, one_of};

message! {
    /// A service that policies and telemetry refer to by name.
    ExtensionProvider {
        /// Name, unique in the mesh.
        name / with_name: String = "name",
        ; /// What it is.
        oneof provider / with_provider: ProviderKind,
    }
}

one_of! {
    /// What a provider is. Those that only take telemetry are kept as they are written.
    ProviderKind {
        /// It decides about requests, over HTTP.
        EnvoyExtAuthzHttp(Box<ExtAuthzHttpProvider>) = "envoyExtAuthzHttp",
        /// It decides about requests, over gRPC.
        EnvoyExtAuthzGrpc(Box<ExtAuthzGrpcProvider>) = "envoyExtAuthzGrpc",
        /// It takes traces.
        Zipkin(Value) = "zipkin",
        /// It takes traces; deprecated.
        Lightstep(Value) = "lightstep",
        /// It takes traces.
        Datadog(Value) = "datadog",
        /// It takes traces and logs.
        Stackdriver(Value) = "stackdriver",
        /// It takes traces; deprecated.
        Opencensus(Value) = "opencensus",
        /// It takes traces.
        Skywalking(Value) = "skywalking",
        /// It takes traces.
        Opentelemetry(Value) = "opentelemetry",
        /// It takes metrics.
        Prometheus(Value) = "prometheus",
        /// A file.
        EnvoyFileAccessLog(Value) = "envoyFileAccessLog",
        /// It takes access logs of HTTP.
        EnvoyHttpAls(Value) = "envoyHttpAls",
        /// It takes access logs of TCP.
        EnvoyTcpAls(Value) = "envoyTcpAls",
        /// It takes access logs.
        EnvoyOtelAls(Value) = "envoyOtelAls",
        /// It has secrets.
        Sds(Value) = "sds",
    }
}

impl ProviderKind {
    /// Host (maybe `namespace/host`) and port of its service, where it has one.
    #[must_use]
    pub fn service(&self) -> Option<(&str, u32)> {
        match self {
            Self::EnvoyExtAuthzHttp(provider) => Some((&provider.service, provider.port)),
            Self::EnvoyExtAuthzGrpc(provider) => Some((&provider.service, provider.port)),
            Self::Zipkin(fields)
            | Self::Lightstep(fields)
            | Self::Datadog(fields)
            | Self::Stackdriver(fields)
            | Self::Opencensus(fields)
            | Self::Skywalking(fields)
            | Self::Opentelemetry(fields)
            | Self::Prometheus(fields)
            | Self::EnvoyFileAccessLog(fields)
            | Self::EnvoyHttpAls(fields)
            | Self::EnvoyTcpAls(fields)
            | Self::EnvoyOtelAls(fields)
            | Self::Sds(fields) => {
                let port = fields.get("port").and_then(Value::as_u64).and_then(|port| port.try_into().ok());
                Some((fields.get("service")?.as_str()?, port?))
            }
        }
    }
}

message! {
    /// Asks over HTTP whether a request may pass.
    ExtAuthzHttpProvider {
        /// The service: `host` or `namespace/host`.
        service / with_service: String = "service",
        /// Its port.
        port / with_port: u32 = "port",
        /// How long the answer may take; none: 600 s.
        timeout / with_timeout: Option<TimeDelta> = "timeout",
        /// What is put before the path.
        path_prefix / with_path_prefix: String = "pathPrefix",
        /// Whether requests pass when it does not answer.
        fail_open / with_fail_open: bool = "failOpen",
        /// Whether the route is chosen again after the answer.
        clear_route_cache / with_clear_route_cache: bool = "clearRouteCache",
        /// Status when it does not answer; empty: 403.
        status_on_error / with_status_on_error: String = "statusOnError",
        /// Deprecated.
        include_headers_in_check / with_include_headers_in_check: Vec<String> = "includeHeadersInCheck",
        /// Request headers that it sees.
        include_request_headers_in_check / with_include_request_headers_in_check: Vec<String> = "includeRequestHeadersInCheck",
        /// Headers that it gets.
        include_additional_headers_in_check / with_include_additional_headers_in_check: BTreeMap<String, String> = "includeAdditionalHeadersInCheck",
        /// Whether it sees the body.
        include_request_body_in_check / with_include_request_body_in_check: Option<ExtAuthzRequestBody> = "includeRequestBodyInCheck",
        /// Its headers that go to the service, when it allows.
        headers_to_upstream_on_allow / with_headers_to_upstream_on_allow: Vec<String> = "headersToUpstreamOnAllow",
        /// Its headers that go to the client, when it denies.
        headers_to_downstream_on_deny / with_headers_to_downstream_on_deny: Vec<String> = "headersToDownstreamOnDeny",
        /// Its headers that go to the client, when it allows.
        headers_to_downstream_on_allow / with_headers_to_downstream_on_allow: Vec<String> = "headersToDownstreamOnAllow",
    }
}

message! {
    /// Asks over gRPC whether a request may pass.
    ExtAuthzGrpcProvider {
        /// The service: `host` or `namespace/host`.
        service / with_service: String = "service",
        /// Its port.
        port / with_port: u32 = "port",
        /// How long the answer may take; none: 600 s.
        timeout / with_timeout: Option<TimeDelta> = "timeout",
        /// Whether requests pass when it does not answer.
        fail_open / with_fail_open: bool = "failOpen",
        /// Whether the route is chosen again after the answer.
        clear_route_cache / with_clear_route_cache: bool = "clearRouteCache",
        /// Status when it does not answer; empty: 403.
        status_on_error / with_status_on_error: String = "statusOnError",
        /// Whether it sees the body.
        include_request_body_in_check / with_include_request_body_in_check: Option<ExtAuthzRequestBody> = "includeRequestBodyInCheck",
    }
}

message! {
    /// How much of a request's body is seen.
    ExtAuthzRequestBody {
        /// Most bytes.
        max_request_bytes / with_max_request_bytes: u32 = "maxRequestBytes",
        /// Whether a longer body is seen in part (or the request refused with 413).
        allow_partial_message / with_allow_partial_message: bool = "allowPartialMessage",
        /// Whether it is passed as bytes.
        pack_as_bytes / with_pack_as_bytes: bool = "packAsBytes",
    }
}
