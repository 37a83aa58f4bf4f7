//! How an endpoint is chosen.

use std::collections::BTreeMap;

use pointsman_types::duration::TimeDelta;

use crate::macros::{message, one_of, wire_enum};

one_of! {
    /// By which rule an endpoint is chosen.
    LbPolicy {
        /// One of the simple rules.
        Simple(SimpleLb) = "simple",
        /// The same request to the same endpoint.
        ConsistentHash(ConsistentHashLb) = "consistentHash",
    }
}

wire_enum! {
    /// The simple rules.
    SimpleLb {
        /// As `LEAST_REQUEST`.
        Unspecified = "UNSPECIFIED" = 0,
        /// Deprecated: as `LEAST_REQUEST`.
        LeastConn = "LEAST_CONN" = 1,
        /// By chance.
        Random = "RANDOM" = 2,
        /// The address that the client asked for.
        Passthrough = "PASSTHROUGH" = 3,
        /// One after the other.
        RoundRobin = "ROUND_ROBIN" = 4,
        /// The one with fewer requests of two.
        LeastRequest = "LEAST_REQUEST" = 5,
    }
}

message! {
    /// How an endpoint is chosen.
    LoadBalancerSettings {
        /// Preference by locality.
        locality_lb_setting / with_locality_lb_setting: Option<LocalityLoadBalancerSetting> = "localityLbSetting",
        /// Preference by zone.
        zone_aware_lb_setting / with_zone_aware_lb_setting: Option<ZoneAwareLoadBalancerSetting> = "zoneAwareLbSetting",
        /// Deprecated: how long a new endpoint is spared.
        warmup_duration_secs / with_warmup_duration_secs: Option<TimeDelta> = "warmupDurationSecs",
        /// How a new endpoint is spared.
        warmup / with_warmup: Option<WarmupConfiguration> = "warmup",
        ; /// By which rule; none: the mesh's, least request.
        oneof lb_policy / with_lb_policy: LbPolicy,
    }
}

one_of! {
    /// What is hashed.
    HashKey {
        /// A request header.
        HttpHeaderName(String) = "httpHeaderName",
        /// A cookie, made where it is missing and has a lifetime.
        HttpCookie(HTTPCookie) = "httpCookie",
        /// The client's address.
        UseSourceIp(bool) = "useSourceIp",
        /// A parameter of the query.
        HttpQueryParameterName(String) = "httpQueryParameterName",
    }
}

one_of! {
    /// By which algorithm a hash chooses.
    HashAlgorithm {
        /// A ring.
        RingHash(RingHash) = "ringHash",
        /// A Maglev table.
        Maglev(MagLev) = "maglev",
    }
}

message! {
    /// The same request to the same endpoint.
    ConsistentHashLb {
        /// Deprecated: fewest points of the ring.
        minimum_ring_size / with_minimum_ring_size: u64 = "minimumRingSize",
        ; /// What is hashed.
        oneof hash_key / with_hash_key: HashKey,
        /// By which algorithm; none: a ring.
        oneof hash_algorithm / with_hash_algorithm: HashAlgorithm,
    }
}

message! {
    /// A ring of hashes.
    RingHash {
        /// Fewest points of the ring; 0 means 1024.
        minimum_ring_size / with_minimum_ring_size: u64 = "minimumRingSize",
    }
}

message! {
    /// A Maglev table.
    MagLev {
        /// Size of the table, a prime; none: 65537.
        table_size / with_table_size: Option<u64> = "tableSize",
    }
}

message! {
    /// A cookie.
    HTTPCookie {
        /// Its name.
        name / with_name: String = "name",
        /// Its path.
        path / with_path: String = "path",
        /// Its lifetime; none: no cookie is made; 0: for the session.
        ttl / with_ttl: Option<TimeDelta> = "ttl",
        /// More attributes.
        attributes / with_attributes: Vec<HTTPCookieAttribute> = "attributes",
    }
}

message! {
    /// An attribute of a cookie.
    HTTPCookieAttribute {
        /// Its name.
        name / with_name: String = "name",
        /// Its value.
        value / with_value: String = "value",
    }
}

message! {
    /// How a new endpoint is spared.
    WarmupConfiguration {
        /// For how long.
        duration / with_duration: Option<TimeDelta> = "duration",
        /// The share of traffic it begins with, 0 to 100; none: 10.
        minimum_percent / with_minimum_percent: Option<f64> = "minimumPercent",
        /// How the share grows; none: 1, evenly.
        aggression / with_aggression: Option<f64> = "aggression",
    }
}

message! {
    /// Preference by locality.
    LocalityLoadBalancerSetting {
        /// Fixed shares.
        distribute / with_distribute: Vec<LocalityDistribute> = "distribute",
        /// Where to when a region fails.
        failover / with_failover: Vec<LocalityFailover> = "failover",
        /// Labels by which endpoints are preferred, the first weighs most.
        failover_priority / with_failover_priority: Vec<String> = "failoverPriority",
        /// Whether it is used; none: as the mesh says.
        enabled / with_enabled: Option<bool> = "enabled",
    }
}

message! {
    /// Fixed shares for clients of one locality.
    LocalityDistribute {
        /// Locality of the clients, `region/zone/subzone`.
        from / with_from: String = "from",
        /// Percent per locality, summing to 100.
        to / with_to: BTreeMap<String, u32> = "to",
    }
}

message! {
    /// Where to when a region fails.
    LocalityFailover {
        /// The region.
        from / with_from: String = "from",
        /// The other region.
        to / with_to: String = "to",
    }
}

message! {
    /// Preference by zone.
    ZoneAwareLoadBalancerSetting {
        /// Whether it is used.
        enabled / with_enabled: Option<bool> = "enabled",
        /// Where to when a region fails.
        failover / with_failover: Vec<LocalityFailover> = "failover",
        /// Labels by which endpoints are preferred.
        failover_priority / with_failover_priority: Vec<String> = "failoverPriority",
        /// Fewest endpoints for which it is used; none: 6.
        min_cluster_size / with_min_cluster_size: Option<u64> = "minClusterSize",
    }
}
