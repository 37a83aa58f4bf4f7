//! Traces, as the settings of proxies say them.

use std::collections::BTreeMap;

use pointsman_manifest::Value;

use crate::istio::networking::ClientTLSSettings;
use crate::istio::telemetry::{TagEnvironment, TagHeader, TagLiteral};
use crate::macros::{message, one_of};

message! {
    /// Where traces go, and what they hold.
    Tracing {
        /// Tags by name.
        custom_tags / with_custom_tags: BTreeMap<String, ProxyCustomTag> = "customTags",
        /// Longest path in a tag; 0 means 256.
        max_path_tag_length / with_max_path_tag_length: u32 = "maxPathTagLength",
        /// How many requests begin a trace, 0 to 100; 0 means 1.
        sampling / with_sampling: f64 = "sampling",
        /// TLS towards where they go.
        tls_settings / with_tls_settings: Option<ClientTLSSettings> = "tlsSettings",
        /// Whether spans have the tags of the mesh; none: yes.
        enable_istio_tags / with_enable_istio_tags: Option<bool> = "enableIstioTags",
        ; /// Where they go.
        oneof tracer / with_tracer: Tracer,
    }
}

one_of! {
    /// Where traces go.
    Tracer {
        /// To Zipkin.
        Zipkin(TracerAddress) = "zipkin",
        /// To Lightstep.
        Lightstep(LightstepTracer) = "lightstep",
        /// To Datadog.
        Datadog(TracerAddress) = "datadog",
        /// To Stackdriver.
        Stackdriver(Value) = "stackdriver",
        /// To OpenCensus.
        OpenCensusAgent(Value) = "openCensusAgent",
    }
}

message! {
    /// An address.
    TracerAddress {
        /// `host:port`.
        address / with_address: String = "address",
    }
}

message! {
    /// Lightstep.
    LightstepTracer {
        /// `host:port`.
        address / with_address: String = "address",
        /// Token.
        access_token / with_access_token: String = "accessToken",
    }
}

one_of! {
    /// Where the value of a tag comes from.
    ProxyCustomTagType {
        /// It is fixed.
        Literal(TagLiteral) = "literal",
        /// An environment variable of the proxy.
        Environment(TagEnvironment) = "environment",
        /// A header of the request.
        Header(TagHeader) = "header",
    }
}

message! {
    /// A tag of a span.
    ProxyCustomTag {
        ; /// Where its value comes from.
        oneof kind / with_kind: ProxyCustomTagType,
    }
}
