//! Answers to the API server: a validating webhook without its server.
//!
//! Whoever runs the webhook hands over the body of the request and sends back what it gets. Nothing else is looked at, so that the
//! same body has the same answer, and there is one for any body.
//!
//! ```
//! use pointsman_manifest::Value;
//! use pointsman_validate::admission;
//! let review = Value::from_json(r#"{"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {
//!     "uid": "705ab4f5", "operation": "CREATE", "object": {"apiVersion": "networking.istio.io/v1", "kind": "VirtualService",
//!         "metadata": {"name": "shop", "namespace": "default"}, "spec": {"hosts": ["shop"]}}}}"#)?;
//! let answer = admission::respond(&review);
//! let response = answer.get("response").expect("each answer has one");
//! assert_eq!(response.get("uid").and_then(Value::as_str), Some("705ab4f5"));
//! assert_eq!(response.get("allowed").and_then(Value::as_bool), Some(false));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Source: `admission.k8s.io/v1` of Kubernetes, "Webhook request and response" of its documentation.

use pointsman_manifest::{Map, Value};
use pointsman_types::{Diagnostic, Severity};

use crate::validator::Validator;

const GROUP: &str = "admission.k8s.io/";
const CURRENT: &str = "admission.k8s.io/v1";

/// The API server cuts off what is longer than this, one warning and all of them.
const LONGEST_WARNING: usize = 256;
const LONGEST_WARNINGS: usize = 4_096;
/// More causes help nobody, and an answer has to stay small.
const MOST_CAUSES: usize = 100;

/// The answer to the body of a request: see [`respond`]. What is no JSON is denied.
#[must_use]
pub fn respond_to_text(body: &str) -> String {
    let answer = match Value::from_json(body) {
        Ok(review) => respond(&review),
        Err(error) => {
            answer(CURRENT, refusal("", 400, "BadRequest", format!("the body is not JSON: {error}")))
        }
    };
    answer.to_json()
}

/// The answer to an `AdmissionReview`.
///
/// Allows objects without an error, deletions, and kinds that there are no rules for; warnings and unknown fields go with it as
/// warnings. Denies what has an error, with all of them in the message and one cause each, and what is no review. O(size).
#[must_use]
pub fn respond(review: &Value) -> Value {
    let version =
        review.get("apiVersion").and_then(Value::as_str).filter(|version| version.starts_with(GROUP));
    let response = match (version, review.get("request")) {
        (Some(_), Some(request)) if request.as_map().is_some() => to_request(request),
        _ => refusal("", 400, "BadRequest", "the body is not an `AdmissionReview` with a request"),
    };
    answer(version.unwrap_or(CURRENT), response)
}

fn answer(version: &str, response: Map) -> Value {
    let mut review = Map::new();
    review.insert("apiVersion", version);
    review.insert("kind", "AdmissionReview");
    review.insert("response", response);
    Value::Map(review)
}

fn to_request(request: &Value) -> Map {
    let text = |name| request.get(name).and_then(Value::as_str).unwrap_or_default();
    let uid = text("uid");
    if !matches!(text("operation"), "CREATE" | "UPDATE") {
        return permission(uid, &[]);
    }
    let Some(object) = request.get("object").filter(|object| object.as_map().is_some()) else {
        return refusal(uid, 400, "BadRequest", "the request has no object");
    };
    let findings = Validator::new().validate(&in_namespace(object, text("namespace")));
    if findings.iter().any(Diagnostic::is_error) {
        denial(uid, object, &findings)
    } else {
        permission(uid, &findings)
    }
}

/// The object in the namespace of the request, where it does not say one itself.
fn in_namespace(object: &Value, namespace: &str) -> Value {
    let mut object = object.clone();
    if let Some(metadata) = object.get_mut("metadata")
        && !namespace.is_empty()
        && metadata.as_map().is_some_and(|fields| !fields.contains("namespace"))
    {
        metadata.set("namespace", namespace);
    }
    object
}

fn permission(uid: &str, findings: &[Diagnostic]) -> Map {
    let mut response = Map::new();
    response.insert("uid", uid);
    response.insert("allowed", true);
    add_warnings(&mut response, findings);
    response
}

fn refusal(uid: &str, code: i64, reason: &str, message: impl Into<String>) -> Map {
    let mut status = Map::new();
    status.insert("status", "Failure");
    status.insert("message", message.into());
    status.insert("reason", reason);
    status.insert("code", code);
    let mut response = Map::new();
    response.insert("uid", uid);
    response.insert("allowed", false);
    response.insert("status", status);
    response
}

fn denial(uid: &str, object: &Value, findings: &[Diagnostic]) -> Map {
    let errors: Vec<_> = findings.iter().filter(|finding| finding.is_error()).take(MOST_CAUSES).collect();
    let message: Vec<_> = errors.iter().map(|finding| line(finding)).collect();
    let mut response = refusal(uid, 422, "Invalid", message.join("; "));
    let mut details = Map::new();
    let named = object.object_ref();
    details.insert("name", named.name);
    details.insert("group", named.api_version.split_once('/').map_or("", |(group, _)| group));
    details.insert("kind", named.kind);
    details.insert("causes", errors.iter().map(|finding| Value::Map(cause(finding))).collect::<Value>());
    if let Some(status) = response.get_mut("status") {
        status.set("details", details);
    }
    add_warnings(&mut response, findings);
    response
}

fn cause(finding: &Diagnostic) -> Map {
    let mut cause = Map::new();
    cause.insert("reason", finding.code.as_str());
    cause.insert("message", with_help(finding));
    cause.insert("field", finding.path.to_string());
    cause
}

fn line(finding: &Diagnostic) -> String {
    let text = with_help(finding);
    if finding.path.is_root() { text } else { format!("{}: {text}", finding.path) }
}

fn with_help(finding: &Diagnostic) -> String {
    if finding.help.is_empty() {
        finding.message.clone()
    } else {
        format!("{} ({})", finding.message, finding.help)
    }
}

/// Warnings, as many as the API server passes on.
fn add_warnings(response: &mut Map, findings: &[Diagnostic]) {
    let mut warnings = Vec::new();
    let mut length = 0;
    for finding in findings.iter().filter(|finding| finding.severity == Severity::Warning) {
        let warning: String = line(finding).chars().take(LONGEST_WARNING).collect();
        length += warning.len();
        if length > LONGEST_WARNINGS {
            break;
        }
        warnings.push(Value::from(warning));
    }
    if !warnings.is_empty() {
        response.insert("warnings", Value::from(warnings));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(request: &str) -> Value {
        let body = format!(
            r#"{{"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {request}}}"#
        );
        Value::from_json(&respond_to_text(&body)).expect("an answer is JSON")
    }

    fn at<'a>(answer: &'a Value, path: &str) -> Option<&'a Value> {
        answer.at(&format!("response.{path}").parse().expect(path))
    }

    fn object(spec: &str) -> String {
        format!(
            r#"{{"uid": "u1", "operation": "UPDATE", "namespace": "shop", "object": {{"apiVersion": "networking.istio.io/v1",
            "kind": "DestinationRule", "metadata": {{"name": "a"}}, "spec": {spec}}}}}"#
        )
    }

    #[test]
    fn good_objects_are_allowed_with_warnings() {
        let answer = ask(&object(r#"{"host": "a", "hots": 1}"#));
        assert_eq!(at(&answer, "allowed").and_then(Value::as_bool), Some(true));
        assert_eq!(at(&answer, "uid").and_then(Value::as_str), Some("u1"));
        let warning = at(&answer, "warnings[0]").and_then(Value::as_str);
        assert_eq!(warning, Some("spec.hots: unknown field `hots` (did you mean `host`?)"));
        assert_eq!(at(&answer, "status"), None);
    }

    #[test]
    fn bad_objects_are_denied_with_all_causes() {
        let answer = ask(&object(r#"{"host": "a b", "trafficPolicy": {}}"#));
        assert_eq!(at(&answer, "allowed").and_then(Value::as_bool), Some(false));
        assert_eq!(at(&answer, "status.code").and_then(Value::as_i64), Some(422));
        let causes = at(&answer, "status.details.causes").and_then(Value::as_list).unwrap_or_default();
        let fields: Vec<_> = causes.iter().filter_map(|cause| cause.get("field")?.as_str()).collect();
        assert_eq!(fields, ["spec.host", "spec.trafficPolicy"]);
    }

    #[test]
    fn what_there_are_no_rules_for_is_allowed() {
        let allowed = |request: &str| at(&ask(request), "allowed").and_then(Value::as_bool);
        assert_eq!(
            allowed(r#"{"uid": "u", "operation": "DELETE", "oldObject": {"kind": "VirtualService"}}"#),
            Some(true)
        );
        assert_eq!(
            allowed(r#"{"operation": "CREATE", "object": {"apiVersion": "v1", "kind": "Secret"}}"#),
            Some(true)
        );
        assert_eq!(allowed(r#"{"operation": "CREATE"}"#), Some(false));
        assert_eq!(allowed("7"), Some(false));
    }

    #[test]
    fn any_body_has_an_answer() {
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        for body in ["", "{", "null", "[]", r#"{"request": {}}"#, &deep, "\u{0}"] {
            let answer = Value::from_json(&respond_to_text(body)).expect("JSON");
            assert_eq!(at(&answer, "status.code").and_then(Value::as_i64), Some(400), "{body:.20}");
        }
    }
}
