//! Limits, timeouts and outlier detection: what a traffic policy says of a cluster besides how an endpoint is chosen.

use std::time::Duration;

use pointsman_api::istio::networking::{
    ConnectionPoolSettings, H2UpgradePolicy, HTTPSettings, OutlierDetection, TCPSettings, TcpKeepalive,
    TrafficPolicy,
};
use pointsman_types::duration::TimeDelta;

use crate::ir::{Keepalive, Outlier, Upstream};
use crate::service::Protocol;

/// What a policy says; `None` where it says nothing that Istio does not say by default.
pub(super) fn of_policy(policy: &TrafficPolicy, protocol: Protocol) -> Option<Box<Upstream>> {
    let mut upstream = Upstream {
        http2: matches!(protocol, Protocol::Http2 | Protocol::Grpc | Protocol::GrpcWeb),
        outlier: policy.outlier_detection.as_ref().map(outlier),
        ..Upstream::default()
    };
    if let Some(ConnectionPoolSettings { tcp, http, .. }) = &policy.connection_pool {
        if let Some(tcp) = tcp {
            add_tcp(&mut upstream, tcp);
        }
        if let Some(http) = http {
            add_http(&mut upstream, http);
        }
    }
    (upstream != Upstream::default()).then(|| Box::new(upstream))
}

fn add_tcp(upstream: &mut Upstream, tcp: &TCPSettings) {
    upstream.connect_timeout = duration(tcp.connect_timeout);
    upstream.max_connections = limit(tcp.max_connections);
    upstream.max_connection_duration = duration(tcp.max_connection_duration);
    upstream.idle_timeout = duration(tcp.idle_timeout);
    upstream.keepalive = tcp.tcp_keepalive.as_ref().map(keepalive);
}

fn add_http(upstream: &mut Upstream, http: &HTTPSettings) {
    upstream.max_pending_requests = limit(http.http1_max_pending_requests);
    upstream.max_requests = limit(http.http2_max_requests);
    upstream.max_retries = limit(http.max_retries);
    upstream.max_requests_per_connection = limit(http.max_requests_per_connection);
    if http.idle_timeout.is_some() {
        upstream.idle_timeout = duration(http.idle_timeout);
    }
    upstream.http2 |= http.h2_upgrade_policy == H2UpgradePolicy::Upgrade;
}

/// A limit of 0 is none.
fn limit(number: i32) -> Option<u32> {
    u32::try_from(number).ok().filter(|number| *number > 0)
}

fn duration(delta: Option<TimeDelta>) -> Option<Duration> {
    delta.and_then(TimeDelta::to_std)
}

fn keepalive(wanted: &TcpKeepalive) -> Keepalive {
    Keepalive {
        probes: (wanted.probes > 0).then_some(wanted.probes),
        time: duration(wanted.time),
        interval: duration(wanted.interval),
    }
}

fn outlier(wanted: &OutlierDetection) -> Outlier {
    let local = wanted.consecutive_local_origin_failures.filter(|count| *count > 0);
    Outlier {
        consecutive_5xx: wanted.consecutive_5xx_errors,
        consecutive_gateway_failure: wanted.consecutive_gateway_errors,
        split_local_origin: wanted.split_external_local_origin_errors,
        consecutive_local_origin_failure: local.filter(|_| wanted.split_external_local_origin_errors),
        interval: duration(wanted.interval),
        base_ejection_time: duration(wanted.base_ejection_time),
        max_ejection_percent: limit(wanted.max_ejection_percent),
        min_health_percent: u32::try_from(wanted.min_health_percent).unwrap_or_default(),
    }
}
