//! How clients treat a component.

use pointsman_types::duration::TimeDelta;

use crate::macros::{message, one_of};

message! {
    /// How clients treat a component: what a DestinationRule, a VirtualService and a local rate limit say together.
    TrafficPolicy {
        /// When a pod is left out because it answers with errors.
        circuit_breaker / with_circuit_breaker: Option<CircuitBreaker> = "circuitBreaker",
        /// How many connections and requests.
        connection_pool / with_connection_pool: Option<ConnectionPool> = "connectionPool",
        /// Which requests go to the same pod.
        affinity / with_affinity: Option<Affinity> = "affinity",
        /// Retries.
        retries / with_retries: Option<Retries> = "retries",
        /// How long a request may take; none: no limit.
        timeout / with_timeout: Option<TimeDelta> = "timeout",
        /// How many requests each pod takes.
        rate_limit / with_rate_limit: Option<RateLimit> = "rateLimit",
    }
}

message! {
    /// When a pod is left out because it answers with errors.
    CircuitBreaker {
        /// How many answers 5xx in a row; none: 5.
        consecutive_errors / with_consecutive_errors: Option<u32> = "consecutiveErrors",
        /// Between looks; none: 10 s.
        interval / with_interval: Option<TimeDelta> = "interval",
        /// How long it is left out the first time; none: 30 s.
        base_ejection_time / with_base_ejection_time: Option<TimeDelta> = "baseEjectionTime",
        /// Most pods left out, percent 0 to 100; none: 10.
        max_ejection_percent / with_max_ejection_percent: Option<u32> = "maxEjectionPercent",
    }
}

message! {
    /// How many connections and requests.
    ConnectionPool {
        /// Most connections; none: no limit.
        max_connections / with_max_connections: Option<u32> = "maxConnections",
        /// How long connecting may take; none: 10 s.
        connect_timeout / with_connect_timeout: Option<TimeDelta> = "connectTimeout",
        /// Most requests that wait for a connection; none: no limit.
        max_pending_requests / with_max_pending_requests: Option<u32> = "maxPendingRequests",
        /// Most requests at once; none: no limit.
        max_requests / with_max_requests: Option<u32> = "maxRequests",
        /// Most requests of one connection; none: no limit.
        max_requests_per_connection / with_max_requests_per_connection: Option<u32> = "maxRequestsPerConnection",
    }
}

one_of! {
    /// By what requests are told apart.
    AffinityKey {
        /// By a header.
        Header(String) = "header",
        /// By a cookie.
        Cookie(String) = "cookie",
        /// By a parameter of the query.
        QueryParameter(String) = "queryParameter",
        /// By the client's address.
        SourceIp(bool) = "sourceIp",
    }
}

message! {
    /// Which requests go to the same pod.
    Affinity {
        /// Lifetime of a cookie that is made where it is missing; none: none is made.
        cookie_ttl / with_cookie_ttl: Option<TimeDelta> = "cookieTtl",
        ; /// By what they are told apart.
        oneof key / with_key: AffinityKey,
    }
}

message! {
    /// Retries.
    Retries {
        /// How often at most, besides the first try.
        attempts / with_attempts: u32 = "attempts",
        /// How long each try may take; none: as long as the request.
        per_try_timeout / with_per_try_timeout: Option<TimeDelta> = "perTryTimeout",
        /// On which failures, in Envoy's words; empty: the mesh's default.
        on / with_on: Vec<String> = "on",
    }
}

message! {
    /// How many requests each pod takes; more are answered 429.
    RateLimit {
        /// How many, 1 or more.
        requests / with_requests: u32 = "requests",
        /// In which time; none: 1 s.
        per / with_per: Option<TimeDelta> = "per",
        /// How many at once after a quiet time; 0 means `requests`.
        burst / with_burst: u32 = "burst",
    }
}
