//! Demands on the kinds of `security`, `telemetry` and `extensions`.

use pointsman_manifest::Value;

use super::common::{MATCH_LABELS, PORT, TARGET, TARGETS};
use super::rule::Rule::{
    self, Alternatives, Ask, Count, Distinct, Duration, Each, Field, Length, Names, Needs, Nullable, Open,
    Range, Text,
};
use crate::codes;
use crate::extensions::is_module_address;
use crate::report::{Place, Report};

const FILLED: &[Rule] = &[Length(1, usize::MAX)];
const ALL_FILLED: &[Rule] = &[Each(FILLED)];
const NAMED: &[Rule] = &[Needs(&["name"]), Field("name", FILLED)];
const VALUED: &[Rule] = &[Needs(&["value"]), Field("value", FILLED)];
const ONE_ATTACHMENT: Rule = Alternatives(&["selector", "targetRef", "targetRefs"]);

pub(super) const PEER_AUTHENTICATION: &[Rule] = &[
    Ask(port_level),
    Field("portLevelMtls", &[Count(1, usize::MAX), Names(is_port, "a port")]),
    Field("selector", MATCH_LABELS),
];

fn port_level(value: &Value, at: &Place<'_>, out: &mut Report) {
    let selector = value.get("selector").and_then(|selector| selector.get("matchLabels"));
    let selects = selector.and_then(Value::as_map).is_some_and(|labels| !labels.is_empty());
    if value.get("portLevelMtls").is_some() && !selects {
        let message = "modes for single ports count only for selected workloads, and nothing is selected";
        out.error(&at.field("portLevelMtls"), codes::PORT_MODE_SELECTOR, message);
    }
}

fn is_port(text: &str) -> bool {
    text.parse().is_ok_and(|port: u32| (1..=65535).contains(&port))
}

pub(super) const REQUEST_AUTHENTICATION: &[Rule] = &[
    ONE_ATTACHMENT,
    Field("jwtRules", &[Count(0, 4096), Each(JWT_RULE)]),
    Field("selector", MATCH_LABELS),
    Field("targetRef", TARGET),
    Field("targetRefs", TARGETS),
];

const KEYS_ADDRESS: &[Rule] = &[Length(1, 2048), Text(is_web_address, "an address of `http` or `https`")];

const JWT_RULE: &[Rule] = &[
    Alternatives(&["jwksUri", "jwks_uri", "jwks"]),
    Field("audiences", ALL_FILLED),
    Field("fromCookies", ALL_FILLED),
    Field("fromHeaders", &[Each(NAMED)]),
    Field("fromParams", ALL_FILLED),
    Field("issuer", FILLED),
    Field("jwksUri", KEYS_ADDRESS),
    Field("jwks_uri", KEYS_ADDRESS),
    Field(
        "outputClaimToHeaders",
        &[Each(&[
            Needs(&["header", "claim"]),
            Field("claim", FILLED),
            Field("header", &[Length(1, usize::MAX), Text(is_header, "the name of a header")]),
        ])],
    ),
    Field("spaceDelimitedClaims", &[Count(0, 64), Each(FILLED)]),
    Field("timeout", &[Duration]),
];

fn is_header(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

fn is_web_address(text: &str) -> bool {
    url::Url::parse(text).is_ok_and(|address| matches!(address.scheme(), "http" | "https"))
}

pub(super) const AUTHORIZATION_POLICY: &[Rule] = &[
    ONE_ATTACHMENT,
    Field(
        "rules",
        &[
            Count(0, 512),
            Each(&[
                Field("from", &[Count(0, 512), Each(&[Field("source", SOURCE)])]),
                Field("when", &[Each(&[Needs(&["key"])])]),
            ]),
        ],
    ),
    Field("selector", MATCH_LABELS),
    Field("targetRef", TARGET),
    Field("targetRefs", TARGETS),
];

const ACCOUNTS: &[Rule] = &[Count(0, 16), Each(&[Length(0, 320)])];
const SOURCE: &[Rule] =
    &[Ask(accounts), Field("notServiceAccounts", ACCOUNTS), Field("serviceAccounts", ACCOUNTS)];

fn accounts(value: &Value, at: &Place<'_>, out: &mut Report) {
    let any = |names: &[&str]| names.iter().any(|name| value.get(name).is_some());
    let others = ["principals", "notPrincipals", "namespaces", "notNamespaces"];
    if any(&["serviceAccounts", "notServiceAccounts"]) && any(&others) {
        let message =
            "service accounts cannot stand beside principals or namespaces, which they already name";
        out.error(at, codes::SERVICE_ACCOUNT_BESIDE, message);
    }
}

pub(super) const TELEMETRY: &[Rule] = &[
    ONE_ATTACHMENT,
    Field("accessLogging", &[Each(&[Nullable(&["disabled"]), Field("providers", PROVIDERS)])]),
    Field("metrics", &[Each(METRICS)]),
    Field("selector", MATCH_LABELS),
    Field("targetRef", TARGET),
    Field("targetRefs", TARGETS),
    Field("tracing", &[Each(TRACING)]),
];

const PROVIDERS: &[Rule] = &[Each(NAMED)];

const METRICS: &[Rule] = &[
    Field(
        "overrides",
        &[Each(&[
            Nullable(&["disabled"]),
            Field("match", &[Field("customMetric", FILLED)]),
            Field("tagOverrides", &[Each(&[Ask(tag_override)])]),
        ])],
    ),
    Field("providers", PROVIDERS),
    Field("reportingInterval", &[Duration]),
];

/// Only an operation that is spelled out is looked at.
fn tag_override(value: &Value, at: &Place<'_>, out: &mut Report) {
    let text = value.get("value");
    match value.get("operation").and_then(Value::as_str) {
        Some("UPSERT") if text.and_then(Value::as_str).is_none_or(str::is_empty) => {
            out.error(&at.field("value"), codes::TAG_UPSERT, "`UPSERT` needs a value");
        }
        Some("REMOVE") if text.is_some() => {
            out.error(&at.field("value"), codes::TAG_REMOVE, "`REMOVE` takes no value");
        }
        _ => {}
    }
}

const TRACING: &[Rule] = &[
    Nullable(&[
        "disableContextPropagation",
        "disableSpanReporting",
        "enableIstioTags",
        "randomSamplingPercentage",
        "useRequestIdForTraceSampling",
    ]),
    Field(
        "customTags",
        &[Each(&[
            Field("environment", NAMED),
            Field("formatter", VALUED),
            Field("header", NAMED),
            Field("literal", VALUED),
        ])],
    ),
    Field("providers", PROVIDERS),
    Field("randomSamplingPercentage", &[Range(0.0, 100.0)]),
];

pub(super) const WASM_PLUGIN: &[Rule] = &[
    ONE_ATTACHMENT,
    Needs(&["url"]),
    Nullable(&["priority"]),
    SECRET,
    TRAFFIC,
    CONFIG,
    PLUGIN,
    CHECKSUM,
    ADDRESS,
    MACHINE,
    Field("selector", MATCH_LABELS),
    Field("targetRef", TARGET),
    Field("targetRefs", TARGETS),
];

pub(super) const TRAFFIC_EXTENSION: &[Rule] = &[
    Alternatives(&["selector", "targetRefs"]),
    Ask(one_filter),
    Nullable(&["priority"]),
    TRAFFIC,
    Field("lua", &[Needs(&["inlineCode"]), Field("inlineCode", &[Length(1, 65_536)])]),
    Field("wasm", &[Needs(&["url"]), SECRET, CONFIG, PLUGIN, CHECKSUM, ADDRESS, MACHINE]),
    Field("selector", MATCH_LABELS),
    Field("targetRefs", TARGETS),
];

const SECRET: Rule = Field("imagePullSecret", &[Length(1, 253)]);
const CONFIG: Rule = Field("pluginConfig", &[Open]);
const PLUGIN: Rule = Field("pluginName", &[Length(1, 256)]);
const CHECKSUM: Rule =
    Field("sha256", &[Text(is_checksum, "a SHA-256 of 64 lower-case hexadecimal letters")]);
const ADDRESS: Rule =
    Field("url", &[Length(1, usize::MAX), Text(is_module_address, "the address of a module")]);
const TRAFFIC: Rule = Field(
    "match",
    &[Each(&[Field("ports", &[Distinct("number"), Each(&[Needs(&["number"]), Field("number", PORT)])])])],
);
const MACHINE: Rule = Field(
    "vmConfig",
    &[Field(
        "env",
        &[
            Count(0, 256),
            Distinct("name"),
            Each(&[
                Needs(&["name"]),
                Ask(variable),
                Field("name", &[Length(1, 256)]),
                Field("value", &[Length(0, 2048)]),
            ]),
        ],
    )],
);

fn one_filter(value: &Value, at: &Place<'_>, out: &mut Report) {
    if value.get("lua").is_none() && value.get("wasm").is_none() {
        out.error(at, codes::EXTENSION_EMPTY, "the extension has neither `wasm` nor `lua`");
    }
}

fn is_checksum(text: &str) -> bool {
    text.is_empty()
        || (text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')))
}

fn variable(value: &Value, at: &Place<'_>, out: &mut Report) {
    if value.get("valueFrom").and_then(Value::as_str) == Some("HOST") && value.get("value").is_some() {
        out.error(
            &at.field("value"),
            codes::VARIABLE_VALUE,
            "a variable that comes from the proxy takes no `value`",
        );
    }
}
