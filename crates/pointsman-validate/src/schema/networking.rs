//! Demands on the kinds of `networking.istio.io` but for traffic policies.

use pointsman_manifest::Value;

use super::common::{ADDRESS, LABELS, MATCH_LABELS, PORT, TARGETS, WORKLOAD};
use super::rule::Rule::{
    self, Alternatives, Ask, Count, Distinct, Duration, Each, Field, Length, Needs, Nullable, Open, Range,
    Text,
};
use super::traffic_policy::CONNECTION_POOL;
use crate::codes;
use crate::report::{Place, Report};

const TIME: &[Rule] = &[Duration];
const ROUTES: &[Rule] = &[Each(&[Needs(&["destination"]), Field("destination", HOST)])];
const HOST: &[Rule] = &[Needs(&["host"])];

pub(super) const VIRTUAL_SERVICE: &[Rule] = &[
    Field("http", &[Each(HTTP_ROUTE)]),
    Field("tcp", &[Each(&[Field("route", ROUTES)])]),
    Field(
        "tls",
        &[Each(&[
            Needs(&["match"]),
            Field("match", &[Each(&[Needs(&["sniHosts"])])]),
            Field("route", ROUTES),
        ])],
    ),
];

const HTTP_ROUTE: &[Rule] = &[
    Nullable(&["mirrorPercent", "mirror_percent"]),
    Field("corsPolicy", &[Nullable(&["allowCredentials"]), Field("maxAge", TIME)]),
    Field("directResponse", &[Needs(&["status"])]),
    Field("fault", &[Field("delay", &[Field("fixedDelay", TIME), Field("exponentialDelay", TIME)])]),
    Field("mirror", HOST),
    Field("mirrors", ROUTES),
    Field(
        "retries",
        &[
            Nullable(&["retryIgnorePreviousHosts", "retryRemoteLocalities"]),
            Field("backoff", TIME),
            Field("perTryTimeout", TIME),
        ],
    ),
    Field("route", ROUTES),
    Field("timeout", TIME),
];

pub(super) const GATEWAY: &[Rule] = &[Field(
    "servers",
    &[Each(&[
        Needs(&["port", "hosts"]),
        Field("port", &[Needs(&["number", "protocol", "name"])]),
        Field("tls", SERVER_TLS),
    ])],
)];

const SERVER_TLS: &[Rule] = &[
    Nullable(&["insecureSkipVerify"]),
    Alternatives(&["tlsCertificates", "credentialNames"]),
    Alternatives(&["credentialName", "credentialNames"]),
    Field("credentialNames", &[Count(1, 2)]),
    Field("tlsCertificates", &[Count(1, 2)]),
];

pub(super) const SERVICE_ENTRY: &[Rule] = &[
    Needs(&["hosts"]),
    Alternatives(&["workloadSelector", "endpoints"]),
    Ask(resolution),
    Field("addresses", &[Count(0, 256), Each(&[Length(0, 64)])]),
    Field("endpoints", &[Count(0, 4096), Each(ENDPOINT)]),
    Field("hosts", &[Count(1, 256), Each(&[Text(is_no_bare_wildcard, "a host of its own")])]),
    Field("ports", &[Count(0, 256), Distinct("name"), Distinct("number"), Each(SERVICE_PORT)]),
    Field("workloadSelector", LABELS),
];

// What an endpoint needs beside what every workload needs.
const ENDPOINT: &[Rule] = &[Ask(endpoint)];

const SERVICE_PORT: &[Rule] = &[
    Needs(&["number", "name"]),
    Field("name", &[Length(0, 256)]),
    Field("number", PORT),
    Field("protocol", &[Length(0, 256)]),
    Field("targetPort", PORT),
];

fn endpoint(value: &Value, at: &Place<'_>, out: &mut Report) {
    super::rule::walk(value, WORKLOAD, at, out);
    super::rule::walk(value, ADDRESS, at, out);
}

fn is_no_bare_wildcard(host: &str) -> bool {
    host != "*"
}

fn resolution(value: &Value, at: &Place<'_>, out: &mut Report) {
    let named = value.get("resolution").and_then(Value::as_str).unwrap_or("NONE");
    let list = |name| value.get(name).and_then(Value::as_list).unwrap_or_default();
    let blocks =
        list("addresses").iter().any(|address| address.as_str().is_some_and(|text| text.contains('/')));
    if blocks && !matches!(named, "NONE" | "STATIC") {
        let message = format!("a CIDR block is an address only for `NONE` and `STATIC`, not for `{named}`");
        out.error(&at.field("addresses"), codes::SCHEMA_BLOCK, message);
    }
    if named == "NONE" && value.get("endpoints").is_some() {
        let message = "with the resolution `NONE` endpoints are not looked at";
        out.error(&at.field("endpoints"), codes::SCHEMA_ENDPOINTS, message);
    }
    if named == "DNS_ROUND_ROBIN" && list("endpoints").len() > 1 {
        let message = "`DNS_ROUND_ROBIN` takes one endpoint at most";
        out.error(&at.field("endpoints"), codes::SCHEMA_ROUND_ROBIN, message);
    }
}

pub(super) const SIDECAR: &[Rule] = &[
    Field("egress", &[Each(&[Needs(&["hosts"])])]),
    Field("inboundConnectionPool", CONNECTION_POOL),
    Field(
        "ingress",
        &[Each(&[Needs(&["port"]), Field("connectionPool", CONNECTION_POOL), Field("tls", SERVER_TLS)])],
    ),
    Field("outboundTrafficPolicy", &[Field("egressProxy", HOST)]),
    Field("workloadSelector", LABELS),
];

pub(super) const WORKLOAD_ENTRY: &[Rule] = ENDPOINT;

pub(super) const WORKLOAD_GROUP: &[Rule] = &[
    Needs(&["template"]),
    Field("metadata", &[Field("annotations", &[Count(0, 256)]), Field("labels", &[Count(0, 256)])]),
    Field("probe", PROBE),
    Field("template", WORKLOAD),
];

const COUNTER: &[Rule] = &[Range(0.0, f64::INFINITY)];

const PROBE: &[Rule] = &[
    Field("exec", &[Needs(&["command"]), Field("command", &[Each(&[Length(1, usize::MAX)])])]),
    Field("failureThreshold", COUNTER),
    Field("grpc", &[Field("port", PORT)]),
    Field(
        "httpGet",
        &[
            Needs(&["port"]),
            Field("httpHeaders", &[Each(&[Field("name", &[Text(is_header, "the name of a header")])])]),
            Field("port", PORT),
            Field("scheme", &[Text(is_scheme, "`HTTP` or `HTTPS`")]),
        ],
    ),
    Field("initialDelaySeconds", COUNTER),
    Field("periodSeconds", COUNTER),
    Field("successThreshold", COUNTER),
    Field("tcpSocket", &[Needs(&["port"]), Field("port", PORT)]),
    Field("timeoutSeconds", COUNTER),
];

fn is_header(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

fn is_scheme(text: &str) -> bool {
    matches!(text, "" | "HTTP" | "HTTPS")
}

pub(super) const PROXY_CONFIG: &[Rule] = &[
    Nullable(&["concurrency"]),
    Field("concurrency", COUNTER),
    Field("environmentVariables", &[Each(&[Length(0, 2048)])]),
    Field("selector", MATCH_LABELS),
];

pub(super) const ENVOY_FILTER: &[Rule] = &[
    Alternatives(&["workloadSelector", "targetRefs"]),
    Field(
        "configPatches",
        &[Each(&[
            Field("match", &[Ask(waypoint), Field("waypoint", &[Field("portNumber", PORT)])]),
            Field("patch", &[Field("value", &[Open])]),
        ])],
    ),
    Field("targetRefs", TARGETS),
    Field("workloadSelector", LABELS),
];

fn waypoint(value: &Value, at: &Place<'_>, out: &mut Report) {
    let wanted = value.get("context").and_then(Value::as_str) == Some("WAYPOINT");
    if wanted != value.get("waypoint").is_some() {
        let message = "`waypoint` goes with the context `WAYPOINT`, and only with it";
        out.error(&at.field("waypoint"), codes::SCHEMA_WAYPOINT, message);
    }
}
