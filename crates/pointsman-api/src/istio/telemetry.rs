//! `telemetry.istio.io`: what is traced, counted and written down.
//!
//! The versions `v1` and `v1alpha1` have the same fields and are one type.
//!
//! Source: istio/api at b8f8791d, `telemetry/v1alpha1/telemetry.proto`.

use std::collections::BTreeMap;

use pointsman_types::duration::TimeDelta;

use super::{PolicyTargetReference, WorkloadSelector};
use crate::macros::{kinds, message, one_of, wire_enum};

pub(crate) const GROUP: &str = "telemetry.istio.io";

kinds! {
    GROUP;
    Telemetry: &["v1", "v1alpha1"],
}

message! {
    /// What is traced, counted and written down.
    ///
    /// Shape: at most one of `selector`, `target_ref` and `target_refs`. The narrowest one counts; what it does not say, the
    /// next wider one says.
    Telemetry {
        /// The workloads; none: all of the namespace.
        selector / with_selector: Option<WorkloadSelector> = "selector",
        /// The object it is attached to.
        target_ref / with_target_ref: Option<PolicyTargetReference> = "targetRef",
        /// The objects it is attached to.
        target_refs / with_target_refs: Vec<PolicyTargetReference> = "targetRefs",
        /// Traces; only the first entry counts.
        tracing / with_tracing: Vec<Tracing> = "tracing",
        /// Metrics.
        metrics / with_metrics: Vec<Metrics> = "metrics",
        /// Access logs.
        access_logging / with_access_logging: Vec<AccessLogging> = "accessLogging",
    }
}

wire_enum! {
    /// Which side of a request.
    WorkloadMode {
        /// Both.
        ClientAndServer = "CLIENT_AND_SERVER" = 0,
        /// Requests that the workload sends.
        Client = "CLIENT" = 1,
        /// Requests that it gets.
        Server = "SERVER" = 2,
    }
}

message! {
    /// Who takes the data.
    ProviderRef {
        /// Name in the mesh's configuration.
        name / with_name: String = "name",
    }
}

message! {
    /// Which requests are traced, and where to.
    Tracing {
        /// Which side.
        r#match / with_match: Option<TracingSelector> = "match",
        /// Who takes the spans; only the first counts.
        providers / with_providers: Vec<ProviderRef> = "providers",
        /// How many requests begin a trace, 0 to 100; none: as the mesh says, else 1.
        random_sampling_percentage / with_random_sampling_percentage: Option<f64> = "randomSamplingPercentage",
        /// Whether spans are kept back.
        disable_span_reporting / with_disable_span_reporting: Option<bool> = "disableSpanReporting",
        /// Tags of the spans by name.
        custom_tags / with_custom_tags: BTreeMap<String, CustomTag> = "customTags",
        /// Whether the id of the request decides about sampling; none: yes.
        use_request_id_for_trace_sampling / with_use_request_id_for_trace_sampling: Option<bool> = "useRequestIdForTraceSampling",
        /// Whether spans have the tags of the mesh; none: yes.
        enable_istio_tags / with_enable_istio_tags: Option<bool> = "enableIstioTags",
        /// Whether no headers of the trace are passed on.
        disable_context_propagation / with_disable_context_propagation: Option<bool> = "disableContextPropagation",
    }
}

message! {
    /// Which requests are traced.
    TracingSelector {
        /// Which side.
        mode / with_mode: WorkloadMode = "mode",
    }
}

one_of! {
    /// Where the value of a tag comes from.
    CustomTagType {
        /// It is fixed.
        Literal(TagLiteral) = "literal",
        /// An environment variable of the proxy.
        Environment(TagEnvironment) = "environment",
        /// A header of the request.
        Header(TagHeader) = "header",
        /// A format of Envoy's access log.
        Formatter(TagFormatter) = "formatter",
    }
}

message! {
    /// A tag of a span.
    CustomTag {
        ; /// Where its value comes from.
        oneof kind / with_kind: CustomTagType,
    }
}

message! {
    /// A fixed value.
    TagLiteral {
        /// The value.
        value / with_value: String = "value",
    }
}

message! {
    /// The value of an environment variable.
    TagEnvironment {
        /// Name of the variable.
        name / with_name: String = "name",
        /// Where it is not there; empty: no tag.
        default_value / with_default_value: String = "defaultValue",
    }
}

message! {
    /// The value of a header of the request.
    TagHeader {
        /// Name of the header.
        name / with_name: String = "name",
        /// Where it is not there; empty: no tag.
        default_value / with_default_value: String = "defaultValue",
    }
}

message! {
    /// A format of Envoy's access log.
    TagFormatter {
        /// The format: `%REQ(:METHOD)%`.
        value / with_value: String = "value",
    }
}

message! {
    /// Which metrics there are, and with which tags.
    Metrics {
        /// Who takes them.
        providers / with_providers: Vec<ProviderRef> = "providers",
        /// Changes, in order.
        overrides / with_overrides: Vec<MetricsOverrides> = "overrides",
        /// How often they are sent, where they are sent; none: 5 s.
        reporting_interval / with_reporting_interval: Option<TimeDelta> = "reportingInterval",
    }
}

message! {
    /// A change of metrics.
    MetricsOverrides {
        /// Of which; none: of all.
        r#match / with_match: Option<MetricSelector> = "match",
        /// Whether they are left out; none: as the next wider configuration says.
        disabled / with_disabled: Option<bool> = "disabled",
        /// Changes of tags by name.
        tag_overrides / with_tag_overrides: BTreeMap<String, TagOverride> = "tagOverrides",
    }
}

one_of! {
    /// A metric of the mesh, or one by name.
    MetricMatch {
        /// Of the mesh.
        Metric(IstioMetric) = "metric",
        /// By name.
        CustomMetric(String) = "customMetric",
    }
}

message! {
    /// Which metrics.
    MetricSelector {
        /// Which side.
        mode / with_mode: WorkloadMode = "mode",
        ; /// Which metric; none: all.
        oneof metric_match / with_metric_match: MetricMatch,
    }
}

wire_enum! {
    /// The metrics of the mesh.
    IstioMetric {
        /// All of them.
        AllMetrics = "ALL_METRICS" = 0,
        /// Requests.
        RequestCount = "REQUEST_COUNT" = 1,
        /// How long they took.
        RequestDuration = "REQUEST_DURATION" = 2,
        /// Bytes of the request.
        RequestSize = "REQUEST_SIZE" = 3,
        /// Bytes of the response.
        ResponseSize = "RESPONSE_SIZE" = 4,
        /// TCP connections that began.
        TcpOpenedConnections = "TCP_OPENED_CONNECTIONS" = 5,
        /// TCP connections that ended.
        TcpClosedConnections = "TCP_CLOSED_CONNECTIONS" = 6,
        /// Bytes sent over TCP.
        TcpSentBytes = "TCP_SENT_BYTES" = 7,
        /// Bytes received over TCP.
        TcpReceivedBytes = "TCP_RECEIVED_BYTES" = 8,
        /// gRPC messages sent.
        GrpcRequestMessages = "GRPC_REQUEST_MESSAGES" = 9,
        /// gRPC messages received.
        GrpcResponseMessages = "GRPC_RESPONSE_MESSAGES" = 10,
    }
}

wire_enum! {
    /// What becomes of a tag.
    TagOperation {
        /// It gets the value.
        Upsert = "UPSERT" = 0,
        /// It is left out.
        Remove = "REMOVE" = 1,
    }
}

message! {
    /// A change of a tag.
    TagOverride {
        /// What becomes of it.
        operation / with_operation: TagOperation = "operation",
        /// A CEL expression for its value; with `UPSERT` only.
        value / with_value: String = "value",
    }
}

message! {
    /// What is written down, and where to.
    AccessLogging {
        /// Which side.
        r#match / with_match: Option<LogSelector> = "match",
        /// Who takes it.
        providers / with_providers: Vec<ProviderRef> = "providers",
        /// Whether nothing is written; none: as the next wider configuration says.
        disabled / with_disabled: Option<bool> = "disabled",
        /// Which requests.
        filter / with_filter: Option<AccessLoggingFilter> = "filter",
    }
}

message! {
    /// Which side is written down.
    LogSelector {
        /// Which side.
        mode / with_mode: WorkloadMode = "mode",
    }
}

message! {
    /// Which requests are written down.
    AccessLoggingFilter {
        /// A CEL expression over Envoy's attributes: `response.code >= 400`.
        expression / with_expression: String = "expression",
    }
}
