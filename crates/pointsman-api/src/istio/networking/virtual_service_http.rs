//! Routes of HTTP.

use std::collections::BTreeMap;

use pointsman_types::duration::TimeDelta;

use super::StringMatch;
use crate::macros::{message, one_of, wire_enum};

message! {
    /// One rule: which requests, and what happens to them.
    ///
    /// Shape: exactly one of `route`, `redirect`, `directResponse`, `delegate`.
    HTTPRoute {
        /// Name, for people and access logs.
        name / with_name: String = "name",
        /// Conditions: one of them must hold; empty holds always.
        r#match / with_match: Vec<HTTPMatchRequest> = "match",
        /// Where to, shared by weight.
        route / with_route: Vec<HTTPRouteDestination> = "route",
        /// Send the client elsewhere.
        redirect / with_redirect: Option<HTTPRedirect> = "redirect",
        /// Answer without a destination.
        direct_response / with_direct_response: Option<HTTPDirectResponse> = "directResponse",
        /// Let another VirtualService decide.
        delegate / with_delegate: Option<Delegate> = "delegate",
        /// Change path or authority on the way.
        rewrite / with_rewrite: Option<HTTPRewrite> = "rewrite",
        /// How long the whole request may take; none: no limit.
        timeout / with_timeout: Option<TimeDelta> = "timeout",
        /// Retries.
        retries / with_retries: Option<HTTPRetry> = "retries",
        /// Errors made on purpose.
        fault / with_fault: Option<HTTPFaultInjection> = "fault",
        /// A copy of requests goes here too.
        mirror / with_mirror: Option<Destination> = "mirror",
        /// Copies of requests go to several.
        mirrors / with_mirrors: Vec<HTTPMirrorPolicy> = "mirrors",
        /// Deprecated: the share that is mirrored, 0 to 100.
        mirror_percent / with_mirror_percent: Option<u32> = "mirrorPercent",
        /// The share that is mirrored; none: all.
        mirror_percentage / with_mirror_percentage: Option<Percentage> = "mirrorPercentage",
        /// Which other origins may use the answers.
        cors_policy / with_cors_policy: Option<CorsPolicy> = "corsPolicy",
        /// Changes of headers, for all destinations.
        headers / with_headers: Option<Headers> = "headers",
    }
}

message! {
    /// A condition on a request: everything that is set must hold.
    HTTPMatchRequest {
        /// Name, for people.
        name / with_name: String = "name",
        /// The path, with its query for a regular expression left out.
        uri / with_uri: Option<StringMatch> = "uri",
        /// The scheme.
        scheme / with_scheme: Option<StringMatch> = "scheme",
        /// The method.
        method / with_method: Option<StringMatch> = "method",
        /// The authority.
        authority / with_authority: Option<StringMatch> = "authority",
        /// Headers that must match.
        headers / with_headers: BTreeMap<String, StringMatch> = "headers",
        /// Port that was connected to; 0 for any.
        port / with_port: u32 = "port",
        /// Labels that the client's workload has.
        source_labels / with_source_labels: BTreeMap<String, String> = "sourceLabels",
        /// Gateways for which it counts; empty: those of the VirtualService.
        gateways / with_gateways: Vec<String> = "gateways",
        /// Parameters of the query that must match.
        query_params / with_query_params: BTreeMap<String, StringMatch> = "queryParams",
        /// Whether case of the path is ignored (exact and prefix only).
        ignore_uri_case / with_ignore_uri_case: bool = "ignoreUriCase",
        /// Headers that must not match.
        without_headers / with_without_headers: BTreeMap<String, StringMatch> = "withoutHeaders",
        /// Namespace of the client's workload.
        source_namespace / with_source_namespace: String = "sourceNamespace",
        /// Prefix of the statistics of this route.
        stat_prefix / with_stat_prefix: String = "statPrefix",
    }
}

message! {
    /// A weighted destination.
    HTTPRouteDestination {
        /// Where to.
        destination / with_destination: Option<Destination> = "destination",
        /// Its share, relative to the sum. Ignored where it is the only one.
        weight / with_weight: i32 = "weight",
        /// Changes of headers, for this destination.
        headers / with_headers: Option<Headers> = "headers",
    }
}

message! {
    /// A service, or a subset of it.
    Destination {
        /// Host: a name of the registry; a short name is completed by the namespace of the rule.
        host / with_host: String = "host",
        /// A subset that a DestinationRule declares; empty: the whole service.
        subset / with_subset: String = "subset",
        /// The port; may be left out where the service has one.
        port / with_port: Option<PortSelector> = "port",
    }
}

message! {
    /// A port by number.
    PortSelector {
        /// 1 to 65535.
        number / with_number: u32 = "number",
    }
}

message! {
    /// Another VirtualService that decides.
    Delegate {
        /// Its name.
        name / with_name: String = "name",
        /// Its namespace; empty: that of this VirtualService.
        namespace / with_namespace: String = "namespace",
    }
}

message! {
    /// A share as a number from 0 to 100, with fractions.
    Percentage {
        /// 0 to 100.
        value / with_value: f64 = "value",
    }
}

one_of! {
    /// The port of a redirect.
    RedirectPort {
        /// This one.
        Port(u32) = "port",
        /// Derived from the request.
        DerivePort(DerivePort) = "derivePort",
    }
}

wire_enum! {
    /// How the port of a redirect is derived.
    DerivePort {
        /// 80 or 443, by the scheme.
        FromProtocolDefault = "FROM_PROTOCOL_DEFAULT" = 0,
        /// The request's.
        FromRequestPort = "FROM_REQUEST_PORT" = 1,
    }
}

message! {
    /// Send the client elsewhere.
    HTTPRedirect {
        /// The new path.
        uri / with_uri: String = "uri",
        /// The new authority.
        authority / with_authority: String = "authority",
        /// The new scheme.
        scheme / with_scheme: String = "scheme",
        /// The status; 0 means 301.
        redirect_code / with_redirect_code: u32 = "redirectCode",
        /// What stands in place of the matched prefix.
        prefix_rewrite / with_prefix_rewrite: String = "prefixRewrite",
        ; /// The new port.
        oneof redirect_port / with_redirect_port: RedirectPort,
    }
}

message! {
    /// Answer without a destination.
    HTTPDirectResponse {
        /// The status.
        status / with_status: u32 = "status",
        /// The body.
        body / with_body: Option<HTTPBody> = "body",
    }
}

one_of! {
    /// What a body is made of.
    HTTPBodySpecifier {
        /// Text.
        String(String) = "string",
        /// Bytes in base64.
        Bytes(String) = "bytes",
    }
}

message! {
    /// A body.
    HTTPBody {
        ; /// What it is made of.
        oneof specifier / with_specifier: HTTPBodySpecifier,
    }
}

message! {
    /// Change path or authority on the way.
    HTTPRewrite {
        /// What stands in place of the matched prefix or path.
        uri / with_uri: String = "uri",
        /// The new authority.
        authority / with_authority: String = "authority",
        /// A replacement in the path.
        uri_regex_rewrite / with_uri_regex_rewrite: Option<RegexRewrite> = "uriRegexRewrite",
    }
}

message! {
    /// A replacement by regular expression.
    RegexRewrite {
        /// What is looked for, RE2.
        r#match / with_match: String = "match",
        /// What stands there afterwards; `\1` is the first group.
        rewrite / with_rewrite: String = "rewrite",
    }
}

message! {
    /// Retries.
    HTTPRetry {
        /// How often at most, besides the first try; 0: never.
        attempts / with_attempts: i32 = "attempts",
        /// How long each try may take; none: as long as the route.
        per_try_timeout / with_per_try_timeout: Option<TimeDelta> = "perTryTimeout",
        /// On which failures, separated by commas without spaces.
        retry_on / with_retry_on: String = "retryOn",
        /// Whether other localities are tried.
        retry_remote_localities / with_retry_remote_localities: Option<bool> = "retryRemoteLocalities",
        /// Whether endpoints tried before are avoided; none: yes.
        retry_ignore_previous_hosts / with_retry_ignore_previous_hosts: Option<bool> = "retryIgnorePreviousHosts",
        /// The base of the pause between tries; none: 25 ms.
        backoff / with_backoff: Option<TimeDelta> = "backoff",
    }
}

message! {
    /// Errors made on purpose.
    HTTPFaultInjection {
        /// Some requests wait.
        delay / with_delay: Option<FaultDelay> = "delay",
        /// Some requests fail.
        abort / with_abort: Option<FaultAbort> = "abort",
    }
}

one_of! {
    /// How long a delayed request waits.
    FaultDelayType {
        /// This long.
        FixedDelay(TimeDelta) = "fixedDelay",
        /// Not supported by the control plane.
        ExponentialDelay(TimeDelta) = "exponentialDelay",
    }
}

message! {
    /// Some requests wait.
    FaultDelay {
        /// Deprecated: the share, 0 to 100.
        percent / with_percent: i32 = "percent",
        /// The share; none: nobody.
        percentage / with_percentage: Option<Percentage> = "percentage",
        ; /// How long.
        oneof delay_type / with_delay_type: FaultDelayType,
    }
}

one_of! {
    /// How a request fails.
    FaultAbortType {
        /// With this HTTP status.
        HttpStatus(i32) = "httpStatus",
        /// With this gRPC status, by name.
        GrpcStatus(String) = "grpcStatus",
        /// Not supported by the control plane.
        Http2Error(String) = "http2Error",
    }
}

message! {
    /// Some requests fail.
    FaultAbort {
        /// The share; none: nobody.
        percentage / with_percentage: Option<Percentage> = "percentage",
        ; /// How.
        oneof error_type / with_error_type: FaultAbortType,
    }
}

message! {
    /// Copies of requests go to another destination too; its answers are thrown away.
    HTTPMirrorPolicy {
        /// Where to.
        destination / with_destination: Option<Destination> = "destination",
        /// The share; none: all.
        percentage / with_percentage: Option<Percentage> = "percentage",
    }
}

wire_enum! {
    /// What happens to preflights of other origins.
    UnmatchedPreflights {
        /// As `FORWARD`.
        Unspecified = "UNSPECIFIED" = 0,
        /// They are sent on.
        Forward = "FORWARD" = 1,
        /// They are answered without permission.
        Ignore = "IGNORE" = 2,
    }
}

message! {
    /// Which other origins may use the answers.
    CorsPolicy {
        /// Deprecated: origins, exact.
        allow_origin / with_allow_origin: Vec<String> = "allowOrigin",
        /// Origins.
        allow_origins / with_allow_origins: Vec<StringMatch> = "allowOrigins",
        /// Methods.
        allow_methods / with_allow_methods: Vec<String> = "allowMethods",
        /// Request headers.
        allow_headers / with_allow_headers: Vec<String> = "allowHeaders",
        /// Response headers that scripts may read.
        expose_headers / with_expose_headers: Vec<String> = "exposeHeaders",
        /// How long the answer of a preflight may be kept.
        max_age / with_max_age: Option<TimeDelta> = "maxAge",
        /// Whether requests may carry credentials.
        allow_credentials / with_allow_credentials: Option<bool> = "allowCredentials",
        /// What happens to preflights of other origins.
        unmatched_preflights / with_unmatched_preflights: UnmatchedPreflights = "unmatchedPreflights",
    }
}

message! {
    /// Changes of headers of requests and answers.
    Headers {
        /// Of the request.
        request / with_request: Option<HeaderOperations> = "request",
        /// Of the answer.
        response / with_response: Option<HeaderOperations> = "response",
    }
}

message! {
    /// Changes of headers.
    HeaderOperations {
        /// Replaced or added.
        set / with_set: BTreeMap<String, String> = "set",
        /// Added beside what is there.
        add / with_add: BTreeMap<String, String> = "add",
        /// Removed.
        remove / with_remove: Vec<String> = "remove",
    }
}
