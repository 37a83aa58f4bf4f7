//! Routes of the old model: RouteRule, IngressRule and what they are made of.

use std::collections::BTreeMap;

use pointsman_manifest::Value;
use pointsman_types::duration::TimeDelta;

use crate::istio::networking::StringMatch;
use crate::macros::{message, one_of};

message! {
    /// Where requests to one service go, in the old model.
    ///
    /// Shape: of all rules of a service the one with the highest precedence that fits is taken; nothing is merged.
    RouteRule {
        /// The service; without labels.
        destination / with_destination: Option<IstioService> = "destination",
        /// Higher comes first.
        precedence / with_precedence: i32 = "precedence",
        /// Which requests; none: all of HTTP.
        r#match / with_match: Option<MatchCondition> = "match",
        /// Where they go, by weights that sum to 100.
        route / with_route: Vec<DestinationWeight> = "route",
        /// Where the client is sent instead.
        redirect / with_redirect: Option<HTTPRedirect> = "redirect",
        /// What becomes of host and path.
        rewrite / with_rewrite: Option<HTTPRewrite> = "rewrite",
        /// Whether the connection may become a WebSocket.
        websocket_upgrade / with_websocket_upgrade: bool = "websocketUpgrade",
        /// How long a request may take, retries included; none: 15 s.
        http_req_timeout / with_http_req_timeout: Option<HTTPTimeout> = "httpReqTimeout",
        /// How often it is tried again; none: never.
        http_req_retries / with_http_req_retries: Option<HTTPRetry> = "httpReqRetries",
        /// Faults that are made.
        http_fault / with_http_fault: Option<HTTPFaultInjection> = "httpFault",
        /// Faults below HTTP; never worked.
        l4_fault / with_l4_fault: Option<L4FaultInjection> = "l4Fault",
        /// Where a copy goes.
        mirror / with_mirror: Option<IstioService> = "mirror",
        /// Cross-origin requests.
        cors_policy / with_cors_policy: Option<CorsPolicy> = "corsPolicy",
        /// Headers added to the request.
        append_headers / with_append_headers: BTreeMap<String, String> = "appendHeaders",
    }
}

message! {
    /// A service, and maybe a version of it.
    ///
    /// Shape: one of `name` and `service`; `namespace` and `domain` only beside `name`.
    IstioService {
        /// Short name.
        name / with_name: String = "name",
        /// Its namespace; empty: that of the object.
        namespace / with_namespace: String = "namespace",
        /// The rest of its name; empty: `svc` and the cluster's domain.
        domain / with_domain: String = "domain",
        /// Full name, wildcard or IPv4 range.
        service / with_service: String = "service",
        /// Labels of its workloads.
        labels / with_labels: BTreeMap<String, String> = "labels",
    }
}

message! {
    /// Which requests.
    MatchCondition {
        /// Who sends them.
        source / with_source: Option<IstioService> = "source",
        /// TCP connections.
        tcp / with_tcp: Option<L4MatchAttributes> = "tcp",
        /// Never worked.
        udp / with_udp: Option<L4MatchAttributes> = "udp",
        /// HTTP requests.
        request / with_request: Option<MatchRequest> = "request",
    }
}

message! {
    /// Which HTTP requests.
    MatchRequest {
        /// Conditions by header; `uri`, `scheme`, `method` and `authority` stand for these parts of the request.
        headers / with_headers: BTreeMap<String, StringMatch> = "headers",
    }
}

message! {
    /// Which connections.
    L4MatchAttributes {
        /// IPv4 ranges of the client.
        source_subnet / with_source_subnet: Vec<String> = "sourceSubnet",
        /// IPv4 ranges of the destination.
        destination_subnet / with_destination_subnet: Vec<String> = "destinationSubnet",
    }
}

message! {
    /// A share of the requests.
    DestinationWeight {
        /// The service; none: that of the rule.
        destination / with_destination: Option<IstioService> = "destination",
        /// Its version.
        labels / with_labels: BTreeMap<String, String> = "labels",
        /// Percent; the only entry may be 0.
        weight / with_weight: i32 = "weight",
    }
}

message! {
    /// Where the client is sent.
    HTTPRedirect {
        /// The whole path.
        uri / with_uri: String = "uri",
        /// The host.
        authority / with_authority: String = "authority",
    }
}

message! {
    /// What becomes of host and path.
    HTTPRewrite {
        /// In place of the prefix that matched.
        uri / with_uri: String = "uri",
        /// The host.
        authority / with_authority: String = "authority",
    }
}

one_of! {
    /// A timeout.
    TimeoutPolicy {
        /// The usual one.
        SimpleTimeout(SimpleTimeoutPolicy) = "simpleTimeout",
        /// For proxies of one's own.
        Custom(Value) = "custom",
    }
}

message! {
    /// How long a request may take.
    HTTPTimeout {
        ; /// How it is said.
        oneof timeout_policy / with_timeout_policy: TimeoutPolicy,
    }
}

message! {
    /// A timeout.
    SimpleTimeoutPolicy {
        /// How long, whole milliseconds.
        timeout / with_timeout: Option<TimeDelta> = "timeout",
        /// Request header that says it instead.
        override_header_name / with_override_header_name: String = "overrideHeaderName",
    }
}

one_of! {
    /// Retries.
    RetryPolicy {
        /// The usual ones.
        SimpleRetry(SimpleRetryPolicy) = "simpleRetry",
        /// For proxies of one's own.
        Custom(Value) = "custom",
    }
}

message! {
    /// How often a request is tried again.
    HTTPRetry {
        ; /// How it is said.
        oneof retry_policy / with_retry_policy: RetryPolicy,
    }
}

message! {
    /// Retries.
    SimpleRetryPolicy {
        /// How many.
        attempts / with_attempts: i32 = "attempts",
        /// How long each may take.
        per_try_timeout / with_per_try_timeout: Option<TimeDelta> = "perTryTimeout",
        /// Request header that says it instead.
        override_header_name / with_override_header_name: String = "overrideHeaderName",
    }
}

message! {
    /// Faults that are made.
    HTTPFaultInjection {
        /// Waits.
        delay / with_delay: Option<FaultDelay> = "delay",
        /// Errors.
        abort / with_abort: Option<FaultAbort> = "abort",
    }
}

one_of! {
    /// How long it is waited.
    DelayType {
        /// So long.
        FixedDelay(TimeDelta) = "fixedDelay",
        /// Around so long; never worked.
        ExponentialDelay(TimeDelta) = "exponentialDelay",
    }
}

message! {
    /// Requests that wait.
    FaultDelay {
        /// How many, 0 to 100. Although the documentation said otherwise, 0 and nothing meant none.
        percent / with_percent: f64 = "percent",
        /// Request header that says it instead.
        override_header_name / with_override_header_name: String = "overrideHeaderName",
        ; /// How long.
        oneof http_delay_type / with_http_delay_type: DelayType,
    }
}

one_of! {
    /// Which error.
    AbortType {
        /// Never worked.
        GrpcStatus(String) = "grpcStatus",
        /// Never worked.
        Http2Error(String) = "http2Error",
        /// This status.
        HttpStatus(i32) = "httpStatus",
    }
}

message! {
    /// Requests that fail.
    FaultAbort {
        /// How many, 0 to 100. Although the documentation said otherwise, 0 and nothing meant none.
        percent / with_percent: f64 = "percent",
        /// Request header that says it instead.
        override_header_name / with_override_header_name: String = "overrideHeaderName",
        ; /// With which error.
        oneof error_type / with_error_type: AbortType,
    }
}

message! {
    /// Faults below HTTP; never worked.
    L4FaultInjection {
        /// Slower connections.
        throttle / with_throttle: Value = "throttle",
        /// Connections that break.
        terminate / with_terminate: Value = "terminate",
    }
}

message! {
    /// Cross-origin requests.
    CorsPolicy {
        /// Origins that may ask; `*`: all.
        allow_origin / with_allow_origin: Vec<String> = "allowOrigin",
        /// Methods.
        allow_methods / with_allow_methods: Vec<String> = "allowMethods",
        /// Request headers.
        allow_headers / with_allow_headers: Vec<String> = "allowHeaders",
        /// Response headers.
        expose_headers / with_expose_headers: Vec<String> = "exposeHeaders",
        /// How long the answer counts; whole seconds.
        max_age / with_max_age: Option<TimeDelta> = "maxAge",
        /// Whether credentials may be sent.
        allow_credentials / with_allow_credentials: Option<bool> = "allowCredentials",
    }
}

one_of! {
    /// A port of the service.
    IngressPort {
        /// By number.
        DestinationPort(i32) = "destinationPort",
        /// By name.
        DestinationPortName(String) = "destinationPortName",
    }
}

message! {
    /// What an Ingress was turned into.
    IngressRule {
        /// Port of the gateway.
        port / with_port: i32 = "port",
        /// Secret for TLS.
        tls_secret / with_tls_secret: String = "tlsSecret",
        /// Higher comes first.
        precedence / with_precedence: i32 = "precedence",
        /// Which requests.
        r#match / with_match: Option<MatchCondition> = "match",
        /// The service.
        destination / with_destination: Option<IstioService> = "destination",
        ; /// Its port.
        oneof destination_service_port / with_destination_service_port: IngressPort,
    }
}
