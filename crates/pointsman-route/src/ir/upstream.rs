//! What a proxy does towards the endpoints of a cluster, besides choosing one.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Who knows the endpoints of a cluster.
///
/// Source: the discovery types of Envoy's `Cluster` as Istio uses them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub enum Discovery {
    /// The control plane, which sends them (`EDS`).
    #[default]
    ControlPlane,
    /// The client, who asked for an address (`ORIGINAL_DST`).
    Client,
    /// DNS: every address that it answers (`STRICT_DNS`).
    Dns,
    /// DNS: one of the addresses that it answers (`LOGICAL_DNS`).
    DnsRoundRobin,
}

/// Limits and timeouts of a cluster, and when an endpoint is left out. What is `None` is as Istio sends it by default.
///
/// Source: `applyConnectionPool` and `applyOutlierDetection` of Istio at 86c9f01f.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Upstream {
    /// How long connecting may take; `None`: 10 s.
    pub connect_timeout: Option<Duration>,
    /// Most connections; `None`: 4294967295.
    pub max_connections: Option<u32>,
    /// Most requests that wait for a connection; `None`: 4294967295.
    pub max_pending_requests: Option<u32>,
    /// Most requests at once; `None`: 4294967295.
    pub max_requests: Option<u32>,
    /// Most retries at once; `None`: 4294967295.
    pub max_retries: Option<u32>,
    /// Most requests of one connection; `None`: any number.
    pub max_requests_per_connection: Option<u32>,
    /// How long a connection may be idle; `None`: Envoy's 1 h.
    pub idle_timeout: Option<Duration>,
    /// How long a connection may last; `None`: for ever.
    pub max_connection_duration: Option<Duration>,
    /// Probes of idle connections; `None`: none.
    pub keepalive: Option<Keepalive>,
    /// Whether HTTP/2 is spoken.
    pub http2: bool,
    /// When an endpoint is left out; `None`: never.
    pub outlier: Option<Outlier>,
}

/// Probes of idle connections. `None`: as the system does.
///
/// Source: Envoy's `TcpKeepalive`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Keepalive {
    /// How many unanswered before the connection is dead.
    pub probes: Option<u32>,
    /// How long it must be idle.
    pub time: Option<Duration>,
    /// Between probes.
    pub interval: Option<Duration>,
}

/// When an endpoint is left out for a while. `None`: as Envoy does.
///
/// Source: Envoy's `OutlierDetection`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Outlier {
    /// So many answers 5xx in a row; `Some(0)`: never.
    pub consecutive_5xx: Option<u32>,
    /// So many answers 502, 503 or 504 in a row; `Some(0)`: never.
    pub consecutive_gateway_failure: Option<u32>,
    /// Whether failures of the connection are counted apart.
    pub split_local_origin: bool,
    /// So many failures of the connection in a row, where they are counted apart.
    pub consecutive_local_origin_failure: Option<u32>,
    /// Between looks.
    pub interval: Option<Duration>,
    /// How long it is left out the first time.
    pub base_ejection_time: Option<Duration>,
    /// Most endpoints left out, in percent.
    pub max_ejection_percent: Option<u32>,
    /// With fewer healthy endpoints than this, in percent, all are used.
    pub min_health_percent: u32,
}
