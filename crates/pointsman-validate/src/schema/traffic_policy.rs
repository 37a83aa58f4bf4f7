//! Demands on traffic policies and connection pools.

use super::common::MATCH_LABELS;
use super::rule::Rule::{self, Count, Duration, Each, Field, Needs, Nullable, Range};

pub(super) const DESTINATION_RULE: &[Rule] = &[
    Needs(&["host"]),
    Field("subsets", &[Each(&[Needs(&["name"]), Field("trafficPolicy", TRAFFIC_POLICY)])]),
    Field("trafficPolicy", TRAFFIC_POLICY),
    Field("workloadSelector", MATCH_LABELS),
];

const TRAFFIC_POLICY: &[Rule] = &[
    Field("connectionPool", CONNECTION_POOL),
    Field("loadBalancer", LOAD_BALANCER),
    Field("outlierDetection", OUTLIER_DETECTION),
    Field("portLevelSettings", &[Count(0, 4096), Each(PORT_POLICY)]),
    Field("retryBudget", &[Nullable(&["percent"]), Field("percent", PERCENT)]),
    Field("tls", TLS),
    Field("tunnel", &[Needs(&["targetHost", "targetPort"])]),
];

const PORT_POLICY: &[Rule] = &[
    Field("connectionPool", CONNECTION_POOL),
    Field("loadBalancer", LOAD_BALANCER),
    Field("outlierDetection", OUTLIER_DETECTION),
    Field("tls", TLS),
];

const PERCENT: &[Rule] = &[Range(0.0, 100.0)];
const TLS: &[Rule] = &[Nullable(&["insecureSkipVerify"])];
const TIME: &[Rule] = &[Duration];

pub(super) const CONNECTION_POOL: &[Rule] = &[
    Field(
        "http",
        &[
            Field("http2KeepAlive", &[Field("interval", TIME), Field("timeout", TIME)]),
            Field("idleTimeout", TIME),
        ],
    ),
    Field(
        "tcp",
        &[
            Field("connectTimeout", TIME),
            Field("maxConnectionDuration", TIME),
            Field("tcpKeepalive", &[Field("interval", TIME), Field("time", TIME)]),
        ],
    ),
];

const LOAD_BALANCER: &[Rule] = &[
    Field(
        "consistentHash",
        &[Field("httpCookie", &[Needs(&["name"]), Field("attributes", &[Each(&[Needs(&["name"])])])])],
    ),
    Field("localityLbSetting", &[Nullable(&["enabled"])]),
    Field("warmup", WARMUP),
    Field("warmupDurationSecs", TIME),
    Field(
        "zoneAwareLbSetting",
        &[Nullable(&["enabled", "minClusterSize"]), Field("minClusterSize", &[Range(1.0, f64::INFINITY)])],
    ),
];

const WARMUP: &[Rule] = &[
    Needs(&["duration"]),
    Nullable(&["aggression", "minimumPercent"]),
    Field("aggression", &[Range(0.0, f64::INFINITY)]),
    Field("duration", TIME),
    Field("minimumPercent", PERCENT),
];

const OUTLIER_DETECTION: &[Rule] = &[
    Nullable(&["consecutive5xxErrors", "consecutiveGatewayErrors", "consecutiveLocalOriginFailures"]),
    Field("baseEjectionTime", TIME),
    Field("interval", TIME),
    Field("outlierDetectionHttpErrorCodes", &[Each(&[Range(100.0, 599.0)])]),
];
