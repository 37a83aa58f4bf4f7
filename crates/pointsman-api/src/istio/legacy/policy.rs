//! What held for traffic once it was routed, and what could be reached outside: DestinationPolicy and EgressRule.

use pointsman_manifest::Value;
use pointsman_types::duration::TimeDelta;

use super::IstioService;
use crate::macros::{message, one_of, wire_enum};

message! {
    /// Load balancing and circuit breaking for one version of a service.
    ///
    /// Shape: it counts where a RouteRule sends requests to exactly these labels; the first by name counts, nothing is merged.
    DestinationPolicy {
        /// The service and its version.
        destination / with_destination: Option<IstioService> = "destination",
        /// Who calls it; none: everybody.
        source / with_source: Option<IstioService> = "source",
        /// How an endpoint is chosen.
        load_balancing / with_load_balancing: Option<LoadBalancing> = "loadBalancing",
        /// Limits, and when an endpoint is left out.
        circuit_breaker / with_circuit_breaker: Option<CircuitBreaker> = "circuitBreaker",
        /// For proxies of one's own.
        custom / with_custom: Value = "custom",
    }
}

wire_enum! {
    /// How an endpoint is chosen.
    SimpleLBPolicy {
        /// One after the other.
        RoundRobin = "ROUND_ROBIN" = 0,
        /// The one with fewer requests of two.
        LeastConn = "LEAST_CONN" = 1,
        /// By chance.
        Random = "RANDOM" = 2,
    }
}

one_of! {
    /// How an endpoint is chosen.
    LoadBalancingPolicy {
        /// By a simple rule.
        Name(SimpleLBPolicy) = "name",
        /// For proxies of one's own.
        Custom(Value) = "custom",
    }
}

message! {
    /// How an endpoint is chosen.
    LoadBalancing {
        ; /// The rule.
        oneof lb_policy / with_lb_policy: LoadBalancingPolicy,
    }
}

one_of! {
    /// Limits, and when an endpoint is left out.
    CircuitBreakerPolicy {
        /// The usual ones.
        SimpleCb(SimpleCircuitBreakerPolicy) = "simpleCb",
        /// For proxies of one's own.
        Custom(Value) = "custom",
    }
}

message! {
    /// Limits, and when an endpoint is left out.
    CircuitBreaker {
        ; /// How they are said.
        oneof cb_policy / with_cb_policy: CircuitBreakerPolicy,
    }
}

message! {
    /// Limits, and when an endpoint is left out.
    SimpleCircuitBreakerPolicy {
        /// Most connections.
        max_connections / with_max_connections: i32 = "maxConnections",
        /// Most requests that wait; 0 means 1024.
        http_max_pending_requests / with_http_max_pending_requests: i32 = "httpMaxPendingRequests",
        /// Most requests at once; 0 means 1024.
        http_max_requests / with_http_max_requests: i32 = "httpMaxRequests",
        /// How long an endpoint is left out; had to be there.
        sleep_window / with_sleep_window: Option<TimeDelta> = "sleepWindow",
        /// How many errors in a row; 0 means 5.
        http_consecutive_errors / with_http_consecutive_errors: i32 = "httpConsecutiveErrors",
        /// Between looks; had to be there.
        http_detection_interval / with_http_detection_interval: Option<TimeDelta> = "httpDetectionInterval",
        /// Most requests of one connection.
        http_max_requests_per_connection / with_http_max_requests_per_connection: i32 = "httpMaxRequestsPerConnection",
        /// Most endpoints left out, in percent; 0 means 10.
        http_max_ejection_percent / with_http_max_ejection_percent: i32 = "httpMaxEjectionPercent",
        /// Most retries at once; 0 means 3.
        http_max_retries / with_http_max_retries: i32 = "httpMaxRetries",
    }
}

message! {
    /// A service outside that may be reached.
    EgressRule {
        /// It, as `service`: a name, a wildcard, an IP or an IPv4 range.
        destination / with_destination: Option<IstioService> = "destination",
        /// Its ports.
        ports / with_ports: Vec<EgressPort> = "ports",
        /// Never worked.
        use_egress_proxy / with_use_egress_proxy: bool = "useEgressProxy",
    }
}

message! {
    /// A port of a service outside.
    EgressPort {
        /// 1 to 65535.
        port / with_port: i32 = "port",
        /// HTTP, HTTPS, HTTP2, GRPC, TCP or MONGO, in any case.
        protocol / with_protocol: String = "protocol",
    }
}
