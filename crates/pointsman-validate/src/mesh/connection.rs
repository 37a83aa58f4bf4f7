//! Limits and timeouts of the connections that proxies take.

use pointsman_api::istio::mesh::ConnectionSettings;

use crate::codes;
use crate::report::{Place, Report};

/// The windows that HTTP/2 and Envoy take, in bytes or streams.
const LEAST_WINDOW: i32 = 65_535;

pub(super) fn check(settings: &ConnectionSettings, at: &Place<'_>, out: &mut Report) {
    for (field, number, least) in [
        ("listenerPerConnectionBufferLimitBytes", settings.listener_per_connection_buffer_limit_bytes, 1),
        ("clusterPerConnectionBufferLimitBytes", settings.cluster_per_connection_buffer_limit_bytes, 1),
        ("httpMaxConcurrentStreams", settings.http_max_concurrent_streams, 1),
        ("http2InitialStreamWindowSize", settings.http2_initial_stream_window_size, LEAST_WINDOW),
        ("http2InitialConnectionWindowSize", settings.http2_initial_connection_window_size, LEAST_WINDOW),
        ("listenerConnectionLimit", settings.listener_connection_limit, 1),
        ("globalDownstreamConnectionLimit", settings.global_downstream_connection_limit, 1),
    ] {
        if let Some(number) = number.filter(|number| *number < least) {
            let message = format!("`{field}` is `{number}`, at least {least} is needed");
            out.error(&at.field(field), codes::CONNECTION_LIMIT, message);
        }
    }
    for (field, time) in [
        ("httpIdleTimeout", settings.http_idle_timeout),
        ("httpMaxConnectionDuration", settings.http_max_connection_duration),
        ("httpDrainTimeout", settings.http_drain_timeout),
        ("httpRequestTimeout", settings.http_request_timeout),
        ("httpRequestHeadersTimeout", settings.http_request_headers_timeout),
        ("httpStreamIdleTimeout", settings.http_stream_idle_timeout),
        ("httpMaxStreamDuration", settings.http_max_stream_duration),
    ] {
        // Zero turns a limit off.
        if time.is_some_and(|time| time.is_negative()) {
            out.error(&at.field(field), codes::CONNECTION_LIMIT, format!("`{field}` is negative"));
        }
    }
}
