//! Demands that several kinds share.

use pointsman_manifest::Value;

use super::rule::Rule::{self, Ask, Count, Each, Field, Length, Names, Needs, Range, Text};
use crate::codes;
use crate::report::{Place, Report};

const LABEL_VALUE: &[Rule] = &[Length(0, 63), Text(without_wildcard, "a label without a wildcard")];

/// `istio.type.v1beta1.WorkloadSelector`.
pub(super) const MATCH_LABELS: &[Rule] = &[Field(
    "matchLabels",
    &[Count(0, 4096), Names(is_label_name, "the name of a label"), Each(LABEL_VALUE)],
)];

/// `istio.networking.v1alpha3.WorkloadSelector`.
pub(super) const LABELS: &[Rule] = &[Field("labels", &[Count(0, 256), Each(LABEL_VALUE)])];

pub(super) const TARGET: &[Rule] = &[
    Needs(&["kind", "name"]),
    Field("group", &[Length(0, 253), Text(is_group, "a group")]),
    Field("kind", &[Length(1, 63), Text(is_kind, "a kind")]),
    Field("name", &[Length(1, 253)]),
    Field("namespace", &[Text(str::is_empty, "empty: a target stands in the policy's own namespace")]),
];

pub(super) const TARGETS: &[Rule] = &[Count(0, 16), Each(TARGET)];

pub(super) const PORT: &[Rule] = &[Range(1.0, 65535.0)];

/// `WorkloadEntry`, alone or as an endpoint.
pub(super) const WORKLOAD: &[Rule] = &[
    Ask(workload),
    Field(
        "address",
        &[
            Length(0, 256),
            Text(is_socket_or_other, "an address: behind `unix://` an absolute path or `@name` is expected"),
        ],
    ),
    Field("labels", &[Count(0, 256)]),
    Field("locality", &[Length(0, 2048)]),
    Field("network", &[Length(0, 2048)]),
    Field("ports", &[Count(0, 128), Names(is_port_name, "the name of a port"), Each(PORT)]),
    Field("serviceAccount", &[Length(0, 253)]),
];

/// The demands on an endpoint that stands alone: a template may leave them to its entries.
pub(super) const ADDRESS: &[Rule] = &[Ask(has_address)];

fn workload(value: &Value, at: &Place<'_>, out: &mut Report) {
    let socket =
        value.get("address").and_then(Value::as_str).is_some_and(|address| address.starts_with("unix://"));
    if socket && value.get("ports").is_some() {
        out.error(&at.field("ports"), codes::SCHEMA_SOCKET, "a Unix socket has no ports");
    }
}

fn has_address(value: &Value, at: &Place<'_>, out: &mut Report) {
    if value.as_map().is_some_and(|fields| !fields.contains("address") && !fields.contains("network")) {
        out.error(&at.field("address"), codes::SCHEMA_ADDRESS, "neither `address` nor `network` is there");
    }
}

fn without_wildcard(text: &str) -> bool {
    !text.contains('*')
}

fn is_label_name(text: &str) -> bool {
    !text.is_empty() && !text.contains('*')
}

fn is_socket_or_other(text: &str) -> bool {
    text.strip_prefix("unix://").is_none_or(|path| path.starts_with(['/', '@']) && !path.ends_with('/'))
}

fn is_port_name(text: &str) -> bool {
    text.len() < 63 && pointsman_types::host::is_dns_label(text)
}

fn is_kind(text: &str) -> bool {
    let inner = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    inner && text.starts_with(|c: char| c.is_ascii_alphabetic()) && !text.ends_with('-')
}

fn is_group(text: &str) -> bool {
    let part = |part: &str| {
        let plain =
            part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        plain && !part.is_empty() && !part.starts_with('-') && !part.ends_with('-')
    };
    text.is_empty() || text.split('.').all(part)
}
