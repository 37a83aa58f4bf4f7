//! What the API server asks of an object before any webhook sees it.
//!
//! The definitions of the kinds have limits of their own: counts, lengths, ranges, fields that must be there, nulls, and the exact
//! type of a value. Some of them the control plane's own validation does not know, so an object has to pass both.
//!
//! Source: `kubernetes/customresourcedefinitions.gen.yaml` of istio/api at b8f8791d: OpenAPI and CEL.

mod common;
mod exact;
mod networking;
mod policies;
mod rule;
mod traffic_policy;

use pointsman_api::{Resource, group_and_version};
use pointsman_manifest::Value;
use pointsman_types::Diagnostic;

use crate::codes;
use crate::report::{Place, Report};
use crate::settle::settle;
use rule::Rule;

/// Judges an object as the API server does, reading included. Kinds that are not Istio's have no findings.
///
/// Sorted by path. O(size).
///
/// ```
/// use pointsman_manifest::Value;
/// use pointsman_validate::schema;
/// let document = Value::from_json(r#"{"apiVersion": "networking.istio.io/v1", "kind": "DestinationRule",
///     "metadata": {"name": "reviews"}, "spec": {"host": "reviews", "trafficPolicy": null}}"#)?;
/// assert_eq!(schema::check(&document)[0].to_string(),
///     "error[PV1002]: DestinationRule reviews spec.trafficPolicy: `trafficPolicy` is null");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn check(value: &Value) -> Vec<Diagnostic> {
    let read = Resource::from_value(value);
    let mut findings = read.findings;
    findings.extend(of_resource(value, &read.value));
    settle(&mut findings, value);
    Diagnostic::sort(&mut findings);
    findings
}

/// What is to be found beside what reading finds.
pub(crate) fn of_resource(value: &Value, resource: &Resource) -> Vec<Diagnostic> {
    let Some(demands) = demands(value) else { return Vec::new() };
    let mut report = Report::default();
    let spec_place = Place::ROOT.field("spec");
    match value.get("spec") {
        Some(Value::Null) => report.error(&spec_place, codes::SCHEMA_SPEC, "`spec` is null"),
        Some(spec) => {
            rule::walk(spec, demands.rules, &spec_place, &mut report);
            exact::check(value, &resource.to_value(), &Place::ROOT, &mut report);
        }
        None if demands.needs_spec => report.error(&spec_place, codes::SCHEMA_SPEC, "`spec` is missing"),
        None => {}
    }
    let object = value.object_ref();
    report.into_findings().into_iter().map(|finding| finding.on(object.clone())).collect()
}

struct Demands {
    rules: &'static [Rule],
    needs_spec: bool,
}

fn demands(value: &Value) -> Option<Demands> {
    let text = |name| value.get(name).and_then(Value::as_str).unwrap_or_default();
    let (group, _) = group_and_version(text("apiVersion"));
    let of = |rules| Some(Demands { rules, needs_spec: false });
    let with_spec = |rules| Some(Demands { rules, needs_spec: true });
    match (group, text("kind")) {
        ("networking.istio.io", "VirtualService") => of(networking::VIRTUAL_SERVICE),
        ("networking.istio.io", "DestinationRule") => of(traffic_policy::DESTINATION_RULE),
        ("networking.istio.io", "Gateway") => of(networking::GATEWAY),
        ("networking.istio.io", "ServiceEntry") => with_spec(networking::SERVICE_ENTRY),
        ("networking.istio.io", "Sidecar") => of(networking::SIDECAR),
        ("networking.istio.io", "WorkloadEntry") => with_spec(networking::WORKLOAD_ENTRY),
        ("networking.istio.io", "WorkloadGroup") => with_spec(networking::WORKLOAD_GROUP),
        ("networking.istio.io", "ProxyConfig") => of(networking::PROXY_CONFIG),
        ("networking.istio.io", "EnvoyFilter") => of(networking::ENVOY_FILTER),
        ("security.istio.io", "PeerAuthentication") => of(policies::PEER_AUTHENTICATION),
        ("security.istio.io", "RequestAuthentication") => of(policies::REQUEST_AUTHENTICATION),
        ("security.istio.io", "AuthorizationPolicy") => of(policies::AUTHORIZATION_POLICY),
        ("telemetry.istio.io", "Telemetry") => of(policies::TELEMETRY),
        ("extensions.istio.io", "WasmPlugin") => with_spec(policies::WASM_PLUGIN),
        ("extensions.istio.io", "TrafficExtension") => with_spec(policies::TRAFFIC_EXTENSION),
        _ => None,
    }
}
