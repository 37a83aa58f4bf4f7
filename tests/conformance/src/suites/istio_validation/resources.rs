//! Whole resources, and what a case asks of findings.

use pointsman_manifest::Value;
use pointsman_types::{Diagnostic, Severity};
use pointsman_validate::validate;
use serde_json::{Value as Json, json};

use crate::Outcome;

/// The object that a case describes, judged.
pub(super) fn judge(case: &Json) -> Outcome {
    let kind = case["kind"].as_str().unwrap_or_default();
    let Some(api_version) = api_version(kind) else {
        return Outcome::unsupported(format!("`{kind}` is no kind"));
    };
    let mut metadata = case["meta"].clone();
    if metadata.is_null() {
        metadata = json!({});
    }
    // A test that names nothing still judges an object that has a name.
    if kind != "Gateway" && metadata["name"].is_null() {
        metadata["name"] = json!("name");
    }
    let object = json!({"apiVersion": api_version, "kind": kind, "metadata": metadata, "spec": case["in"]});
    match Value::from_json(&object.to_string()) {
        Ok(object) => answer(case, &object, &validate(&object)),
        Err(error) => Outcome::unsupported(error),
    }
}

fn api_version(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "VirtualService" | "DestinationRule" | "Gateway" | "ServiceEntry" | "Sidecar" | "WorkloadEntry"
        | "WorkloadGroup" => "networking.istio.io/v1",
        "ProxyConfig" => "networking.istio.io/v1beta1",
        "EnvoyFilter" => "networking.istio.io/v1alpha3",
        "PeerAuthentication" | "RequestAuthentication" | "AuthorizationPolicy" => "security.istio.io/v1",
        "Telemetry" => "telemetry.istio.io/v1",
        "WasmPlugin" | "TrafficExtension" => "extensions.istio.io/v1alpha1",
        _ => return None,
    })
}

/// Compares what was found with what a case asks for.
pub(super) fn answer(case: &Json, input: &Value, findings: &[Diagnostic]) -> Outcome {
    let valid = !findings.iter().any(Diagnostic::is_error);
    let warns = findings.iter().any(|finding| finding.severity == Severity::Warning);
    let warning = case["warning"].as_bool();
    let placed = findings.iter().filter(|finding| finding.is_error()).all(|finding| {
        let parent = finding.path.parent().unwrap_or_default();
        input.at(&finding.path).is_some() || input.at(&parent).is_some()
    });
    let passed =
        case["valid"].as_bool() == Some(valid) && warning.is_none_or(|warning| warning == warns) && placed;
    let expected = format!("valid={} warning={}", case["valid"], case["warning"]);
    let said: Vec<String> = findings.iter().map(ToString::to_string).collect();
    let actual = format!("valid={valid} warning={warns} placed={placed} {}", said.join("; "));
    Outcome::judged(passed, expected, actual)
}
