//! Connection pools.

use pointsman_api::istio::networking::{ConnectionPoolSettings, H2UpgradePolicy, HTTPSettings, TCPSettings};

use crate::codes;
use crate::report::{Place, Report};
use crate::words::{duration, missing, not_negative, optional_duration};

pub(crate) fn check(pool: &ConnectionPoolSettings, at: &Place<'_>, out: &mut Report) {
    if pool.http.is_none() && pool.tcp.is_none() {
        out.error(at, codes::POOL_EMPTY, "the connection pool has neither `tcp` nor `http`");
        return;
    }
    if let Some(settings) = &pool.http {
        http(settings, &at.field("http"), out);
    }
    if let Some(settings) = &pool.tcp {
        tcp(settings, &at.field("tcp"), out);
    }
}

fn http(settings: &HTTPSettings, at: &Place<'_>, out: &mut Report) {
    let counters = [
        ("http1MaxPendingRequests", settings.http1_max_pending_requests),
        ("http2MaxRequests", settings.http2_max_requests),
        ("maxRequestsPerConnection", settings.max_requests_per_connection),
        ("maxRetries", settings.max_retries),
        ("maxConcurrentStreams", settings.max_concurrent_streams),
    ];
    for (name, number) in counters {
        not_negative(number, name, at, out);
    }
    optional_duration(settings.idle_timeout, "idleTimeout", at, out);
    if settings.h2_upgrade_policy == H2UpgradePolicy::Upgrade && settings.use_client_protocol {
        let message = "`useClientProtocol` is set although connections are upgraded to HTTP/2";
        out.error(&at.field("useClientProtocol"), codes::UPGRADE_AND_CLIENT, message);
    }
    if let Some(pings) = &settings.http2_keep_alive {
        let here = at.field("http2KeepAlive");
        for (name, time) in [("interval", pings.interval), ("timeout", pings.timeout)] {
            match time {
                None => missing(name, &here, out),
                Some(time) => duration(time, &here.field(name), out),
            }
        }
    }
}

fn tcp(settings: &TCPSettings, at: &Place<'_>, out: &mut Report) {
    not_negative(settings.max_connections, "maxConnections", at, out);
    optional_duration(settings.connect_timeout, "connectTimeout", at, out);
    optional_duration(settings.max_connection_duration, "maxConnectionDuration", at, out);
    // What rounds to no millisecond means for ever here.
    let idle = settings.idle_timeout.filter(|time| time.nanos().unsigned_abs() >= 500_000);
    optional_duration(idle, "idleTimeout", at, out);
    if let Some(probes) = &settings.tcp_keepalive {
        let here = at.field("tcpKeepalive");
        optional_duration(probes.time, "time", &here, out);
        optional_duration(probes.interval, "interval", &here, out);
    }
}
